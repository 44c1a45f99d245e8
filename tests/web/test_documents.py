"""Documents on pages: added by a form, found, read beside the paper, corrected, and stock moved."""

from __future__ import annotations

import io
import re
from typing import Any

import httpx
import pytest
from PIL import Image

from app.documents import kinds_in
from documents.extraction.model import DocType, ReviewReason
from policies.model import Role, ScopeKind
from tests.api.desk import URL
from tests.documents.archive import note, row
from tests.stock.shop import ALLOWS as THERE
from tests.stock.shop import REFUSES as HERE
from tests.web.readers import Reader, Site, links_of, text_of
from workflow.errors import JobFailed

ADD = "/documents/add"


def picture() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "white").save(out, "JPEG")
    return out.getvalue()


def sent(
    reader: Reader,
    fields: dict[str, str],
    *,
    key: str | None = None,
    content: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> httpx.Response:
    form = {"form_key": reader.form_key() if key is None else key, **fields}
    cookies = "; ".join(f"{name}={value}" for name, value in reader.cookies.items())
    found = {
        "Origin": URL,
        "Sec-Fetch-Site": "same-origin",
        "Accept": "text/html",
        "Cookie": cookies,
        **(headers or {}),
    }
    file = {"file": ("相片.jpg", content or picture(), "image/jpeg")}
    return reader.desk.http.post(ADD, data=form, files=file, headers=found, follow_redirects=False)


@pytest.fixture
def manager(site: Site) -> Reader:
    return site.reader(Role.STORE_MANAGER, (ScopeKind.STORE, HERE))


def test_a_photo_is_added_by_a_form_and_shown(manager: Reader) -> None:
    page = manager.get(ADD)
    answer = sent(manager, {"class": "photo", "store": HERE, "title": "陳列", "number": ""})
    shown = manager.get(answer.headers["location"])

    assert 'enctype="multipart/form-data"' in page.text
    assert answer.status_code == 303
    assert "陳列" in text_of(shown)
    assert "Sealed and in the log." in text_of(shown)
    assert 'http-equiv="refresh"' in shown.text


@pytest.mark.parametrize(("language", "says"), [("en", "Pages read: 2 of 3."), ("zh-Hant-HK", "已讀 2 頁，共 3 頁。")])
def test_the_page_of_a_paper_that_is_read_says_how_many_pages_are(manager: Reader, language: str, says: str) -> None:
    place = sent(manager, {"class": "photo", "store": HERE}, content=b"a1\fa2\fa3").headers["location"]
    before = manager.get(place, **{"Accept-Language": language})
    during: list[str] = []

    def told(page: str) -> None:
        if page == "a3":
            during.append(text_of(manager.get(place, **{"Accept-Language": language})))

    manager.desk.reader.told = told
    manager.desk.work()
    after = manager.get(place, **{"Accept-Language": language})

    (shown,) = during
    assert says in shown
    for page in (before, after):
        assert not re.search("Pages read|已讀 ", text_of(page))


@pytest.mark.parametrize(("language", "says"), [("en", "could not read it"), ("zh-Hant-HK", "但機器無法讀取")])
def test_a_paper_that_reading_gave_up_is_not_said_to_be_read(manager: Reader, language: str, says: str) -> None:
    def hopeless(_page: str) -> None:
        raise JobFailed("unreadable", "the page cannot be read", retry=False)

    place = sent(manager, {"class": "photo", "store": HERE}, content=b"a1").headers["location"]
    manager.desk.reader.told = hopeless
    manager.desk.work()

    shown = manager.get(place, **{"Accept-Language": language})

    assert says in text_of(shown)
    assert 'http-equiv="refresh"' not in shown.text
    assert not re.search("being read|讀取中", text_of(shown))


def test_rows_stand_in_a_table_with_the_questions_under_theirs(site: Site, manager: Reader) -> None:
    site.desk.extraction = note(
        row(sku="C1", quantity="5", batch="L9"),
        row(sku="C2", quantity="7", expiry="2027-05-31"),
        review={"rows/1/expiry": ReviewReason.UNSURE},
    )
    page = manager.get(f"/documents/{site.desk.add_read().document}").text
    table = page[page.index("<table") : page.index("</table>")]

    assert re.findall(r'<th scope="col"[^>]*>([^<]+)', table) == ["Row", "SKU", "Quantity", "Batch", "Expiry date"]
    assert re.findall("<mark>([^<]+)</mark>", table) == ["2027-05-31"]
    assert table.index(">C2<") < table.index('id="rows-1-expiry"')
    assert table.count('class="asked"') == 1


def test_the_home_page_tells_the_uploader_what_was_found_and_destroyed(site: Site, manager: Reader) -> None:
    site.desk.detect = kinds_in
    card = sent(manager, {"class": "invoice", "store": HERE}, content=b"VISA 4111 1111 1111 1111")
    number = sent(manager, {"class": "invoice", "store": HERE}, content="身份證 A123456(3)".encode())
    site.desk.work()

    mine = text_of(manager.get("/"))
    other = text_of(site.reader(Role.STORE_MANAGER, (ScopeKind.STORE, HERE)).get("/"))

    assert card.status_code == number.status_code == 303
    assert "Destroyed, for what was found in it" in mine
    assert "an officer looks at it" in mine
    assert "payment card number" in mine
    assert "what you uploaded" not in other


def test_what_is_refused_is_told_beside_the_form_with_what_was_typed(manager: Reader) -> None:
    answer = sent(manager, {"class": "no_such", "store": HERE, "title": "我的標題"})

    assert answer.status_code in {404, 409, 422}
    assert "我的標題" in answer.text
    assert 'role="alert"' in answer.text


def test_a_file_that_is_refused_is_told_why_in_words(manager: Reader) -> None:
    answer = sent(manager, {"class": "photo", "store": HERE}, content=b"<html>")
    infected = sent(manager, {"class": "photo", "store": HERE}, content=b"EICAR")

    assert answer.status_code == infected.status_code == 422
    assert "type_not_allowed" not in text_of(answer)
    assert "This class of document does not take" in text_of(answer)
    assert "virus scanner" in text_of(infected)


@pytest.mark.parametrize(
    ("key", "headers"), [("0" * 64, {}), (None, {"Sec-Fetch-Site": "cross-site"}), (None, {"Origin": "https://evil"})]
)
def test_a_file_is_taken_only_from_a_form_of_ours(manager: Reader, key: str | None, headers: dict[str, str]) -> None:
    before = manager.desk.get("/api/v1/documents").json()["items"]

    answer = sent(manager, {"class": "photo", "store": HERE}, key=key, headers=headers)

    assert answer.status_code == 403
    assert manager.desk.get("/api/v1/documents").json()["items"] == before


def test_who_has_not_signed_in_sends_no_file(site: Site) -> None:
    answer = sent(site.stranger(), {"class": "photo", "store": HERE}, key="")

    assert answer.status_code == 401


def test_a_document_of_another_store_is_denied_with_what_would_be_needed(site: Site) -> None:
    elsewhere = site.reader(Role.STORE_MANAGER, (ScopeKind.STORE, THERE))

    answer = sent(elsewhere, {"class": "photo", "store": HERE})

    assert answer.status_code == 403
    assert "An assignment to the store is needed" in text_of(answer)


def test_what_was_read_is_corrected_confirmed_and_moves_stock(site: Site, manager: Reader) -> None:
    desk = site.desk
    desk.extraction = note(
        row(sku="C1", quantity="5", batch="L9", expiry="2027-05-31"), review={"rows/0/expiry": ReviewReason.UNSURE}
    )
    document = desk.add_read().document
    here = f"/documents/{document}"
    queue = manager.get("/documents?review=open")
    page = manager.get(here)
    pictures = [link for link in links_of(page) if "/pictures/" in link or "/crop?" in link]
    said = {"path": "rows/0/expiry", "value": "2028-05-31", "said": "other", "version": "1"}

    early = manager.post(f"{here}/adjustments")
    corrected = manager.post(f"{here}/fields", said)
    confirmed = manager.post(f"{here}/confirmation")
    moved = manager.post(f"{here}/adjustments")
    after = text_of(manager.get(here))

    assert here in links_of(queue)
    assert "please check The machine is not sure of it." in text_of(page)
    assert "Kind of paper Delivery note" in text_of(page)
    assert {manager.get(one).headers["content-type"] for one in pictures} <= {"image/png", "image/jpeg", "image/webp"}
    assert (early.status_code, 'role="alert"' in early.text) == (409, True)
    assert corrected.headers["location"].endswith("#rows-0-expiry")
    assert confirmed.status_code == moved.status_code == 303
    assert "2028-05-31" in after
    assert "Stock was moved by this paper." in after
    assert manager.post(f"{here}/adjustments").status_code == 409
    assert "單據類別 送貨單" in text_of(manager.get(f"{here}?lang=zh-Hant-HK"))


def test_a_field_is_said_to_be_right_or_to_stand_nowhere(site: Site, manager: Reader) -> None:
    site.desk.extraction = note(
        row(sku="C1", quantity="5", batch="L9"),
        review={"rows/0/batch": ReviewReason.UNSURE, "doc_no": ReviewReason.READERS_DIFFER},
    )
    here = f"/documents/{site.desk.add_read().document}"

    right = manager.post(f"{here}/fields", {"path": "doc_no", "said": "right", "version": "1"})
    nothing = manager.post(f"{here}/fields", {"path": "rows/0/batch", "value": "L9", "said": "nothing", "version": "1"})
    page = text_of(manager.get(here))

    assert right.status_code == nothing.status_code == 303
    assert "L9" not in page
    assert "please check" not in page


def test_a_correction_that_cannot_be_is_told_on_the_page(site: Site, manager: Reader) -> None:
    here = f"/documents/{site.desk.add_read().document}"

    answer = manager.post(f"{here}/fields", {"path": "no_such/1/x", "value": "1", "said": "other", "version": "1"})

    assert answer.status_code in {400, 409, 422}
    assert 'role="alert"' in answer.text


def test_the_original_is_handed_out_and_a_waiting_version_goes_on(site: Site) -> None:
    other: dict[str, Any] = {"class": "other"}
    document = site.desk.add_read(**other).document
    here = f"/documents/{document}"
    officer = site.reader(Role.DPO)

    original = officer.get(f"{here}/versions/1/original")
    fates = [
        officer.post(f"{here}/fate", {"version": "1", "fate": fate}) for fate in ("quarantine", "clear", "no_such")
    ]

    assert (original.status_code, original.content) == (200, b"paper")
    assert original.headers["content-disposition"].startswith("attachment")
    assert [one.status_code for one in fates] == [303, 303, 400]
    assert "read" in text_of(officer.get(here))


def test_what_is_confidential_is_opened_only_when_asked_to_be(site: Site) -> None:
    desk = site.desk
    contract: dict[str, Any] = {"class": "contract"}
    here = f"/documents/{desk.add_read(**contract).document}"
    officer = site.reader(Role.DPO)
    before = desk.size()
    closed = officer.get(here)
    read = desk.size() - before
    opened = officer.get(f"{here}?opened=true")

    assert "This class is confidential" in text_of(closed)
    assert "/pictures/" not in closed.text
    assert read == 0
    assert "This class is confidential" not in text_of(opened)


def test_documents_are_listed_and_found_by_their_words(site: Site, manager: Reader) -> None:
    document = site.desk.add_read().document

    listed = manager.get("/documents")
    one = manager.get("/documents?q=" + "送貨")
    wrong = manager.get("/documents?class=NO!")
    elsewhere = site.reader(Role.STORE_MANAGER, (ScopeKind.STORE, THERE)).get("/documents")

    assert f"/documents/{document}" in links_of(listed)
    assert one.status_code == 200
    assert (wrong.status_code, 'role="alert"' in wrong.text) == (400, True)
    assert f"/documents/{document}" not in links_of(elsewhere)


def test_the_questions_are_one_step_from_the_top_for_who_may_answer_them(site: Site, manager: Reader) -> None:
    site.desk.extraction = note(row(sku="C1", quantity="5", batch="L9"), review={"rows/0/batch": ReviewReason.UNSURE})
    here = f"/documents/{site.desk.add_read().document}"

    page, officers = manager.get(here), site.reader(Role.COMPLIANCE_OFFICER).get(here)
    manager.post(f"{here}/fields", {"path": "rows/0/batch", "said": "right", "version": "1"})

    assert "#rows-0-batch" in links_of(page)
    assert 'id="rows-0-batch"' in page.text
    assert "#rows-0-batch" not in links_of(officers)
    assert "#rows-0-batch" not in links_of(manager.get(here))


@pytest.mark.parametrize(
    ("filing", "heading"),
    [
        ({"title": "十一月單據", "number": "DN-7"}, "十一月單據"),
        ({"name": "IMG_2031.JPG", "number": "DN-7"}, "Delivery note DN-7 IMG_2031.JPG"),
        ({"name": "IMG_2031.heic", "number": None, "class": "photo"}, "IMG_2031.heic"),
    ],
)
def test_a_document_is_called_by_its_number_rather_than_by_the_file_a_phone_made(
    site: Site, manager: Reader, filing: dict[str, Any], heading: str
) -> None:
    site.desk.extraction = note(kind=DocType.OTHER)
    document = site.desk.add_read(**filing).document

    page, listed = text_of(manager.get(f"/documents/{document}")), text_of(manager.get("/documents"))

    assert f"Documents {heading}" in page
    assert heading.partition(" IMG")[0] in listed


def test_the_home_page_tells_of_papers_to_check_whom_it_asks(site: Site, manager: Reader) -> None:
    site.desk.extraction = note(row(sku="C1", quantity="5", batch="L9"), review={"rows/0/batch": ReviewReason.UNSURE})
    document = site.desk.add_read(title="送貨單").document
    elsewhere = site.reader(Role.STORE_MANAGER, (ScopeKind.STORE, THERE))

    home = manager.get("/")
    others = [text_of(one.get("/")) for one in (elsewhere, site.reader(Role.COMPLIANCE_OFFICER))]
    manager.post(f"/documents/{document}/fields", {"path": "rows/0/batch", "said": "right", "version": "1"})

    assert "Papers to be checked 送貨單 Delivery note to check: 1" in text_of(home)
    assert {f"/documents/{document}", "/documents?review=open", ADD} <= set(links_of(home))
    assert "Papers to be checked" not in "".join(others)
    assert "Papers to be checked" not in text_of(manager.get("/"))


def test_an_answer_leads_to_the_next_question(site: Site, manager: Reader) -> None:
    paths = ("rows/10/sku", "rows/2/batch", "po_ref", "doc_no")
    rows = [row(sku="C1", quantity="5", batch="L9") for _ in range(11)]
    site.desk.extraction = note(*rows, review=dict.fromkeys(paths, ReviewReason.UNSURE))
    here = f"/documents/{site.desk.add_read().document}"
    page = manager.get(here).text

    following = dict(re.findall(r'name="path" value="([^"]+)"><input type="hidden" name="next" value="([^"]*)"', page))
    answer = manager.post(f"{here}/fields", {"path": "doc_no", "next": "po_ref", "said": "right", "version": "1"})
    odd = manager.post(f"{here}/fields", {"path": "po_ref", "next": '"><x', "said": "nothing", "version": "1"})

    assert following == {"doc_no": "po_ref", "po_ref": "rows/2/batch", "rows/2/batch": "rows/10/sku", "rows/10/sku": ""}
    assert page.count('href="#doc_no"') == 1
    assert answer.headers["location"].endswith("#po_ref")
    assert odd.headers["location"].endswith("#%22%3E%3Cx")


def test_words_are_looked_for_in_the_folder_that_was_chosen(site: Site, manager: Reader) -> None:
    mine, other = (
        site.desk.add_read(one, title="送貨單", folders=[f"sku/{sku}"]).document
        for one, sku in ((b"1", "A1"), (b"2", "A2"))
    )

    found = manager.get("/documents?q=送貨&folder=sku/A1")
    whole = manager.get("/documents?q=送貨&tag=late")

    assert f"/documents/{mine}" in links_of(found)
    assert f"/documents/{other}" not in links_of(found)
    assert {f"/documents/{mine}", f"/documents/{other}"} <= set(links_of(whole))
    assert "Words are looked for whatever tag" in text_of(whole)
    assert "Words are looked for whatever tag" not in text_of(found)


def test_what_has_no_pictures_is_shown_as_text(site: Site, manager: Reader) -> None:
    site.desk.reader.draws = False
    plain = site.desk.add_read("備忘：豆漿缺貨 A123456(3)\fnext".encode()).document
    secret: dict[str, Any] = {"class": "contract"}
    sealed = site.desk.add_read("密件內容".encode(), **secret).document
    officer = site.reader(Role.DPO)

    page = text_of(manager.get(f"/documents/{plain}"))

    assert "What is written in it 備忘：豆漿缺貨 A123***(*)" in page
    assert "密件內容" not in text_of(officer.get(f"/documents/{sealed}"))
    assert "密件內容" in text_of(officer.get(f"/documents/{sealed}?opened=true"))


def test_any_field_is_corrected_on_the_page_until_stock_moved(site: Site, manager: Reader) -> None:
    site.desk.extraction = note(row(sku="NEW-1", quantity="5"), review={"rows/0/sku": ReviewReason.NOT_IN_REGISTER})
    here = f"/documents/{site.desk.add_read().document}"
    manager.post(f"{here}/fields", {"path": "rows/0/sku", "said": "right", "version": "1"})

    refused = manager.post(f"{here}/adjustments")
    form = manager.get(here)
    wrong = manager.post(
        f"{here}/fields", {"path": "rows/0/quantity", "value": "many", "said": "other", "version": "1"}
    )
    for path, value in (("rows/0/sku", "A1"), ("rows/1/sku", "A2"), ("rows/1/quantity", "7")):
        said = manager.post(f"{here}/fields", {"path": path, "value": value, "said": "other", "version": "1"})
        assert said.status_code == 303, text_of(said)
    moved = manager.post(f"{here}/adjustments")

    assert "Row 1 has no SKU that is in the register" in text_of(refused)
    assert '<option value="rows/0/quantity">Quantity: 5</option>' in form.text
    assert '<optgroup label="Row 2, which is missing">' in form.text
    assert (wrong.status_code, 'value="many"' in wrong.text) == (422, True)
    assert "value : The value does not fit this field: expected one such as 12.5." in text_of(wrong)
    assert '<option value="rows/0/quantity" selected>' in wrong.text
    assert moved.status_code == 303
    assert site.desk.held(sku="A2") == 7
    assert "Correct another field" not in text_of(manager.get(here))
