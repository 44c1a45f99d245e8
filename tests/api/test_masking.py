"""P-26: an identity card number leaves masked, on every route, for every role, unless a purpose was stated and logged."""

from __future__ import annotations

import json

import pytest

from api.application import OPERATIONS
from api.masking import masked_body, masked_reading, may_hold_hkid
from app.documents import kinds_in
from audit.event import format_time, time_us
from documents.class_parsing import parse_class_change
from documents.classes import HKID as HKID_KIND
from documents.model import Stage, Step
from documents.reading.model import DocumentReading, Line, PageReading, Source, Word
from policies.model import Role, ScopeKind
from policies.personal_words import HKID_WORDS
from policies.rules import PERSON_ROLES
from policies.unmasking.purposes import Purpose
from tests.api.desk import Desk

NUMBER, MASKED = "A123456(3)", "A123***(*)"
CLEAR = ("A123456", "a123456", "Ａ１２３４５６")
QUAD = ((0, 0), (1, 0), (1, 1), (0, 1))
PURPOSE = {"Unmask-Purpose": Purpose.DETECTION_REVIEW.value}

BODIES = {
    "P-26 number in brackets": ({"t": f"簽收 {NUMBER}"}, {"t": f"簽收 {MASKED}"}),
    "P-26 bare number behind a word": ({"t": "HKID No.: A1234563"}, {"t": f"HKID No.: {MASKED}"}),
    "P-26 full-width": ({"t": "身份證 Ａ１２３４５６（３）"}, {"t": f"身份證 {MASKED}"}),
    "P-26 with spaces": ({"t": "a 123 456 (3)"}, {"t": MASKED}),
    "P-26 behind a line break": ({"t": f"x\n{NUMBER}\ty"}, {"t": f"x\n{MASKED}\ty"}),
    "P-26 deep inside": ([{"a": [{"b": [NUMBER]}]}], [{"a": [{"b": [MASKED]}]}]),
    "1a bare stock code": ({"sku": "A1234563"}, {"sku": "A1234563"}),
    "1a wrong check digit": ({"t": "A123456(4)"}, {"t": "A123456(4)"}),
    "1a digest": ({"leaf_hash": "ba123456" * 8}, {"leaf_hash": "ba123456" * 8}),
}


@pytest.mark.parametrize(("body", "expected"), BODIES.values(), ids=BODIES.keys())
def test_bodies_are_masked(body: object, expected: object) -> None:
    left = masked_body(json.dumps(body, ensure_ascii=False).encode(), "application/json")

    assert json.loads(left) == expected


@pytest.mark.parametrize("word", HKID_WORDS)
def test_every_word_for_the_number_calls_for_a_closer_look(word: str) -> None:
    for said in (word, word.upper(), word.lower()):
        assert may_hold_hkid(f'{{"text":"{said} A123456"}}'.encode())
    assert not may_hold_hkid(b'{"text":"No words, NO numbers (none)"}')


def test_tables_and_texts_are_masked_and_bytes_are_not() -> None:
    raw = f"a,{NUMBER}\r\n".encode()

    assert masked_body(raw, "text/csv; charset=utf-8") == f"a,{MASKED}\r\n".encode()
    assert masked_body(raw, "application/octet-stream") == raw


def test_a_number_that_reaches_over_words_is_masked_in_each_of_them() -> None:
    words = tuple(Word(text, text, QUAD, 0.9) for text in ("證", "A123456", "(3)", "陳"))
    line = Line("證 A123456 (3) 陳", "證 A123456 (3) 陳", QUAD, 0.9, words)
    reading = DocumentReading((PageReading(0, 1, 1, 0, "e", "00", (), Source.OCR, (line,)),))

    [found] = masked_reading(reading).pages[0].lines

    assert found.text == f"證 {MASKED} 陳"
    assert [word.text for word in found.words] == ["證", "***", "***", "陳"]


@pytest.fixture
def planted(desk: Desk) -> Desk:
    """A desk with an identity card number in every text that people or the machine write."""
    desk.detect = kinds_in
    change = parse_class_change({"personal_kinds": [HKID_KIND, "name"]}, code="delivery_note", event_id=desk.id())
    desk.do(desk.documents.change_class(desk.admin, change))
    name = f"HKID {NUMBER}.jpg"
    added = desk.add_read(f"簽收 {NUMBER}".encode(), name=name, title=f"陳大文 {NUMBER}", store="MK01")
    desk.do(desk.documents.note(desk.clerk, added.document, f"身份證 {NUMBER}", event_id=desk.id()))
    held = desk.add_read(f"簽收 {NUMBER}".encode(), title=NUMBER, **{"class": "invoice"})
    desk.work()
    assert desk.stage(added.document) is Stage.RELEASED
    assert desk.stage(held.document) is Stage.QUARANTINED
    desk.planted = (added.document, held.document)
    return desk


def paths(desk: Desk) -> list[str]:
    """Every address that is read, with what was planted put into it; a tail and tiles hold entries alone."""
    found = []
    for operation in OPERATIONS:
        if operation.method != "GET" or operation.name == "follow" or operation.path.startswith("/log/"):
            continue
        for document in desk.planted:
            people = {"document": document, "version": "1", "name": "page-0001", "code": "SUP1", "index": "3"}
            path = operation.path
            for name in operation.in_path:
                path = path.replace(f"{{{name}}}", people.get(name, "1"))
            query = {"search": "?q=陳大文", "list_folders": "?kind=store"}.get(operation.name, "")
            found.append(path + query)
    return sorted(set(found))


def test_p_26_a_list_with_name_and_number_shows_the_number_masked(planted: Desk) -> None:
    answer = planted.get("/api/v1/documents", by=planted.token(Role.STORE_MANAGER, (ScopeKind.STORE, "MK01")))

    titles = [one["title"] for one in answer.json()["items"]]
    assert f"陳大文 {MASKED}" in titles
    assert not any(clear in answer.text for clear in CLEAR)


@pytest.mark.parametrize("role", [*sorted(PERSON_ROLES), None])
def test_no_route_shows_a_number_to_any_role(planted: Desk, role: Role | None) -> None:
    whole = role in {Role.STAFF, Role.STORE_MANAGER}
    by = "" if role is None else planted.token(role, *([(ScopeKind.STORE, "MK01")] if whole else []))
    answered = 0

    for path in paths(planted):
        answer = planted.get(path, by=by)
        answered += answer.status_code == 200
        said = answer.content.decode("utf-8", "replace") + str(answer.headers)
        assert not any(clear in said for clear in CLEAR), (path, answer.status_code)

    assert answered > 5


def test_what_was_planted_is_there_and_masked(planted: Desk) -> None:
    document = planted.planted[0]
    officer = planted.token(Role.COMPLIANCE_OFFICER)
    base = f"/api/v1/documents/{document}"

    assert planted.get(base, by=officer).json()["title"] == f"陳大文 {MASKED}"
    assert MASKED in planted.get(f"{base}/notes", by=officer).text
    assert MASKED in planted.get(f"{base}/versions", by=officer).text
    assert MASKED in planted.get(f"{base}/versions/1/text", by=officer).text
    assert MASKED in planted.get("/api/v1/search?q=陳大文", by=officer).text


def test_a_stated_purpose_unmasks_and_is_an_entry(planted: Desk) -> None:
    document = planted.planted[0]
    officer = planted.token(Role.COMPLIANCE_OFFICER)
    base = f"/api/v1/documents/{document}"
    size = planted.get("/api/v1/entries?limit=1", by=officer).status_code

    title = planted.get(base, by=officer, headers=PURPOSE).json()["title"]
    content = planted.get(f"{base}/versions/1/content", by=officer, headers=PURPOSE)

    assert size == 200
    assert title == f"陳大文 {NUMBER}"
    assert NUMBER in content.text
    entries = planted.get("/api/v1/entries?type=access.unmasked&limit=100", by=officer).json()["items"]
    assert [entry["entry"]["data"]["purpose"] for entry in entries] == ["detection_review"] * 2
    assert {entry["entry"]["data"]["detail"]["operation"] for entry in entries} == {"get_document", "get_content"}


def test_content_with_a_number_needs_a_purpose_even_of_those_who_may(planted: Desk) -> None:
    path = f"/api/v1/documents/{planted.planted[0]}/versions/1/content"
    manager = planted.token(Role.STORE_MANAGER, (ScopeKind.STORE, "MK01"))

    assert planted.get(path, by=manager).status_code == 403
    asked = planted.get(path, by=planted.token(Role.COMPLIANCE_OFFICER))
    assert (asked.status_code, asked.json()["code"]) == (409, "purpose_required")
    assert planted.get(path, by=manager, headers=PURPOSE).status_code == 403


def test_a_purpose_of_ones_own_is_none(planted: Desk) -> None:
    path = f"/api/v1/documents/{planted.planted[0]}"

    answer = planted.get(path, by=planted.token(Role.DPO), headers={"Unmask-Purpose": "curious"})

    assert (answer.status_code, answer.json()["code"]) == (403, "purpose_needed")


def test_p_08_a_confidential_document_asks_who_signed_in_too_long_ago_to_sign_in_again(planted: Desk) -> None:
    document = planted.add_read(b"copy", **{"class": "identity_copy"}).document
    dpo, path = planted.person(Role.DPO), f"/api/v1/documents/{document}/versions/1/content"
    early = planted.token_of(dpo)
    soon = planted.get(path, by=early, headers=PURPOSE)
    planted.world.clock.advance(minutes=15, seconds=1)
    size = planted.size()

    late = planted.get(path, by=early, headers=PURPOSE)

    assert soon.status_code == 200
    assert (late.status_code, late.json()["code"], late.json()["max_age_s"]) == (401, "step_up_required", 900)
    assert late.headers["www-authenticate"] == (
        'Bearer realm="chopbook", error="insufficient_user_authentication", max_age="900"'
    )
    assert "Sign in again" in late.json()["detail"]
    told = planted.entry(size)
    assert (told["type"], told["decision"]["code"], planted.size()) == ("access.denied", "step_up_required", size + 1)
    assert planted.get(f"/api/v1/documents/{document}", by=early).status_code == 200
    again = planted.get(path, by=planted.token_of(dpo), headers=PURPOSE)
    opened = planted.entry(planted.size() - 1)
    assert (again.status_code, again.content) == (200, b"copy")
    assert opened["data"]["signed_in_at"] == format_time(time_us(planted.world.clock().replace(microsecond=0)))


def test_p_08_clear_values_and_the_copy_for_a_request_ask_the_same(planted: Desk) -> None:
    body = {"store": "MK01", "sku": "A1", "reason": "receive", "change": 1, "note": "陳太"}
    index = planted.post("/api/v1/adjustments", body).json()["index"]
    dpo = planted.person(Role.DPO)
    opened = {"kind": "access", "channel": "letter", "language": "zh", "requestor_name": "陳大文", "asked": "一切紀錄"}
    early = planted.token_of(dpo)
    case = planted.post("/api/v1/cases", {**opened, "requestor_contact": "旺角"}, by=early).json()["result"]["id"]
    values = f"/api/v1/entries/{index}/personal"
    assert planted.take(values, by=early).status_code == 200
    planted.world.clock.advance(minutes=16)

    late = (planted.take(values, by=early), planted.post(f"/api/v1/cases/{case}/copy", {}, by=early))

    assert [(one.status_code, one.json()["code"]) for one in late] == [(401, "step_up_required")] * 2
    again = planted.token_of(dpo)
    assert planted.take(values, by=again).json()["values"] == {"note": "陳太"}
    assert planted.post(f"/api/v1/cases/{case}/copy", {}, by=again).json()["code"] == "identity_not_shown"


def test_p_08_a_machine_opens_nothing_confidential_and_what_is_below_it(planted: Desk) -> None:
    for code, status in (("identity_copy", 403), ("contract", 200)):
        document = planted.add_read(b"paper", **{"class": code}).document

        answer = planted.get(
            f"/api/v1/documents/{document}/versions/1/content", headers=PURPOSE if status == 403 else {}
        )

        assert answer.status_code == status, answer.text


def test_p27_a_bare_link_to_an_identity_copy_opens_for_nobody(planted: Desk) -> None:
    document = planted.add_read(b"copy", **{"class": "identity_copy"}).document
    officer = planted.policies.principal(planted.person(Role.COMPLIANCE_OFFICER).id)
    planted.do(planted.documents.decide_stage(officer, document, 1, Step.RELEASE, event_id=planted.id()))
    planted.work()
    base = f"/api/v1/documents/{document}/versions/1"

    for role in (Role.STORE_MANAGER, Role.COMPLIANCE_OFFICER, Role.DPO):
        by = planted.token(role, *([(ScopeKind.STORE, "MK01")] if role is Role.STORE_MANAGER else []))
        for what in ("content", "text", "reading", "renditions/page-0001", "crop?path=date"):
            assert planted.get(f"{base}/{what}", by=by).status_code in {403, 409}, (role, what)
    assert planted.get(f"{base}/content", by=planted.token(Role.DPO), headers=PURPOSE).status_code == 200
