"""All untidy files by kind."""

from tests.unit.dataset_service.reading.untidy import (
    above_the_table,
    below_the_table,
    damaged_bytes,
    dialects,
    headers,
    merged_cells,
    totals,
    uneven_rows,
    whole_forms,
)

KINDS = (
    above_the_table.KINDS
    | below_the_table.KINDS
    | headers.KINDS
    | totals.KINDS
    | merged_cells.KINDS
    | uneven_rows.KINDS
    | dialects.KINDS
    | damaged_bytes.KINDS
    | whole_forms.KINDS
)
