"""A document that another took the place of: marked, out of the way, and still there."""

from __future__ import annotations

import pytest

from documents.errors import Code, DocumentConflict
from documents.exporting import leaves
from documents.model import Folder, FolderKind, Step
from documents.parsing import parse_link
from documents.shelves.store import Wanted
from documents.shown import Shown
from documents.succession.store import Superseded
from policies.model import Principal, Role, ScopeKind
from tests.documents.archive import Archive
from tests.stock.shop import REFUSES

GENERAL = Folder(FolderKind.GENERAL, "prices")


def linked(archive: Archive, document: str, target: str, *, on: bool = True, kind: str = "supersedes") -> None:
    request = parse_link({"kind": kind, "target": target}, document=document, event_id=archive.id())
    archive.do(archive.documents.link(archive.clerk, request, on=on))


def priced(archive: Archive, content: bytes, **filing: object) -> str:
    return archive.add_read(content, **{"class": "other", "folders": [str(GENERAL)], **filing}).document


def shown(archive: Archive, document: str, by: Principal | None = None) -> Shown:
    with archive.world.storage.database.read() as connection:
        return archive.documents.document(by or archive.clerk, connection, document)


def listed(archive: Archive, superseded: Superseded, by: Principal | None = None) -> list[str]:
    wanted = Wanted(folder=GENERAL, superseded=superseded)
    with archive.world.storage.database.read() as connection:
        page = archive.documents.documents(by or archive.clerk, connection, wanted, after=None, limit=10)
    return [one.document.id for one in page.items]


def counted(archive: Archive, by: Principal | None = None) -> int:
    with archive.world.storage.database.read() as connection:
        page = archive.documents.folders(by or archive.clerk, connection, FolderKind.GENERAL)
    return page.items[0].documents


def test_what_was_superseded_says_so_and_lists_pass_over_it(each_archive: Archive) -> None:
    archive = each_archive
    old, new, other = (priced(archive, content) for content in (b"old", b"new", b"other"))
    linked(archive, new, old)

    assert (shown(archive, old).superseded_by, shown(archive, old).supersedes) == ((new,), ())
    assert (shown(archive, new).superseded_by, shown(archive, new).supersedes) == ((), (old,))
    assert listed(archive, Superseded.HIDDEN) == [other, new]
    assert listed(archive, Superseded.SHOWN) == [other, new, old]
    assert listed(archive, Superseded.ONLY) == [old]
    assert counted(archive) == 2
    assert archive.content(old) == b"old"
    with archive.world.storage.database.read() as connection:
        assert archive.documents.superseded(archive.clerk, connection) == {shown(archive, old).document.added_index}

    linked(archive, new, old, on=False)

    assert shown(archive, old).superseded_by == ()
    assert listed(archive, Superseded.HIDDEN) == [other, new, old]
    assert counted(archive) == 3


def test_other_links_supersede_nothing(archive: Archive) -> None:
    old, new = priced(archive, b"old"), priced(archive, b"new")
    linked(archive, new, old, kind="fulfils")

    assert shown(archive, old).superseded_by == ()
    assert listed(archive, Superseded.HIDDEN) == [new, old]


def test_what_was_superseded_by_something_withdrawn_is_itself_again(archive: Archive) -> None:
    old, new = priced(archive, b"old"), priced(archive, b"new")
    linked(archive, new, old)

    archive.do(archive.documents.decide_stage(archive.clerk, new, 1, Step.WITHDRAW, event_id=archive.id()))

    assert listed(archive, Superseded.HIDDEN) == [old]
    assert shown(archive, old).superseded_by == ()
    assert listed(archive, Superseded.ONLY) == []


def test_whoever_cannot_see_the_new_one_still_has_the_old_one(each_archive: Archive) -> None:
    archive = each_archive
    old, new = priced(archive, b"old"), priced(archive, b"new", store=None)
    linked(archive, new, old)
    staff = archive.policies.principal(archive.person(Role.STAFF, (ScopeKind.STORE, REFUSES)).id)

    assert listed(archive, Superseded.HIDDEN) == [new]
    assert listed(archive, Superseded.HIDDEN, staff) == [old]
    assert listed(archive, Superseded.ONLY, staff) == []
    assert shown(archive, old, staff).superseded_by == ()
    assert counted(archive, staff) == 1


def test_no_two_documents_take_each_others_place(archive: Archive) -> None:
    first, second, third = (priced(archive, b"%d" % n) for n in range(3))
    linked(archive, second, first)
    linked(archive, third, second)

    for target in (second, third):
        with pytest.raises(DocumentConflict) as raised:
            linked(archive, first, target)
        assert raised.value.code is Code.SUPERSEDES_IN_CIRCLE

    linked(archive, first, third, kind="returns")
    linked(archive, third, first)
    assert shown(archive, first).superseded_by == (second, third)


def test_an_export_holds_what_was_superseded_and_says_by_what(archive: Archive) -> None:
    old, new = priced(archive, b"old"), priced(archive, b"new")
    linked(archive, new, old)

    found = list(leaves(archive.documents, archive.world.storage.database, archive.clerk, GENERAL))

    state = archive.documents.state
    told = {one.document: one.line(b"", state(archive.clerk, one.version.version)).superseded_by for one in found}
    assert told == {old: (new,), new: ()}
