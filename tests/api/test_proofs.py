"""Proofs, checkpoints, and the log as foreign clients see it: each checked with nothing but the log's key."""

from uuid import uuid4

import pytest

from audit.checkpoint import open_checkpoint, parse_checkpoint, verify_tlog_proof
from audit.event import Actor
from audit.keys import parse_vkey
from audit.merkle import leaf_hash, root_of
from audit.note import Verifier
from audit.proof import verify_consistency, verify_inclusion
from audit.tile import parse_bundle, parse_tile, tile_path
from policies.model import Role, ScopeKind
from storage import rotate_key
from tests.api.desk import Desk
from tests.worlds import ORIGIN

IMMUTABLE = "max-age=31536000, immutable"


def verifier(desk: Desk) -> Verifier:
    return parse_vkey(str(desk.entry(0)["data"]["vkey"]))


def test_an_entry_is_proved_at_every_size(desk: Desk) -> None:
    size = desk.size()
    for index, at in [(0, 1), (0, size), (3, 7), (size - 1, size)]:
        found = desk.get(f"/api/v1/entries/{index}/inclusion", params={"size": at}).json()

        verify_inclusion(
            leaf_hash=bytes.fromhex(found["leaf_hash"]),
            index=index,
            size=at,
            proof=[bytes.fromhex(node) for node in found["inclusion_proof"]],
            root=bytes.fromhex(found["root_hash"]),
        )
        assert ("checkpoint" in found) == (at == desk.size())


def test_the_newest_proof_comes_with_the_checkpoint_that_signs_its_root(desk: Desk) -> None:
    found = desk.get("/api/v1/entries/5/inclusion").json()

    checkpoint = open_checkpoint(found["checkpoint"], [verifier(desk)], origin=ORIGIN)

    assert (checkpoint.size, checkpoint.root.hex()) == (found["tree_size"], found["root_hash"])


def test_a_tlog_proof_verifies_offline(desk: Desk) -> None:
    raw = desk.get("/api/v1/entries/5/bytes").content
    proof = desk.get("/api/v1/entries/5/tlog-proof")

    assert proof.headers["content-type"] == "text/plain; charset=utf-8"
    assert 'filename="entry-5.tlog-proof"' in proof.headers["content-disposition"]
    verify_tlog_proof(proof.content, leaf_hash=leaf_hash(raw), verifiers=[verifier(desk)], origin=ORIGIN)


def test_a_tlog_proof_at_an_earlier_size_needs_a_published_checkpoint(desk: Desk) -> None:
    published = desk.get("/api/v1/checkpoints").json()["items"][0]["tree_size"]
    desk.adjust(1)

    good = desk.get("/api/v1/entries/0/tlog-proof", params={"size": published})
    none = desk.get("/api/v1/entries/0/tlog-proof", params={"size": published + 1})

    assert good.status_code == 200
    assert (none.status_code, none.json()["code"]) == (404, "no_checkpoint")


@pytest.mark.parametrize(("first", "second"), [(0, 7), (1, 1), (1, 8), (5, 20), (8, 16), (20, None)])
def test_a_later_tree_is_proved_to_extend_an_earlier_one(desk: Desk, first: int, second: int | None) -> None:
    wanted = {"first": first} if second is None else {"first": first, "second": second}

    found = desk.get("/api/v1/consistency", params=wanted).json()

    verify_consistency(
        first=first,
        second=found["second"],
        first_root=bytes.fromhex(found["first_root_hash"]),
        second_root=bytes.fromhex(found["second_root_hash"]),
        proof=[bytes.fromhex(node) for node in found["consistency_proof"]],
    )


@pytest.mark.parametrize(
    ("path", "status", "code"),
    [
        ("/api/v1/entries/0/inclusion?size=999", 404, "size_beyond_log"),
        ("/api/v1/entries/5/inclusion?size=5", 404, "index_beyond_log"),
        ("/api/v1/entries/0/inclusion?size=0", 404, "index_beyond_log"),
        ("/api/v1/entries/5/tlog-proof?size=1", 404, "index_beyond_log"),
        ("/api/v1/entries/x/inclusion", 400, "integer_expected"),
        ("/api/v1/entries/99999999999999999999999/inclusion", 400, "integer_out_of_range"),
        ("/api/v1/consistency?first=1&second=999", 404, "size_beyond_log"),
        ("/api/v1/consistency?first=9&second=8", 400, "range_reversed"),
        ("/api/v1/consistency", 400, "member_missing"),
        ("/api/v1/checkpoints/999", 404, "no_checkpoint"),
    ],
)
def test_what_cannot_be_proved_is_told(desk: Desk, path: str, status: int, code: str) -> None:
    answer = desk.get(path)

    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_published_checkpoints_are_listed_and_kept(desk: Desk) -> None:
    for _ in range(3):
        desk.world.clock.advance(seconds=2)
        desk.adjust(1)

    first = desk.get("/api/v1/checkpoints", params={"limit": 2}).json()
    rest = desk.get("/api/v1/checkpoints", params={"limit": 2, "cursor": first["next_cursor"]}).json()

    sizes = [item["tree_size"] for item in first["items"] + rest["items"]]
    assert sizes == sorted(sizes, reverse=True)
    for size in sizes:
        note = desk.get(f"/api/v1/checkpoints/{size}").json()["note"]
        assert open_checkpoint(note, [verifier(desk)], origin=ORIGIN).size == size
    assert desk.get("/api/v1/checkpoints/latest").json()["tree_size"] == desk.size()


def test_a_checkpoint_names_the_key_of_its_size(desk: Desk) -> None:
    desk.world.clock.advance(seconds=2)
    desk.adjust(1)
    before = desk.get("/api/v1/checkpoints").json()["items"][0]["tree_size"]
    first = desk.get("/api/v1/checkpoints/latest").json()["vkey"]
    rotate_key(
        desk.world.storage,
        actor=Actor("system", "operator"),
        previous_vkey=first,
        event_id=uuid4(),
        entropy=desk.world.entropy,
    )

    now = desk.get("/api/v1/checkpoints/latest").json()
    then = desk.get(f"/api/v1/checkpoints/{before}").json()

    assert then["vkey"] == first != now["vkey"]
    for found in (now, then):
        assert open_checkpoint(found["note"], [parse_vkey(found["vkey"])], origin=ORIGIN).size == found["tree_size"]


# ------------------------------------------------------------------------------------------------ tiles


def mirror(desk: Desk, by: str | None = "") -> tuple[list[bytes], int]:
    """What a foreign client does: checkpoint, hash tiles, bundles."""
    note = desk.get("/log/checkpoint", by=by)
    size = parse_checkpoint(note.text.partition("\n\n")[0] + "\n").size
    leaves: list[bytes] = []
    for tile in range(-(-size // 256)):
        width = min(256, size - tile * 256)
        leaves += parse_tile(desk.get(f"/log/{tile_path(0, tile, width)}", by=by).content, width)
    checkpoint = open_checkpoint(note.text, [verifier(desk)], origin=ORIGIN)
    assert root_of(leaves) == checkpoint.root
    return leaves, size


def test_a_foreign_client_mirrors_the_log(desk: Desk) -> None:
    rows = [{"store": "MK01", "sku": "A1", "reason": "receive", "change": 1} for _ in range(300)]
    desk.post("/api/v1/adjustments/batch", rows)
    desk.world.clock.advance(seconds=2)
    desk.adjust(1)

    leaves, size = mirror(desk)

    assert size > 300
    entries: list[bytes] = []
    for path, width in (("/log/tile/entries/000", 256), (f"/log/tile/entries/001.p/{size - 256}", size - 256)):
        answer = desk.get(path)
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["cache-control"] == f"private, {IMMUTABLE}"
        entries += parse_bundle(answer.content, width)
    assert [leaf_hash(entry) for entry in entries] == leaves
    assert desk.get("/log/tile/1/000.p/1").content == root_of(leaves[:256])


def test_checkpoints_and_hash_tiles_can_be_public_and_bundles_never_are(sqlite_desk: Desk) -> None:
    with sqlite_desk.serving(public_checkpoints=True) as desk:
        mirror(desk, by=None)

        assert desk.get("/log/checkpoint", by=None).headers["cache-control"] == "public, max-age=1"
        assert desk.get("/log/tile/0/000.p/1", by=None).headers["cache-control"] == f"public, {IMMUTABLE}"
        assert desk.get("/api/v1/checkpoints/latest", by=None).status_code == 200
        assert desk.get("/api/v1/consistency?first=1", by=None).status_code == 200
        assert desk.get("/log/tile/entries/000.p/1", by=None).status_code == 401
        assert desk.get("/api/v1/entries/0", by=None).status_code == 401


def test_nothing_is_public_by_default(desk: Desk) -> None:
    for path in ("/log/checkpoint", "/log/tile/0/000.p/1", "/api/v1/checkpoints/latest", "/api/v1/consistency?first=1"):
        assert desk.get(path, by=None).status_code == 401


def test_bundles_need_a_grant_for_the_whole_log(desk: Desk) -> None:
    client = desk.client((ScopeKind.STORE, "MK01"))
    some = desk.key(client.id, ("log.read", "log.read_bundles")).secret

    assert desk.get("/log/tile/entries/000.p/1", by=some).json()["code"] == "whole_organisation_needed"
    assert desk.get("/log/tile/0/000.p/1", by=some).status_code == 200
    assert desk.get("/log/tile/entries/000.p/1", by=desk.token(Role.AUDITOR)).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "0/000",
        "0/000.p/0",
        "0/000.p/257",
        "0/000.p/01",
        "0/0",
        "0/x000/000",
        "64/000",
        "entries/001",
        "what",
        "0/000.p/5/6",
        "0/000.p/1/",
        "0/000.p//1",
        "/0/000.p/1",
        "0%2F000.p%2F1",
        "entries/000.p/1/",
    ],
)
def test_tiles_that_are_not_there_are_not_found(desk: Desk, path: str) -> None:
    assert desk.get(f"/log/tile/{path}").status_code == 404
