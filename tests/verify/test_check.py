"""The quick check of rows accepts nothing that the slow one would not."""

from __future__ import annotations

import pickle
import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit import check as module
from audit import shapes as shapes_module
from audit.canonical import JSON
from audit.check import EntryChecker, Suspect
from audit.entry import Actor, Decided, Event, Subject, columns, columns_of, parse_members
from audit.errors import AuditError
from audit.event import ZERO_HASH
from audit.faults import Fault, FaultKind
from audit.judge import EntryRow, LinkRow, Place, judge_entry, shown
from audit.merkle import leaf_hash
from audit.shapes import Shapes
from tests.verify.synthetic import ORIGIN, Forge, grown

K = FaultKind


def checker(forge: Forge, index: int = 0, shapes: Shapes | None = None) -> EntryChecker:
    rows = forge.rows.entries
    return EntryChecker(
        ORIGIN,
        index=index,
        previous=rows[index - 1][2] if index else ZERO_HASH,
        recorded_at=rows[index - 1][3] if index else 0,
        leaf_hashes=b"".join(row[2] for row in rows),
        shapes=shapes,
    )


def links_of(forge: Forge) -> list[LinkRow]:
    return sorted((index, subject, position, previous) for subject, position, index, previous in forge.rows.links)


@pytest.fixture(scope="module")
def forge() -> Forge:
    return grown(400)


def test_a_true_log_passes(forge: Forge) -> None:
    found = checker(forge)

    digests = found.check(forge.rows.entries, links_of(forge))

    assert digests == [row[2] for row in forge.rows.entries]
    assert found.index == 400
    assert found.previous == digests[-1].hex()


def test_it_may_be_given_in_parts(forge: Forge) -> None:
    found = checker(forge, 100)
    links = links_of(forge)

    for start in range(100, 400, 60):
        stop = start + 60
        found.check(forge.rows.entries[start:stop], [link for link in links if start <= link[0] < stop])

    assert found.index == 400


def every_form(forge: Forge) -> list[Event]:
    """Events of all forms an entry may have."""
    plain = forge.stock_event(1)
    subject = Subject("note", "a")
    awkward = [
        'q"uote', "back\\slash", "中文", "tab\tin", "line\nin", "\x7f", "é", "\u2028", "}", "{", '","index":9,"', "/",
    ]  # fmt: skip
    events = [
        Event("test.noted", (subject,), {"text": text}, Actor("p_x", "staff"), forge.event_id()) for text in awkward
    ]
    events += [
        replace(plain, event_id=forge.event_id(), subjects=(Subject("thing", text), subject))
        for text in awkward
        if not any(character in text for character in "\t\n\x7f\u2028")
    ]
    numbers = (0, -1, 1, 10**15 - 1, 10**15, -(10**15), 2**53 - 1, -(2**53) + 1)
    events += [replace(plain, event_id=forge.event_id(), data={"n": number}) for number in numbers]
    nested: dict[str, JSON] = {"a": {"b": [1, "x", None, True, False, {"c": []}]}, "store": "HK01", "z": {}}
    events.append(replace(plain, event_id=forge.event_id(), data=nested))
    events += [replace(plain, event_id=forge.event_id(), data={"store": store}) for store in ("", None, 5, "HK01")]
    events.append(replace(plain, event_id=forge.event_id(), actor=Actor("p_}", "staff", "p_y")))
    events.append(replace(plain, event_id=forge.event_id(), decision=None, request=None, occurred_at=None))
    events.append(replace(plain, event_id=forge.event_id(), decision=Decided("p}", "c")))
    digests = {"a": "1" * 64, "b": "2" * 64}
    events += [
        replace(plain, event_id=forge.event_id(), personal=digests, occurred_at=at) for at in (None, plain.occurred_at)
    ]
    events.append(replace(plain, event_id=forge.event_id(), personal=digests, subjects=(Subject("sku", "A1"),)))
    return events


def test_every_form_of_entry_passes_again_and_again() -> None:
    forge = Forge()
    for _ in range(3):
        for event in every_form(forge):
            forge.append(event)

    checker(forge).check(forge.rows.entries, links_of(forge))


@pytest.mark.parametrize(
    ("bound", "value"),
    [("SHAPES_PER_TYPE_MAX", 1), ("TYPES_MAX", 1), ("REMEMBERED_MAX", 1), ("PATTERN_CHARS_MAX", 5)],
)
def test_bounds_on_what_is_learned_change_nothing(bound: str, value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shapes_module, bound, value)
    monkeypatch.setattr(module, "SECONDS_MAX", 1)
    monkeypatch.setattr(module, "ORDERS_MAX", 1)
    forge = Forge()
    for _ in range(2):
        for event in every_form(forge):
            forge.now_us += 999_999
            forge.append(event)
            forge.append(forge.stock_event(3))

    checker(forge).check(forge.rows.entries, links_of(forge))


def judged(forge: Forge, row: EntryRow, links: list[LinkRow]) -> list[Fault]:
    rows = forge.rows.entries
    index = row[0]
    previous = rows[index - 1]
    place = Place(ORIGIN, index, previous[2], previous[3])
    return judge_entry(row, links, place, b"".join(row[2] for row in rows))[0]


@st.composite
def mutation(draw: st.DrawFn) -> tuple[int, int, bytes]:
    """Where in the bytes, how many are taken out, and what is put in."""
    piece = draw(st.one_of(st.binary(max_size=3), st.sampled_from(MUTATIONS)))
    return draw(st.integers(0, 1_200)), draw(st.integers(0, 3)), piece


MUTATIONS = (
    b" ", b"0", b"-0", b"00", b"1e3", b"1.0", b'"', b"\\u0041", b"\\n", b"\x00", b"\xff", b",", b"}", b"{", b"A", b"z",
    b'"a":1,', b'"store":"x",', b"null", b"true", b"9007199254740993", b'"zz":1,', b"\xc3\xa9", b"\xed\xa0\x80",
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(st.integers(330, 399), mutation(), st.booleans())
def test_what_passes_quickly_is_faultless(index: int, change: tuple[int, int, bytes], with_columns: bool) -> None:
    forge = LEARNED
    row = forge.rows.entries[index]
    at, length, piece = change
    data = row[1][:at] + piece + row[1][at + length :]
    changed = (index, data, leaf_hash(data), *row[3:])
    if with_columns:
        try:
            changed = (index, data, leaf_hash(data), *columns(parse_members(data)))
        except AuditError:
            pass
    mine = [link for link in links_of(forge) if link[0] == index]

    try:
        checker(forge, index, SHAPES).check([changed], mine)
        passed = True
    except Suspect:
        passed = False

    assert passed == (not judged(forge, changed, mine))


LEARNED = grown(400)
SHAPES = Shapes()
checker(LEARNED, shapes=SHAPES).check(LEARNED.rows.entries, links_of(LEARNED))


HANGING = next(
    (index, mine)
    for index in range(330, 400)
    for mine in [[link for link in links_of(LEARNED) if link[0] == index]]
    if any(link[3] is not None for link in mine)
)
"""The index of an entry that hangs on one before, and its subject rows."""


def test_an_entry_about_one_subject_twice_does_not_pass() -> None:
    row = LEARNED.rows.entries[380]
    link = next(link for link in links_of(LEARNED) if link[0] == 380)
    head, _, rest = row[1].partition(b'"subjects":[')
    items, _, end = rest.rpartition(b"]")
    kind, _, name = link[1].partition(":")
    item = next(item for item in items.split(b"},") if f'"id":"{name}",'.encode() in item and kind.encode() in item)
    twice = b"},".join([item.removesuffix(b"}")] * items.count(b'"kind"')) + b"}"
    data = head + b'"subjects":[' + twice + b"]" + end
    changed = (380, data, leaf_hash(data), *row[3:])

    with pytest.raises(Suspect):
        checker(LEARNED, 380, SHAPES).check([changed], [link] * items.count(b'"kind"'))


SUBJECT = 1


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (SUBJECT, 'sku:a","index":1,"kind":"sku"}'),
        (SUBJECT, "sku:"),
        (SUBJECT, ":x"),
        (SUBJECT, "unknown:x"),
        (SUBJECT, "sku:" + "x" * 129),
        (SUBJECT, "sku:\u200b"),
        (SUBJECT, "sku:\udc80"),
        (SUBJECT, "nokind"),
        (SUBJECT, None),
        (SUBJECT, b"sku:x"),
        (2, "1"),
        (2, 1.0),
        (2, None),
        (3, 10**30),
        (3, 1.5),
        (3, "1"),
        (3, -1),
    ],
    ids=str,
)
def test_a_wrong_subject_row_does_not_pass(place: int, value: object) -> None:
    index = 390
    mine = [link for link in links_of(LEARNED) if link[0] == index]
    wrong: list[object] = list(mine[0])
    wrong[place] = value

    with pytest.raises(Suspect) as caught:
        checker(LEARNED, index, SHAPES).check([LEARNED.rows.entries[index]], [tuple(wrong), *mine[1:]])  # type: ignore[list-item]

    assert caught.value.fault.kind in (K.SUBJECT_ROW_DISAGREES, K.SUBJECT_CHAIN_BROKEN)


@pytest.mark.parametrize("column", range(1, 10))
@pytest.mark.parametrize("value", [None, 7, 7.5, "x", b"x", -1, 10**30], ids=str)
def test_a_wrong_column_does_not_pass(column: int, value: object) -> None:
    index = 391
    mine = [link for link in links_of(LEARNED) if link[0] == index]
    row: list[object] = list(LEARNED.rows.entries[index])
    row[column] = value

    with pytest.raises(Suspect) as caught:
        checker(LEARNED, index, SHAPES).check([tuple(row)], mine)  # type: ignore[list-item]

    assert caught.value.fault.index == index


def test_no_rows_and_rows_too_many_do_not_pass(forge: Forge) -> None:
    index = 390
    mine = [link for link in links_of(forge) if link[0] == index]
    row = forge.rows.entries[index]

    for wrong in ([], [*mine, (index, "sku:zz", 0, None)], [*mine, (index + 1, "sku:zz", 0, None)]):
        with pytest.raises(Suspect) as caught:
            checker(forge, index).check([row], wrong)
        assert caught.value.fault.kind is K.SUBJECT_ROW_DISAGREES


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"index": 55}, K.MOVED),
        ({"origin": "log.other/1"}, K.ORIGIN_WRONG),
        ({"previous": b"\1" * 32}, K.LINK_BROKEN),
        ({"recorded_at_us": 5}, K.TIME_BACKWARDS),
    ],
    ids=["index", "origin", "previous", "time"],
)
def test_what_the_key_holder_seals_wrongly_does_not_pass(changed: dict[str, object], kind: FaultKind) -> None:
    forge = grown(50)
    forge.append(forge.stock_event(1), **changed)

    with pytest.raises(Suspect) as caught:
        checker(forge).check(forge.rows.entries, links_of(forge))

    assert caught.value.fault.kind is kind
    assert caught.value.fault.index == 50


@pytest.mark.parametrize("length", [0, 15, 17])
def test_a_request_of_another_length_does_not_pass(length: int) -> None:
    forge = grown(50)
    entry = forge.append(forge.stock_event(1))
    request = bytes(range(length))
    data = re.sub(rb'"request":"[0-9a-f]*"', b'"request":"%s"' % request.hex().encode(), entry.bytes)
    forge.rows.entries[-1] = (50, data, leaf_hash(data), *columns_of(entry)[:-1], request)

    with pytest.raises(Suspect) as caught:
        checker(forge, shapes=SHAPES).check(forge.rows.entries, links_of(forge))

    assert caught.value.fault.kind is K.NOT_CANONICAL


@pytest.mark.parametrize(
    ("column", "value"),
    [
        pytest.param(2, -1, id="position -1"),
        pytest.param(2, 2**53, id="position 2^53"),
        pytest.param(3, -1, id="the last entry, from the end"),
        pytest.param(3, None, id="no entry before"),
        pytest.param(3, "1", id="text"),
    ],
)
def test_a_wrong_link_to_an_entry_before_does_not_pass(column: int, value: object) -> None:
    index, mine = HANGING
    place = next(place for place, link in enumerate(mine) if link[3] is not None)
    wrong: list[object] = list(mine[place])
    wrong[column] = value
    rows = [*mine[:place], tuple(wrong), *mine[place + 1 :]]

    with pytest.raises(Suspect) as caught:
        checker(LEARNED, index, SHAPES).check([LEARNED.rows.entries[index]], rows)  # type: ignore[arg-type]

    assert caught.value.fault.kind in (K.SUBJECT_ROW_DISAGREES, K.SUBJECT_CHAIN_BROKEN)


def test_a_link_counted_from_the_end_of_the_log_does_not_pass() -> None:
    index, mine = HANGING
    size = len(LEARNED.rows.entries)
    wrong = [(*link[:3], None if link[3] is None else link[3] - size) for link in mine]

    with pytest.raises(Suspect) as caught:
        checker(LEARNED, index, SHAPES).check([LEARNED.rows.entries[index]], wrong)

    assert caught.value.fault.kind is K.SUBJECT_CHAIN_BROKEN


def test_entries_about_one_subject_alone_may_follow_each_other() -> None:
    forge = Forge()
    subject = Subject("note", "a")
    for _ in range(100):
        forge.append(Event("test.noted", (subject,), {}, Actor("p_x", "staff"), forge.event_id()))

    assert len(checker(forge).check(forge.rows.entries, links_of(forge))) == 101


def test_an_entry_too_long_does_not_pass() -> None:
    forge = grown(20)
    event = replace(forge.stock_event(1), data={"text": "x" * 64_000})
    entry = forge.append(event)
    data = entry.bytes.replace(b"x" * 10, b"x" * 2_000, 1)
    forge.rows.entries[-1] = (20, data, leaf_hash(data), *columns_of(entry))

    with pytest.raises(Suspect) as caught:
        checker(forge).check(forge.rows.entries, links_of(forge))

    assert caught.value.fault.kind is K.NOT_CANONICAL


def test_the_slow_judge_names_every_fault() -> None:
    forge = grown(50)
    row = forge.append(forge.stock_event(1), origin="log.other/1", previous=b"\1" * 32, recorded_at_us=5)
    stored = forge.rows.entries[50]
    wrong = (50, row.bytes, b"\2" * 32, stored[3], 7, "a.b", *stored[6:])

    found = judged(forge, wrong, [])

    assert [fault.where for fault in found] == [
        "entries.leaf_hash", "entries.bytes", "entries.bytes", "entries.bytes", "entries.occurred_at", "entries.type",
        *(f"entry_subjects {link.subject.key}" for link in row.links),
    ]  # fmt: skip


def test_the_row_before_tells_a_wrong_row_from_a_wrong_link() -> None:
    forge = grown(400)
    index, subject, position, previous = next(link for link in links_of(forge) if link[3] is not None and link[3] > 5)
    assert previous is not None
    row = forge.rows.entries[index]
    mine = [link for link in links_of(forge) if link[0] == index and link[1] != subject]
    before = previous - 2
    wrong = [*mine, (index, subject, position, previous - 1)]
    leaves = b"".join(entry[2] for entry in forge.rows.entries)
    place = Place(ORIGIN, index, forge.rows.entries[index - 1][2], 0)

    found, _ = judge_entry(row, wrong, place, leaves, lambda *_: previous)
    blamed, _ = judge_entry(row, wrong, place, leaves)
    neither, _ = judge_entry(row, wrong, place, leaves, lambda *_: before)

    assert [fault.kind for fault in found] == [K.SUBJECT_ROW_DISAGREES]
    assert [fault.kind for fault in blamed] == [fault.kind for fault in neither] == [K.SUBJECT_CHAIN_BROKEN]


def test_a_suspicion_survives_pickling() -> None:
    suspect = Suspect(Fault(K.ALTERED, 5, "entries.bytes", "", "x"))

    twin = pickle.loads(pickle.dumps(suspect))  # noqa: S301 - made here

    assert twin.fault == suspect.fault
    assert str(twin) == "entries.bytes: expected nothing, got x"


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(None, "NULL"), (b"\xab", "ab"), (5, "5"), ("x" * 200, "x" * 128 + "…"), ("\udc80", "\\udc80")],
    ids=["nothing", "bytes", "number", "long", "no text"],
)
def test_stored_values_are_shown_short(value: object, wanted: str) -> None:
    assert shown(value) == wanted
