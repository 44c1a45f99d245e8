"""The pages in `docs/formats` say what the code does, and their vectors can be computed from the pages alone."""

from __future__ import annotations

import json
import re
from base64 import b64decode, urlsafe_b64encode
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from audit.canonical import encode, parse
from audit.checkpoint import open_checkpoint, verify_tlog_proof
from audit.entry import columns, parse_entry, parse_members
from audit.errors import InvalidProof, MalformedProof, NotCanonical
from audit.keys import parse_vkey
from audit.merkle import leaf_hash
from audit.proof import verify_consistency, verify_inclusion
from audit.tile import parse_bundle, parse_tile_path
from tests.audit import sample_log
from tests.audit.vectors import COSIGNED, FOLDER, VECTORS, text_of

PAGES = sorted(FOLDER.parent.glob("*.md"))
EXAMPLE = re.compile(r"<!-- vector: (\S+) (\S+) -->\n```\w+\n(.*?)```\n", re.DOTALL)
LINK = re.compile(r"\]\(([^)#]+)\)")


@cache
def vectors(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def member(name: str, path: str) -> str:
    value = vectors(name)
    for step in path.split("."):
        value = value[int(step)] if isinstance(value, list) else value[step]
    return str(value)


def plain_leaf(data: bytes) -> str:
    return sha256(b"\0" + data).hexdigest()


def plain_node(left: str, right: str) -> str:
    return sha256(b"\1" + bytes.fromhex(left) + bytes.fromhex(right)).hexdigest()


def plain_root(leaves: list[str]) -> str:
    if len(leaves) < 2:
        return leaves[0] if leaves else sha256(b"").hexdigest()
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return plain_node(plain_root(leaves[:split]), plain_root(leaves[split:]))


@pytest.mark.parametrize("name", VECTORS)
def test_the_vectors_are_what_the_code_gives(name: str) -> None:
    assert (FOLDER / f"{name}.json").read_text(encoding="utf-8") == text_of(name)


def test_there_are_no_other_files_among_the_vectors() -> None:
    assert {path.name for path in FOLDER.iterdir()} == {*(f"{name}.json" for name in VECTORS), COSIGNED.name}


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_the_examples_on_a_page_are_its_vectors(page: Path) -> None:
    examples = EXAMPLE.findall(page.read_text(encoding="utf-8"))

    assert examples or page.stem == "README"
    for name, path, text in examples:
        assert text.removesuffix("\n") == member(name, path).removesuffix("\n")


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_a_page_links_only_to_what_is_there(page: Path) -> None:
    links = LINK.findall(page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_format_has_a_page_and_every_page_is_listed() -> None:
    listed = LINK.findall((FOLDER.parent / "README.md").read_text(encoding="utf-8"))

    assert sorted(listed) == [page.name for page in PAGES if page.stem != "README"]
    assert sorted(VECTORS) == sorted(page.stem for page in PAGES if page.stem != "README")


def test_canonical_json_can_be_computed_from_its_page() -> None:
    for case in vectors("canonical-json")["accepted"]:
        text = json.dumps(case["value"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))

        assert text == case["text"]
        assert encode(case["value"]).decode() == text
        assert parse(text.encode()) == case["value"]


@pytest.mark.parametrize("case", vectors("canonical-json")["refused"], ids=lambda case: case["name"])
def test_what_is_not_canonical_is_refused(case: dict[str, str]) -> None:
    with pytest.raises(NotCanonical):
        parse(case["text"].encode())


def test_entries_chain_by_their_bytes_alone() -> None:
    previous = "00" * 32
    chains: dict[tuple[str, str], list[str]] = {}

    for index, case in enumerate(vectors("entry")["entries"]):
        data = case["text"].encode()
        members = json.loads(data)
        assert plain_leaf(data) == case["leaf_hash"]
        assert (members["index"], members["previous"]) == (index, previous)
        previous = case["leaf_hash"]
        for subject in members["subjects"]:
            chain = chains.setdefault((subject["kind"], subject["id"]), [])
            assert subject["index"] == len(chain)
            assert subject["previous"] == (chain[-1] if chain else "00" * 32)
            chain.append(previous)


def test_entries_are_read_back_with_their_columns() -> None:
    for case, sealed in zip(vectors("entry")["entries"], sample_log.entries(), strict=True):
        data = case["text"].encode()
        derived = columns(parse_members(data))._asdict()

        assert parse_entry(data).event == sealed.event
        assert {name: v.hex() if isinstance(v, bytes) else v for name, v in derived.items()} == case["columns"]


def test_the_reference_tree_has_its_published_root() -> None:
    reference = vectors("chain-and-tree")["reference"]
    leaves = [plain_leaf(bytes.fromhex(entry)) for entry in reference["entries"]]

    assert reference["roots"] == [plain_root(leaves[:size]) for size in range(9)]
    assert reference["roots"][8] == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


def test_the_sample_tree_can_be_computed_from_its_page() -> None:
    sample = vectors("chain-and-tree")["sample_log"]
    leaves = sample["leaf_hashes"]

    assert leaves == [case["leaf_hash"] for case in vectors("entry")["entries"]]
    assert sample["roots"] == [plain_root(leaves[:size]) for size in range(6)]
    for node in sample["nodes"]:
        start = node["index"] << node["level"]
        assert node["hash"] == plain_root(leaves[start : start + (1 << node["level"])])


def test_a_checkpoint_can_be_laid_out_from_its_page() -> None:
    case = vectors("checkpoint")["ed25519"]
    origin, size, root = case["text"].splitlines()
    name, key_id, material = case["vkey"].split("+", 2)

    assert (origin, size, b64decode(root).hex()) == (name, "5", vectors("chain-and-tree")["sample_log"]["roots"][5])
    assert sha256(name.encode() + b"\n" + b64decode(material)).hexdigest()[:8] == key_id == case["key_id"]
    assert case["note"].startswith(f"{case['text']}\n— {name} ")
    assert open_checkpoint(case["note"], [parse_vkey(case["vkey"])], origin=origin) == sample_log.checkpoint(5)


def test_a_cosigned_message_can_be_laid_out_from_its_page() -> None:
    case = vectors("checkpoint")["mldsa44"]
    name = b"log.example/retail"

    message = b"subtree/v1\n\0" + bytes((len(name),)) + name + case["timestamp"].to_bytes(8, "big")
    message += bytes((len(name),)) + name + bytes(8) + (5).to_bytes(8, "big")
    message += bytes.fromhex(vectors("chain-and-tree")["sample_log"]["roots"][5])

    assert message.hex() == case["cosigned_message"]


def test_the_cosigned_checkpoint_opens_by_either_key() -> None:
    note = COSIGNED.read_bytes()

    for vkey in (sample_log.SIGNER.vkey, sample_log.COSIGNER.vkey):
        assert open_checkpoint(note, [parse_vkey(vkey)], origin=sample_log.ORIGIN) == sample_log.checkpoint(5)


def test_tiles_can_be_computed_from_their_page() -> None:
    case = vectors("tiles")
    row = [plain_leaf(index.to_bytes(2, "big")) for index in range(256)]
    rows = [row]
    while len(row) > 1:
        row = [plain_node(left, right) for left, right in zip(row[::2], row[1::2], strict=True)]
        rows.append(row)
    stored = bytes.fromhex("".join(digest for each in rows for digest in each))

    assert sha256(stored).hexdigest() == case["stored_tile"]["sha256"]
    assert sha256(stored[:8192]).hexdigest() == case["stored_tile"]["served_sha256"]
    assert row[0] == case["stored_tile"]["root"]
    for node in case["stored_tile"]["offsets"]:
        assert stored[node["offset"] :][:32].hex() == rows[node["height"]][node["position"]]
    for tile in case["widths_at_size_70000"]:
        assert tile["width"] == max(0, min(256, 70_000 // 256 ** tile["level"] - 256 * tile["index"]))


def test_paths_are_read_back() -> None:
    for case in vectors("tiles")["paths"]:
        tile = parse_tile_path(case["path"])

        assert (tile.level if tile.level is not None else "entries", tile.index, tile.width) == (
            case["level"],
            case["index"],
            case["width"],
        )


def test_the_bundle_holds_the_sample_log() -> None:
    data = b64decode(vectors("tiles")["bundle"]["base64"])

    assert parse_bundle(data, 5) == [case["text"].encode() for case in vectors("entry")["entries"]]


@pytest.mark.parametrize("case", vectors("proof")["cases"], ids=lambda case: case["name"])
def test_a_verifier_accepts_exactly_the_right_proofs(case: dict[str, Any]) -> None:
    hashes = {
        name: [bytes.fromhex(digest) for digest in value] if isinstance(value, list) else bytes.fromhex(value)
        for name, value in case.items()
        if name in ("proof", "root", "leaf_hash", "first_root", "second_root")
    }
    numbers = {name: value for name, value in case.items() if name in ("index", "size", "first", "second")}
    verify: Any = verify_inclusion if case["kind"] == "inclusion" else verify_consistency

    if case["valid"]:
        verify(**hashes, **numbers)
        return

    with pytest.raises((InvalidProof, MalformedProof)):
        verify(**hashes, **numbers)


def test_commitments_can_be_computed_from_their_page() -> None:
    for case in vectors("commitment")["cases"]:
        salt = urlsafe_b64encode(bytes.fromhex(case["salt"])).decode().rstrip("=")
        text = json.dumps([salt, case["field"], case["value"]], ensure_ascii=False, separators=(",", ":"))

        assert sha256(text.encode()).hexdigest() == case["digest"]


def test_a_receipt_can_be_checked_from_its_page() -> None:
    case = vectors("receipt")
    receipt = case["receipt"]
    verifier = parse_vkey(case["vkey"])

    checkpoint = open_checkpoint(receipt["checkpoint"], [verifier], origin=verifier.name)

    assert checkpoint.size == receipt["tree_size"]
    assert plain_leaf(case["entry"].encode()) == receipt["leaf_hash"]
    assert json.loads(case["entry"])["index"] == receipt["index"]
    verify_inclusion(
        leaf_hash=bytes.fromhex(receipt["leaf_hash"]),
        index=receipt["index"],
        size=checkpoint.size,
        proof=[bytes.fromhex(digest) for digest in receipt["inclusion_proof"]],
        root=checkpoint.root,
    )


def test_a_receipt_and_its_tlog_proof_say_the_same() -> None:
    case = vectors("receipt")
    verifier = parse_vkey(case["vkey"])

    index, checkpoint = verify_tlog_proof(
        case["tlog_proof"],
        leaf_hash=leaf_hash(case["entry"].encode()),
        verifiers=[verifier],
        origin=verifier.name,
    )

    assert (index, checkpoint.size) == (case["receipt"]["index"], case["receipt"]["tree_size"])
