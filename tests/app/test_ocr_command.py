"""`chopbook ocr run`, with the real readers, sandbox and object store, as a shell runs it."""

from __future__ import annotations

from pathlib import Path
from uuid import uuid4

import pytest

from app.settings import load_settings
from app.wiring import open_house
from documents.extraction.model import DocType
from documents.model import LinkKind, Stage
from documents.store import read_version
from policies.model import Role
from tests.app.houses import Shell
from tests.documents.printed import delivery_note

ROW = ("TEA-0012", "普洱茶餅 357g", "24", "箱", "PE2611A", "2028-11-30")


@pytest.mark.timeout(600)
def test_a_paper_that_waits_is_read_and_found_and_nothing_is_left_to_do(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "data")
    shell.run("log", "create", "--origin", "log.example/ocr")
    shell.run("documents", "classes")
    photo = tmp_path / "dn.jpg"
    photo.write_bytes(delivery_note([ROW]))
    document = shell.json("documents", "add", photo, "--class", "delivery_note", "--folder", "general/papers")[
        "document"
    ]
    assert shell.json("search", "普洱茶餅")["total"] == 0

    ran = shell.json("ocr", "run")
    again = shell.json("ocr", "run")
    found = shell.json("search", "普洱茶餅")

    # Reading, releasing, picturing, and the index after each of them.
    assert ran["unreadable"] == []
    assert ran["done"] >= 4
    assert again == {"done": 0, "unreadable": []}
    assert [hit["document_id"] for hit in found["hits"]] == [document]
    assert shell.json("index", "state")["needs_rebuild"] is False
    with open_house(load_settings({"CHOPBOOK_DATA_DIR": str(shell.data_dir)})) as house:
        clerk = house.policies.local_principal(Role.API_CLIENT)
        with house.storage.database.read() as connection:
            version = read_version(connection, document, 1)
        out = house.documents.fields(clerk, document, 1, event_id=uuid4())
        reading = house.documents.reading(clerk, document, 1, event_id=uuid4())
    assert version is not None
    assert version.stage is Stage.RELEASED
    assert reading.pages[0].engine.startswith("rapidocr")
    assert out.extraction.doc_type.value == DocType.DELIVERY_NOTE
    assert out.extraction.rows[0].text("batch") == "PE2611A"
    assert shell.json("log", "verify")["verdict"] == "valid_unanchored"


@pytest.mark.timeout(600)
def test_the_demonstration_has_papers_that_are_read_and_one_question(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "data")
    shell.run("demo", "--no-serve")

    ran = shell.json("ocr", "run")
    found = shell.json("search", "豆漿")
    shell.run("demo", "--no-serve")

    assert ran["unreadable"] == []
    assert len(found["hits"]) == len(shell.json("search", "豆漿")["hits"]) == 4
    with open_house(load_settings({"CHOPBOOK_DATA_DIR": str(shell.data_dir)})) as house:
        clerk = house.policies.local_principal(Role.API_CLIENT)
        papers = [hit["document_id"] for hit in found["hits"] if hit["facets"]["document_class"] != "other"]
        extracted = [house.documents.fields(clerk, paper, 1, event_id=uuid4()).extraction for paper in papers]
        with house.storage.database.read() as connection:
            links = {one.link.kind for paper in papers for one in house.documents.links(clerk, connection, paper)}
    assert links == {LinkKind.FULFILS, LinkKind.INVOICES}, "the order is there before what was delivered on it"
    questions = [(one.doc_type.value, item.path) for one in extracted for item in one.review]
    assert questions == [(DocType.DELIVERY_NOTE, "rows/2/expiry")]
    assert {one.doc_type.value for one in extracted} == {
        *(DocType.DELIVERY_NOTE, DocType.INVOICE, DocType.PURCHASE_ORDER),
    }
