"""Taking the log out."""

import base64
import io
import json
import zipfile

from api.application import OPERATIONS
from api.operations import Stated
from audit.checkpoint import open_checkpoint
from audit.keys import parse_vkey
from audit.merkle import leaf_hash, root_of
from documents.class_parsing import parse_class
from documents.model import Step
from policies.model import Role, ScopeKind
from tests.api.desk import Desk
from tests.worlds import ORIGIN

PATH = "/api/v1/export"


def test_an_export_is_the_exact_bytes_and_can_be_checked_offline(each_desk: Desk) -> None:
    desk = each_desk
    rows = [{"store": "MK01", "sku": "A1", "reason": "receive", "change": 1} for _ in range(1_200)]
    desk.post("/api/v1/adjustments/batch", rows)
    size = desk.size()

    answer = desk.take(PATH)

    assert answer.headers["content-type"] == "application/x-ndjson"
    assert answer.headers["chopbook-tree-size"] == str(size)
    lines = answer.content.split(b"\n")
    assert lines.pop() == b""
    assert b"\n".join(lines) == b"\n".join(desk.everything().split(b"\n")[:size])
    note = base64.b64decode(answer.headers["chopbook-checkpoint"]).decode()
    checkpoint = open_checkpoint(note, [parse_vkey(str(desk.entry(0)["data"]["vkey"]))], origin=ORIGIN)
    assert checkpoint.root == root_of([leaf_hash(line) for line in lines])


def test_an_export_is_in_the_log_before_its_first_byte(desk: Desk) -> None:
    answer = desk.take(PATH, params={"start": 3, "stop": 5})

    assert [json.loads(line)["index"] for line in answer.content.splitlines()] == [3, 4]
    entry = desk.entry()
    assert entry["type"] == "access.read"
    assert entry["data"]["detail"] == {"start": 3, "stop": 5}


def test_a_range_of_nothing_is_an_empty_file(desk: Desk) -> None:
    assert desk.take(PATH, params={"start": 3, "stop": 3}).content == b""


def test_filters_hold_in_exports_too(desk: Desk) -> None:
    desk.adjust(1)
    desk.adjust(2, store="TST1")

    answer = desk.take(PATH, params={"store": "TST1", "type": "stock.adjusted"})

    assert [json.loads(line)["data"]["change"] for line in answer.content.splitlines()] == [2]


def test_a_client_of_some_stores_takes_the_entries_of_those(desk: Desk) -> None:
    client = desk.client((ScopeKind.STORE, "MK01"))
    key = desk.key(client.id, ("log.export",)).secret
    desk.adjust(1)
    desk.adjust(2, store="TST1")

    answer = desk.take(PATH, by=key)

    assert {json.loads(line)["data"]["store"] for line in answer.content.splitlines()} == {"MK01"}
    assert desk.take(PATH, by=key, params={"store": "TST1"}).status_code == 403


def test_what_cannot_be_exported_is_told(desk: Desk) -> None:
    staff = desk.token(Role.STAFF)

    assert desk.take(PATH, by=staff).json()["code"] == "role_lacks_action"
    assert desk.take(PATH, params={"stop": 9_999}).json()["code"] == "size_beyond_log"
    assert desk.take(PATH, params={"start": 5, "stop": 4}).json()["code"] == "range_reversed"


def test_the_same_export_sent_again_is_one_event(desk: Desk) -> None:
    wanted = {"start": 0, "stop": 2, "event_id": "01890a5d-ac96-774b-bcce-b302099a8057"}
    first = desk.take(PATH, params=wanted)
    size = desk.size()

    again = desk.take(PATH, params=wanted)
    other = desk.take(PATH, params={**wanted, "stop": 3})

    assert first.content == again.content
    assert desk.size() == size
    assert (other.status_code, other.json()["code"]) == (409, "event_id_reused")
    assert other.json()["errors"][0]["parameter"] == "event_id"


def court_order(desk: Desk) -> str:
    added = desk.add_read(b"court order", **{"class": "other", "store": None})
    return added.document


def test_p_07_staff_data_for_marketing_is_denied_and_with_60b_and_the_court_order_allowed(each_desk: Desk) -> None:
    desk = each_desk
    dpo, order = desk.token(Role.DPO), court_order(desk)
    exempt = {"Use-Exemption": "60B", "Use-Evidence": order}

    silent = desk.get(PATH, by=dpo)
    refused = desk.take(PATH, purpose="marketing", by=dpo)
    told = desk.entry()
    unproved = desk.take(PATH, purpose="marketing", by=dpo, headers={"Use-Exemption": "60B"})
    wrong = desk.take(PATH, purpose="marketing", by=dpo, headers={**exempt, "Use-Exemption": "60"})
    allowed = desk.take(PATH, purpose="marketing", by=dpo, params={"stop": 1}, headers=exempt)

    assert (silent.status_code, silent.json()["code"]) == (403, "purpose_needed")
    assert (refused.status_code, refused.json()["code"]) == (403, "dpp3_new_purpose")
    assert (told["type"], told["decision"]["code"]) == ("access.denied", "dpp3_new_purpose")
    assert "assurance" in refused.json()["needs"][0]["options"]
    assert unproved.json()["code"] == "exemption_without_evidence"
    assert wrong.json()["code"] == "exemption_lifts_other"
    assert (allowed.status_code, len(allowed.content.splitlines())) == (200, 1)
    read = desk.entry()["data"]
    assert (read["purpose"], read["exemption"], read["evidence"]) == ("marketing", "60B", order)


def test_p_07_a_consent_ends_with_its_document_and_(desk: Desk) -> None:
    dpo, consent = desk.token(Role.DPO), court_order(desk)
    with_consent = {"Use-Consent": consent}

    machine = desk.take(PATH, purpose="research", headers=with_consent)
    before = desk.take(PATH, purpose="research", by=dpo, headers=with_consent)
    officer = desk.policies.principal(desk.person(Role.COMPLIANCE_OFFICER).id)
    desk.do(desk.documents.decide_stage(officer, consent, 1, Step.QUARANTINE, event_id=desk.id()))
    after = desk.take(PATH, purpose="research", by=dpo, headers=with_consent)
    nowhere = desk.take(PATH, purpose="research", by=dpo, headers={"Use-Consent": "no-such-document"})

    assert (machine.status_code, machine.json()["code"]) == (403, "role_lacks_action")
    assert before.status_code == 200
    assert [answer.status_code for answer in (after, nowhere)] == [422, 422]
    assert nowhere.json()["code"] == "document_unknown"


def test_p_07_a_folder_goes_out_for_what_each_class_in_it_is_kept_for(desk: Desk) -> None:
    content = {"code": "staff_file", "name_en": "Staff file", "media_types": ["image/jpeg"], "purposes": ["employment"]}
    desk.do(desk.documents.create_class(desk.admin, parse_class(content, event_id=desk.id())))
    desk.add_read(b"delivered", folders=["general/mixed"])
    desk.add_read(b"reviewed", folders=["general/mixed"], **{"class": "staff_file"})
    path = "/api/v1/folders/general/mixed/export"

    def taken(purpose: str) -> tuple[list[str], list[str]]:
        answer = desk.take(path, purpose=purpose)
        assert answer.status_code == 200, answer.text
        with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
            manifest = json.loads(archive.read("chopbook-manifest.json"))
        return [one["class"] for one in manifest["files"]], [one["why"] for one in manifest["left_out"]]

    assert taken("trade") == (["delivery_note"], ["dpp3_new_purpose"])
    assert taken("employment") == (["staff_file"], ["dpp3_new_purpose"])
    assert desk.take(path, purpose="marketing").json()["code"] == "dpp3_new_purpose"
    assert desk.get(path).json()["code"] == "purpose_needed"
    reads = [one for one in map(desk.entry, range(desk.size())) if one["type"] == "access.read"]
    assert [one["data"]["purpose"] for one in reads if "folder" in str(one["data"].get("detail"))] == [
        "trade",
        "employment",
    ]


def test_p_07_a_document_is_opened_for_its_own_purposes_and_no_other(desk: Desk) -> None:
    document = desk.add_read(b"contract", **{"class": "contract"}).document
    path = f"/api/v1/documents/{document}/versions/1/content"

    plain, trade, marketing = desk.get(path), desk.take(path, purpose="trade"), desk.take(path, purpose="marketing")

    assert (plain.status_code, trade.status_code) == (200, 200)
    assert (marketing.status_code, marketing.json()["code"]) == (403, "dpp3_new_purpose")
    reads = [one for one in map(desk.entry, range(desk.size())) if one["type"] == "access.read"]
    assert [one["data"].get("purpose") for one in reads] == [None, "trade"]


def test_p_07_clear_values_beside_an_entry_need_a_purpose(desk: Desk) -> None:
    body = {"store": "MK01", "sku": "A1", "reason": "receive", "change": 1, "note": "陳太"}
    index, officer = desk.post("/api/v1/adjustments", body).json()["index"], desk.token(Role.COMPLIANCE_OFFICER)
    path = f"/api/v1/entries/{index}/personal"

    assert desk.get(path, by=officer).json()["code"] == "purpose_needed"
    assert desk.take(path, purpose="marketing", by=officer).json()["code"] == "dpp3_new_purpose"
    assert desk.take(path, purpose="record_check", by=officer).json()["values"] == {"note": "陳太"}
    assert desk.entry()["data"]["purpose"] == "record_check"


def test_p_07_the_description_says_where_a_purpose_is_named() -> None:
    always = {operation.name for operation in OPERATIONS if operation.uses is Stated.ALWAYS}
    maybe = {operation.name for operation in OPERATIONS if operation.uses is Stated.MAYBE}

    assert always == {"export", "export_folder", "get_personal"}
    content = {"get_content", "get_rendition", "get_text", "get_reading"}
    prose = {"get_break_glass_reason", "get_case_particulars", "get_hold_reason", "get_name"}
    assert maybe == content | prose | {"export_log_book", "export_log_book_csv"}


def test_p_07_what_an_operation_is_there_for_is_said_where_nobody_says_another(desk: Desk) -> None:
    clerk, officer = desk.person(Role.STAFF), desk.token(Role.COMPLIANCE_OFFICER)
    path = f"/api/v1/principals/{clerk.id}/name"

    plain = desk.get(path, by=officer)
    told = desk.entry()["data"]
    named = desk.take(path, purpose="fraud_investigation", by=officer)
    other = desk.entry()["data"]
    sold = desk.take(path, purpose="marketing", by=officer)
    book = desk.get("/api/v1/cases/log-book/export", by=officer)

    assert (plain.status_code, told["purpose"]) == (200, "operations")
    assert (named.status_code, other["purpose"]) == (200, "fraud_investigation")
    assert (sold.status_code, sold.json()["code"]) == (403, "dpp3_new_purpose")
    assert (book.status_code, desk.entry()["data"]["purpose"]) == (200, "regulator_enquiry")
