"""Raises the limit on open file descriptors."""

import resource
from contextlib import suppress

_MOST = 65_536  # more than ever needed; some systems allow a billion, and some programs loop over all of them


def raise_descriptor_limit() -> int:
    """Raises the soft limit as far as the hard limit allows, and returns it. Child processes inherit it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST if hard == resource.RLIM_INFINITY else min(hard, _MOST)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(OSError, ValueError):  # macOS accepts less than the limit it reports
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
