"""Refusals of the chat service that its code catches."""

from servicekit.errors import Refused


class ProviderTrouble(Refused):
    """A temporary failure of the provider, after which a retry may work.

    The fact `retry_after_seconds` has the provider's wait, if any.
    """


class KeyInvalid(Refused):
    """The key is malformed, or the provider does not accept it."""


class LeaseLost(Refused):
    """The turn is no longer this process's: it was taken for dead and failed, or its conversation was deleted."""
