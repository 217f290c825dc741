"""The panel 이렇게 읽었습니다 of a dataset, with what the gateway answers about its reading."""

import json
from typing import Any

import httpx
import pytest
from daegu.dataset.v1 import dataset_pb2 as pb
from streamlit.testing.v1 import AppTest

from gateway.views.dataset import preview, profiled
from streamlit_client import texts_datasets, texts_reading
from tests.chosen_file import choose
from tests.open_pages import OpenPage
from tests.ui.real_gateway import RealGateway
from tests.ui.screen import keys_of, metrics_of, texts_of

LEFT_OUT = pb.DatasetWarning(
    reason="TOTALS_LEFT_OUT",
    given="1",
    lines=[4],
    undo=pb.ReadingChange(reading=pb.Reading(left_out=[], chosen=["left_out"])),
)
NEXT_TABLE = pb.DatasetWarning(
    reason="NEXT_TABLE",
    lines=[6],
    undo=pb.ReadingChange(reading=pb.Reading(start_line=6, chosen=["start_line"]), found_again=["end_line"]),
)
PERIODS = pb.DatasetWarning(
    reason="COLUMNS_ARE_PERIODS",
    undo=pb.ReadingChange(reading=pb.Reading(is_long=True, chosen=["is_long"])),
)
DERIVED = {"X": None, "Y": None, "위도(계산)": "X, Y", "경도(계산)": "X, Y"}
EMPTIED = pb.DatasetWarning(reason="COLUMN_MOSTLY_MISSING", column="건수", given="50.0")
LINES = [
    pb.OriginalLine(line=1, role=pb.LINE_ROLE_ABOVE, text="대구 사고"),
    pb.OriginalLine(line=2, role=pb.LINE_ROLE_HEADER, text="구군,건수"),
    pb.OriginalLine(line=3, role=pb.LINE_ROLE_ROW, text="중구,3"),
    pb.OriginalLine(line=4, role=pb.LINE_ROLE_LEFT_OUT, text="합계,3"),
]
KINDS = {"구군": pb.COLUMN_KIND_TEXT, "건수": pb.COLUMN_KIND_INTEGER}
TAKE, DROP = "reading.take.button", "reading.drop"


def columns_of_profile(units: dict[str, str]) -> list[pb.Column]:
    return [pb.Column(name=name, kind=kind, unit=units.get(name)) for name, kind in KINDS.items()]


class FileOfDataset:
    """A dataset of the gateway, and what it answers about how its file is read or would be."""

    def __init__(self, gateway: RealGateway) -> None:
        self._gateway = gateway
        files = {"file": ("사고.csv", "구군,건수\n중구,3\n".encode())}
        dataset = httpx.post(f"{gateway.url}/api/datasets/upload", files=files, trust_env=False).json()
        self.id, self._content_hash = dataset["dataset_id"], dataset["content_hash"]
        self._path = f"/api/datasets/{self.id}"

    def reads(self, *warnings: pb.DatasetWarning, rows: int = 1, **chosen: Any) -> None:
        """Sets the next answer to a preview; each is asked for once."""
        parts = {"encoding": "utf-8", "delimiter": ",", "quote": '"', "start_line": 2, "header_rows": 1, "crs": "none"}
        parts |= chosen
        columns = [pb.ColumnReading(name=name, kind=kind) for name, kind in KINDS.items()]
        units = {column.name: column.unit for column in chosen.get("columns", ()) if column.HasField("unit")}
        message = pb.PreviewReadingResponse(
            reading=pb.Reading(**{"columns": columns, **parts, "chosen": [*chosen]}),  # type: ignore[arg-type]
            profile=pb.Profile(columns=columns_of_profile(units), warnings=warnings),
            lines=LINES,
            table_json=json.dumps({"columns": [*KINDS], "rows": [["중구", 3]], "total_rows": rows}),
        )
        self._gateway.answer(f"{self._path}/reading/preview", json.dumps(preview(message)).encode())

    def has(self, *warnings: pb.DatasetWarning) -> None:
        """Sets the next answer to how the dataset is stored."""
        dataset = pb.Dataset(dataset_id=self.id, name="사고", rows=1, columns=2, content_hash=self._content_hash)
        profile = pb.Profile(columns=columns_of_profile({}), warnings=warnings)
        stored = profiled(pb.GetDatasetProfileResponse(dataset=dataset, profile=profile))
        self._gateway.answer(f"{self._path}/profile", json.dumps(stored).encode())

    def rereads(self) -> None:
        """Sets the next answer to reading the file again."""
        dataset = pb.Dataset(dataset_id=self.id, name="사고", rows=2, columns=2, content_hash=self._content_hash)
        message = pb.RereadDatasetResponse(dataset=dataset, profile=pb.Profile())
        self._gateway.answer(f"{self._path}/reread", json.dumps(profiled(message)).encode())

    def refuses(self, field: str) -> None:
        """Refuses the next preview because of a part."""
        details = [{"field": field, "message": "파일에 없는 줄입니다."}]
        self._gateway.refuse(f"{self._path}/reading/preview", 422, "REQUEST_INVALID", "값이 잘못되었습니다.", details)

    @property
    def previewed(self) -> list[Any]:
        """The changes that were looked at."""
        return self._gateway.calls("POST", f"{self._path}/reading/preview")

    @property
    def taken(self) -> list[Any]:
        """The changes that the file was read again with."""
        return self._gateway.calls("POST", f"{self._path}/reread")


@pytest.fixture
def file(gateway: RealGateway) -> FileOfDataset:
    return FileOfDataset(gateway)


def press(at: AppTest, key: str) -> AppTest:
    return at.button(key=key).click().run()


def test_repairs_stand_above_the_original_and_the_table_and_are_asked_for_once(
    open_page: OpenPage, file: FileOfDataset
) -> None:
    file.reads(LEFT_OUT, EMPTIED)
    at = open_page("datasets", dataset=file.id).run()
    assert "합계나 소계인 4번째 줄" in texts_of(at)
    assert keys_of(at) >= {"reading.undo.0"}
    assert "reading.undo.1" not in keys_of(at)  # nothing was mended that could be taken back
    lines, table = (
        next(frame.value for frame in at.dataframe if column in frame.value) for column in (texts_reading.ROLE, "건수")
    )
    assert [role for (role,) in lines[texts_reading.ROLE]] == ["제목·설명", "머리글", "자료", "합계·뺀 줄"]
    assert list(lines[texts_reading.TEXT])[3] == "합계,3"
    assert table.to_dict("list") == {"구군": ["중구"], "건수": [3]}
    assert file.previewed == [{}]


def test_undone_repair_shows_its_effect_and_is_dropped_without_a_trace(
    open_page: OpenPage, file: FileOfDataset
) -> None:
    file.reads(LEFT_OUT)
    at = open_page("datasets", dataset=file.id)
    file.reads(rows=2, left_out=[])
    press(at, "reading.undo.0")
    assert texts_reading.EFFECT.format(before="1행 2열", after="2행 2열") in texts_of(at)
    assert metrics_of(at)[texts_datasets.ROWS] == "2"
    press(at, DROP)
    assert "합계나 소계인 4번째 줄" in texts_of(at)
    assert {TAKE, DROP} & keys_of(at) == set()
    assert (file.previewed, file.taken) == ([{}, {"left_out": []}], [])


def test_changes_are_taken_together_and_the_file_is_not_opened_once_more(
    open_page: OpenPage, file: FileOfDataset
) -> None:
    file.reads(LEFT_OUT, NEXT_TABLE)
    at = open_page("datasets", dataset=file.id)
    other_table = {"start_line": 6, "end_line": None}
    file.reads(LEFT_OUT, start_line=6)
    press(at, "reading.undo.1")
    file.reads(start_line=6, left_out=[])
    press(at, "reading.undo.0")
    file.rereads()
    press(at, TAKE)
    assert file.taken == [{**other_table, "left_out": []}]
    assert {TAKE, DROP} & keys_of(at) == set()
    assert file.previewed == [{}, other_table, {**other_table, "left_out": []}]


def test_repair_of_a_file_is_taken_back_before_its_rows_are_predicted(open_page: OpenPage, file: FileOfDataset) -> None:
    file.has(LEFT_OUT)
    at = open_page("batch", file=file.id)
    assert "합계나 소계인 4번째 줄" in texts_of(at)
    assert file.previewed == []
    file.has(LEFT_OUT)
    file.reads(rows=2, left_out=[])
    press(at, "reading.undo.0")
    assert texts_reading.EFFECT.format(before="1행 2열", after="2행 2열") in texts_of(at)
    file.rereads()
    press(at, TAKE)
    assert file.taken == [{"left_out": []}]
    assert texts_reading.TAKEN in texts_of(at)


@pytest.mark.parametrize(
    ("kind", "part", "value", "change"),
    [
        ("selectbox", "encoding", "cp949", "cp949"),
        ("selectbox", "delimiter", "||", "||"),
        ("selectbox", "quote", "", ""),
        ("selectbox", "header_rows", 0, 0),
        ("selectbox", "unit_rows", 1, 1),
        ("number_input", "start_line", 3, 3),
        ("number_input", "end_line", 5, 5),
        ("text_input", "left_out", "3, 5~6", [3, 5, 6]),
        ("multiselect", "filled", ["구군"], ["구군"]),
    ],
)
def test_changed_part_is_looked_at_with_one_call(
    open_page: OpenPage, file: FileOfDataset, kind: str, part: str, value: Any, change: Any
) -> None:
    file.reads()
    at = open_page("datasets", dataset=file.id)
    file.reads(**{part: change})
    (field,) = (field for field in getattr(at, kind) if field.key == f"reading.{part}.{file.id}")
    field.set_value(value).run()
    assert file.previewed == [{}, {part: change}]
    assert not at.exception
    (field,) = (field for field in getattr(at, kind) if field.key == f"reading.{part}.{file.id}")
    assert field.value == value
    assert field.label == texts_reading.CHOSEN_LABEL.format(name=texts_reading.PARTS[part])


@pytest.mark.parametrize(
    ("field", "part", "value", "chosen", "line"),
    [
        ("selectbox", "kind", "text", pb.COLUMN_KIND_TEXT, "**건수 · 형식**: 글자"),
        ("selectbox", "meaning", "age", pb.COLUMN_MEANING_AGE, "**건수 · 뜻**: 나이"),
        ("text_input", "unit", "명", "명", "**건수 · 단위**: 명"),
    ],
)
def test_part_of_a_column_is_changed_and_given_back(
    open_page: OpenPage, file: FileOfDataset, field: str, part: str, value: str, chosen: Any, line: str
) -> None:
    file.reads()
    at = open_page("datasets", dataset=file.id)
    at.selectbox(key=f"reading.column.{file.id}").set_value("건수").run()
    known = {"name": "건수", "kind": pb.COLUMN_KIND_INTEGER, part: chosen, "chosen": [part]}
    file.reads(columns=[pb.ColumnReading(**known)])
    getattr(at, field)(key=f"reading.{part}.{file.id}.건수").set_value(value).run()
    assert line in texts_of(at)
    file.reads()
    press(at, "reading.automatic.0")
    assert file.previewed[1:] == [{"columns": {"건수": {part: change}}} for change in (value, None)]
    assert getattr(at, field)(key=f"reading.{part}.{file.id}.건수").value == ""


def test_effect_names_the_columns_of_which_something_else_is_known(open_page: OpenPage, file: FileOfDataset) -> None:
    file.has()
    file.reads()
    at = open_page("datasets", dataset=file.id)
    file.reads(columns=[pb.ColumnReading(name="건수", kind=pb.COLUMN_KIND_INTEGER, unit="명", chosen=["unit"])])
    at.text_input(key=f"reading.unit.{file.id}.구군").set_value("명").run()
    assert texts_reading.EFFECT_COLUMNS.format(names="건수") in texts_of(at)


def test_refused_unit_names_its_column_and_stays_to_be_corrected(open_page: OpenPage, file: FileOfDataset) -> None:
    file.reads()
    at = open_page("datasets", dataset=file.id)
    file.refuses("columns.구군.unit")
    unit = f"reading.unit.{file.id}.구군"
    at.text_input(key=unit).set_value("너무 긴 단위").run()
    assert "**구군 · 단위** — 파일에 없는 줄입니다." in texts_of(at)
    assert at.text_input(key=unit).value == "너무 긴 단위"


def test_metres_and_periods_are_asked_about_only_where_a_file_has_them(
    open_page: OpenPage, file: FileOfDataset
) -> None:
    crs, is_long = f"reading.crs.{file.id}", f"reading.is_long.{file.id}"
    file.reads()
    at = open_page("datasets", dataset=file.id)
    assert {crs, is_long} & {field.key for field in at.selectbox} == set()
    file.reads(PERIODS, crs="EPSG:5174")
    at.selectbox(key=f"reading.header_rows.{file.id}").set_value(2).run()
    assert {crs, is_long} <= {field.key for field in at.selectbox}
    assert at.button(key="reading.undo.0").label == texts_reading.OFFERS["COLUMNS_ARE_PERIODS"]
    file.reads(crs="none", is_long=True)
    at.selectbox(key=crs).set_value("none").run()
    assert file.previewed[-1] == {"header_rows": 2, "crs": "none"}
    assert {crs, is_long} <= {field.key for field in at.selectbox}


def test_calculated_column_cannot_be_read_differently(open_page: OpenPage, file: FileOfDataset) -> None:
    columns = [pb.ColumnReading(name=name, kind=pb.COLUMN_KIND_NUMBER, derived_from=of) for name, of in DERIVED.items()]
    file.reads(columns=columns)
    at = open_page("datasets", dataset=file.id)
    assert at.selectbox(key=f"reading.column.{file.id}").options == ["X", "Y"]


def test_all_that_was_chosen_is_given_back_at_once(open_page: OpenPage, file: FileOfDataset) -> None:
    file.reads(header_rows=2, end_line=9)
    at = open_page("datasets", dataset=file.id)
    assert "**표의 마지막 줄**: 9" in texts_of(at)
    file.reads()
    press(at, "reading.automatic")
    assert file.previewed[1:] == [{"header_rows": None, "end_line": None}]


def test_refused_change_names_its_part_and_stays_to_be_corrected(open_page: OpenPage, file: FileOfDataset) -> None:
    file.reads(LEFT_OUT)
    at = open_page("datasets", dataset=file.id)
    file.refuses("end_line")
    at.number_input(key=f"reading.end_line.{file.id}").set_value(900).run()
    assert f"**{texts_reading.PARTS['end_line']}** — 파일에 없는 줄입니다." in texts_of(at)
    assert at.number_input(key=f"reading.end_line.{file.id}").value == 900
    assert TAKE not in keys_of(at)
    assert "합계나 소계인 4번째 줄" in texts_of(at)  # as it is read now
    press(at, DROP)
    assert at.number_input(key=f"reading.end_line.{file.id}").value == 0
    assert file.previewed == [{}, {"end_line": 900}]


def test_lines_that_cannot_be_read_are_not_sent(open_page: OpenPage, file: FileOfDataset) -> None:
    file.reads()
    at = open_page("datasets", dataset=file.id)
    field = f"reading.left_out.{file.id}"
    at.text_input(key=field).set_value("셋째 줄").run()
    assert texts_reading.LINES_UNREADABLE in texts_of(at)
    assert at.text_input(key=field).value == "셋째 줄"
    file.reads(left_out=[3])
    at.text_input(key=field).set_value("3").run()
    assert texts_reading.LINES_UNREADABLE not in texts_of(at)
    assert file.previewed == [{}, {"left_out": [3]}]


def test_columns_are_shown_while_the_file_cannot_be_opened(
    open_page: OpenPage, gateway: RealGateway, file: FileOfDataset
) -> None:
    other = FileOfDataset(gateway)
    path = f"/api/datasets/{file.id}/reading/preview"
    gateway.refuse(path, 500, "INTERNAL_ERROR", "서버에 문제가 생겼습니다.")
    at = open_page("datasets", dataset=file.id)
    assert "서버에 문제가 생겼습니다." in texts_of(at)
    assert metrics_of(at)[texts_datasets.ROWS] == "1"
    other.reads()
    at.query_params["dataset"] = other.id
    assert "서버에 문제가 생겼습니다." not in texts_of(at.run())
    at.query_params["dataset"] = file.id
    file.reads(LEFT_OUT)
    at.run()
    press(at, f"outage.reading.look.{file.id}.again")
    assert "합계나 소계인 4번째 줄" in texts_of(at)


@pytest.mark.parametrize(("page", "opened"), [("datasets", "dataset"), ("batch", "file")])
def test_file_refused_for_its_encoding_is_sent_again_in_the_one_that_reads_well(
    open_page: OpenPage, gateway: RealGateway, page: str, opened: str
) -> None:
    refusal = {
        "error": "3번째 줄의 글자를 읽을 수 없습니다.",
        "code": "CSV_UNREADABLE",
        "encodings": [
            {"encoding": "utf-8+cp949", "preview": ["구군,건수", "중구,3"]},
            {"encoding": "utf-8", "preview": ["구군,건수", "�߱�,3"]},
        ],
        "lines": [1, 30],
    }
    gateway.answer("/api/datasets/upload", json.dumps(refusal).encode(), 422)
    at = choose(open_page(page), "사고.csv", "구군,건수\n중구,3\n".encode())
    if page == "datasets":
        press(at, "dataset.submit")
    assert [code.value for code in at.code] == [
        "1번째 줄  구군,건수\n30번째 줄  중구,3",
        "1번째 줄  구군,건수\n30번째 줄  �߱�,3",
    ]
    assert gateway.get("/api/datasets")["total"] == 0
    press(at, "encoding.utf-8+cp949")
    assert gateway.get(f"/api/datasets/{at.query_params[opened]}/profile")["encoding"] == "utf-8+cp949"
