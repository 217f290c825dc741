"""Facts the chat service refuses or fails with."""

import grpc

from servicekit.errors import DomainError, Kind
from servicekit.interceptors import STATUS_BY_KIND
from servicekit.remote_errors import read_remote_error


class ApiKeyMissing(DomainError):
    """The call carries no Anthropic key."""

    kind, reason = Kind.UNAUTHENTICATED, "API_KEY_MISSING"


class ApiKeyIllFormed(DomainError):
    """What the call carries as a key can be none."""

    kind, reason = Kind.UNAUTHENTICATED, "API_KEY_ILL_FORMED"


class KeyRefused(DomainError):
    """Anthropic does not accept the key, or not for this."""

    kind, reason = Kind.UNAUTHENTICATED, "KEY_REFUSED"


class CreditExhausted(DomainError):
    """The account behind the key has no credit left or has reached its spending limit."""

    kind, reason = Kind.CONFLICT, "CREDIT_EXHAUSTED"


class ProviderRateLimited(DomainError):
    """The account behind the key asks too much at once. The fact `retry_after_seconds` says when to ask again."""

    kind, reason = Kind.BUSY, "PROVIDER_RATE_LIMITED"


class ProviderOverloaded(DomainError):
    """Anthropic has more to do than it can."""

    kind, reason = Kind.UNAVAILABLE, "PROVIDER_OVERLOADED"


class ProviderFailed(DomainError):
    """Anthropic had a fault of its own."""

    kind, reason = Kind.UNAVAILABLE, "PROVIDER_FAILED"


class ProviderBlocked(DomainError):
    """Somebody between here and Anthropic answered in its place, for example a proxy."""

    kind, reason = Kind.UNAVAILABLE, "PROVIDER_BLOCKED"


class ProviderUnreachable(DomainError):
    """No connection to Anthropic came about."""

    kind, reason = Kind.UNAVAILABLE, "PROVIDER_UNREACHABLE"


class ProviderCertificateUnknown(DomainError):
    """What answered has a certificate that is not trusted: an office's proxy that reads along, for example."""

    kind, reason = Kind.UNAVAILABLE, "PROVIDER_CERTIFICATE_UNKNOWN"


class ProviderProxyFailed(DomainError):
    """The proxy on the way to Anthropic is not there, or lets nothing through."""

    kind, reason = Kind.UNAVAILABLE, "PROVIDER_PROXY_FAILED"


class ProviderTimedOut(DomainError):
    """Anthropic fell silent, or the whole run took longer than it may."""

    kind, reason = Kind.TOO_LATE, "PROVIDER_TIMED_OUT"


class RequestRefusedByProvider(DomainError):
    """Anthropic finds the request itself wrong; trying again will not help."""

    kind, reason = Kind.INVALID, "REQUEST_REFUSED_BY_PROVIDER"


class ModelNotFound(DomainError):
    """Anthropic has no such model, or not for this key: `model`."""

    kind, reason = Kind.NOT_FOUND, "MODEL_NOT_FOUND"


class ContextTooLong(DomainError):
    """Conversation and tool results are longer than the model can read."""

    kind, reason = Kind.TOO_LARGE, "CONTEXT_TOO_LONG"


class ContentRefused(DomainError):
    """The model declined to answer."""

    kind, reason = Kind.INVALID, "CONTENT_REFUSED"


class AnswerCut(DomainError):
    """The answer ended before it was complete: a lost connection, a service that died, or no words at all."""

    kind, reason = Kind.UNAVAILABLE, "ANSWER_CUT"


# The same request may well be answered a moment later. The fact `retry_after_seconds` says when, if Anthropic said so.
PASSING = (
    ProviderRateLimited,
    ProviderOverloaded,
    ProviderFailed,
    ProviderUnreachable,
    ProviderTimedOut,
    AnswerCut,
)


class AnswerTooLong(DomainError):
    """The answer is longer than answers may be."""

    kind, reason = Kind.TOO_LARGE, "ANSWER_TOO_LONG"


class RoundsExhausted(DomainError):
    """The model went on asking for tools and gave no answer: `limit`."""

    kind, reason = Kind.CONFLICT, "ROUNDS_EXHAUSTED"


class ChatBusy(DomainError):
    """As many questions as are answered at once are under way."""

    kind, reason = Kind.BUSY, "CHAT_BUSY"


class ConversationNotFound(DomainError):
    """No conversation has this id."""

    kind, reason = Kind.NOT_FOUND, "CONVERSATION_NOT_FOUND"


class ConversationOfOtherBrowser(DomainError):
    """Another browser began the conversation; whoever has its id may read it and go on, but not rename or delete it."""

    kind, reason = Kind.FORBIDDEN, "CONVERSATION_OF_OTHER_BROWSER"


class ConversationOfOtherDataset(DomainError):
    """The conversation is about another dataset than the question."""

    kind, reason = Kind.INVALID, "CONVERSATION_OF_OTHER_DATASET"


class QuestionNotFound(DomainError):
    """No question has this id."""

    kind, reason = Kind.NOT_FOUND, "QUESTION_NOT_FOUND"


class QuestionNotRetryable(DomainError):
    """The message to ask again is no question of this conversation that failed or was stopped."""

    kind, reason = Kind.CONFLICT, "QUESTION_NOT_RETRYABLE"


class ToolRefused(DomainError):
    """The arguments of a tool cannot be used; the message teaches what could."""

    kind, reason = Kind.INVALID, "TOOL_REFUSED"


class PassedOn(DomainError):
    """What a called service refused with, as it came: its reason, message, facts and fields."""

    kind, reason = Kind.BROKEN, "INTERNAL"

    def __init__(self, error: grpc.aio.AioRpcError) -> None:
        remote = read_remote_error(error)
        super().__init__(remote.message, violations=remote.violations, **remote.facts)
        # Each other error is one fact; this one is whatever the other side says.
        self.kind = _KIND_BY_STATUS.get(remote.code, Kind.BROKEN)  # type: ignore[misc]
        self.reason = remote.reason  # type: ignore[misc]


_KIND_BY_STATUS = {status: kind for kind, status in reversed(STATUS_BY_KIND.items())}
