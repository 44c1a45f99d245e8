"""One adjustment, and corrections."""

from uuid import uuid4

from audit.checkpoint import open_checkpoint
from audit.keys import parse_vkey
from audit.proof import verify_inclusion
from policies.model import Role, ScopeKind
from tests.api.desk import Desk
from tests.worlds import ORIGIN

PATH = "/api/v1/adjustments"


def adjustment(**members: object) -> dict[str, object]:
    return {"store": "MK01", "sku": "A1", "reason": "receive", "change": 5, **members}


def test_a_movement_is_recorded_and_its_receipt_proves_it(each_desk: Desk) -> None:
    answer = each_desk.post(PATH, adjustment(reference="DN-1", occurred_at="2026-11-22T12:00:00+08:00"))

    assert answer.status_code == 201
    found = answer.json()
    assert (found["before"], found["change"], found["after"], found["scale"]) == (0, 5, 5, 0)
    assert answer.headers["location"] == f"/api/v1/entries/{found['index']}"
    receipt = found["receipt"]
    entry = each_desk.get(answer.headers["location"]).json()
    assert entry["leaf_hash"] == receipt["leaf_hash"] == found["leaf_hash"]
    vkey = each_desk.entry(0)["data"]["vkey"]
    checkpoint = open_checkpoint(receipt["checkpoint"], [parse_vkey(str(vkey))], origin=ORIGIN)
    assert checkpoint.size == receipt["tree_size"]
    verify_inclusion(
        leaf_hash=bytes.fromhex(receipt["leaf_hash"]),
        index=receipt["index"],
        size=receipt["tree_size"],
        proof=[bytes.fromhex(node) for node in receipt["inclusion_proof"]],
        root=checkpoint.root,
    )


def test_the_same_event_sent_again_is_answered_with_the_first_receipt(each_desk: Desk) -> None:
    body = adjustment(event_id=str(uuid4()), note="貨已點收")
    first = each_desk.post(PATH, body)
    size = each_desk.size()

    again = each_desk.post(PATH, {**body, "note": "another note is no other event"})

    assert (first.status_code, again.status_code) == (201, 200)
    volatile = {"replayed", "receipt"}
    assert {k: v for k, v in again.json().items() if k not in volatile} == {
        k: v for k, v in first.json().items() if k not in volatile
    }
    assert again.json()["replayed"] is True
    assert again.json()["receipt"]["leaf_hash"] == first.json()["receipt"]["leaf_hash"]
    assert each_desk.size() == size


def test_a_movement_that_brings_its_lot_is_replayed_as_itself(desk: Desk) -> None:
    body = adjustment(sku="C1", batch="L1", expiry="2028-01-31", event_id=str(uuid4()))
    first, again = desk.post(PATH, body), desk.post(PATH, body)

    assert first.json()["batch"] == "L1"
    assert again.json()["index"] == first.json()["index"]
    assert desk.entry(first.json()["index"])["type"] == "stock.adjusted"


def test_a_document_that_was_never_added_cannot_be_named(each_desk: Desk) -> None:
    added = each_desk.add().document
    size, unknown = each_desk.size(), str(uuid4())

    answers = [
        each_desk.post(PATH, adjustment(document=unknown), headers={"Accept-Language": language})
        for language in ("en", "zh-HK")
    ]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert [answer.json()["detail"] for answer in answers] == ["There is no such document.", "沒有此文件。"]
    problem = answers[0].json()
    assert (problem["code"], problem["errors"][0]["pointer"]) == ("document_unknown", "#/document")
    assert each_desk.size() == size
    right = each_desk.post(PATH, adjustment(document=added))
    wrong = each_desk.post("/api/v1/corrections", {"corrects": right.json()["index"], "document": unknown})
    assert (right.status_code, wrong.status_code) == (201, 422)
    assert wrong.json()["errors"][0]["pointer"] == "#/document"


def test_without_an_event_id_every_call_is_an_event_of_its_own(desk: Desk) -> None:
    first, second = desk.post(PATH, adjustment()), desk.post(PATH, adjustment(event_id=None))

    assert first.json()["event_id"] != second.json()["event_id"]
    assert second.json()["after"] == 10


def test_an_entry_is_corrected_by_another(desk: Desk) -> None:
    wrong = desk.post(PATH, adjustment(change=50)).json()

    answer = desk.post("/api/v1/corrections", {"corrects": wrong["index"], "replacement": 5})
    again = desk.post("/api/v1/corrections", {"corrects": wrong["index"]})

    assert answer.status_code == 201
    assert (answer.json()["change"], answer.json()["after"]) == (-45, 5)
    assert again.status_code == 409
    assert again.json()["code"] == "already_corrected"


def test_a_till_adjusts_where_it_is_assigned_and_a_denial_is_in_the_log(desk: Desk) -> None:
    till = desk.till("MK01")

    assert desk.post(PATH, adjustment(), by=till).status_code == 201
    denied = desk.post(PATH, adjustment(store="TST1"), by=till)

    assert denied.status_code == 403
    assert denied.json()["code"] == "store_out_of_reach"
    assert denied.json()["action"] == "stock.adjust"
    assert denied.json()["needs"][0]["kind"] == "store"
    entry = desk.entry()
    assert entry["type"] == "access.denied"
    assert entry["decision"]["code"] == "store_out_of_reach"


def test_a_client_acts_for_a_person_with_what_both_may(desk: Desk) -> None:
    clerk = desk.person(Role.STAFF, (ScopeKind.STORE, "MK01"))
    headers = {"Chopbook-Acting-For": clerk.id}

    good = desk.post(PATH, adjustment(), headers=headers)
    beyond = desk.post(PATH, adjustment(store="TST1"), headers=headers)

    assert good.status_code == 201
    assert desk.entry(good.json()["index"])["actor"]["for"] == clerk.id
    assert beyond.json()["code"] == "store_out_of_reach"


def test_only_a_client_acts_for_others(desk: Desk) -> None:
    clerk = desk.person(Role.STAFF, (ScopeKind.STORE, "MK01"))
    answer = desk.post(PATH, adjustment(), by=desk.token(Role.STORE_MANAGER), headers={"Chopbook-Acting-For": clerk.id})

    assert answer.json()["code"] == "acting_for_unfit"


def test_a_note_is_kept_beside_the_log_and_read_with_a_trace(desk: Desk) -> None:
    index = desk.post(PATH, adjustment(note="陳太退貨")).json()["index"]
    officer = desk.token(Role.COMPLIANCE_OFFICER)

    values = desk.take(f"/api/v1/entries/{index}/personal", by=officer)

    assert values.json() == {"index": index, "values": {"note": "陳太退貨"}, "superseded": {}, "dispute_notes": {}}
    assert "陳太" not in desk.everything().decode()
    assert desk.entry()["type"] == "access.read"
    assert desk.entry()["data"]["detail"] == {"entry": index}
