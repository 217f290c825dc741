"""Removes secrets from a request path before it is logged."""

# The token of a share link grants access to its dataset; the other pattern is an Anthropic key.
_BEFORE_SECRETS = ("/shared/", "sk-ant-")


def loggable(path: str) -> str:
    """Returns the path without the token of a share link and without a pasted key."""
    for mark in _BEFORE_SECRETS:
        before, _, secret = path.partition(mark)
        if secret:
            path = f"{before}{mark}***"
    return path
