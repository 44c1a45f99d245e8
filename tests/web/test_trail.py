"""The trail and an entry on their pages show what the API answers, within the reader's scope, with a proof that verifies."""

from __future__ import annotations

import hashlib
import re

import pytest

from audit.merkle import leaf_hash
from audit.proof import verify_inclusion
from policies.model import Role, ScopeKind
from tests.stock.shop import ALLOWS, REFUSES
from tests.web.readers import Reader, Site, links_of, text_of


def shown_indexes(reader: Reader, address: str) -> list[int]:
    page = reader.get(address)
    assert page.status_code == 200, text_of(page)
    return [int(index) for index in re.findall(r'<th scope="row"><a href="/trail/(\d+)"', page.text)]


def test_the_list_is_the_api_s_list_by_the_same_filter(site: Site) -> None:
    for number in range(3):
        site.desk.adjust(str(number + 1), store=ALLOWS, sku="A1")
    reader = site.reader(Role.COMPLIANCE_OFFICER)

    found = shown_indexes(reader, f"/trail?type=stock.adjusted&store={ALLOWS}&sku=A1&text=&actor=")

    wanted = {"type": "stock.adjusted", "store": ALLOWS, "sku": "A1", "limit": "50"}
    answered = site.desk.get("/api/v1/entries", params=wanted).json()
    assert found == [item["index"] for item in answered["items"]]
    assert len(found) == 3
    assert "3 entries found" in text_of(reader.get(f"/trail?type=stock.adjusted&store={ALLOWS}&sku=A1"))


def test_pages_of_the_list_stay_while_the_log_grows(site: Site) -> None:
    site.desk.world.append(60)
    reader = site.reader(Role.COMPLIANCE_OFFICER)
    first = reader.get("/trail?type=test.noted")
    older = next(link for link in links_of(first) if "cursor=" in link)

    before = shown_indexes(reader, older)
    site.desk.world.append(5)
    after = shown_indexes(reader, older)

    assert len(before) == 10
    assert before == after
    assert not set(before) & set(shown_indexes(reader, "/trail?type=test.noted"))


def test_a_day_of_the_filter_is_a_day_of_hong_kong(site: Site) -> None:
    # 22 November 2026 12:00 in Hong Kong; nineteen hours later it is the 23rd there, and still the 22nd in UTC.
    site.desk.world.append(1)
    site.desk.world.clock.advance(hours=19)
    site.desk.world.append(1)
    reader = site.reader(Role.COMPLIANCE_OFFICER)

    first, second = (
        shown_indexes(reader, f"/trail?type=test.noted&from={day}&until={day}") for day in ("2026-11-22", "2026-11-23")
    )

    assert len(first) == len(second) == 1
    assert first[0] < second[0]
    assert "23 Nov 2026 07:00:00" in text_of(reader.get(f"/trail/{second[0]}"))
    assert "2026年11月23日 07:00:00" in text_of(reader.get(f"/trail/{second[0]}?lang=zh-Hant-HK"))


@pytest.mark.parametrize(
    "query", ["from=yesterday", "type=Stock", "subject=x", "cursor=zzz", "sku=A1&subject=sku:A1", "text=" + "x" * 200]
)
def test_a_filter_that_cannot_be_read_is_told_beside_the_form(site: Site, query: str) -> None:
    page = site.reader(Role.COMPLIANCE_OFFICER).get(f"/trail?{query}")

    assert page.status_code == 400
    assert 'role="alert"' in page.text
    assert '<form method="get" action="/trail"' in page.text


def test_who_has_some_stores_sees_entries_of_these_alone(site: Site) -> None:
    mine, hidden = site.desk.adjust("3", store=ALLOWS, sku="A1"), site.desk.adjust("4", store=REFUSES, sku="A1")
    reader = site.reader(Role.STORE_MANAGER, (ScopeKind.STORE, ALLOWS))

    found = shown_indexes(reader, "/trail?type=stock.adjusted")
    own, other, beyond = (reader.get(f"/trail/{index}") for index in (mine.index, hidden.index, 10**6))

    assert found == [mine.index]
    assert own.status_code == 200
    assert other.status_code == 404
    assert beyond.status_code == 404


def test_an_entry_shows_its_bytes_and_a_proof_that_holds(site: Site) -> None:
    index = site.desk.adjust("3", store=ALLOWS, sku="A1").index
    reader = site.reader(Role.COMPLIANCE_OFFICER)

    page = reader.get(f"/trail/{index}")
    raw = reader.get(f"/trail/{index}/bytes")
    proof = reader.get(f"/trail/{index}/proof")

    nodes = [bytes.fromhex(node) for node in re.findall(r"<li><code>([0-9a-f]{64})</code></li>", page.text)]
    size, root = re.search(
        r"Tree size</dt><dd>([\d,]+)</dd>\s*<dt>Root hash</dt><dd><code>([0-9a-f]{64})", page.text
    ).groups()  # type: ignore[union-attr]
    verify_inclusion(
        leaf_hash=leaf_hash(raw.content),
        index=index,
        size=int(size.replace(",", "")),
        proof=nodes,
        root=bytes.fromhex(root),
    )
    assert hashlib.sha256(b"\0" + raw.content).hexdigest() in page.text
    assert raw.headers["content-disposition"] == f'attachment; filename="entry-{index}.json"'
    assert proof.text.startswith("c2sp.org/tlog-proof@v1\n")
    assert "That what was recorded is true." in text_of(page)


@pytest.mark.parametrize("index", ["-1", "x", "1e3", "%00", "9" * 30])
def test_an_entry_that_cannot_be_is_a_problem_on_a_page(site: Site, index: str) -> None:
    page = site.reader(Role.COMPLIANCE_OFFICER).get(f"/trail/{index}")

    assert page.status_code in {400, 404}
    assert "text/html" in page.headers["content-type"]


def test_what_an_entry_says_is_shown_as_text_never_as_markup(site: Site) -> None:
    index = site.desk.world.append(1, word="<script>alert(1)</script>", deep={"a": [1, {"b": None}]})[0].receipt.index

    page = site.reader(Role.COMPLIANCE_OFFICER).get(f"/trail/{index}")

    assert "<script" not in page.text
    assert "<script>alert(1)</script>" in text_of(page)


def test_an_identity_card_number_is_masked_whatever_page_would_show_it(site: Site) -> None:
    index = site.desk.world.append(1, word="HKID A123456(3)")[0].receipt.index
    reader = site.reader(Role.COMPLIANCE_OFFICER)

    for address in (f"/trail/{index}", "/trail?type=test.noted", "/trail?text=A123456(3)", f"/trail/{index}/bytes"):
        assert "A123456" not in reader.get(address).text, address


def test_every_read_of_a_page_is_counted_as_the_api_s_reads_are(site: Site) -> None:
    reader = site.reader(Role.COMPLIANCE_OFFICER)
    reader.get("/trail")
    site.desk.policies.write_summaries(site.desk.world.clock(), everything=True)

    found = site.desk.get("/api/v1/entries", params={"type": "access.read_summary"}).json()["items"]

    rows = [row for item in found for row in item["entry"]["data"]["rows"] if row["principal"] == reader.id]
    assert "log.read" in {row["action"] for row in rows}


def test_an_entry_leads_to_the_page_of_what_it_is_about(site: Site) -> None:
    document = site.desk.add_read().document
    site.desk.adjust(5, sku="C1", batch="24/11", expiry="2026-12-20")
    reader = site.reader(Role.COMPLIANCE_OFFICER)

    of_paper = reader.get(f"/trail?subject=document:{document}")
    of_lot = reader.get("/trail?subject=lot:C1/24/11")

    assert f"/documents/{document}" in links_of(of_paper)
    assert f"{document[:12]}…" in of_paper.text
    assert f'title="{document}"' in of_paper.text
    lot = next(link for link in links_of(of_lot) if link.startswith("/stock/lots?"))
    assert reader.get(lot).status_code == 200
