"""The log as static-looking resources, so that foreign clients can mirror and watch it (C2SP tlog-tiles).

- `/log/checkpoint`: the newest published checkpoint, text/plain; changes, so it is not cached for long.
- `/log/tile/<L>/<N>[.p/<W>]`: hash tiles, and `/log/tile/entries/<N>[.p/<W>]`: entry bundles; application/octet-stream.
  A tile never changes once it can be read, so it may be cached for ever; partial ones stay readable when they fill.
- Checkpoints and hash tiles are public if the operator says so. Bundles are the entries themselves: they need a grant for
  the whole log.
"""

from dataclasses import dataclass
from typing import Final

from api.calls import Call
from api.members import Text
from api.operations import Documented, Operation, Parameters, Public, Runs, Tag
from api.problem_codes import Code
from api.problems import Problem
from api.replies import BYTES_TYPE, TEXT_TYPE, Answer
from api.schemas import TEXT
from audit.errors import MalformedTile
from audit.tile import TilePath, encode_bundle, parse_tile_path, tile_width
from policies.model import Action, Resource
from storage.errors import NotFound
from storage.reading import bundle_entries, hash_tile, published_checkpoint, read_head

FOR_EVER: Final = "max-age=31536000, immutable"
CHECKPOINT_AGE: Final = "max-age=1"


def get_log_checkpoint(call: Call[None, None]) -> Answer:
    """Return the newest published checkpoint as a signed note."""
    settings = call.services.settings
    if not settings.public_checkpoints:
        call.require_reading(Action.LOG_READ, Resource("checkpoint"))
    with call.services.storage.database.read() as connection:
        try:
            note = published_checkpoint(connection)
        except NotFound:
            raise Problem.of(Code.NO_CHECKPOINT) from None
    shared = "public" if settings.public_checkpoints else "private"
    return Answer(note.encode(), media_type=TEXT_TYPE, headers=(("Cache-Control", f"{shared}, {CHECKPOINT_AGE}"),))


@dataclass(frozen=True, slots=True)
class TileParameters:
    """The path of a tile below `/log/tile/`."""

    path: str


def get_tile(call: Call[TileParameters, None]) -> Answer:
    """Return a hash tile or an entry bundle."""
    try:
        tile = parse_tile_path("tile/" + call.parameters.path.removeprefix("/"))
    except MalformedTile:
        raise Problem.of(Code.NOT_FOUND) from None
    return _bundle(call, tile) if tile.level is None else _hash_tile(call, tile, tile.level)


def _hash_tile(call: Call[TileParameters, None], tile: TilePath, level: int) -> Answer:
    public = call.services.settings.public_checkpoints
    if not public:
        call.require_reading(Action.LOG_READ, Resource("checkpoint"))
    with call.services.storage.database.read() as connection:
        if tile_width(level, tile.index, read_head(connection).size) < tile.width:
            raise Problem.of(Code.NOT_FOUND)
        body = hash_tile(connection, level, tile.index, tile.width)
    return _for_ever(body, shared=public)


def _bundle(call: Call[TileParameters, None], tile: TilePath) -> Answer:
    call.require_reading(Action.LOG_READ_BUNDLES, Resource("log", whole_log=True))
    with call.services.storage.database.read() as connection:
        if tile_width(0, tile.index, read_head(connection).size) < tile.width:
            raise Problem.of(Code.NOT_FOUND)
        body = encode_bundle(bundle_entries(connection, tile.index, tile.width))
    return _for_ever(body, shared=False)


def _for_ever(body: bytes, *, shared: bool) -> Answer:
    caching = f"{'public' if shared else 'private'}, {FOR_EVER}"
    return Answer(body, media_type=BYTES_TYPE, headers=(("Cache-Control", caching),))


_CACHED: Final = {"Cache-Control": "How long it may be kept."}

OPERATIONS: Final = (
    Operation(
        method="GET",
        path="/log/checkpoint",
        name="get_log_checkpoint",
        tag=Tag.TILES,
        summary="The newest published checkpoint (C2SP tlog-tiles)",
        run=get_log_checkpoint,
        runs=Runs.IN_THREAD,
        answers=(Documented(200, "A signed note.", TEXT, media_type="text/plain", headers=_CACHED),),
        refusals=(404,),
        public=Public.BY_SETTING,
    ),
    Operation(
        method="GET",
        path="/log/tile/{path}",
        name="get_tile",
        tag=Tag.TILES,
        summary="A hash tile or entry bundle (C2SP tlog-tiles)",
        description=(
            "`<L>/<N>[.p/<W>]` for hash tiles, `entries/<N>[.p/<W>]` for bundles, `<N>` in groups of three digits such as "
            "`x001/067`. Bundles need a grant for the whole log."
        ),
        run=get_tile,
        runs=Runs.IN_THREAD,
        parameters=Parameters(
            TileParameters, {"path": Text(64, description="Below `/log/tile/`.", example="0/000.p/1")}, ("path",)
        ),
        answers=(
            Documented(200, "The bytes.", {"type": "string"}, media_type="application/octet-stream", headers=_CACHED),
        ),
        refusals=(404,),
        public=Public.BY_SETTING,
        rest_of_path=True,
    ),
)
