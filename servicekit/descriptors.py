"""File descriptors: as many as the system lets a process have."""

import resource
from contextlib import suppress

_MOST = 65_536  # more than anybody connects at once; some systems allow a billion, and some programs try each


def raise_descriptor_limit() -> int:
    """Raises the soft limit as far as the hard one allows and returns it; what is started from now on inherits it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = _MOST if hard == resource.RLIM_INFINITY else min(hard, _MOST)
    if soft != resource.RLIM_INFINITY and soft < most:
        with suppress(OSError, ValueError):  # macOS has a limit below the one it names
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    return resource.getrlimit(resource.RLIMIT_NOFILE)[0]
