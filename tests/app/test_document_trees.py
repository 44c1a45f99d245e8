"""Folders of files in and out, stopped anywhere and taken up again."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
import pytest
from sqlalchemy import func, select

from app.document_trees import Tally, add_file, bring_in, files_of, take_out
from app.import_journal import FOLDER, Journal
from app.wiring import House
from documents.classes import STANDARD_CLASSES
from documents.exported.model import MANIFEST
from documents.model import Added, Folder, FolderKind
from documents.uploads.store import uploads
from policies.model import Principal, Role
from policies.using.purposes import UsePurpose
from policies.using.rules import Use
from tests.stock.shop import ALLOWS, REFUSES, Shop

CLASSES = frozenset(one.code for one in STANDARD_CLASSES)
TREE = {
    "sku/A1/delivery_note/dn-0042.jpg": b"delivered",
    "sku/A1/送貨單.jpg": b"delivered too",
    f"store/{REFUSES}/photo/shelf.jpg": b"GPS shelf",
    "general/board/minutes/2026/may.jpg": b"minutes",
}
REFUSED = {
    "loose.jpg": b"whose",
    "sku/NONE/a.jpg": b"of nothing",
    "sku/A1/photo/bad.jpg": b"EICAR",
}
SHELF = Folder(FolderKind.SKU, "A1")


@pytest.fixture
def system(house: House, shop: Shop) -> Principal:
    operator = house.policies.local_principal(Role.OPERATOR)
    shop.do(house.documents.create_standard_classes(operator, event_id=shop.id()))
    return house.policies.local_principal(Role.API_CLIENT)


def tree_at(root: Path, files: dict[str, bytes]) -> Path:
    for place, content in files.items():
        path = root / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def imported(house: House, system: Principal, root: Path, stop_after: int | None = None) -> Tally:
    tally = Tally()
    for one in files_of(root, CLASSES, "other"):
        if stop_after is not None and tally.files >= stop_after:
            break
        if isinstance(one, tuple):
            tally.refused.append(one)
        else:
            bring_in(house, system, one, REFUSES, tally)
    return tally


USE = Use(UsePurpose.RECORD_KEEPING)


def manifest_of(target: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads((target / MANIFEST).read_text("utf-8"))
    return read


def test_a_tree_comes_in_where_it_stopped_and_nothing_twice(
    house: House, system: Principal, shop: Shop, tmp_path: Path
) -> None:
    root = tree_at(tmp_path / "tree", {**TREE, **REFUSED, ".hidden": b"no", "sku/A1/half.jpg.unfinished": b"no"})

    first = imported(house, system, root, stop_after=3)
    second = imported(house, system, root)
    size = shop.size()
    third = imported(house, system, root)

    assert first.added + len(first.refused) == 3
    assert (first.added + second.added, second.known) == (len(TREE), first.added)
    assert {place for place, _ in second.refused} == set(REFUSED)
    assert (third.added, third.known, third.held) == (0, len(TREE), 0)
    # What is refused is an entry each time; what is known is none.
    assert shop.size() - size <= len(REFUSED)
    with house.storage.database.read() as connection:
        found = house.documents.folders(system, connection, FolderKind.SKU).items
    assert {one.folder.code: one.documents for one in found}["A1"] == 2


def sent(house: House) -> int:
    """How many files were ever sent."""
    with house.storage.database.read() as connection:
        return int(connection.execute(select(func.count()).select_from(uploads)).scalar_one())


def again(house: House, system: Principal, root: Path, store: str = REFUSES) -> Tally:
    """A run of its own, with what an earlier one wrote down."""
    tally, journal = Tally(), Journal(house.settings.data_dir, root)
    for one in files_of(root, CLASSES, "other"):
        assert not isinstance(one, tuple)
        bring_in(house, system, one, store, tally, journal)
    return tally


def test_what_is_done_is_neither_read_nor_sent_again(house: House, system: Principal, tmp_path: Path) -> None:
    root = tree_at(tmp_path / "tree", TREE)
    assert again(house, system, root).added == len(TREE)
    sendings = sent(house)

    # A file that looks as it did is not opened: nobody could tell that it holds something else.
    path = root / "sku/A1/送貨單.jpg"
    before = path.stat()
    path.write_bytes(b"DELIVERED TOO")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    second = again(house, system, root)

    assert (second.added, second.known, second.unread) == (0, len(TREE), len(TREE))
    assert sent(house) == sendings
    path.touch()
    third = again(house, system, root)
    assert (third.added, third.known, third.unread) == (1, len(TREE) - 1, len(TREE) - 1)


def test_a_file_that_was_only_touched_is_read_and_not_sent(house: House, system: Principal, tmp_path: Path) -> None:
    root = tree_at(tmp_path / "tree", TREE)
    again(house, system, root)
    sendings = sent(house)
    for place in TREE:
        (root / place).touch()

    touched = again(house, system, root)

    assert (touched.added, touched.known, touched.unread) == (0, len(TREE), 0)
    assert sent(house) == sendings
    assert again(house, system, root).unread == len(TREE)


def test_what_was_written_down_of_another_log_or_cut_off_is_believed_of_nothing(
    house: House, system: Principal, tmp_path: Path
) -> None:
    root = tree_at(tmp_path / "tree", TREE)
    again(house, system, root)
    (written,) = (house.settings.data_dir / FOLDER).iterdir()
    lines = written.read_text().splitlines()
    strange = [f"{line.rpartition(' ')[0]} {uuid4()}" for line in lines[:2]]
    written.write_text("\n".join([*strange, *lines[2:-1], lines[-1][:50]]))

    tally = again(house, system, root)

    assert (tally.added, tally.known, tally.unread) == (0, len(TREE), len(TREE) - 3)
    assert not any(Path(place).name in written.read_text() for place in TREE)


def test_the_same_files_for_another_store_are_told_apart(house: House, system: Principal, tmp_path: Path) -> None:
    root = tree_at(tmp_path / "tree", {"sku/A1/a.jpg": b"a"})
    again(house, system, root)

    tally = again(house, system, root, store=ALLOWS)

    assert (tally.added, tally.known, len(tally.refused)) == (0, 0, 1)


def test_a_changed_file_is_another_document(house: House, system: Principal, tmp_path: Path) -> None:
    root = tree_at(tmp_path / "tree", TREE)
    imported(house, system, root)
    (root / "sku/A1/送貨單.jpg").write_bytes(b"written anew")

    assert imported(house, system, root).added == 1


def test_a_folder_goes_out_as_it_is_and_says_what_it_is(house: House, system: Principal, tmp_path: Path) -> None:
    imported(house, system, tree_at(tmp_path / "tree", TREE))

    export = take_out(house, system, SHELF, tmp_path / "out", lambda _done: None, USE)

    told = manifest_of(tmp_path / "out")
    assert (told["folder"], told["left_out"], export.known) == ("sku/A1", [], 0)
    contents = {}
    for line in told["files"]:
        content = (tmp_path / "out" / line["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == line["sha256"]
        contents[line["class"], line["title"]] = content
    assert contents == {("delivery_note", "dn-0042.jpg"): b"delivered", ("other", "送貨單.jpg"): b"delivered too"}
    assert all(line["folders"] == ["sku/A1"] and line["store"] == REFUSES for line in told["files"])


class Stopped(Exception):
    """Somebody pulled the plug."""


def test_an_export_goes_on_where_it_was_stopped(house: House, system: Principal, tmp_path: Path) -> None:
    imported(house, system, tree_at(tmp_path / "tree", TREE))
    out = tmp_path / "out"

    def stop(_done: int) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        take_out(house, system, SHELF, out, stop, USE)
    (whole,) = [path for path in (out / "sku").rglob("*") if path.is_file()]
    steps: list[int] = []
    export = take_out(house, system, SHELF, out, steps.append, USE)

    assert (len(export.files), export.known, steps) == (2, 1, [1, 2])
    assert whole.read_bytes() in {b"delivered", b"delivered too"}
    assert len(manifest_of(out)["files"]) == 2


def test_something_else_under_a_name_is_never_written_over(house: House, system: Principal, tmp_path: Path) -> None:
    imported(house, system, tree_at(tmp_path / "tree", TREE))
    out = tmp_path / "out"
    export = take_out(house, system, SHELF, out, lambda _done: None, USE)
    place = out / export.files[0].file
    place.write_bytes(b"D" + place.read_bytes()[1:])

    with pytest.raises(FileExistsError, match=place.name):
        take_out(house, system, SHELF, out, lambda _done: None, USE)

    assert place.read_bytes().startswith(b"D")


def test_what_may_not_be_opened_is_left_out_and_named(
    house: House, system: Principal, shop: Shop, tmp_path: Path
) -> None:
    imported(house, system, tree_at(tmp_path / "tree", TREE))
    card = tmp_path / "card.jpg"
    card.write_bytes(b"identity")
    filing: dict[str, object] = {"class": "identity_copy", "store": REFUSES, "folders": [str(SHELF)]}
    added = add_file(house, system, card, filing, shop.id())
    assert isinstance(added, Added)

    export = take_out(house, system, SHELF, tmp_path / "out", lambda _done: None, USE)

    ((left),) = export.left_out
    assert (left.document, left.version) == (added.document, 1)
    assert manifest_of(tmp_path / "out")["left_out"] == [msgspec.to_builtins(left)]
    assert len(export.files) == 2
    assert b"identity" not in b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
