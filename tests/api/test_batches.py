"""Many adjustments in one call."""

import json
from uuid import uuid4

import pytest

from tests.api.desk import Desk

PATH = "/api/v1/adjustments/batch"
NDJSON = {"Content-Type": "application/x-ndjson"}


def row(change: object, **members: object) -> dict[str, object]:
    reason = "sale" if str(change).startswith("-") else "receive"
    return {"store": "MK01", "sku": "A1", "reason": reason, "change": change, **members}


def lines(*rows: object) -> bytes:
    return b"".join(json.dumps(item).encode() + b"\n" for item in rows)


def test_rows_are_applied_in_their_order_as_array_and_as_lines(each_desk: Desk) -> None:
    rows = [row(5), row(-2), row("3")]

    array = each_desk.post(PATH, rows).json()
    feed = each_desk.call("POST", PATH, content=lines(*rows), headers=NDJSON).json()

    assert [item["after"] for item in array["rows"]] == [5, 3, 6]
    assert [item["after"] for item in feed["rows"]] == [11, 9, 12]
    assert [item["line"] for item in feed["rows"]] == [1, 2, 3]
    assert (feed["applied"], feed["replayed"], feed["refused"]) == (3, 0, 0)
    assert feed["receipt"]["index"] == feed["rows"][-1]["index"]


def test_row_by_row_what_can_be_recorded_is_and_every_row_is_told(desk: Desk) -> None:
    rows = [row(5), row(-50), row(1, qty=2), row(1, sku="A9"), row(1)]

    answer = desk.post(PATH, rows, headers={"Accept-Language": "zh-HK"})

    assert answer.status_code == 200
    found = answer.json()
    assert [item["state"] for item in found["rows"]] == ["applied", "refused", "refused", "refused", "applied"]
    assert (found["applied"], found["refused"]) == (2, 3)
    assert [item["errors"][0]["code"] for item in found["rows"][1:4]] == [
        "stock_negative",
        "member_unknown",
        "sku_unknown",
    ]
    assert found["rows"][2]["errors"][0]["pointer"] == "#/qty"
    assert "不認識" in found["rows"][2]["errors"][0]["detail"]
    assert desk.held() == 6


def test_a_row_that_names_an_unknown_document_is_told_alone(desk: Desk) -> None:
    added = desk.add().document

    answer = desk.post(PATH, [row(5, document=added), row(1, document=str(uuid4())), row(1)])

    found = answer.json()["rows"]
    assert [item["state"] for item in found] == ["applied", "refused", "applied"]
    [fault] = found[1]["errors"]
    assert (fault["code"], fault["pointer"]) == ("document_unknown", "#/document")
    assert desk.held() == 6


def test_all_or_nothing_refuses_the_call_for_one_row(desk: Desk) -> None:
    size = desk.size()

    judged = desk.post(PATH + "?all_or_nothing=true", [row(5), row(-50), row(1)])
    malformed = desk.post(PATH + "?all_or_nothing=true", [row(5), row(1, qty=1)])

    assert (judged.status_code, malformed.status_code) == (409, 409)
    assert judged.json()["code"] == "batch_refused"
    assert [(item["row"], item["state"]) for item in judged.json()["rows"]] == [
        (0, "withheld"),
        (1, "refused"),
        (2, "withheld"),
    ]
    assert judged.json()["rows"][1]["errors"][0]["code"] == "stock_negative"
    assert [(item["row"], item["state"]) for item in malformed.json()["rows"]] == [(0, "not_judged"), (1, "refused")]
    assert malformed.json()["rows"][1]["errors"][0]["pointer"] == "#/qty"
    assert malformed.json()["detail"] == "1 of 2 rows were refused, so none was applied."
    assert all(item["event_id"] for item in (*judged.json()["rows"], malformed.json()["rows"][0]))
    assert desk.size() == size


def test_all_or_nothing_records_every_row(desk: Desk) -> None:
    found = desk.post(PATH + "?all_or_nothing=true", [row(5), row(-5)]).json()

    assert [item["state"] for item in found["rows"]] == ["applied", "applied"]
    assert desk.held() == 0


@pytest.mark.parametrize("mode", ["", "?all_or_nothing=true"])
def test_a_feed_sent_again_is_told_row_by_row_and_moves_nothing(desk: Desk, mode: str) -> None:
    rows = [row(5, event_id=str(uuid4())), row(-1, event_id=str(uuid4()))]
    first = desk.post(PATH + mode, rows).json()
    size = desk.size()

    again = desk.post(PATH + mode, rows)

    assert again.status_code == 200
    assert (again.json()["applied"], again.json()["replayed"]) == (0, 2)
    assert [item["index"] for item in again.json()["rows"]] == [item["index"] for item in first["rows"]]
    assert desk.size() == size


def test_nothing_that_could_be_recorded_is_an_answer_too(desk: Desk) -> None:
    answer = desk.post(PATH, [row(-1), row(1, qty=1)])

    assert answer.status_code == 200
    assert (answer.json()["applied"], answer.json()["refused"]) == (0, 2)
    assert "receipt" not in answer.json()


def test_rows_at_a_store_out_of_reach_are_refused_and_the_denial_is_in_the_log(desk: Desk) -> None:
    till = desk.till("MK01")

    found = desk.post(PATH, [row(5), row(1, store="TST1"), row(2, store="TST1")], by=till).json()

    assert [item["state"] for item in found["rows"]] == ["applied", "refused", "refused"]
    assert found["rows"][1]["errors"][0]["code"] == "store_not_permitted"
    assert desk.entry()["type"] == "access.denied"
    assert desk.entry(-2)["type"] == "stock.adjusted"


def test_all_or_nothing_at_a_store_out_of_reach_is_a_denial(desk: Desk) -> None:
    till = desk.till("MK01")

    answer = desk.post(PATH + "?all_or_nothing=true", [row(5), row(1, store="TST1")], by=till)

    assert answer.status_code == 403
    assert desk.entry()["type"] == "access.denied"
    assert desk.balances(with_zero=True) == []


def test_thousands_of_rows_go_in_one_call(desk: Desk) -> None:
    body = lines(*[row(1, event_id=str(uuid4())) for _ in range(3_000)])

    answer = desk.call("POST", PATH + "?rows=3000", content=body, headers=NDJSON)

    assert answer.json()["applied"] == 3_000
    assert desk.held() == 3_000


def test_more_rows_than_the_operator_allows_are_refused(sqlite_desk: Desk) -> None:
    with sqlite_desk.serving(batch_rows_max=2):
        answer = sqlite_desk.post(PATH, [row(1)] * 3)

    assert (answer.status_code, answer.json()["code"]) == (413, "too_many_rows")


def test_a_body_beyond_the_operators_bound_is_refused_before_it_is_read(sqlite_desk: Desk) -> None:
    with sqlite_desk.serving(body_bytes_max=70_000):
        answer = sqlite_desk.call("POST", PATH, content=b" " * 70_001, headers=NDJSON)
        chunked = sqlite_desk.call("POST", PATH, content=iter([b" " * 40_000] * 2), headers=NDJSON)

    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")
    assert (chunked.status_code, chunked.json()["code"]) == (413, "body_too_large")
    assert "70000" in answer.json()["detail"]
