"""Taking the log out."""

import base64
import json

from audit.checkpoint import open_checkpoint
from audit.keys import parse_vkey
from audit.merkle import leaf_hash, root_of
from policies.model import Role, ScopeKind
from tests.api.desk import Desk
from tests.worlds import ORIGIN

PATH = "/api/v1/export"


def test_an_export_is_the_exact_bytes_and_can_be_checked_offline(each_desk: Desk) -> None:
    desk = each_desk
    rows = [{"store": "MK01", "sku": "A1", "reason": "receive", "change": 1} for _ in range(1_200)]
    desk.post("/api/v1/adjustments/batch", rows)
    size = desk.size()

    answer = desk.get(PATH)

    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["chopbook-tree-size"] == str(size)
    lines = answer.content.split(b"\n")
    assert lines.pop() == b""
    assert b"\n".join(lines) == b"\n".join(desk.everything().split(b"\n")[:size])
    note = base64.b64decode(answer.headers["chopbook-checkpoint"]).decode()
    checkpoint = open_checkpoint(note, [parse_vkey(str(desk.entry(0)["data"]["vkey"]))], origin=ORIGIN)
    assert checkpoint.root == root_of([leaf_hash(line) for line in lines])


def test_an_export_is_in_the_log_before_its_first_byte(desk: Desk) -> None:
    answer = desk.get(PATH, params={"start": 3, "stop": 5})

    assert [json.loads(line)["index"] for line in answer.content.splitlines()] == [3, 4]
    entry = desk.entry()
    assert entry["type"] == "access.read"
    assert entry["data"]["detail"] == {"start": 3, "stop": 5}


def test_a_range_of_nothing_is_an_empty_file(desk: Desk) -> None:
    assert desk.get(PATH, params={"start": 3, "stop": 3}).content == b""


def test_filters_hold_in_exports_too(desk: Desk) -> None:
    desk.adjust(1)
    desk.adjust(2, store="TST1")

    answer = desk.get(PATH, params={"store": "TST1", "type": "stock.adjusted"})

    assert [json.loads(line)["data"]["change"] for line in answer.content.splitlines()] == [2]


def test_a_client_of_some_stores_takes_the_entries_of_those(desk: Desk) -> None:
    client = desk.client((ScopeKind.STORE, "MK01"))
    key = desk.key(client.id, ("log.export",)).secret
    desk.adjust(1)
    desk.adjust(2, store="TST1")

    answer = desk.get(PATH, by=key)

    assert {json.loads(line)["data"]["store"] for line in answer.content.splitlines()} == {"MK01"}
    assert desk.get(PATH, by=key, params={"store": "TST1"}).status_code == 403


def test_what_cannot_be_exported_is_told(desk: Desk) -> None:
    staff = desk.token(Role.STAFF)

    assert desk.get(PATH, by=staff).json()["code"] == "role_lacks_action"
    assert desk.get(PATH, params={"stop": 9_999}).json()["code"] == "size_beyond_log"
    assert desk.get(PATH, params={"start": 5, "stop": 4}).json()["code"] == "range_reversed"


def test_the_same_export_sent_again_is_one_event(desk: Desk) -> None:
    wanted = {"start": 0, "stop": 2, "event_id": "01890a5d-ac96-774b-bcce-b302099a8057"}
    first = desk.get(PATH, params=wanted)
    size = desk.size()

    again = desk.get(PATH, params=wanted)
    other = desk.get(PATH, params={**wanted, "stop": 3})

    assert first.content == again.content
    assert desk.size() == size
    assert (other.status_code, other.json()["code"]) == (409, "event_id_reused")
