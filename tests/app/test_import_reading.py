"""From bytes to rows: encodings, line ends, quotes, workbooks. No line is ever lost."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.importing.delimited import LINE_CHARS_MAX, ROW_LINES_MAX, read_delimited
from app.importing.encoding import choose_codec, recognise_chinese
from app.importing.errors import EncodingRefused, FileRefused
from app.importing.mapping import FileShape
from app.importing.records import Record, Unreadable
from app.importing.sentences import Said, told
from app.importing.workbook import is_workbook, read_workbook

COMMA = FileShape()
CHINESE = "貨品編號,貨名,數量\r\nA1,檸檬茶二百五十毫升裝,6\r\nA2,白米五公斤裝及豉油,3\r\n"


def read(text: str, shape: FileShape = COMMA) -> list[Record | Unreadable]:
    return list(read_delimited(io.StringIO(text, newline=""), shape))


def cells(rows: list[Record | Unreadable]) -> list[tuple[str, ...]]:
    assert all(isinstance(row, Record) for row in rows), rows
    return [row.texts for row in rows if isinstance(row, Record)]


# ------------------------------------------------------------------------------------------- lines


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"], ids=["CR", "LF", "CRLF"])
def test_every_kind_of_line_end_is_read(end: str) -> None:
    rows = read(end.join(["sku,n", "A,1", "B,2"]))

    assert cells(rows) == [("sku", "n"), ("A", "1"), ("B", "2")]
    assert [row.line for row in rows] == [1, 2, 3]


def test_mixed_line_ends_are_read() -> None:
    assert cells(read("a,1\rb,2\nc,3\r\nd,4")) == [("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")]


def test_blank_lines_count_as_lines_but_are_no_rows() -> None:
    rows = read("a,1\n\n , \n,,\nb,2\n")

    assert [(row.line, row.texts) for row in rows if isinstance(row, Record)] == [(1, ("a", "1")), (5, ("b", "2"))]


def test_a_quoted_cell_may_hold_delimiters_quotes_and_line_ends() -> None:
    rows = read('a,"x, ""y""\nz"\nb,2\n')

    assert cells(rows) == [("a", 'x, "y"\nz'), ("b", "2")]
    assert [row.line for row in rows] == [1, 3]


def test_an_unclosed_quote_costs_its_line_and_no_other() -> None:
    rows = read('a,1\n"b,2\nc,3\nd,4\n')

    assert [type(row).__name__ for row in rows] == ["Record", "Unreadable", "Record", "Record"]
    assert rows[1] == Unreadable(2, told(Said.QUOTE_OPEN, quote='"'), '"b,2')
    assert [row.line for row in rows] == [1, 2, 3, 4]


def test_an_unclosed_quote_far_from_the_end_costs_its_line_and_no_other() -> None:
    others = [f"{n},x" for n in range(ROW_LINES_MAX * 3)]

    rows = read("\n".join(['"oops', *others]))

    assert isinstance(rows[0], Unreadable)
    assert f"within {ROW_LINES_MAX} lines" in rows[0].reason.en
    assert cells(rows[1:]) == [(str(n), "x") for n in range(ROW_LINES_MAX * 3)]


def test_text_behind_a_closing_quote_costs_its_line_and_no_other() -> None:
    rows = read('a,1\n"b"c,2\nd,3\n')

    assert isinstance(rows[1], Unreadable)
    assert rows[1].line == 2
    assert cells([rows[0], rows[2]]) == [("a", "1"), ("d", "3")]


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"], ids=["CR", "LF", "CRLF"])
def test_a_line_without_end_costs_its_line_and_no_other(end: str) -> None:
    rows = read(end.join(["a,1", "x" * (LINE_CHARS_MAX * 2 + 5), "b,2"]))

    assert [type(row).__name__ for row in rows] == ["Record", "Unreadable", "Record"]
    assert [row.line for row in rows] == [1, 2, 3]


def test_a_line_as_long_as_may_be_is_read() -> None:
    assert len(cells(read("x" * (LINE_CHARS_MAX - 2) + "\nb"))) == 2


PLAIN = st.text(st.characters(codec="utf-8", exclude_characters="\r\n\x00"), max_size=12)
ROWS = st.lists(st.lists(PLAIN, min_size=2, max_size=4), max_size=12)


@given(ROWS, st.sampled_from(["\r", "\n", "\r\n"]), st.sampled_from([",", ";", "\t", "|"]))
def test_what_a_writer_writes_is_read(rows: list[list[str]], end: str, delimiter: str) -> None:
    written = io.StringIO(newline="")
    csv.writer(written, delimiter=delimiter, lineterminator=end).writerows(rows)

    found = cells(read(written.getvalue(), FileShape(delimiter=delimiter)))

    assert found == [tuple(row) for row in rows if any(cell and not cell.isspace() for cell in row)]


@given(st.text(st.sampled_from('ab,"\r\n '), max_size=60))
def test_any_text_is_read_to_its_end_with_lines_in_order(text: str) -> None:
    rows = read(text)

    lines = [row.line for row in rows]
    assert lines == sorted(set(lines))
    assert all(1 <= line <= len(text.splitlines()) for line in lines)


@given(st.lists(st.text(st.sampled_from("ab, "), min_size=1, max_size=8), min_size=1, max_size=10), st.data())
def test_one_broken_line_leaves_all_others_as_they_are(lines: list[str], data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(lines) - 1))
    broken = [*lines[:place], f'"{lines[place]}', *lines[place + 1 :]]

    intact = {row.line: row for row in read("\n".join(lines))}
    found = {row.line: row for row in read("\n".join(broken))}

    assert isinstance(found.pop(place + 1), Unreadable)
    intact.pop(place + 1, None)
    assert found == intact


# --------------------------------------------------------------------------------------- encodings


def file(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "file.csv"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize(
    ("data", "codec"),
    [
        (CHINESE.encode(), "utf-8"),
        (CHINESE.encode("utf-8-sig"), "utf-8-sig"),
        (b"plain,ascii\n", "utf-8"),
    ],
    ids=["utf-8", "mark", "ascii"],
)
def test_utf_8_is_read_with_and_without_its_mark(tmp_path: Path, data: bytes, codec: str) -> None:
    assert choose_codec(file(tmp_path, data), "utf-8") == codec


@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("big5", "big5"),
        ("big5hkscs", "big5"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-16-le", "utf-16"),
        ("utf-16-be", "utf-16"),
    ],
)
def test_another_encoding_is_refused_by_its_name(tmp_path: Path, codec: str, name: str) -> None:
    text = CHINESE if codec != "gb18030" else "货品编号,货名,数量\r\nA1,柠檬茶二百五十毫升装,6\r\n"

    with pytest.raises(EncodingRefused) as refused:
        choose_codec(file(tmp_path, text.encode(codec)), "utf-8")

    assert refused.value.found == name
    assert f'expected utf-8, got {name}; to convert it, write encoding = "{name}"' in str(refused.value)


@pytest.mark.parametrize(
    ("declared", "codec"),
    [("big5", "big5"), ("utf-16", "utf-16"), ("utf-16", "utf-16-le"), ("utf-16", "utf-16-be"), ("gb18030", "gb18030")],
)
def test_a_declared_encoding_is_converted(tmp_path: Path, declared: str, codec: str) -> None:
    path = file(tmp_path, CHINESE.encode(codec))

    chosen = choose_codec(path, declared)

    assert path.read_bytes().decode(chosen) == CHINESE


def test_characters_of_hong_kong_are_in_big5(tmp_path: Path) -> None:
    path = file(tmp_path, "貨名\n嘅嗰啲嘢\n".encode("big5hkscs"))

    assert path.read_text(encoding=choose_codec(path, "big5")) == "貨名\n嘅嗰啲嘢\n"


def test_a_declaration_that_the_mark_contradicts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EncodingRefused, match="expected big5, got utf-8"):
        choose_codec(file(tmp_path, CHINESE.encode("utf-8-sig")), "big5")


def test_a_stray_byte_does_not_make_a_file_chinese(tmp_path: Path) -> None:
    data = b"sku,name\nA1,CAF\xe9 AU LAIT\nA2,CR\xc8ME\n" + b"A3,plain\n" * 50

    assert choose_codec(file(tmp_path, data), "utf-8") == "utf-8"


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match="No such file"):
        choose_codec(tmp_path / "none.csv", "utf-8")


@given(st.text(st.characters(codec="utf-8"), min_size=1, max_size=200))
def test_utf_8_is_never_taken_for_another_encoding(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = file(tmp_path_factory.mktemp("text"), ("名稱,n\n" + text.replace("\0", "")).encode())

    assert choose_codec(path, "utf-8") == "utf-8"


@given(st.binary(max_size=400))
def test_any_bytes_are_judged(data: bytes) -> None:
    assert recognise_chinese(data) in {None, "big5", "gb18030"}


# --------------------------------------------------------------------------------------- workbooks


def book(tmp_path: Path, rows: list[list[object]], *, sheets: int = 1) -> Path:
    made = openpyxl.Workbook()
    for n in range(sheets):
        sheet = made.active if n == 0 else made.create_sheet(f"Sheet{n}")
        for row in rows:
            sheet.append(row)
    path = tmp_path / "book.xlsx"
    made.save(path)
    return path


def test_a_sheet_is_read_as_its_cells_are(tmp_path: Path) -> None:
    moment = datetime(2026, 11, 22, 12, 30)  # noqa: DTZ001  a spreadsheet knows no zone
    path = book(tmp_path, [["sku", "n", "at"], ["0123", 6, moment], [4891234567898, 2.5, None], [True, 6.0, "x"]])

    rows = list(read_workbook(path, COMMA))

    assert [row.cells for row in rows] == [
        ("sku", "n", "at"),
        ("0123", "6", moment),
        ("4891234567898", "2.5", ""),
        ("TRUE", "6", "x"),
    ]
    assert is_workbook(path)


def test_rows_without_a_value_are_left_out_but_counted(tmp_path: Path) -> None:
    path = book(tmp_path, [["sku"], [], ["A"], [" "], ["B"]])

    assert [(row.line, row.texts) for row in read_workbook(path, COMMA)] == [(1, ("sku",)), (3, ("A",)), (5, ("B",))]


def test_of_several_sheets_one_must_be_named(tmp_path: Path) -> None:
    path = book(tmp_path, [["sku"], ["A"]], sheets=2)

    with pytest.raises(FileRefused, match=r"expected one sheet.*\['Sheet', 'Sheet1'\]"):
        list(read_workbook(path, COMMA))
    with pytest.raises(FileRefused, match="expected a sheet 'None'"):
        list(read_workbook(path, FileShape(sheet="None")))
    assert len(list(read_workbook(path, FileShape(sheet="Sheet1")))) == 2


def test_an_old_workbook_is_refused_by_its_name(tmp_path: Path) -> None:
    path = file(tmp_path, bytes.fromhex("d0cf11e0a1b11ae1") + bytes(64))

    with pytest.raises(FileRefused, match=r"Excel 97-2003 \(\.xls\)"):
        is_workbook(path)


def test_a_damaged_workbook_is_refused(tmp_path: Path) -> None:
    path = file(tmp_path, b"PK\x03\x04 and nothing else")

    with pytest.raises(FileRefused, match="damaged ZIP"):
        list(read_workbook(path, COMMA))


def test_a_zip_that_is_no_workbook_is_refused(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "other.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("hello.txt", "hello")

    with pytest.raises(FileRefused, match="cannot be opened"):
        list(read_workbook(path, COMMA))
