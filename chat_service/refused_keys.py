"""Remembers keys that Anthropic refused recently, only as a hash keyed with a secret of this process."""

import hashlib
import secrets
import time
from collections.abc import Callable

from pydantic import SecretStr

MOST_KEYS = 4096


class RefusedKeys:
    """Remembers a refusal for `keep_seconds`, unless the key is accepted earlier; the oldest are evicted."""

    def __init__(self, keep_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._keep_seconds = keep_seconds
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._refused_at: dict[bytes, float] = {}

    def add(self, api_key: SecretStr) -> None:
        """Adds a refused key."""
        self.discard(api_key)  # keeps the order of refusals
        self._refused_at[self._hash(api_key)] = self._clock()
        if len(self._refused_at) > MOST_KEYS:
            del self._refused_at[next(iter(self._refused_at))]

    def discard(self, api_key: SecretStr) -> None:
        """Removes a key that was accepted."""
        self._refused_at.pop(self._hash(api_key), None)

    def __contains__(self, api_key: SecretStr) -> bool:
        refused_at = self._refused_at.get(self._hash(api_key))
        return refused_at is not None and self._clock() - refused_at < self._keep_seconds

    def _hash(self, api_key: SecretStr) -> bytes:
        return hashlib.blake2b(api_key.get_secret_value().encode(), key=self._secret, digest_size=16).digest()
