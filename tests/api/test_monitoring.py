"""P-29: who looks through what an employee did names a case; and what travels with a disputed or corrected value."""

from __future__ import annotations

import pytest

from policies.model import Role, ScopeKind
from tests.api.desk import Desk
from tests.api.test_cases import Bureau


@pytest.fixture
def bureau(desk: Desk) -> Bureau:
    return Bureau(desk)


@pytest.mark.parametrize(
    ("role", "target"), [(Role.STORE_MANAGER, (ScopeKind.STORE, "MK01")), (Role.AREA_MANAGER, (ScopeKind.AREA, "KLN"))]
)
def test_p29_a_manager_names_a_case_to_search_an_employees_log(
    bureau: Bureau, role: Role, target: tuple[ScopeKind, str]
) -> None:
    manager = bureau.desk.token(role, target)
    case = bureau.opened()

    for searched in (f"actor={bureau.staff}", f"subject=person:{bureau.staff}", f"text={bureau.staff}"):
        denied = bureau.get(f"entries?{searched}", by=manager, expect=403)
        assert denied["code"] == "monitoring_purpose_required"
        bureau.get(f"entries?{searched}&case=00000000-0000-4000-8000-000000000000", by=manager, expect=403)
    bureau.get(f"entries?actor={bureau.staff}&case={case}", by=manager)

    read = bureau.desk.entry()
    assert read["type"] == "access.read"
    assert read["data"]["detail"] == {"case": case, "people": [bureau.staff]}


def test_p29_ones_own_entries_and_the_work_of_officers_need_no_case(bureau: Bureau) -> None:
    person = bureau.desk.person(Role.STORE_MANAGER, (ScopeKind.STORE, "MK01"))

    bureau.get(f"entries?actor={person.id}", by=bureau.desk.token_of(person))
    bureau.get(f"entries?actor={bureau.staff}", by=bureau.officer)


def test_p23_and_p25_a_corrected_value_says_so_and_a_disputed_one_has_its_note(bureau: Bureau) -> None:
    case = bureau.opened(kind="correction")
    bureau.post(f"cases/{case}/identity", {"identity": "shown", "evidence": ["staff_account"]})
    items = bureau.get(f"cases/{case}/items")["items"]
    assert isinstance(items, list)
    [ref] = [item["ref"] for item in items if str(item["ref"]).endswith("/display_name")]
    index = str(ref).partition("/")[0]
    note = {"kind": "personal", "ref": ref, "text": "當事人不同意"}
    bureau.post(f"cases/{case}/dispute-notes", note, expect=201)
    bureau.post(f"cases/{case}/corrections", {"kind": "personal", "ref": ref, "value": "陳大民"}, expect=201)

    ordinary = bureau.get(f"entries/{index}/personal")
    asked_for = bureau.get(f"entries/{index}/personal?superseded=true")

    assert ordinary["values"] == {"display_name": None}
    assert ordinary["dispute_notes"] == {"display_name": "當事人不同意"}
    assert str(ordinary["superseded"]["display_name"]).endswith("/value")  # type: ignore[index]
    assert asked_for["values"] == {"display_name": "陳大文"}
    assert asked_for["dispute_notes"] == ordinary["dispute_notes"]


def test_p25_the_fields_of_a_document_have_their_notes(bureau: Bureau) -> None:
    document = bureau.desk.add_read(b"paper").document
    case = bureau.opened(kind="correction")
    note = {"kind": "document", "ref": f"{document}/doc_no", "text": "不是這個號碼"}
    bureau.post(f"cases/{case}/dispute-notes", note, expect=201)

    found = bureau.desk.get(f"/api/v1/documents/{document}/versions/1/fields").json()

    assert found["dispute_notes"] == {"doc_no": "不是這個號碼"}
