"""What may be read in a log of the path of a request."""

# Whoever knows the token of a link may read a dataset; what begins as the other does is a key of Anthropic's.
_BEFORE_SECRETS = ("/shared/", "sk-ant-")


def loggable(path: str) -> str:
    """Returns the path without the token of a share link, and without a key that somebody pasted there."""
    for mark in _BEFORE_SECRETS:
        before, _, secret = path.partition(mark)
        if secret:
            path = f"{before}{mark}***"
    return path
