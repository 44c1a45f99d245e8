"""Stock on pages: the figures are those of the log, and only of stores in reach."""

from __future__ import annotations

import pytest

from policies.model import Role, ScopeKind
from tests.documents.archive import note, row
from tests.stock.shop import ALLOWS, REFUSES
from tests.web.readers import Site, links_of, text_of


def moved(site: Site, **fields: object) -> None:
    body = {"sku": "C1", "reason": "receive", "change": 12, **fields}
    answer = site.desk.post("/api/v1/adjustments", body)
    assert answer.status_code == 201, answer.text


def name_of(site: Site) -> str:
    return str(site.desk.get("/api/v1/skus/C1").json()["name_en"])


def test_what_stores_hold_is_shown_with_the_entry_that_says_so(site: Site) -> None:
    moved(site, store=ALLOWS, batch="L7", expiry="2026-12-20")
    moved(site, store=REFUSES, batch="L8", expiry="2026-12-20")
    reader = site.reader(Role.STAFF, (ScopeKind.STORE, ALLOWS))

    page = reader.get("/stock?sku=C1")

    assert f"{name_of(site)} C1 TST1 L7 12" in text_of(page)
    assert "L8" not in text_of(page)
    assert any(link.startswith("/trail/") for link in links_of(page))
    assert "/stock/lots?sku=C1&batch=L7" in links_of(page)
    assert "Nothing matches." in text_of(reader.get("/stock?sku=NONE"))


def test_what_expires_is_listed_with_the_earliest_first(site: Site) -> None:
    moved(site, store=ALLOWS, batch="LATE", expiry="2026-12-20")
    moved(site, store=ALLOWS, batch="SOON", expiry="2026-12-01")
    reader = site.reader(Role.STORE_MANAGER, (ScopeKind.STORE, ALLOWS))

    page = text_of(reader.get("/stock/expiring?days=90"))
    wrong = reader.get("/stock/expiring?days=soon")

    assert 0 < page.index("SOON") < page.index("LATE")
    assert "Nothing expires in that time." in text_of(reader.get("/stock/expiring?days=7"))
    assert (wrong.status_code, 'role="alert"' in wrong.text) == (400, True)


def test_a_lot_is_followed_to_every_store_it_came_to(site: Site) -> None:
    moved(site, store=ALLOWS, batch="L7", expiry="2026-12-20")
    moved(site, store=ALLOWS, batch="L7", reason="sale", change=-2)
    moved(site, store=REFUSES, batch="L7", change=3)

    whole = text_of(site.reader(Role.COMPLIANCE_OFFICER).get("/stock/lots?sku=C1&batch=L7"))
    part = text_of(site.reader(Role.STAFF, (ScopeKind.STORE, ALLOWS)).get("/stock/lots?sku=C1&batch=L7"))

    assert "TST1 12 2 10" in whole
    assert "MK01 3 0 3" in whole
    assert "all of it" in whole
    assert "MK01" not in part
    assert "only what is in your reach" in part


def test_a_lot_is_traced_by_its_number_whatever_stands_in_it(site: Site) -> None:
    moved(site, store=ALLOWS, batch="24/11 #3", expiry="2026-12-20")
    reader = site.reader(Role.STAFF, (ScopeKind.STORE, ALLOWS))

    form = reader.get("/stock/lots")
    link = next(one for one in links_of(reader.get("/stock?sku=C1")) if one.startswith("/stock/lots?sku="))
    traced, none = reader.get(link), reader.get("/stock/lots?sku=C1&batch=24/11")

    assert 'name="batch"' in form.text
    assert (traced.status_code, f"{name_of(site)} · Batch 24/11 #3" in text_of(traced)) == (200, True)
    assert none.status_code == 404
    assert 'value="24/11"' in none.text
    assert "Compare the number with the goods" in text_of(none)


def test_the_papers_of_a_lot_are_called_by_name_as_far_as_they_may_be_seen(site: Site) -> None:
    desk = site.desk
    desk.extraction = note(row(sku="C1", quantity="5", batch="L7", expiry="2027-05-31"))
    delivered = desk.add_read(b"note", number="DN-1", name="IMG_2031.jpg").document
    desk.post(f"/api/v1/documents/{delivered}/adjustments")
    index = desk.get("/api/v1/lots/movements", params={"sku": "C1", "batch": "L7"}).json()["items"][-1]["index"]
    titled = desk.add_read(b"report", title="驗收報告", store=ALLOWS).document
    desk.post(f"/api/v1/documents/{titled}/links", {"kind": "evidence_of", "target": str(index)})

    whole = text_of(site.reader(Role.COMPLIANCE_OFFICER).get("/stock/lots?sku=C1&batch=L7"))
    part = text_of(site.reader(Role.STAFF, (ScopeKind.STORE, REFUSES)).get("/stock/lots?sku=C1&batch=L7"))

    assert "Delivery note DN-1" in whole
    assert "驗收報告" in whole
    assert "Delivery note DN-1" in part
    assert "驗收報告" not in part


def test_what_has_expired_and_what_expires_today_is_marked(site: Site) -> None:
    for batch, expiry in (("PAST", "2026-11-21"), ("TODAY", "2026-11-22"), ("LATER", "2026-11-23")):
        moved(site, store=ALLOWS, batch=batch, expiry=expiry)
    reader = site.reader(Role.STAFF, (ScopeKind.STORE, ALLOWS))

    page = text_of(reader.get("/stock/expiring?days=7"))

    assert "21 Nov 2026 expired" in page
    assert "22 Nov 2026 last day" in page
    assert "23 Nov 2026 expired" not in page
    assert "23 Nov 2026 last day" not in page


@pytest.mark.parametrize(("form", "kind"), [("csv", "text/csv"), ("ndjson", "application/x-ndjson")])
def test_a_recall_is_taken_away_and_the_log_says_by_whom(site: Site, form: str, kind: str) -> None:
    moved(site, store=ALLOWS, batch="24/11", expiry="2026-12-20")
    moved(site, store=REFUSES, batch="24/11", change=3)
    reader = site.reader(Role.STAFF, (ScopeKind.STORE, ALLOWS))

    link = next(one for one in links_of(reader.get("/stock/lots?sku=C1&batch=24/11")) if f"/lots/{form}?" in one)
    file, none = reader.get(link), reader.get(f"/stock/lots/{form}?sku=C1&batch=NONE")

    assert (file.status_code, file.headers["content-type"].partition(";")[0]) == (200, kind)
    assert file.headers["content-disposition"] == f'attachment; filename="recall.{form}"'
    assert ALLOWS in file.text
    assert REFUSES not in file.text
    assert none.status_code == 404
    assert reader.get("/stock/lots/exe?sku=C1&batch=24/11").status_code == 404
    read = site.desk.get("/api/v1/entries", params={"type": "access.read"}).json()["items"][0]["entry"]
    assert (read["actor"]["id"], read["data"]["detail"]["format"]) == (reader.id, form)
