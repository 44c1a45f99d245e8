"""Many rows in one body."""

import pytest

from api.ndjson import read_array, read_lines
from api.problems import Problem


def test_lines_are_read_in_order_with_their_numbers() -> None:
    rows = read_lines(b'{"a":1}\r\n\n{"a":2}\n', rows_max=10)

    assert [(row.value, row.line) for row in rows] == [({"a": 1}, 1), ({"a": 2}, 3)]


def test_a_last_line_without_its_line_end_is_taken_if_it_is_whole() -> None:
    assert len(read_lines(b'{"a":1}\n{"a":2}', rows_max=10)) == 2


@pytest.mark.parametrize("cut", range(1, 17))
def test_a_feed_cut_short_anywhere_inside_its_last_row_is_refused_as_such(cut: int) -> None:
    body = '{"a":1}\n{"note":"貨品"}\n'.encode()

    with pytest.raises(Problem) as caught:
        read_lines(body[: len(b'{"a":1}\n') + cut], rows_max=10)

    assert caught.value.kind.code == "ndjson_truncated"
    assert caught.value.faults[0].line == 2


def test_every_broken_line_is_named() -> None:
    with pytest.raises(Problem) as caught:
        read_lines(b'{"a":1.5}\n{"a":1}\n{"a":1,"a":2}\nhello\n', rows_max=10)

    assert [(fault.line, fault.code) for fault in caught.value.faults] == [
        (1, "number_is_float"),
        (3, "duplicate_member"),
        (4, "not_json"),
    ]
    assert caught.value.status == 400
    assert "line 4, column 1 on" in caught.value.faults[2].detail.en


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"", "no_rows"), (b"\n\n", "no_rows"), (b"1\n2\n3\n", "too_many_rows")],
)
def test_lines_are_counted(body: bytes, code: str) -> None:
    with pytest.raises(Problem) as caught:
        read_lines(body, rows_max=2)

    assert caught.value.kind.code == code


@pytest.mark.parametrize(
    ("body", "code"),
    [(b"[]", "no_rows"), (b"[1,2,3]", "too_many_rows"), (b"{}", "list_expected"), (b"[1,", "not_json")],
)
def test_an_array_is_counted(body: bytes, code: str) -> None:
    with pytest.raises(Problem) as caught:
        read_array(body, rows_max=2)

    assert caught.value.kind.code == code


def test_an_array_is_read_in_order() -> None:
    assert [(row.value, row.line) for row in read_array(b"[1, 2]", rows_max=2)] == [(1, None), (2, None)]


@pytest.mark.parametrize("encoding", ["utf-16", "big5"])
def test_an_encoding_is_told_once_for_the_whole_body(encoding: str) -> None:
    with pytest.raises(Problem) as caught:
        read_lines(('{"note":"貨品"}\n' * 20).encode(encoding), rows_max=50)

    assert [fault.code for fault in caught.value.faults] == ["wrong_encoding"]
