"""What stands round a document on its page, and what people put there: tags, notes, links."""

from __future__ import annotations

from typing import Any

import pytest

from policies.model import Role, ScopeKind
from tests.documents.archive import note, row
from tests.stock.shop import REFUSES as HERE
from tests.web.readers import Reader, Site, links_of, text_of


@pytest.fixture
def staff(site: Site) -> Reader:
    return site.reader(Role.STAFF, (ScopeKind.STORE, HERE))


def added(site: Site, content: bytes = b"paper", **filing: Any) -> str:
    return str(site.desk.add_read(content, **filing).document)


def test_what_stands_round_a_document_is_shown_by_name(site: Site, staff: Reader) -> None:
    desk = site.desk
    order = added(site, b"order", number="PO-7", title="十一月訂單", **{"class": "purchase_order"})
    desk.extraction = note(row(sku="C1", quantity="5", batch="L9", expiry="2027-05-31"))
    document = added(site, b"note", folders=["sku/C1", "general/inbox"], tags=["late"])
    here = f"/documents/{document}"
    desk.post(f"/api/v1{here}/links", {"kind": "fulfils", "target": order})
    desk.post(f"/api/v1{here}/notes", {"text": "欠兩箱，\n司機已簽名。"})
    desk.post(f"/api/v1{here}/adjustments")

    page = staff.get(f"{here}?lang=zh-Hant-HK")
    said = text_of(page)
    back = text_of(staff.get(f"/documents/{order}?lang=en"))

    assert "供應商 永發貿易 SUP1" in said
    assert f"貨品 {name_of(desk, 'C1')} C1" in said
    assert "一般 inbox" in said
    assert "標籤 late" in said
    assert "按此訂單送貨 十一月訂單 訂購單 PO-7" in said
    assert f"倉存變動憑證 {name_of(desk, 'C1')} +5 C1 批次 L9 {HERE}" in said
    assert "欠兩箱， 司機已簽名。" in said
    assert {f"/documents/{order}", "/documents?tag=late", "/documents?folder=sku%2FC1"} <= set(links_of(page))
    assert "was delivered by" in back


def name_of(desk: Any, code: str) -> str:
    return str(desk.get(f"/api/v1/skus/{code}").json()["name_zh"])


def test_a_tag_a_note_and_a_link_are_added_and_taken_away(site: Site, staff: Reader) -> None:
    order = added(site, b"order", number="PO-7", **{"class": "purchase_order"})
    document = added(site)
    here = f"/documents/{document}"
    movement = site.desk.adjust("3", store=HERE, sku="A1").index

    answers = [
        staff.post(f"{here}/tags", {"tag": "urgent"}),
        staff.post(f"{here}/notes", {"text": "欠兩箱"}),
        staff.post(f"{here}/links", {"kind": "fulfils", "target": "PO-7"}),
        staff.post(f"{here}/links", {"kind": "evidence_of", "target": f"#{movement:,}"}),
    ]
    full = text_of(staff.get(answers[0].headers["location"]))
    gone = [
        staff.post(f"{here}/tags", {"tag": "urgent", "said": "off"}),
        staff.post(
            f"/documents/{order}/links", {"document": document, "kind": "fulfils", "target": order, "said": "off"}
        ),
    ]
    left = text_of(staff.get(here))

    assert [one.status_code for one in answers + gone] == [303] * 6
    assert answers[0].headers["location"] == f"{here}?opened=true&said=noted#tags"
    assert "Noted, and in the log." in full
    assert "urgent" in full
    assert "欠兩箱" in full
    assert "delivers what was ordered by Purchase order PO-7 take away" in full
    assert "+3 A1" in full
    assert "urgent" not in left
    assert "PO-7" not in left


def test_a_link_takes_the_address_of_a_page_and_passes_over_the_document_itself(site: Site, staff: Reader) -> None:
    invoice = added(site, b"invoice", number="X-1", **{"class": "invoice"})
    other, document = added(site, b"other", number="X-2"), added(site, b"note", number="X-1")

    answers = [
        staff.post(f"/documents/{document}/links", {"kind": "invoices", "target": "X-1"}),
        staff.post(
            f"/documents/{document}/links", {"kind": "returns", "target": f"https://x/documents/{other}?opened=1"}
        ),
    ]
    found = site.desk.get(f"/api/v1/documents/{document}/links").json()["items"]

    assert [one.status_code for one in answers] == [303, 303]
    assert {one["target"] for one in found} == {invoice, other}


@pytest.mark.parametrize(
    ("form", "to", "says"),
    [
        ({"kind": "fulfils", "target": "PO-404"}, "links", "What the link leads to does not exist."),
        ({"kind": "fulfils", "target": "DUP-1"}, "links", "Several documents bear this number"),
        ({"kind": "evidence_of", "target": "abc"}, "links", "leads to : "),
        ({"text": ""}, "notes", "text : "),
        ({"tag": ""}, "tags", "tag :"),
        ({"tag": "no\ttabs"}, "tags", "tag :"),
    ],
)
def test_what_cannot_be_is_told_on_the_page_with_what_was_typed(
    site: Site, staff: Reader, form: dict[str, str], to: str, says: str
) -> None:
    for content in (b"one", b"two"):
        added(site, content, number="DUP-1")
    here = f"/documents/{added(site)}"

    answer = staff.post(f"{here}/{to}", form)

    assert answer.status_code in {400, 404, 422}
    assert 'role="alert"' in answer.text
    assert says in text_of(answer)
    assert all(f'value="{text}"' in answer.text for name, text in form.items() if name == "target")


def test_who_may_only_read_is_offered_no_forms_and_refused(site: Site) -> None:
    here = f"/documents/{added(site, tags=['late'])}"
    auditor = site.reader(Role.COMPLIANCE_OFFICER)

    page = auditor.get(here)

    assert "late" in text_of(page)
    assert f"{here}/tags" not in page.text
    assert auditor.post(f"{here}/tags", {"tag": "x"}).status_code == 403


def test_notes_of_a_confidential_document_are_shown_once_it_is_opened(site: Site) -> None:
    filing: dict[str, Any] = {"class": "contract"}
    document = added(site, **filing)
    here = f"/documents/{document}"
    site.desk.post(f"/api/v1{here}/notes", {"text": "密件備註"})
    officer = site.reader(Role.DPO)

    closed = text_of(officer.get(here))
    assert "密件備註" not in closed
    assert "There are no notes." not in closed
    assert "密件備註" in text_of(officer.get(f"{here}?opened=true"))


def test_a_chinese_tag_leads_to_what_has_it(site: Site, staff: Reader) -> None:
    document, other = added(site, b"one"), added(site, b"other")

    staff.post(f"/documents/{document}/tags", {"tag": "月結"})
    tags = [link for link in links_of(staff.get(f"/documents/{document}")) if link.startswith("/documents?tag=")]
    page = staff.get(tags[0])

    assert f"/documents/{document}" in links_of(page)
    assert f"/documents/{other}" not in links_of(page)


def test_documents_are_listed_by_tag(site: Site, staff: Reader) -> None:
    late, other = added(site, b"late", tags=["late"]), added(site, b"other")

    page = staff.get("/documents?tag=late")

    assert f"/documents/{late}" in links_of(page)
    assert f"/documents/{other}" not in links_of(page)
    assert 'name="tag" value="late"' in page.text
