"""Hypothesis strategies for what the pure core takes."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from audit.canonical import INTEGER_MAX, is_plain
from audit.entry import Actor, Decided, Event, Link, Subject
from audit.event import format_time

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
NAMES = st.text("abcxyz0189_", min_size=1, max_size=64)
INTEGERS = st.integers(-INTEGER_MAX, INTEGER_MAX)
SCALARS = st.none() | st.booleans() | INTEGERS | TEXT
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
).filter(is_plain)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)

IDS = st.text("abzAZ09 -_/:.+\"\\'<é倉庫𠮷", min_size=1, max_size=128)
KINDS = st.text("abcxyz_", min_size=1, max_size=32)
TYPES = st.lists(st.text("abcxyz_", min_size=1, max_size=12), min_size=2, max_size=4).map(".".join)
DIGESTS = st.binary(min_size=32, max_size=32).filter(lambda digest: digest != bytes(32))
TIMES_US = st.integers(0, 253_402_300_799_999_999)
MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9999, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001

SUBJECTS = st.builds(Subject, KINDS, IDS)
ACTORS = st.builds(Actor, IDS, KINDS, st.none() | IDS)
REASON_CODES = st.text("abcXYZ019_.-", min_size=1, max_size=64)
WORDS = st.lists(st.text("abcXYZ019_.?*~-", min_size=1, max_size=12), max_size=4).map(" ".join)
DECISIONS = st.builds(Decided, IDS, REASON_CODES) | st.builds(
    Decided,
    IDS,
    REASON_CODES,
    action=TYPES,
    resource=KINDS,
    scope=st.binary(min_size=8, max_size=8).map(bytes.hex),
    by=WORDS,
    stores=WORDS,
    classes=WORDS,
    at=st.just("") | TIMES_US.map(format_time),
    key=st.text("abc019_-", max_size=12),
    grant=st.text("abc019_-", max_size=32),
)
EVENTS = st.builds(
    Event,
    type=TYPES,
    subjects=st.lists(SUBJECTS, min_size=1, max_size=4, unique=True).map(tuple),
    data=st.dictionaries(NAMES, VALUES, max_size=5).filter(lambda data: is_plain(data, 7)),
    actor=ACTORS,
    event_id=st.uuids(),
    occurred_at=st.none() | MOMENTS,
    personal=st.dictionaries(NAMES, DIGESTS.map(bytes.hex), max_size=3),
    request=st.none() | st.binary(min_size=16, max_size=16),
    decision=st.none() | DECISIONS,
)


@st.composite
def links_for(draw: st.DrawFn, subjects: tuple[Subject, ...]) -> tuple[Link, ...]:
    """A place in the chain of each subject."""
    links = []
    for subject in subjects:
        index = draw(st.integers(0, 1000))
        links.append(Link(subject, index, draw(DIGESTS) if index else bytes(32)))
    return tuple(links)
