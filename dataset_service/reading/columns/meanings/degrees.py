"""Tells degrees with minutes and seconds from dates with years of two digits."""

import re

import pyarrow as pa

from dataset_service.reading.columns.meanings.facts import sample_of, share_matching

_NAMES = re.compile("위도|경도|북위|동경|latitude|longitude|^lat|^lon|^lng", re.IGNORECASE)
_PARTS = r"^(?:3[3-9]|12[4-9]|13[0-2])[-. ][0-9]{1,2}[-. ][0-9]{1,2}$"


def are_degrees(name: str, texts: pa.Array) -> bool:
    """Tells whether `35-12-18` in a column of this name is a latitude or longitude; `texts` as for `is_code`."""
    return bool(_NAMES.search(name)) and share_matching(sample_of(texts), _PARTS) == 1.0
