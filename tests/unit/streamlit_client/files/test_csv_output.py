from streamlit_client.files.csv_columns import ReadAccidents, Unreadable, find_columns, missing_sources, read_accidents
from streamlit_client.files.csv_file import CsvTable, read_csv
from streamlit_client.files.csv_output import guarded_csv, template_csv, write_csv


def test_cell_that_would_run_as_a_formula_gets_an_apostrophe_that_our_reader_takes_away() -> None:
    content = write_csv([["=이름"], ["=1+1"], ["-5.3%"], ["'=1+1"]])
    assert content.decode("utf-8-sig").split() == ["'=이름", "'=1+1", "-5.3%", "''=1+1"]
    table = read_csv(content)
    assert (table.columns, list(table.rows)) == (("=이름",), [["=1+1"], ["-5.3%"], ["'=1+1"]])


def test_file_for_programs_becomes_one_for_people() -> None:
    assert guarded_csv("\ufeff가\r\n=1\r\n".encode()) == "\ufeff가\r\n'=1\r\n".encode()


def test_template_is_a_file_that_we_can_read() -> None:
    table = read_csv(template_csv())
    columns = find_columns(table.columns)
    assert missing_sources(table, columns) == []
    read = read_accidents(table, columns)
    assert len(read.accidents) == len(table.rows) == 2


def test_results_stand_beside_the_rows_they_belong_to() -> None:
    table = CsvTable(("번호", "메모"), [["a", "=1"], ["b", ""], ["c", "쉼표, 있음"], ["d", ""]], [2, 3, 4, 5], "utf-8")
    accidents = ReadAccidents([], [0, 2, 3], [Unreadable(1, "weather", "")])
    joined = read_csv(write_csv(accidents.join(table, ["ECLO", "오류"], [["4.1", ""], ["", "틀림"]])))
    assert joined.columns == ("번호", "메모", "ECLO", "오류")
    assert list(joined.rows) == [
        ["a", "=1", "4.1", ""],
        ["b", "", "", accidents.unreadable[0].note],
        ["c", "쉼표, 있음", "", "틀림"],
        ["d", "", "", ""],  # sent, but the batch was cancelled before it
    ]
