"""Every paper of a folder goes the whole way, through the API of a real server: is read, asked about, becomes stock, and is found.

    python -m benchmarks.whole_way --truth DIR
    python -m benchmarks.whole_way --truth DIR --pdf --first 12

A truth file NAME.json is as `benchmarks.ocr` has it. The shop has the papers' SKUs and suppliers in its registers. Each paper is sent
as its class; an officer clears what was put into quarantine for a person's number; every question is answered from the truth, as a
person would who looks at the cut beside it; delivery and return notes are confirmed and move stock. Then each paper is looked for by two
Chinese characters of its own (contracts are sensitive, and in no index), the log is verified and the balances are made again.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Any
from uuid import uuid4

import httpx

from app.opening import set_up
from app.settings import load_settings
from app.wiring import open_house
from benchmarks.ground import folder, print_machine, table, verdict
from benchmarks.ocr import CELLS, MEDIA
from documents.parsing import parse_supplier
from policies.model import NegativeStockRule, Role, ScopeKind
from policies.rules import scopes_of
from stock.parsing import parse_sku
from tests.app.houses import Shell
from tests.app.test_processes import serving

MOVES = ("delivery_note", "return_note")
ENDED = frozenset({"released", "quarantined", "withdrawn", "destroyed"})
WAIT_S = 3_600.0
FIELDS = {"supplier", "buyer", "doc_no", "date", "po_ref", "currency", "total", "doc_type"}
_HAN = re.compile("[\u4e00-\u9fff]{2}")


@dataclass
class Shop:
    """The server as clients see it: a till's key, and an officer's token."""

    http: httpx.Client
    officer: dict[str, str]
    told: Counter[str] = field(default_factory=Counter)

    def post(self, path: str, body: object = None, **options: Any) -> httpx.Response:
        return self.http.post(f"/api/v1{path}", json={} if body is None else body, **options)

    def get(self, path: str, **options: Any) -> Any:
        answer = self.http.get(f"/api/v1{path}", **options)
        answer.raise_for_status()
        return answer.json()


def stocked(directory: Path, truths: list[dict[str, Any]]) -> tuple[str, str]:
    """Sets a shop up; returns a till's key and an officer's id."""
    settings = load_settings({"CHOPBOOK_DATA_DIR": str(directory)})
    set_up(settings)
    with open_house(settings) as house:
        commit, policies = house.storage.log.commit, house.policies
        operator, clerk = policies.local_principal(Role.OPERATOR), policies.local_principal(Role.API_CLIENT)
        commit(house.stock.create_standard_reasons(operator, event_id=uuid4()))
        commit(house.documents.create_standard_classes(operator, event_id=uuid4()))
        commit(policies.create_area(operator, code="KLN", name_zh="九龍", name_en="Kowloon", event_id=uuid4()))
        store = {"code": "MK01", "area": "KLN", "name_zh": "旺角店", "name_en": "Mong Kok"}
        rule = NegativeStockRule.ALLOW
        commit(policies.create_store(operator, **store, negative_stock=rule, event_id=uuid4()))
        items = {
            item["sku"]: item for truth in truths for item in truth["fields"].get("items") or [] if item.get("sku")
        }
        for code, item in items.items():
            sku = {"code": code, "name_zh": item["desc"][0], "name_en": item["desc"][1], "unit": "piece"}
            commit(house.stock.create_sku(clerk, parse_sku({**sku, "lot_tracking": "optional"}, event_id=uuid4())))
        named = {tuple(found.values()): found for truth in truths if (found := truth["fields"].get("supplier"))}
        for number, found in enumerate(named.values()):
            supplier = {
                "code": f"S{number}",
                "name_zh": found.get("zh") or found["en"],
                "name_en": found.get("en") or "",
            }
            commit(house.documents.create_supplier(clerk, parse_supplier(supplier, event_id=uuid4())))
        client = commit(policies.create_api_client(operator, label="scanner", event_id=uuid4())).result
        assert client is not None
        commit(policies.assign(operator, client.id, ScopeKind.ALL, "", event_id=uuid4()))
        scopes = sorted(scopes_of(Role.API_CLIENT))
        key = commit(
            policies.issue_key(operator, client.id, scopes=scopes, rate_per_minute=100_000, event_id=uuid4())
        ).result
        assert key is not None
    return key.secret, Shell(directory).json(
        "user", "add", "--name", "主任", "--role", "compliance_officer", "--pics", "STAFF/3"
    )["id"]


def sent(shop: Shop, root: Path, truth: dict[str, Any], *, pdf: bool) -> str:
    """Sends a paper; returns its document."""
    path = root / truth["pdf" if pdf else "image"]
    form = {"class": truth["fields"]["doc_type"], "store": "MK01", "pics_id": "STAFF/3"}
    files = {"file": (path.name, path.read_bytes(), MEDIA[path.suffix])}
    answer = shop.http.post("/api/v1/documents", data=form, files=files)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["document"])


def held(shop: Shop, truth: dict[str, Any]) -> None:
    """What goes back was there before: the goods of a return note come in, with the lots that it names."""
    for item in truth["fields"]["items"]:
        lot = {"batch": item["batch"], "expiry": item.get("expiry")} if item.get("batch") else {}
        row = {"store": "MK01", "sku": item["sku"], "reason": "receive", "change": str(item["qty"]), **lot}
        answer = shop.post("/adjustments", {name: value for name, value in row.items() if value is not None})
        assert answer.status_code == 201, answer.text


def wait_for(shop: Shop, documents: list[str]) -> None:
    """Returns once every paper was read and has gone as far as it goes by itself."""
    ends, waiting = time.monotonic() + WAIT_S, list(documents)
    while waiting:
        assert time.monotonic() < ends, waiting
        waiting = [one for one in waiting if shop.get(f"/documents/{one}")["stage"] not in ENDED]
        time.sleep(1)


def answered(shop: Shop, document: str, truth: dict[str, Any]) -> None:
    """Answers every open question about a paper from its truth."""
    path = f"/documents/{document}/versions/1/fields"
    for question in shop.get(path)["questions"]:
        if question["state"] != "open":
            continue
        shop.told["questions"] += 1
        cut = shop.http.get(question["crop"])
        # A picture that shows an identity card number opens for a stated purpose alone, a cut of it too.
        assert cut.status_code in {200, 403, 409}, cut.text
        shop.told["cuts" if cut.status_code == 200 else "cuts kept back for a number on the page"] += 1
        value = said(truth, question["path"])
        word: dict[str, object] = {"path": question["path"]}
        answer = shop.post(path, {**word, "is_right": True} if value is None else {**word, "value": value})
        if answer.status_code != 200:
            answer = shop.post(path, {**word, "is_right": True})
        assert answer.status_code == 200, answer.text


def said(truth: dict[str, Any], path: str) -> str | None:
    """What the paper says at a path; None: nothing that could be typed."""
    parts, fields = path.split("/"), truth["fields"]
    if parts[0] in FIELDS and len(parts) == 1:
        value = fields.get(parts[0])
    elif len(parts) == 3 and parts[0] == "rows" and int(parts[1]) < len(fields.get("items") or []):
        names = {read: printed for printed, read in CELLS.items()}
        value = fields["items"][int(parts[1])].get(names.get(parts[2], ""))
    else:
        return None
    if isinstance(value, dict):
        value = value.get("zh") or value.get("en")
    if isinstance(value, list):
        value = " ".join(str(one) for one in value if one)
    return None if value is None else str(value)


def moved(shop: Shop, document: str, truth: dict[str, Any]) -> bool:
    """Confirms a note and moves stock by it; whether as many rows moved as the paper has."""
    confirmed = shop.post(f"/documents/{document}/confirmation")
    adjusted = shop.post(f"/documents/{document}/adjustments")
    again = shop.post(f"/documents/{document}/adjustments")
    if (confirmed.status_code, adjusted.status_code) != (200, 201):
        print(f"{truth['id']}: {confirmed.status_code} {adjusted.text[:200]}", file=sys.stderr)
        return False
    assert again.json()["code"] == "already_adjusted"
    rows = adjusted.json()["result"]["adjustments"]
    shop.told["adjustments"] += len(rows)
    linked = shop.get("/documents", params={"linked_to": str(rows[0]["index"])})["items"]
    return [one["id"] for one in linked] == [document] and len(rows) == len(truth["fields"]["items"])


def is_found(shop: Shop, document: str, text: str) -> bool:
    """Whether two Chinese characters that stand on the paper find it."""
    for pair in dict.fromkeys(_HAN.findall(text)[:3]):
        cursor: dict[str, str] = {}
        while True:
            page = shop.get("/search", params={"q": pair, "limit": "100", **cursor})
            if any(hit["document"] == document for hit in page["items"]):
                return True
            if page["next_cursor"] is None:
                break
            cursor = {"cursor": page["next_cursor"]}
    return False


def walked(shop: Shop, root: Path, truths: list[dict[str, Any]], *, pdf: bool) -> None:
    """The whole way of every paper."""
    for truth in truths:
        if truth["fields"]["doc_type"] == "return_note":
            held(shop, truth)
    documents = {sent(shop, root, truth, pdf=pdf): truth for truth in truths}
    wait_for(shop, list(documents))
    stages = {one: shop.get(f"/documents/{one}", headers=shop.officer)["stage"] for one in documents}
    for document in (one for one, stage in stages.items() if stage == "quarantined"):
        cleared = shop.post(f"/documents/{document}/versions/1/clear", headers=shop.officer)
        assert cleared.status_code == 200, cleared.text
        shop.told["quarantined"] += 1
    wait_for(shop, list(documents))
    asked = {one["id"] for one in pages_of(shop, "/documents", review="open")}
    for document in asked:
        answered(shop, document, documents[document])
    shop.told["straight through"] = len(documents) - len(asked)
    shop.told["papers asked about"] = len(asked)
    notes = {one: truth for one, truth in documents.items() if truth["fields"]["doc_type"] in MOVES}
    shop.told["notes"] = len(notes)
    shop.told["notes that moved stock"] = sum(moved(shop, one, truth) for one, truth in notes.items())
    left = pages_of(shop, "/documents", review="open")
    ordinary = {one: truth for one, truth in documents.items() if truth["fields"]["doc_type"] != "contract"}
    texts = {one: shop.http.get(f"/api/v1/documents/{one}/versions/1/text").text for one in ordinary}
    chinese = {one: text for one, text in texts.items() if _HAN.search(text)}
    shop.told["papers with Chinese"] = len(chinese)
    shop.told["found by two characters"] = sum(is_found(shop, one, text) for one, text in chinese.items())
    table(("", ""), [(name, f"{count:,}") for name, count in shop.told.items()])
    verdict("papers still asked about", len(left), at_most=0)
    verdict("notes that moved stock", shop.told["notes that moved stock"] / max(1, len(notes)), at_least=1)
    verdict("found by two characters", shop.told["found by two characters"] / max(1, len(chinese)), at_least=1)


def pages_of(shop: Shop, path: str, **asked: str) -> list[dict[str, Any]]:
    """Every item of a list."""
    found: list[dict[str, Any]] = []
    cursor: dict[str, str] = {}
    while True:
        page = shop.get(path, params={"limit": "100", **asked, **cursor})
        found += page["items"]
        if page["next_cursor"] is None:
            return found
        cursor = {"cursor": page["next_cursor"]}


def main() -> None:
    """Runs it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--truth", type=Path, required=True)
    parser.add_argument("--pdf", action="store_true", help="the PDFs instead of the pictures")
    parser.add_argument("--first", type=int, default=None, help="only so many papers")
    asked = parser.parse_args()
    files = sorted(path for path in asked.truth.glob("*.json") if path.name != "index.json")
    truths = [json.loads(path.read_text("utf-8")) for path in files][: asked.first]
    with folder() as place:
        print_machine(place)
        key, officer = stocked(place / "data", truths)
        shell = Shell(place / "data")
        # A key serves one caller as fast as it can here.
        token = shell.run("token", "issue", officer).stdout.strip().splitlines()[-1]
        began = time.monotonic()
        with (
            serving(shell) as (process, address),
            httpx.Client(base_url=f"http://{address}", headers={"Authorization": f"Bearer {key}"}, timeout=300) as http,
        ):
            # What the server logs would fill its pipe, and the server wait for a reader.
            assert process.stderr is not None
            drain = Thread(target=process.stderr.read, daemon=True)
            drain.start()
            walked(Shop(http, {"Authorization": f"Bearer {token}"}), asked.truth, truths, pdf=asked.pdf)
            process.terminate()
            try:
                process.wait(60)
            except subprocess.TimeoutExpired:
                process.kill()
            drain.join()
        print(f"{len(truths)} papers in {time.monotonic() - began:,.0f} s\n")
        valid = shell.json("log", "verify")["verdict"] == "valid_unanchored"
        differing = shell.json("stock", "reconcile")["disagreements"]
        verdict("log valid", valid, at_least=1)
        verdict("balances that differ", len(differing), at_most=0)


if __name__ == "__main__":
    main()
