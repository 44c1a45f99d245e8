"""The vectors in `docs/formats/vectors`: how each file is made.

`python -m tests.audit.vectors` writes them again. A vector that changes is another format version:
the test that compares them exists so that this does not happen unseen.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from audit.canonical import INTEGER_MAX, encode
from audit.checkpoint import sign_checkpoint, tlog_proof
from audit.commitment import commit
from audit.entry import columns_of
from audit.keys import cosigned_message
from audit.merkle import leaf_hash
from audit.tile import bundle_path, encode_bundle, node_offset, node_place, tile_nodes, tile_path, tile_width
from tests.audit import sample_log
from tests.audit.mutations import consistency_cases, inclusion_cases
from tests.audit.trees import Tree, tree_of
from tests.documents.export_vectors import folder_export
from tests.policies.bundles.vectors import policy_bundle
from tests.retention.vectors import disposal_certificate
from tests.storage.objects.vectors import sealed_object

FOLDER = Path(__file__).parents[2] / "docs" / "formats" / "vectors"

# transparency-dev/merkle and its predecessor, the inputs of the reference tree of Certificate Transparency.
REFERENCE_LEAVES = ("", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")


def canonical() -> dict[str, Any]:
    values: dict[str, Any] = {
        "scalars": [None, True, False, 0, -1, "text"],
        "greatest integers": [INTEGER_MAX, -INTEGER_MAX],
        "member order": {"b": 1, "a_": 2, "a": 3, "0": 4, "_": 5},
        "escapes": '"\\/\b\f\n\r\t\x01\x1f\x7f',
        "no normalisation": ["e\u0301", "\u00e9"],
        "characters": "倉庫 𠮷 €",
        "deepest": [[[[[[[[]]]]]]]],
        "empty": {"a": {}, "b": []},
    }
    refused = {
        "white space": '{"a": 1}',
        "member order": '{"b":1,"a":2}',
        "duplicate member": '{"a":1,"a":1}',
        "needless escape": '"\\u0061"',
        "upper-case escape": '"\\u001F"',
        "surrogate pair escape": '"\\ud83d\\ude00"',
        "lone surrogate": '"\\ud800"',
        "nul": '"\\u0000"',
        "float": "1.0",
        "exponent": "1e3",
        "minus zero": "-0",
        "integer beyond": "9007199254740992",
        "name in upper case": '{"A":1}',
        "name with hyphen": '{"a-b":1}',
        "empty name": '{"":1}',
        "too deep": "[[[[[[[[[]]]]]]]]]",
    }
    accepted = [{"name": name, "value": value, "text": encode(value).decode()} for name, value in values.items()]
    return {"accepted": accepted, "refused": [{"name": name, "text": text} for name, text in refused.items()]}


def entry() -> dict[str, Any]:
    listed = []
    for sealed in sample_log.entries():
        derived = columns_of(sealed)._asdict()
        derived = {name: value.hex() if isinstance(value, bytes) else value for name, value in derived.items()}
        listed.append(
            {
                "index": sealed.index,
                "text": sealed.bytes.decode(),
                "leaf_hash": sealed.leaf_hash.hex(),
                "columns": derived,
            }
        )
    decided, channelled = sample_log.decided_entry(), sample_log.channelled_entry()
    return {
        "mark": "chopbook-entry/1",
        "entries": listed,
        "decided": {"text": decided.bytes.decode(), "leaf_hash": decided.leaf_hash.hex()},
        "channelled": {"text": channelled.bytes.decode(), "leaf_hash": channelled.leaf_hash.hex()},
    }


def chain_and_tree() -> dict[str, Any]:
    reference = [bytes.fromhex(leaf) for leaf in REFERENCE_LEAVES]
    sample = sample_log.tree()
    return {
        "reference": {"entries": list(REFERENCE_LEAVES), "roots": [root.hex() for root in _roots(reference)]},
        "sample_log": {
            "leaf_hashes": [leaf_hash(data).hex() for data in sample.entries],
            "roots": [root.hex() for root in sample.roots],
            "nodes": [
                {"level": level, "index": index, "hash": digest.hex()}
                for (level, index), digest in sorted(sample.nodes.items())
            ],
        },
    }


def checkpoint() -> dict[str, Any]:
    body = sample_log.checkpoint(5).body()
    return {
        "ed25519": {
            "seed": sample_log.ED25519_SEED.hex(),
            "key_id": sample_log.SIGNER.key_id.hex(),
            "vkey": sample_log.SIGNER.vkey,
            "text": body,
            "note": sample_log.note(5),
        },
        "mldsa44": {
            "seed": sample_log.MLDSA44_SEED.hex(),
            "key_id": sample_log.COSIGNER.key_id.hex(),
            "vkey_sha256": sha256(sample_log.COSIGNER.vkey.encode()).hexdigest(),
            "timestamp": sample_log.COSIGNED_AT,
            "cosigned_message": cosigned_message(sample_log.ORIGIN, sample_log.COSIGNED_AT, body.encode()).hex(),
        },
    }


def tiles() -> dict[str, Any]:
    full = [leaf_hash(index.to_bytes(2, "big")) for index in range(256)]
    stored = tile_nodes(full)
    return {
        "paths": [
            {"level": level, "index": index, "width": width, "path": tile_path(level, index, width)}
            for level, index, width in ((0, 0, 256), (0, 1067, 256), (0, 273, 112), (1, 1234067, 17), (2, 0, 1))
        ]
        + [
            {"level": "entries", "index": index, "width": width, "path": bundle_path(index, width)}
            for index, width in ((0, 5), (1067, 256))
        ],
        "widths_at_size_70000": [
            {"level": level, "index": index, "width": tile_width(level, index, 70_000)}
            for level, index in ((0, 272), (0, 273), (0, 274), (1, 0), (1, 1), (2, 0), (3, 0))
        ],
        "stored_tile": {
            "entries": "the 256 numbers from 0, each as two bytes, big-endian",
            "sha256": sha256(stored).hexdigest(),
            "served_sha256": sha256(stored[:8192]).hexdigest(),
            "root": stored[-32:].hex(),
            "offsets": [
                {"height": height, "position": position, "offset": node_offset(height, position)}
                for height, position in ((0, 0), (0, 255), (1, 0), (1, 127), (4, 3), (8, 0))
            ],
        },
        "places": [
            {"level": level, "index": index, "place": list(node_place(level, index))}
            for level, index in ((0, 1067), (3, 40), (8, 5), (9, 2), (16, 1))
        ],
        "bundle": {
            "of": "the sample log",
            "path": bundle_path(0, 5),
            "base64": b64encode(encode_bundle([sealed.bytes for sealed in sample_log.entries()])).decode(),
        },
    }


def proof() -> dict[str, Any]:
    tree = tree_of(14)
    cases = [*inclusion_cases(tree), *consistency_cases(tree)]
    return {
        "entries": "the 14 numbers from 0, each as two bytes, big-endian",
        "cases": [_plain(case) for case in cases],
    }


def commitment() -> dict[str, Any]:
    disclosures = (
        (sample_log.SALT, "note", sample_log.NOTE),
        (bytes(16), "name", ""),
        (b"\xff" * 16, "phone", '+852 "2345" \\ 6789\n'),
    )
    return {
        "cases": [
            {"salt": salt.hex(), "field": field, "value": value, "digest": commit(salt, field, value)}
            for salt, field, value in disclosures
        ]
    }


def receipt() -> dict[str, Any]:
    sealed = sample_log.entries()[3]
    path = sample_log.tree().inclusion(3, 5)
    return {
        "vkey": sample_log.SIGNER.vkey,
        "entry": sealed.bytes.decode(),
        "receipt": {
            "index": 3,
            "leaf_hash": sealed.leaf_hash.hex(),
            "tree_size": 5,
            "inclusion_proof": [digest.hex() for digest in path],
            "checkpoint": sample_log.note(5),
        },
        "tlog_proof": tlog_proof(3, path, sample_log.note(5)),
    }


def published(name: str) -> dict[str, Any]:
    """What nothing writes any more and everything reads: a format that a later one has followed."""
    found: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return found


VECTORS: dict[str, Callable[[], dict[str, Any]]] = {
    "canonical-json": canonical,
    "entry": entry,
    "chain-and-tree": chain_and_tree,
    "checkpoint": checkpoint,
    "tiles": tiles,
    "proof": proof,
    "commitment": commitment,
    "receipt": receipt,
    "sealed-object": sealed_object,
    "policy-bundle": policy_bundle,
    "disposal-certificate": lambda: published("disposal-certificate"),
    "disposal-certificate-2": disposal_certificate,
    "folder-export": folder_export,
}


def text_of(name: str) -> str:
    """The file of a format's vectors."""
    vectors = VECTORS[name]()
    cases = vectors.pop("cases", None)
    text = json.dumps(vectors, ensure_ascii=False, indent=1)
    if cases is None:
        return text + "\n"
    # One case a line: hundreds of them are read by their names.
    lines = ",\n".join("  " + json.dumps(case, ensure_ascii=False) for case in cases)
    head = text.removesuffix("\n}").removesuffix("{}")
    return f'{head or "{"}{"," if head else ""}\n "cases": [\n{lines}\n ]\n}}\n'


def _roots(leaves: list[bytes]) -> list[bytes]:
    return Tree(leaves).roots


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if isinstance(value, dict):
        return {name: _plain(member) for name, member in value.items()}
    return value


COSIGNED = FOLDER / "checkpoint-cosigned.txt"


def main() -> None:
    """Write every file; the cosigned note only if there is none, for its signature differs each time."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not COSIGNED.exists():
        note = sign_checkpoint(sample_log.checkpoint(5), [sample_log.SIGNER, sample_log.COSIGNER])
        COSIGNED.write_text(note, encoding="utf-8")
    for name in VECTORS:
        (FOLDER / f"{name}.json").write_text(text_of(name), encoding="utf-8")


if __name__ == "__main__":
    main()
