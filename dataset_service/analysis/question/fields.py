"""Names the part of a question that a refusal is about."""

from collections.abc import Iterator
from contextlib import contextmanager

from servicekit.errors import ToolRefused


@contextmanager
def at_field(path: str) -> Iterator[None]:
    """Adds the path of a part, such as `where[1].value`, to a refusal; an empty path leaves it as it is."""
    try:
        yield
    except ToolRefused as refused:
        raise ToolRefused(refused.message, field=path or refused.field) from None
