"""Proofs and checkpoints: what lets anybody check the log without trusting this server."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from api.calls import Call
from api.cursors import read_index, write_cursor
from api.entries import INDEX, load_entry
from api.members import Text, Whole
from api.operations import Documented, Operation, Parameters, Public, Runs, Tag
from api.problem_codes import Code
from api.problems import Fault, Invalid, Problem
from api.replies import TEXT_TYPE, Answer, json_answer
from api.schemas import TEXT, page, record, ref
from api.shapes import Json, time_json
from audit.canonical import INTEGER_MAX
from audit.checkpoint import parse_checkpoint, tlog_proof
from audit.event import time_of
from policies.model import Action, Resource
from storage.errors import NotFound
from storage.reading import (
    consistency_proof,
    inclusion_proof,
    published_checkpoint,
    published_sizes,
    read_head,
    root_at,
)
from storage.signing import verifier_key

if TYPE_CHECKING:
    from storage.model import Head

SIZE: Final = Whole(0, INTEGER_MAX, "Tree size: how many entries.")
PAGE_MAX: Final = 500


@dataclass(frozen=True, slots=True)
class InclusionParameters:
    """Which entry, in the tree of which size; None: the newest."""

    index: int
    size: int | None = None


def get_inclusion(call: Call[InclusionParameters, None]) -> Answer:
    """Return the proof that an entry is in the tree."""
    asked = call.parameters
    entry = load_entry(call, asked.index)
    with call.services.storage.database.read() as connection:
        head = read_head(connection)
        size = _size(head, asked.size)
        if asked.index >= size:
            raise Problem.of(Code.INDEX_BEYOND_LOG, size=size)
        proof = inclusion_proof(connection, asked.index, size)
        root = root_at(connection, size)
    found: Json = {
        "index": asked.index,
        "leaf_hash": entry.leaf_hash.hex(),
        "tree_size": size,
        "root_hash": root.hex(),
        "inclusion_proof": [node.hex() for node in proof],
    }
    if size == head.size:
        found["checkpoint"] = head.note
    return json_answer(found)


def get_tlog_proof(call: Call[InclusionParameters, None]) -> Answer:
    """Return the proof and its checkpoint as a C2SP tlog-proof."""
    asked = call.parameters
    load_entry(call, asked.index)
    with call.services.storage.database.read() as connection:
        head = read_head(connection)
        size = _size(head, asked.size)
        note = head.note if size == head.size else _published(connection, size)
        if asked.index >= size:
            raise Problem.of(Code.INDEX_BEYOND_LOG, size=size)
        text = tlog_proof(asked.index, inclusion_proof(connection, asked.index, size), note)
    name = f'attachment; filename="entry-{asked.index}.tlog-proof"'
    return Answer(text.encode(), media_type=TEXT_TYPE, headers=(("Content-Disposition", name),))


def _size(head: "Head", asked: int | None) -> int:
    if asked is None:
        return head.size
    if asked > head.size:
        raise Problem.of(Code.SIZE_BEYOND_LOG, size=head.size)
    return asked


def _published(connection: Any, size: int | None) -> str:
    try:
        return published_checkpoint(connection, size)
    except NotFound:
        raise Problem.of(Code.NO_CHECKPOINT) from None


@dataclass(frozen=True, slots=True)
class ConsistencyParameters:
    """Between which sizes; `second` None: the newest."""

    first: int
    second: int | None = None


def get_consistency(call: Call[ConsistencyParameters, None]) -> Answer:
    """Return the proof that a later tree extends an earlier one."""
    _require_checkpoints(call)
    asked = call.parameters
    with call.services.storage.database.read() as connection:
        second = _size(read_head(connection), asked.second)
        if asked.first > second:
            raise Invalid([Fault.of(Code.RANGE_REVERSED)]).of_parameter("second")
        proof = consistency_proof(connection, asked.first, second)
        roots = root_at(connection, asked.first), root_at(connection, second)
    return json_answer(
        {
            "first": asked.first,
            "second": second,
            "first_root_hash": roots[0].hex(),
            "second_root_hash": roots[1].hex(),
            "consistency_proof": [node.hex() for node in proof],
        }
    )


@dataclass(frozen=True, slots=True)
class CheckpointParameters:
    """Of which size."""

    size: int


def get_checkpoint(call: Call[CheckpointParameters, None]) -> Answer:
    """Return the checkpoint that was published at a size."""
    _require_checkpoints(call)
    with call.services.storage.database.read() as connection:
        return json_answer(_checkpoint_json(connection, _published(connection, call.parameters.size)))


def get_latest_checkpoint(call: Call[None, None]) -> Answer:
    """Return the newest checkpoint, published or not yet."""
    _require_checkpoints(call)
    with call.services.storage.database.read() as connection:
        return json_answer(_checkpoint_json(connection, read_head(connection).note))


@dataclass(frozen=True, slots=True)
class CheckpointsParameters:
    """A page of checkpoints."""

    cursor: str | None = None
    limit: int = 100


def list_checkpoints(call: Call[CheckpointsParameters, None]) -> Answer:
    """Return the sizes at which checkpoints were published, newest first."""
    _require_checkpoints(call)
    asked = call.parameters
    below = read_index(("checkpoints",), asked.cursor)
    with call.services.storage.database.read() as connection:
        found = published_sizes(connection, below=below, limit=asked.limit + 1)
    shown = found[: asked.limit]
    following = write_cursor(("checkpoints",), [shown[-1][0]]) if len(found) > asked.limit else None
    items = [{"tree_size": size, "published_at": time_json(time_of(at))} for size, at in shown]
    return json_answer({"items": items, "next_cursor": following})


def _require_checkpoints(call: Call[Any, Any]) -> None:
    """Checkpoints and consistency are public if the operator says so; else for whoever may read the log."""
    if not call.services.settings.public_checkpoints:
        call.require_reading(Action.LOG_READ, Resource("checkpoint"))


def _checkpoint_json(connection: Any, note: str) -> Json:
    checkpoint = parse_checkpoint(note.partition("\n\n")[0] + "\n")
    return {
        "origin": checkpoint.origin,
        "tree_size": checkpoint.size,
        "root_hash": checkpoint.root.hex(),
        "note": note,
        "vkey": verifier_key(connection, checkpoint.size),
    }


_WITH_KEY: Final = (
    "`note` is the C2SP signed note, `vkey` the C2SP verifier key that opens it, and every receipt of that size. A key "
    "that comes with what it opens proves little: keep the first one you got, by another way if you can, and compare."
)
_OF_AN_ENTRY: Final = Parameters(InclusionParameters, {"index": INDEX, "size": SIZE}, ("index",))

OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/api/v1/entries/{index}/inclusion",
        name="get_inclusion",
        tag=Tag.PROOFS,
        summary="Inclusion proof of an entry",
        description="RFC 9162 §2.1.3. With the newest size, the signed checkpoint comes with it.",
        run=get_inclusion,
        runs=Runs.IN_THREAD,
        parameters=_OF_AN_ENTRY,
        answers=(Documented(200, "The proof.", ref("InclusionProof")),),
        refusals=(404,),
    ),
    Operation(
        method="GET",
        path="/api/v1/entries/{index}/tlog-proof",
        name="get_tlog_proof",
        tag=Tag.PROOFS,
        summary="Offline proof of an entry",
        description="C2SP tlog-proof: proof and checkpoint in one text, for the newest size or one that was published.",
        run=get_tlog_proof,
        runs=Runs.IN_THREAD,
        parameters=_OF_AN_ENTRY,
        answers=(
            Documented(
                200,
                "The proof.",
                TEXT,
                media_type="text/plain",
                headers={"Content-Disposition": "A name to keep it under."},
            ),
        ),
        refusals=(404,),
    ),
    Operation(
        method="GET",
        path="/api/v1/consistency",
        name="get_consistency",
        tag=Tag.PROOFS,
        summary="Consistency proof between two sizes",
        description="RFC 9162 §2.1.4: the tree of the second size has the first as its beginning.",
        run=get_consistency,
        runs=Runs.IN_THREAD,
        parameters=Parameters(ConsistencyParameters, {"first": SIZE, "second": SIZE}, ("first",)),
        answers=(Documented(200, "The proof.", ref("ConsistencyProof")),),
        refusals=(404,),
        public=Public.BY_SETTING,
    ),
    Operation(
        method="GET",
        path="/api/v1/checkpoints",
        name="list_checkpoints",
        tag=Tag.PROOFS,
        summary="Published checkpoints",
        run=list_checkpoints,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            CheckpointsParameters,
            {
                "cursor": Text(1024, description="`next_cursor` of the page before."),
                "limit": Whole(1, PAGE_MAX, "Most checkpoints on the page."),
            },
        ),
        answers=(
            Documented(
                200,
                "A page, newest first.",
                page(record({"tree_size": SIZE.schema, "published_at": TEXT})),
            ),
        ),
        public=Public.BY_SETTING,
    ),
    Operation(
        method="GET",
        path="/api/v1/checkpoints/latest",
        name="get_latest_checkpoint",
        tag=Tag.PROOFS,
        summary="The newest checkpoint",
        description=_WITH_KEY,
        run=get_latest_checkpoint,
        runs=Runs.IN_THREAD,
        answers=(Documented(200, "The checkpoint.", ref("Checkpoint")),),
        public=Public.BY_SETTING,
    ),
    Operation(
        method="GET",
        path="/api/v1/checkpoints/{size}",
        name="get_checkpoint",
        tag=Tag.PROOFS,
        summary="The checkpoint of a size",
        description=_WITH_KEY,
        run=get_checkpoint,
        runs=Runs.IN_THREAD,
        parameters=Parameters(CheckpointParameters, {"size": SIZE}, ("size",)),
        answers=(Documented(200, "The checkpoint.", ref("Checkpoint")),),
        refusals=(404,),
        public=Public.BY_SETTING,
    ),
)
