"""How a file is read, as a value: found in its bytes, changed by people, and applied to the bytes."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class ColumnReading:
    """How a column is read. A part with empty text was not chosen: it is found, or there is none."""

    kind: str = ""
    """A `ColumnKind`; cells that cannot be of it are missing."""
    meaning: str = ""
    """A `Meaning`."""
    unit: str = ""
    """Of its numbers, for example `원` or `%`."""
    precision: str = ""
    """A `Precision`: that of dates without a day. Always found."""
    derived_from: str = ""
    """The columns that it was calculated from, separated by commas. Always found."""

    @property
    def chosen(self) -> Mapping[str, Any]:
        """The parts that are not to be found."""
        return {name: value for name, value in asdict(self).items() if value}


@dataclass(frozen=True, slots=True)
class Reading:
    """Where the table of a file lies, and how its bytes become cells. Lines count from 1.

    A part that is None or empty text was not chosen: it is found in the file. A found reading has no such part.
    """

    encoding: str = ""
    delimiter: str = ""
    """May have several characters; a line feed for a file of one column."""
    quote: str | None = None
    """Character around cells; empty if there is none."""
    escape: str | None = None
    """Character before quotation marks within cells; empty if they are doubled."""
    start_line: int | None = None
    """First line of the table, which is its header if it has one; what is above is not read."""
    header_rows: int | None = None
    """Rows with names, 0 to 3."""
    unit_rows: int | None = None
    """Rows of units below the names, 0 or 1."""
    end_line: int | None = None
    """Last line of the table; what is below is not read. 0 for the end of the file."""
    left_out: tuple[int, ...] | None = None
    """Lines within the table that are not read, for example totals."""
    filled: tuple[str, ...] | None = None
    """Columns whose blank cells have the value above, as merged cells do."""
    columns: Mapping[str, ColumnReading] | None = None
    """Columns by name; one that is not named is read as is found."""
    crs: str = ""
    """System of its coordinates in metres, for example `EPSG:5174`; `none` leaves them as they are."""
    is_long: bool | None = None
    """Whether columns named by years, months or quarters become rows."""

    @property
    def chosen(self) -> Mapping[str, Any]:
        """The parts that are not to be found."""
        return {name: value for name, default in _DEFAULTS.items() if (value := getattr(self, name)) != default}

    def column(self, name: str) -> ColumnReading:
        """Returns what is chosen of a column."""
        return (self.columns or {}).get(name, _UNCHOSEN)

    def with_parts(self, parts: Mapping[str, Any]) -> Self:
        """Returns the reading with other parts, as in `to_document`; None takes a choice back.

        Columns, and their parts, that are not named stay as they are. Raises TypeError for an unknown part.
        """
        values: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value for name, value in parts.items()
        }
        values |= {name: _DEFAULTS.get(name) for name, value in parts.items() if value is None}
        if parts.get("columns") is not None:
            values["columns"] = self._with_columns(parts["columns"])
        return replace(self, **values)

    def _with_columns(self, changes: Mapping[str, Any]) -> Mapping[str, ColumnReading] | None:
        columns = dict(self.columns or {})
        for name, parts in changes.items():
            changed = {} if parts is None else {part: value or "" for part, value in parts.items()}
            columns[name] = replace(self.column(name) if parts is not None else _UNCHOSEN, **changed)
        return {name: column for name, column in columns.items() if column.chosen} or None

    def to_document(self) -> dict[str, Any]:
        """Returns the chosen parts as a JSON document."""
        columns = {name: dict(column.chosen) for name, column in (self.columns or {}).items()}
        return {name: columns if name == "columns" else value for name, value in self.chosen.items()}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Reads the result of `to_document`."""
        return cls().with_parts(document)


PARTS_OF_COLUMNS = tuple(part.name for part in fields(ColumnReading))
_UNCHOSEN = ColumnReading()
_DEFAULTS: Mapping[str, Any] = {part.name: part.default for part in fields(Reading)}
