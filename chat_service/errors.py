"""Errors of the chat service."""

import grpc

from servicekit.errors import DomainError, Kind
from servicekit.interceptors import STATUS_BY_KIND
from servicekit.remote_errors import read_remote_error


class ApiKeyMissing(DomainError):
    """The call has no Anthropic key."""

    kind, reason = Kind.UNAUTHENTICATED, "API_KEY_MISSING"


class ApiKeyIllFormed(DomainError):
    """The key of the call is malformed."""

    kind, reason = Kind.UNAUTHENTICATED, "API_KEY_ILL_FORMED"


class KeyRefused(DomainError):
    """Anthropic does not accept the key, or not for this request."""

    kind, reason = Kind.UNAUTHENTICATED, "KEY_REFUSED"


class CreditExhausted(DomainError):
    """The account behind the key has no credit left or has reached its spending limit."""

    kind, reason = Kind.CONFLICT, "CREDIT_EXHAUSTED"


class ProviderRateLimited(DomainError):
    """The account behind the key has reached a rate limit. The fact `retry_after_seconds` says when to retry."""

    kind, reason = Kind.BUSY, "PROVIDER_RATE_LIMITED"


class ProviderOverloaded(DomainError):
    """Anthropic is overloaded."""

    kind, reason = Kind.UNAVAILABLE, "PROVIDER_OVERLOADED"


class ProviderFailed(DomainError):
    """Anthropic had an internal error."""

    kind, reason = Kind.UNAVAILABLE, "PROVIDER_FAILED"


class ProviderBlocked(DomainError):
    """Something other than Anthropic answered, for example a proxy."""

    kind, reason = Kind.UNAVAILABLE, "PROVIDER_BLOCKED"


class ProviderUnreachable(DomainError):
    """Anthropic could not be connected to."""

    kind, reason = Kind.UNAVAILABLE, "PROVIDER_UNREACHABLE"


class ProviderCertificateUnknown(DomainError):
    """The server's certificate is not trusted, for example that of an office's TLS-inspecting proxy."""

    kind, reason = Kind.UNAVAILABLE, "PROVIDER_CERTIFICATE_UNKNOWN"


class ProviderProxyFailed(DomainError):
    """The proxy to Anthropic cannot be reached, or refuses the connection."""

    kind, reason = Kind.UNAVAILABLE, "PROVIDER_PROXY_FAILED"


class ProviderTimedOut(DomainError):
    """Anthropic stopped sending, or the whole run exceeded its time limit."""

    kind, reason = Kind.TOO_LATE, "PROVIDER_TIMED_OUT"


class RequestRefusedByProvider(DomainError):
    """Anthropic rejects the request itself; retrying does not help."""

    kind, reason = Kind.INVALID, "REQUEST_REFUSED_BY_PROVIDER"


class ModelNotFound(DomainError):
    """Anthropic has no such model, or not for this key: `model`."""

    kind, reason = Kind.NOT_FOUND, "MODEL_NOT_FOUND"


class ContextTooLong(DomainError):
    """Conversation and tool results exceed the model's context."""

    kind, reason = Kind.TOO_LARGE, "CONTEXT_TOO_LONG"


class ContentRefused(DomainError):
    """The model declined to answer."""

    kind, reason = Kind.INVALID, "CONTENT_REFUSED"


class AnswerCut(DomainError):
    """The answer ended before it was complete: a lost connection, a service that died, or an empty reply."""

    kind, reason = Kind.UNAVAILABLE, "ANSWER_CUT"


# Temporary failures, after which a retry may work. The fact `retry_after_seconds` has the provider's wait, if any.
PASSING = (
    ProviderRateLimited,
    ProviderOverloaded,
    ProviderFailed,
    ProviderUnreachable,
    ProviderTimedOut,
    AnswerCut,
)


class AnswerTooLong(DomainError):
    """The answer exceeds the token limit."""

    kind, reason = Kind.TOO_LARGE, "ANSWER_TOO_LONG"


class RoundsExhausted(DomainError):
    """The model kept requesting tools and gave no answer within `limit` rounds."""

    kind, reason = Kind.CONFLICT, "ROUNDS_EXHAUSTED"


class ChatBusy(DomainError):
    """The number of questions being answered has reached its limit."""

    kind, reason = Kind.BUSY, "CHAT_BUSY"


class ConversationNotFound(DomainError):
    """No conversation has this id."""

    kind, reason = Kind.NOT_FOUND, "CONVERSATION_NOT_FOUND"


class ConversationOfOtherBrowser(DomainError):
    """Another browser began the conversation: its id allows reading and continuing, but not renaming or deleting."""

    kind, reason = Kind.FORBIDDEN, "CONVERSATION_OF_OTHER_BROWSER"


class ConversationOfOtherDataset(DomainError):
    """The conversation is about another dataset than the question."""

    kind, reason = Kind.INVALID, "CONVERSATION_OF_OTHER_DATASET"


class QuestionNotFound(DomainError):
    """No question has this id."""

    kind, reason = Kind.NOT_FOUND, "QUESTION_NOT_FOUND"


class QuestionNotRetryable(DomainError):
    """The message to retry is not a failed or stopped question of this conversation."""

    kind, reason = Kind.CONFLICT, "QUESTION_NOT_RETRYABLE"


class ToolRefused(DomainError):
    """The arguments of a tool cannot be used; the message says how to fix them."""

    kind, reason = Kind.INVALID, "TOOL_REFUSED"


class PassedOn(DomainError):
    """An error of a called service, passed on: its reason, message, facts and fields."""

    kind, reason = Kind.BROKEN, "INTERNAL"

    def __init__(self, error: grpc.aio.AioRpcError) -> None:
        remote = read_remote_error(error)
        super().__init__(remote.message, violations=remote.violations, **remote.facts)
        # Unlike in other errors, these depend on the instance.
        self.kind = _KIND_BY_STATUS.get(remote.code, Kind.BROKEN)  # type: ignore[misc]
        self.reason = remote.reason  # type: ignore[misc]


_KIND_BY_STATUS = {status: kind for kind, status in reversed(STATUS_BY_KIND.items())}
