"""The names again among the rows, as pages that were put together have them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dataset_service.reading.left_out import TableRows

REASON = "NAMES_LEFT_OUT"
_LEAST_NAMES = 2


def find(rows: TableRows) -> list[int]:
    """Returns the rows that repeat all the names."""
    if sum(bool(name.strip()) for name in rows.names) < _LEAST_NAMES:
        return []
    found = np.arange(rows.count)
    for column, name in zip(rows.body.columns, rows.names, strict=False):
        cells = column.take(pa.array(found))
        is_name = pc.equal(pc.utf8_trim_whitespace(cells), name.strip()) if name.strip() else pc.is_null(cells)
        found = found[pc.fill_null(is_name, False).to_numpy(zero_copy_only=False)]
        if not len(found):
            break
    return [int(row) for row in found]
