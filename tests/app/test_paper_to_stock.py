"""The whole way, with real parts.

A photo of a delivery note comes in by tus through the real server, lies sealed in the
embedded object store, is read by the worker's OCR, reviewed, and becomes stock; then the log verifies.
"""

from __future__ import annotations

import base64
import time
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID, uuid4

import httpx
import pytest

from app.opening import set_up
from app.settings import load_settings
from app.wiring import open_house
from documents.parsing import parse_supplier
from policies.model import NegativeStockRule, Role, ScopeKind
from policies.rules import scopes_of
from stock.parsing import parse_sku
from storage import Change
from tests.app.houses import Shell
from tests.app.test_processes import serving
from tests.documents.printed import delivery_note

T = TypeVar("T")

READ_WITHIN_S = 240.0
ROWS = (
    ("TEA-0012", "普洱茶餅 357g", "24", "箱", "PE2611A", "2028-11-30"),
    ("SOY-0047", "生抽 500ml", "60", "支", "SY8842", "2027-05-31"),
    ("RICE-0103", "絲苗米 5kg", "15", "包", "RC0093", "2027-08-15"),
)
TUS = {"Tus-Resumable": "1.0.0"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> tuple[Shell, str]:
    """A data folder with a store, three SKUs, a supplier and the key of a till."""
    directory = tmp_path_factory.mktemp("paper") / "data"
    settings = load_settings({"CHOPBOOK_DATA_DIR": str(directory)})
    set_up(settings)
    with open_house(settings) as house:

        def do(change: Change[T]) -> T:
            result = house.storage.log.commit(change).result
            assert result is not None
            return result

        def new() -> UUID:
            return uuid4()

        operator = house.policies.local_principal(Role.OPERATOR)
        clerk = house.policies.local_principal(Role.API_CLIENT)
        do(house.stock.create_standard_reasons(operator, event_id=new()))
        do(house.documents.create_standard_classes(operator, event_id=new()))
        do(house.policies.create_area(operator, code="KLN", name_zh="九龍", name_en="Kowloon", event_id=new()))
        do(
            house.policies.create_store(
                operator,
                code="MK01",
                area="KLN",
                name_zh="旺角店",
                name_en="Mong Kok",
                negative_stock=NegativeStockRule.REFUSE,
                event_id=new(),
            )
        )
        for code, name, *_ in ROWS:
            sku = {"code": code, "name_zh": name, "unit": "piece", "lot_tracking": "optional"}
            do(house.stock.create_sku(clerk, parse_sku(sku, event_id=new())))
        supplier = {"code": "WF01", "name_zh": "永發貿易有限公司", "prefixes": ["DN-"]}
        do(house.documents.create_supplier(clerk, parse_supplier(supplier, event_id=new())))
        client = do(house.policies.create_api_client(operator, label="phone", event_id=new()))
        do(house.policies.assign(operator, client.id, ScopeKind.ALL, "", event_id=new()))
        scopes = sorted(scopes_of(Role.API_CLIENT))
        key = do(house.policies.issue_key(operator, client.id, scopes=scopes, rate_per_minute=100_000, event_id=new()))
    return Shell(directory), key.secret


def upload(http: httpx.Client, content: bytes, **filing: str) -> str:
    """Sends a file by tus in three pieces, the second one after a break; returns the document."""
    members = {"filename": "送貨單 DN-2026-0042.jpg", "class": "delivery_note", "store": "MK01", **filing}
    said = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in members.items())
    begun = http.post("/api/v1/uploads", headers={**TUS, "Upload-Length": str(len(content)), "Upload-Metadata": said})
    assert begun.status_code == 201, begun.text
    path = begun.headers["location"]
    third, document = len(content) // 3, ""
    for piece in (content[:third], content[third : 2 * third], content[2 * third :]):
        offset = int(http.head(path, headers=TUS).headers["upload-offset"])
        headers = {**TUS, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        sent = http.patch(path, headers=headers, content=piece)
        assert sent.status_code == 204, sent.text
        document = sent.headers.get("chopbook-document", "")
    return document


def wait_for(http: httpx.Client, document: str, stage: str) -> dict[str, Any]:
    """The document once its version is at that stage."""
    deadline = time.monotonic() + READ_WITHIN_S
    while True:
        shown: dict[str, Any] = http.get(f"/api/v1/documents/{document}").json()
        if shown["stage"] == stage:
            return shown
        assert time.monotonic() < deadline, shown
        time.sleep(0.5)


@pytest.mark.timeout(600)
def test_a_photo_of_a_delivery_note_becomes_stock(shop: tuple[Shell, str], tmp_path: Path) -> None:
    shell, key = shop
    photo = delivery_note(ROWS)
    with (
        serving(shell) as (process, address),
        httpx.Client(base_url=f"http://{address}", headers={"Authorization": f"Bearer {key}"}, timeout=120) as http,
    ):
        document = upload(http, photo, folders='["supplier/WF01"]')
        wait_for(http, document, "released")
        fields_path = f"/api/v1/documents/{document}/versions/1/fields"
        read = http.get(fields_path).json()
        correct_what_differs(http, fields_path, read)
        confirmed = http.post(f"/api/v1/documents/{document}/confirmation")
        adjusted = http.post(f"/api/v1/documents/{document}/adjustments")
        again = http.post(f"/api/v1/documents/{document}/adjustments")
        text = http.get(f"/api/v1/documents/{document}/versions/1/text").text
        content = http.get(f"/api/v1/documents/{document}/versions/1/content").content
        balances = http.get("/api/v1/balances", params={"store": "MK01"}).json()["items"]
        names = wait_for_renditions(http, document)
        copy = http.get(f"/api/v1/documents/{document}/versions/1/renditions/searchable")
        process.terminate()
        process.wait(60)

    assert confirmed.status_code == 200, confirmed.text
    assert adjusted.status_code == 201, adjusted.text
    assert again.json()["code"] == "already_adjusted"
    held = {(one["sku"], one["batch"]): one["quantity"] for one in balances}
    assert held == {(sku, batch): int(quantity) for sku, _, quantity, _, batch, _ in ROWS}
    assert "送貨單" in text
    assert content[:3] == b"\xff\xd8\xff"
    assert {"thumbnail", "page-0001", "searchable"} <= set(names)
    assert copy.content.startswith(b"%PDF-")
    objects = b"".join(path.read_bytes() for path in (shell.data_dir / "objects").rglob("*") if path.is_file())
    assert content[1000:3000] not in objects, "the object store never sees a clear byte"
    assert not list((shell.data_dir / "spool").glob("*"))
    assert shell.json("log", "verify")["verdict"] == "valid_unanchored"
    assert shell.json("stock", "reconcile")["disagreements"] == []


def correct_what_differs(http: httpx.Client, path: str, read: dict[str, Any]) -> None:
    """What a person does: looks at every cell, corrects what is wrong and confirms what is asked."""
    assert read["doc_type"] == "delivery_note", read
    names = ("sku", "description", "quantity", "unit", "batch", "expiry")
    wrong = 0
    for place, row in enumerate(ROWS):
        found = read["rows"][place]["fields"] if place < len(read["rows"]) else {}
        for name, value in zip(names, row, strict=True):
            cell = found.get(name, {})
            if name in {"sku", "quantity", "batch", "expiry"} and cell.get("code", cell.get("value")) != value:
                wrong += 1
                said = http.post(path, json={"path": f"rows/{place}/{name}", "value": value})
                assert said.status_code == 200, said.text
    for question in http.get(path).json()["questions"]:
        if question["state"] == "open":
            said = http.post(path, json={"path": question["path"], "is_right": True})
            assert said.status_code == 200, said.text
    assert wrong <= 2, read


def wait_for_renditions(http: httpx.Client, document: str) -> list[str]:
    deadline = time.monotonic() + READ_WITHIN_S
    while True:
        names: list[str] = http.get(f"/api/v1/documents/{document}/versions/1/renditions").json()["items"]
        if names or time.monotonic() > deadline:
            return names
        time.sleep(0.5)
