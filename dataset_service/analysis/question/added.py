"""A column that a question adds to a frame."""

from typing import NamedTuple

from dataset_service.analysis.frame.column import Column


class Added(NamedTuple):
    """A column; `code` is a pandas expression for it, empty for one that `df` has already.

    `functions` define what the code calls, `needs` are the columns that it rests on, `remark` is a comment above it.
    """

    column: Column
    code: str = ""
    functions: tuple[str, ...] = ()
    needs: "tuple[Added, ...]" = ()
    notes: tuple[str, ...] = ()
    remark: str = ""

    @property
    def size_bytes(self) -> int:
        """Memory of the column in bytes."""
        return self.column.size_bytes

    def lines(self) -> tuple[str, ...]:
        """Returns the pandas code that adds the column to `df`."""
        remark = (f"# {self.remark}",) if self.remark else ()
        return (*remark, f"df = df.assign(**{{{self.column.name!r}: {self.code}}})") if self.code else remark
