"""Names the part of a question that a refusal is about."""

from collections.abc import Iterator
from contextlib import contextmanager

from servicekit.errors import ToolRefused


class PartRefused(ToolRefused):
    """A part of a condition does not fit: its `operator` or its `value`. The caller knows where the condition is."""

    def __init__(self, part: str, message: str) -> None:
        super().__init__(message)
        self.part = part


@contextmanager
def at_field(path: str) -> Iterator[None]:
    """Adds the path of a part to a refusal, in front of a path within it: `where[1]` becomes `where[1].value`.

    An empty path leaves the refusal as it is.
    """
    try:
        yield
    except ToolRefused as refused:
        within = refused.field or getattr(refused, "part", "")
        if not path:
            raise
        raise ToolRefused(refused.message, field=f"{path}.{within}" if within else path) from None
