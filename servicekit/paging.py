"""The page of a list that a request asks for."""

from servicekit.errors import field_refused


def page_size(requested: int, field: str = "limit", *, most: int = 100, default: int = 20) -> int:
    """Returns how many items to list; `default` for 0. Raises `REQUEST_INVALID` outside 0 to `most`."""
    return _checked(requested, field, most) or default


def page_offset(requested: int, *, most: int = 2**31 - 1) -> int:
    """Returns how many items to skip. Raises `REQUEST_INVALID` outside 0 to `most`."""
    return _checked(requested, "offset", most)


def _checked(number: int, field: str, most: int) -> int:
    if not 0 <= number <= most:
        raise field_refused(field, "NUMBER_OUT_OF_RANGE", f"from 0 to {most}")
    return number
