"""Tells which texts of a column stand for no value."""

from enum import IntEnum

import pyarrow as pa
import pyarrow.compute as pc

_DASHES = ("-", "–", "—")


class Gap(IntEnum):
    """Why a text holds no value."""

    NONE = 0
    """It may hold one."""
    WORD = 1
    """It is a word or sign for nothing."""


def find_gaps(texts: pa.Array) -> pa.Array:
    """Returns a `Gap` for each text. They are missing values only where the other texts are numbers or dates."""
    return pc.if_else(pc.is_in(texts, pa.array(_DASHES)), pa.scalar(Gap.WORD, pa.int8()), pa.scalar(0, pa.int8()))
