"""Every word of the contract has a Korean name."""

from daegu.dataset.v1 import dataset_pb2 as pb

from servicekit.korean_text.column_meanings import MEANINGS, PRECISIONS


def test_every_meaning_and_every_precision_has_a_name() -> None:
    for enum, prefix, names in (
        (pb.ColumnMeaning, "COLUMN_MEANING_", MEANINGS),
        (pb.DatePrecision, "DATE_PRECISION_", PRECISIONS),
    ):
        words = [word.removeprefix(prefix).lower() for word in enum.keys()[1:]]
        assert words == sorted(names, key=words.index)
