"""What somebody may not see changes nothing of what they get: not a row, a total, a page, a cursor, a snippet, an ETag or an error.

Worlds are built that differ only in what is out of a caller's reach: in one it is not there, in another it is, in a third it is
something else. Every GET route of the API, and every page, is called in each, with every parameter, and the answers are compared byte for byte. Routes come
from the declarations the OpenAPI document is made of: a new one is called too, and one whose parameters nobody has named here fails.

What may differ is in `EXCLUDED` and in `settled`: how long the log is, hashes and signatures of it, and what is a number of an entry
(the other entries of a SKU's chain, the version of the policies). Worlds are padded so that indexes of rows are the same.
"""

from __future__ import annotations

import io
import itertools
import re
import shutil
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import httpx
import pytest

from api.application import OPERATIONS
from api.operations import Operation
from documents.parsing import parse_link
from documents.rules import reading_job
from migrations.upgrading import upgrade
from policies.model import Role, ScopeKind, SignIn
from storage import create_log, open_storage
from tests.api.desk import EVERY_SCOPE, Desk
from tests.postgres import Cluster
from tests.stock.shop import ALLOWS, REFUSES
from tests.worlds import ORIGIN, ROOT_KEY, SetClock, World, seeded
from web.page import Page
from web.site import PAGES as SITE

MINE, HIDDEN = ALLOWS, REFUSES
PAGES_MAX: Final = 60
PADDED: Final = 60

EXCLUDED: Final = {
    "get_tile": "bytes of hashes and of entries; bundles need a grant for the whole log",
    "get_log_checkpoint": "a signed root",
    "get_consistency": "hashes of the tree",
    "list_checkpoints": "sizes of the tree",
    "get_checkpoint": "a signed root",
    "get_tlog_proof": "hashes of the tree, in base64",
    "get_latest_checkpoint": "a signed root",
    "page_entry_proof": "the same as get_tlog_proof",
}
"""Operations that are not called, each with the reason."""

UNASKED: Final = {
    "event_id": "names the call itself",
    "cursor": "is followed from page to page",
    "limit": "is two wherever there are pages",
}
"""Parameters that are not varied."""

ONLY: Final[dict[str, list[dict[str, str]]]] = {"follow": [{"start": "0"}]}
"""Operations that are called in these ways alone: a stream takes a second each time."""


OF_PAGES: Final[dict[str, list[str]]] = {
    "action": ["stock.adjust", "bundle.approve"],
    "again": ["true"],
    "form": ["csv", "ndjson"],
    "from": ["2026-11-22"],
    "findings_only": ["true"],
    "kind": ["document"],
    "next": ["/why"],
    "opened": ["true"],
    "outcome": ["due"],
    "reason": ["shown"],
    "review": ["open"],
    "recorded": ["2026-11-22"],
    "released": ["true"],
    "simulated": ["true"],
    "title": ["x"],
    "until": ["2026-11-22"],
    "versions": ["all"],
    "whole": ["true"],
    "with_zero": ["true"],
}
"""What pages alone are asked for, or call otherwise than the API."""

_LOT: Final = {"sku": "C1", "batch": "L1"}
ALWAYS: Final = {"page_why": {"action": "stock.adjust"}, "page_lot": _LOT, "page_lot_export": _LOT}
"""What a page needs to say anything."""


@dataclass
class Known:
    """What a caller can name: their own things, and those out of reach."""

    documents: list[str] = field(default_factory=list)
    stocktakes: list[str] = field(default_factory=list)
    indexes: list[str] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    jobs: list[str] = field(default_factory=list)

    def values(self) -> dict[str, list[str]]:
        """What to ask for, by the name of the parameter."""
        codes = ["A1", "C1", "SUP1", "KLN", "HID", MINE, HIDDEN, "ZZ9", "no_such"]
        times = ["2026-11-22T04:00:00Z", "2026-11-22T04:30:00Z"]
        return {
            "actor": self.people,
            "added_from": times,
            "added_until": times,
            "amount_from": ["0", "12500"],
            "amount_until": ["0", "12500"],
            "batch": ["L1", "no_such"],
            "breach": ["no_such"],
            "bundle": ["0" * 64],
            "by": ["2026-12-31"],
            "case": ["no_such"],
            "channel": ["no_such"],
            "class": ["delivery_note", "photo", "contract"],
            "code": codes,
            "currency": ["HKD"],
            "dated_from": ["2026-11-20"],
            "dated_until": ["2026-11-20"],
            "class_code": ["delivery_note"],
            "client": self.people,
            "days": ["30"],
            "days_left": ["0"],
            "disposal": ["3f0c6f6e-5f77-5c1a-9a53-6a5f1b0f2c11"],
            "document": self.documents,
            "expiring_by": ["2026-12-31"],
            "first_month": ["2026-11", "2026-12"],
            "folder": ["general/papers", "general/secret", "general/other", f"store/{HIDDEN}", "sku/A1"],
            "grant": ["0" * 32],
            "index": self.indexes,
            "job": self.jobs,
            "key": ["no_such"],
            "last_month": ["2026-11", "2026-12"],
            "linked_to": self.documents,
            "matter": ["no_such"],
            "name": ["thumbnail", "page-0001", "no_such"],
            "number": ["DN-1", "DN-2"],
            "occurred_from": times,
            "occurred_until": times,
            "path": ["0/000.p/1", "total"],
            "principal": self.people,
            "pending": ["0" * 32],
            "q": ["paper", "暗 paper", "secret*"],
            "quantity": ["1", "90000"],
            "record": self.documents,
            "recorded_from": times,
            "recorded_until": times,
            "schedule": ["no_such"],
            "scan": ["01048912345678981234"],
            "size": ["1"],
            "sku": ["A1", "C1", "no_such"],
            "state": ["received", "read", "released", "superseded"],
            "start": ["0", "30"],
            "stocktake": self.stocktakes,
            "stop": ["30"],
            "store": [MINE, HIDDEN, "no_such"],
            "subject": [f"stock:{MINE}/A1", f"stock:{HIDDEN}/A1", "sku:A1", f"store:{HIDDEN}"],
            "supplier": ["SUP1", "no_such"],
            "tag": ["mine", "secret"],
            "target": self.documents,
            "text": ["A1", "secret", HIDDEN],
            "type": ["stock.adjusted", "document.linked", "stocktake.closed"],
            "until": ["2030-12-31"],
            "upload": ["00000000-0000-4000-8000-000000000000"],
            "version": ["1", "2"],
        }


class TwoStreams:
    """Chance for what is seen and for what is not, so that more of the one moves nothing of the other."""

    def __init__(self) -> None:
        self._streams = {False: seeded(1), True: seeded(2)}
        self.hidden = False

    def __call__(self, size: int) -> bytes:
        return self._streams[self.hidden](size)


@contextmanager
def database(dialect: str, request: pytest.FixtureRequest, directory: Path, name: str) -> Iterator[str]:
    """A migrated database for one world."""
    if dialect == "sqlite":
        path = directory / f"{name}.db"
        shutil.copyfile(request.getfixturevalue("migrated_sqlite"), path)
        yield f"sqlite:///{path}"
    else:
        cluster: Cluster = request.getfixturevalue("cluster")
        with cluster.database(template=cluster.template("migrated", upgrade)) as url:
            yield url


Hide = Callable[[Desk, Known, int], None]


def nothing(desk: Desk, known: Known, turn: int) -> None:
    """There is nothing out of the caller's reach that was not there before."""


def one_thing(desk: Desk, known: Known, turn: int) -> None:
    _hide(desk, known, turn, quantity="70007", folder="general/secret", word="secret")


def another_thing(desk: Desk, known: Known, turn: int) -> None:
    _hide(desk, known, turn, quantity="13", folder="general/other", word="other")


def _hide(desk: Desk, known: Known, turn: int, *, quantity: str, folder: str, word: str) -> None:
    if turn == 0:
        desk.area("HID")
        desk.store("ZZ9", "HID")
        known.people.append(desk.person(Role.STAFF, (ScopeKind.STORE, HIDDEN)).id)
    for sku, lot in (("A1", {}), ("C1", {"batch": "L1"}), ("A2", {})):
        desk.adjust(quantity, store=HIDDEN, sku=sku, **lot)
    opened = desk.open(HIDDEN)
    desk.count_one(opened.id, "A1", int(quantity) + turn)
    desk.close(opened.id)
    known.stocktakes.append(opened.id)
    for store, kind in ((HIDDEN, "delivery_note"), (None, "contract"), (HIDDEN, "photo")):
        found = desk.add(
            f"paper {word} {kind} {turn}".encode(),
            store=store,
            folders=[folder, "general/papers", "sku/A1"],
            tags=["secret"],
            title=f"暗 paper {word}",
            number="DN-1",
            name=f"{word}.jpg",
            **{"class": kind},
        ).document
        desk.work()
        known.documents.append(found)
        known.jobs.append(reading_job(found, 1))
        link = parse_link({"kind": "supersedes", "target": known.documents[0]}, document=found, event_id=desk.id())
        desk.do(desk.documents.link(desk.clerk, link))


def show(desk: Desk, known: Known, turn: int) -> None:
    """What the caller sees, whatever is hidden."""
    if turn == 0:
        desk.lot("C1", "L1", "2026-12-01")
    for quantity, sku, lot in (("40", "A1", {}), ("-3", "A1", {}), ("9", "C1", {"batch": "L1"})):
        known.indexes.append(str(desk.adjust(quantity, store=MINE, sku=sku, **lot).index))
    opened = desk.open(MINE)
    desk.count_one(opened.id, "A1", 36 + turn)
    if turn == 0:
        desk.close(opened.id)
    known.stocktakes.append(opened.id)
    found = desk.add_read(
        f"paper {turn}".encode(),
        store=MINE,
        folders=["general/papers", "sku/A1"],
        tags=["mine"],
        title=f"見 paper {turn}",
        number=f"DN-{turn}",
        name=f"mine-{turn}.jpg",
    ).document
    known.documents.append(found)
    known.jobs.append(reading_job(found, 1))
    if turn:
        link = parse_link({"kind": "fulfils", "target": known.documents[0]}, document=found, event_id=desk.id())
        desk.do(desk.documents.link(desk.clerk, link))


@dataclass
class Made:
    """A world to ask, and who asks."""

    desk: Desk
    staff: str
    staff_id: str
    till: str
    known: Known


@contextmanager
def made(url: str, directory: Path, hide: Hide) -> Iterator[Made]:
    """A world in which something is hidden."""
    directory.mkdir()
    clock, chance = SetClock(), TwoStreams()
    keystore_url = f"sqlite:///{directory / 'keys.db'}"
    create_log(url, keystore_url, ROOT_KEY, origin=ORIGIN, clock=clock, entropy=chance)
    storage = open_storage(url, keystore_url, ROOT_KEY, clock=clock, entropy=chance)
    world = World(url, keystore_url, clock, chance, storage)
    try:
        desk, known = Desk(world), Known()
        person = desk.person(Role.STAFF, (ScopeKind.STORE, MINE))
        till = desk.client((ScopeKind.STORE, MINE))
        key = desk.key(till.id, EVERY_SCOPE, rate_per_minute=1_000_000).secret
        known.people += [person.id, till.id]
        for turn in (0, 1):
            show(desk, known, turn)
            clock.advance(minutes=10)
            # What is to be done about what is seen is done before anything is hidden.
            desk.work()
            chance.hidden = True
            before = desk.size()
            known.indexes.append(str(before + 1))
            hide(desk, known, turn)
            used = desk.size() - before
            assert used <= PADDED, used
            # What is padded with is as far out of reach as what it stands for.
            world.append(PADDED - used)
            chance.hidden = False
            clock.advance(minutes=10)
        yield Made(desk, desk.token_of(person), person.id, key, known)
    finally:
        world.storage.close()


# ---------------------------------------------------------------------------------------- what is asked


def asked(operation: Operation[Any, Any], values: dict[str, list[str]]) -> Iterator[tuple[str, dict[str, str]]]:
    """Every address and query to call an operation with: each thing in the path, then each parameter alone."""
    members, required = operation.parameters.members, operation.parameters.required
    needed = [name for name in required if name not in operation.in_path]
    optional = [name for name in members if name not in required and name not in UNASKED]
    plain = {name: _values(operation, name, values)[0] for name in needed}
    if "limit" in members:
        plain["limit"] = "2"
    queries = ONLY.get(operation.name) or [plain] + [
        {**plain, name: value} for name in (*needed, *optional) for value in _values(operation, name, values)
    ]
    for chosen in itertools.product(*(_values(operation, name, values) for name in operation.in_path)):
        address = operation.path
        for name, value in zip(operation.in_path, chosen, strict=True):
            address = address.replace(f"{{{name}}}", value)
        # What lies under one thing does not need every parameter for each of them.
        yield from ((address, query) for query in queries)


def _values(operation: Operation[Any, Any], name: str, values: dict[str, list[str]]) -> list[str]:
    schema = operation.parameters.members[name].schema
    if "enum" in schema:
        return [str(value) for value in schema["enum"]]  # type: ignore[attr-defined]
    if schema.get("type") == "boolean":
        return ["true", "false"]
    assert name in values, f"{operation.name}: say what to ask for as {name}"
    return values[name]


def routes() -> list[Operation[Any, Any]]:
    return [one for one in OPERATIONS if one.method == "GET" and one.name not in EXCLUDED]


Answers = dict[str, str]


def answers(made: Made, key: str, values: dict[str, list[str]]) -> Answers:
    """Every answer to a caller, by what was asked."""
    found: Answers = {}
    for number, (address, query) in enumerate(pair for operation in routes() for pair in asked(operation, values)):
        if number % 200 == 0:
            made.desk.world.clock.advance(minutes=1)
        following: str | None = ""
        for page in range(PAGES_MAX):
            params = {**query, **({"cursor": following} if following else {})}
            answer = made.desk.take(address, by=key, params=params)
            found[f"{address} {query} page {page}"] = settled(answer)
            following = _cursor(answer)
            if following is None:
                break
    return found


def page_answers(made: Made, values: dict[str, list[str]]) -> Answers:
    """Every page that the member of staff is shown, by what was asked."""
    person = made.desk.policies.principal(made.staff_id)
    now = made.desk.world.clock()
    secret, _ = made.desk.policies.begin_session(person, SignIn(now), until=now + timedelta(days=1), now=now)
    headers = {"Cookie": f"__Host-chopbook_session={secret}", "Accept": "text/html"}
    found: Answers = {}
    for number, address in enumerate(asked_pages(values)):
        if number % 200 == 0:
            made.desk.world.clock.advance(minutes=1)
        following: str | None = address
        for page in range(PAGES_MAX):
            answer = made.desk.http.get(str(following), headers=headers, follow_redirects=False)
            found[f"{address} page {page}"] = settled(answer)
            link = re.search(r'href="([^"]*cursor=[^"]*)" rel="next"', answer.text)
            following = None if link is None else unescape(link[1])
            if following is None:
                break
    return found


def asked_pages(values: dict[str, list[str]]) -> Iterator[str]:
    """Every page by each thing in its path, then by each parameter alone."""
    known = {**values, **OF_PAGES}
    for one in SITE:
        if not isinstance(one, Page) or one.method != "GET" or one.name in EXCLUDED:
            continue
        for chosen in itertools.product(*(known[name] for name in re.findall(r"\{(\w+)\}", one.path))):
            address = one.path
            for value in chosen:
                address = re.sub(r"\{\w+\}", value, address, count=1)
            yield address
            for name in one.query:
                if name in UNASKED:
                    continue
                assert name in known, f"{one.name}: say what to ask for as {name}"
                asking = ALWAYS.get(one.name, {})
                yield from (f"{address}?{urlencode({**asking, name: value})}" for value in known[name])


def _cursor(answer: httpx.Response) -> str | None:
    if answer.status_code != 200 or not answer.headers["content-type"].startswith("application/json"):
        return None
    body = answer.json()
    return body.get("next_cursor") if isinstance(body, dict) else None


_EXCEPTED: Final = tuple(
    (re.compile(pattern), put)
    for pattern, put in (
        (r'"request_id":"[^"]*"|"instance":"[^"]*"', '"request":"#"'),
        (r"\b[0-9a-f]{64}\b", "#hash"),
        (r'"(checkpoint|note)":"[^"]*"', r'"\1":"#"'),
        (r'"(inclusion_proof)":\[[^\]]*\]', r'"\1":"#"'),
        (r"(cedar-[0-9a-f]{16})@\d+", r"\1@#"),
        (r'"(tree_size|size)":\d+', r'"\1":"#"'),
        (r"entries-\d+-\d+\.ndjson", "entries-#.ndjson"),
        (r'("subjects":\[)([^\]]*)(\])', None),
        (r'"version":"m\d{8}"', '"version":"#"'),
        (r'"previous":(null|"#hash")', '"previous":"#"'),
        (r"The log has \d+|has \d+ entries|only \d+", "The log has #"),
    )
)
_EXCEPTED_ON_PAGES: Final = tuple(
    (re.compile(pattern, re.DOTALL), put)
    for pattern, put in (
        (r"The log: [\d,]+ entries.*?</footer>", "The log</footer>"),
        (r"(Number of this request</dt><dd>)<code>[^<]*", r"\1"),
        (r"entry [\d,]+ about it", "entry # about it"),
        (r"(Tree size</dt><dd>)[\d,]+", r"\1#"),
        (r'<ol class="small">.*?</ol>', "<ol></ol>"),
    )
)
_BEAT: Final = re.compile(r"(?m)^(?:id: \d+\n)?: still here\n+")
_PLACE: Final = re.compile(r'"index":\d+')
_HEADERS: Final = frozenset({"content-length", "x-request-id", "chopbook-tree-size", "chopbook-checkpoint"})


def settled(answer: httpx.Response) -> str:
    """An answer as bytes, but for what is excepted."""
    headers = [f"{name}: {value}" for name, value in answer.headers.items() if name not in _HEADERS]
    content = _content(answer).decode("utf-8", "backslashreplace")
    if answer.headers.get("content-type", "").startswith("text/html"):
        content = unescape(content)
        for pattern, text in _EXCEPTED_ON_PAGES:
            content = pattern.sub(text, content)
    if answer.headers.get("content-type", "").startswith("text/event-stream"):
        # How often a stream is heard while nothing happens is the clock's.
        content = _BEAT.sub("", content)
    found = "\n".join((str(answer.status_code), *headers, content))
    for pattern, put in _EXCEPTED:
        found = pattern.sub(put or (lambda match: _PLACE.sub('"index":#', match[0])), found)
    return found


def _content(answer: httpx.Response) -> bytes:
    """What an answer holds; of a ZIP its files, since their checksums stand over hashes that are excepted."""
    if answer.headers.get("content-type") != "application/zip":
        return answer.content
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        return b"".join(_member(archive, info) for info in sorted(archive.infolist(), key=_name_of))


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> bytes:
    """A file of a ZIP; entries and proofs are as long as the numbers and hashes in them, which are excepted."""
    if not info.filename.startswith("evidence/"):
        return str(info).encode() + archive.read(info)
    return info.filename.encode() + (b"#proof" if info.filename.endswith(".tlog-proof") else archive.read(info))


def _name_of(info: zipfile.ZipInfo) -> str:
    return info.filename


def unmoved(answers: Answers) -> Answers:
    """Answers without the index of the entry that last touched a document."""
    place = re.compile(r'"entry_index":\d+|etag: "\d+"')
    return {asked: place.sub("#", answer) for asked, answer in answers.items()}


def differences(one: Answers, other: Answers) -> list[str]:
    return [
        f"{asked}\n--- {one.get(asked)}\n+++ {other.get(asked)}"
        for asked in {**one, **other}
        if one.get(asked) != other.get(asked)
    ]


# --------------------------------------------------------------------------------------------- the tests


def test_every_route_is_asked_or_excused() -> None:
    names = {one.name for one in OPERATIONS if one.method == "GET"} | {one.name for one in SITE if one.method == "GET"}

    assert EXCLUDED.keys() <= names
    assert ONLY.keys() <= names
    values = Known(["d"], ["s"], ["1"], ["p"], ["j"]).values()
    assert sum(1 for operation in routes() for _ in asked(operation, values)) > 150


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_what_is_out_of_reach_changes_no_byte_of_any_answer(
    dialect: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    # The world with the most in it says what can be asked for.
    found: dict[str, dict[str, Answers]] = {}
    values: dict[str, list[str]] = {}
    for hide in (one_thing, another_thing, nothing):
        with (
            database(dialect, request, tmp_path, hide.__name__) as url,
            made(url, tmp_path / hide.__name__, hide) as one,
        ):
            values = values or one.known.values()
            with one.desk.serving(stream_s_max=0.2, heartbeat_s=0.1):
                callers = {"till": one.till} if dialect == "postgresql" else {"till": one.till, "staff": one.staff}
                found[hide.__name__] = {who: answers(one, key, values) for who, key in callers.items()}
                if dialect == "sqlite":
                    # Pages ask the operations above, whose statements are tried on both.
                    found[hide.__name__]["pages"] = page_answers(one, values)

    for who, seen in found["one_thing"].items():
        assert differences(seen, found["another_thing"][who]) == []
        # A link from elsewhere is an act on the document it leads to, and moves its ETag: the index of its last entry.
        assert differences(unmoved(seen), unmoved(found["nothing"][who])) == []
        statuses = [answer.split("\n", 1)[0] for answer in seen.values()]
        # Or everything could be one refusal.
        assert statuses.count("200") > len(statuses) // 4
