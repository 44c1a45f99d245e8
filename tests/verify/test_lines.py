"""An exported file is verified as strictly as the database it came from."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from audit import file_story
from audit import verify as module
from audit.checkpoint import Checkpoint, sign_checkpoint
from audit.entry import Event, Link, Subject
from audit.faults import FaultKind, Limit, Verdict
from audit.merkle import root_of
from audit.verify import Trust, leaves_trusted, verify_lines
from tests.verify.conftest import kinds, limits, named
from tests.verify.synthetic import ORIGIN, Forge, grown, signer_of

K = FaultKind


def lines_of(forge: Forge) -> list[bytes]:
    return [row[1] + b"\n" for row in forge.rows.entries]


def rescaled(line: bytes) -> bytes:
    return line.replace(b'"scale":0', b'"scale":9')


def relinked(line: bytes) -> bytes:
    at = line.index(b'"previous":"') + 12
    return line[:at] + (b"0" if line[at : at + 1] != b"0" else b"1") + line[at + 1 :]


@pytest.fixture(scope="module")
def forge() -> Forge:
    return grown(60, checkpoint_every=20)


def test_a_true_file_is_valid(forge: Forge) -> None:
    steps: list[tuple[int, int]] = []

    report = verify_lines(lines_of(forge), forge.note(), origin=ORIGIN, progress=lambda *step: steps.append(step))

    assert report.verdict is Verdict.VALID_UNANCHORED
    assert (report.size, report.entries_checked, report.scope) == (60, 60, "file")
    assert report.root == forge.tree.root().hex()
    assert steps == [(0, 60), (60, 60)]


def test_lines_need_no_final_newline(forge: Forge) -> None:
    lines = [line.removesuffix(b"\n") for line in lines_of(forge)]

    assert verify_lines(iter(lines), forge.note(), origin=ORIGIN).is_valid


def test_a_pinned_key_and_an_anchor_make_it_anchored(forge: Forge) -> None:
    vkeys = (signer_of(1).vkey,)
    anchor = forge.rows.checkpoints[1][1]

    report = verify_lines(lines_of(forge), forge.note(), origin=ORIGIN, trust=Trust(vkeys, (anchor,)))

    assert report.verdict is Verdict.VALID_ANCHORED
    assert report.anchored_size == 40
    assert report.key_pinned


def test_leaf_hashes_from_outside_make_it_anchored(forge: Forge) -> None:
    leaves = b"".join(row[2] for row in forge.rows.entries)

    assert verify_lines(
        lines_of(forge), forge.note(), origin=ORIGIN, trust=leaves_trusted(leaves)
    ).verdict is Verdict.VALID_ANCHORED  # fmt: skip


def test_another_pinned_key_is_unknown(forge: Forge) -> None:
    report = verify_lines(lines_of(forge), forge.note(), origin=ORIGIN, trust=Trust((signer_of(7).vkey,)))

    assert report.verdict is Verdict.UNKNOWN_KEY


def test_a_pinned_first_key_vouches_for_the_second() -> None:
    forge = Forge(checkpoint_every=10)
    for n in range(5):
        forge.append(forge.stock_event(n))
    forge.rotate()
    forge.finish()
    lines = lines_of(forge)

    first = verify_lines(lines, forge.note(), origin=ORIGIN, trust=Trust((signer_of(1).vkey,)))
    alone = sign_checkpoint(Checkpoint(ORIGIN, forge.size, forge.tree.root()), [signer_of(2)])
    second = verify_lines(lines, alone, origin=ORIGIN, trust=Trust((signer_of(1).vkey,)))

    assert first.key_pinned
    assert second.verdict is Verdict.UNKNOWN_KEY


@pytest.mark.parametrize(
    ("change", "wanted"),
    [
        pytest.param(lambda lines: lines[:50], {(K.TRUNCATED, 50)}, id="truncated"),
        pytest.param(lambda lines: [*lines, lines[5]], {(K.INSERTED, 60)}, id="trailing line"),
        pytest.param(lambda lines: [*lines, b"\n"], {(K.INSERTED, 60)}, id="trailing empty line"),
        pytest.param(
            lambda lines: [*lines[:30], b"x", *lines[31:]],
            {(K.NOT_CANONICAL, 30), (K.ALTERED, 30)},
            id="not an entry",
        ),
        pytest.param(
            lambda lines: [
                line.replace(b'"scale":0', b'"scale":9') if at == 30 else line for at, line in enumerate(lines)
            ],
            {(K.ALTERED, 30)},
            id="altered",
        ),
        pytest.param(lambda lines: [*lines[:30], *lines[31:]], {(K.DELETED, 30)}, id="deleted"),
        pytest.param(
            lambda lines: [*lines[:30], *lines[33:]],
            {(K.MOVED, 30), (K.LINK_BROKEN, 30), (K.ROOT_WRONG, None)},
            id="several deleted",
        ),
        pytest.param(lambda lines: [*lines[:30], lines[31], lines[30], *lines[32:]], {(K.MOVED, 31)}, id="swapped"),
        pytest.param(lambda lines: [*lines[:30], lines[7], *lines[30:]], {(K.INSERTED, 30)}, id="twice"),
        pytest.param(
            lambda lines: [*lines[:30], b"x\n", *lines[30:]], {(K.NOT_CANONICAL, 30), (K.INSERTED, 30)}, id="new"
        ),
        pytest.param(
            lambda lines: [*lines[:30], relinked(lines[30]), *lines[31:]], {(K.ALTERED, 30)}, id="link altered"
        ),
        pytest.param(
            lambda lines: [*lines[:30], rescaled(lines[30]), rescaled(lines[31]), *lines[32:]],
            {(K.ALTERED, 30), (K.ALTERED, 31)},
            id="two neighbours altered",
        ),
        pytest.param(
            lambda lines: [*lines[:20], *lines[21:30], rescaled(lines[30]), *lines[31:]],
            {(K.DELETED, 20), (K.ALTERED, 30)},
            id="one deleted, one altered",
        ),
        pytest.param(
            lambda lines: [*lines[:59], rescaled(lines[59])], {(K.ROOT_WRONG, None)}, id="the last, which nobody names"
        ),
    ],
)
def test_a_changed_file_is_named(
    change: Callable[[list[bytes]], list[bytes]], wanted: set[object], forge: Forge
) -> None:
    report = verify_lines(change(lines_of(forge)), forge.note(), origin=ORIGIN)

    assert report.verdict is Verdict.TAMPERED
    # Whoever is linked to the changed entry is out of step too.
    assert named(report) - {(K.SUBJECT_CHAIN_BROKEN, index) for index in range(60)} == wanted


def test_leaf_hashes_from_outside_name_the_altered_and_the_missing(forge: Forge) -> None:
    leaves = b"".join(row[2] for row in forge.rows.entries)
    lines = lines_of(forge)
    lines[30] = lines[30].replace(b'"scale":0', b'"scale":9')
    note = sign_checkpoint(Checkpoint(ORIGIN, 50, forge.tree.root()), [signer_of(1)])

    report = verify_lines(lines[:50], note, origin=ORIGIN, trust=leaves_trusted(leaves))

    assert {(K.ALTERED, 30), (K.TRUNCATED, 50)} <= named(report)


def test_a_checkpoint_that_is_none_fails(forge: Forge) -> None:
    report = verify_lines(lines_of(forge), "x", origin=ORIGIN)

    assert K.CHECKPOINT_WRONG in kinds(report)
    assert report.verdict is Verdict.TAMPERED


def test_anchors_are_compared(forge: Forge) -> None:
    signer = signer_of(1)
    forked = sign_checkpoint(Checkpoint(ORIGIN, 30, bytes(32)), [signer])
    longer = sign_checkpoint(Checkpoint(ORIGIN, 90, bytes(32)), [signer])
    stranger = sign_checkpoint(Checkpoint(ORIGIN, 60, forge.tree.root()), [signer_of(5)])

    report = verify_lines(
        lines_of(forge), forge.note(), origin=ORIGIN, trust=Trust((), (forked, longer, "x", stranger))
    )

    assert [(fault.kind, fault.where) for fault in report.faults] == [
        (K.ROOT_WRONG, "anchor 0"),
        (K.TRUNCATED, "anchor 1"),
        (K.CHECKPOINT_WRONG, "anchor 2"),
        (K.KEY_UNKNOWN, "anchor 3"),
    ]
    assert report.anchored_size == 0


def test_what_the_key_holder_seals_wrongly_is_named() -> None:
    forge = grown(10)
    wrong = forge.stock_event(1)
    first = wrong.subjects[0]
    position, _ = _next(forge, first)
    links = [Link(first, position + 5, b"\1" * 32)]
    links += [Link(s, *_next(forge, s)) for s in wrong.subjects[1:]]
    forge.append(wrong, links=links, origin="log.other/1", previous=b"\2" * 32, recorded_at_us=5)
    forge.finish()

    report = verify_lines(lines_of(forge), forge.note(), origin=ORIGIN)

    assert kinds(report) == {K.SUBJECT_CHAIN_BROKEN, K.ORIGIN_WRONG, K.LINK_BROKEN, K.TIME_BACKWARDS}
    assert {index for _, index in named(report)} == {10}


def _next(forge: Forge, subject: Subject) -> tuple[int, bytes]:
    position, _, leaf_hash = forge.ends.get(subject.key, (-1, 0, bytes(32)))
    return position + 1, leaf_hash


def test_it_can_be_stopped(forge: Forge) -> None:
    report = verify_lines(lines_of(forge), forge.note(), origin=ORIGIN, cancelled=lambda: True)

    assert report.verdict is Verdict.INCOMPLETE
    assert report.entries_checked == 0


class TestManySubjects:
    """More subject chains than fit at once are followed in further readings, if there can be any."""

    @pytest.fixture(autouse=True)
    def few(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(module, "SUBJECTS_MAX", 20)

    def test_all_chains_are_followed_in_a_file_that_can_be_read_again(self, forge: Forge) -> None:
        report = verify_lines(lines_of(forge), forge.note(), origin=ORIGIN)

        assert report.verdict is Verdict.VALID_UNANCHORED

    def test_a_broken_chain_of_any_part_is_found(self) -> None:
        for subject in range(40):
            forge = Forge()
            for n in range(60):
                forge.append(plain(forge, n % 50))
            event = plain(forge, subject)
            forge.append(event, links=[Link(event.subjects[0], 7, b"\1" * 32)])
            forge.finish()

            report = verify_lines([*lines_of(forge)], forge.note(), origin=ORIGIN)

            assert named(report) == {(K.SUBJECT_CHAIN_BROKEN, 61)}

    def test_a_line_that_is_no_entry_stops_no_later_reading(self, forge: Forge) -> None:
        lines = lines_of(forge)
        lines[30] = b"x"

        report = verify_lines(lines, forge.note(), origin=ORIGIN)

        assert K.NOT_CANONICAL in kinds(report)

    def test_a_stream_leaves_it_incomplete(self, forge: Forge) -> None:
        def stream() -> Iterator[bytes]:
            yield from lines_of(forge)

        report = verify_lines(stream(), forge.note(), origin=ORIGIN)

        assert report.verdict is Verdict.INCOMPLETE
        assert Limit.SUBJECT_CHAINS_CUT.value in limits(report)


def plain(forge: Forge, subject: int) -> Event:
    event = forge.stock_event(0)
    return Event("test.noted", (Subject("thing", f"t{subject}"),), {"n": subject}, event.actor, forge.event_id())


def test_an_empty_log_is_valid_only_as_such() -> None:
    note = sign_checkpoint(Checkpoint(ORIGIN, 0, root_of([])), [signer_of(1)])

    report = verify_lines([], note, origin=ORIGIN, trust=Trust((signer_of(1).vkey,)))

    assert report.verdict is Verdict.VALID_UNANCHORED


def test_what_was_done_is_told_of_a_file_that_can_be_read_again(forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [*lines_of(forge)[:30], rescaled(lines_of(forge)[30]), *lines_of(forge)[31:]]
    links = {(K.LINK_BROKEN, 31), (K.ROOT_WRONG, None)}

    again = verify_lines(lines, forge.note(), origin=ORIGIN)
    once = verify_lines(iter(lines), forge.note(), origin=ORIGIN)
    monkeypatch.setattr(file_story, "LINES_MAX", 60)
    full = verify_lines([*lines, lines[0]], forge.note(), origin=ORIGIN)
    monkeypatch.setattr(file_story, "LINES_MAX", 59)
    longer = verify_lines(lines[:-1], forge.note(), origin=ORIGIN)

    assert named(again) == {(K.ALTERED, 30)}
    assert again.root == forge.tree.root().hex()
    assert links <= named(once)
    assert (K.ALTERED, 30) not in named(once) | named(full) | named(longer)


def test_a_file_and_its_anchors_are_told_apart(forge: Forge) -> None:
    lines = [*lines_of(forge)[:30], rescaled(lines_of(forge)[30]), *lines_of(forge)[31:]]
    root = root_of([row[2] for row in forge.rows.entries[:40]])
    anchor = sign_checkpoint(Checkpoint(ORIGIN, 40, root), [signer_of(1)])

    report = verify_lines(lines, forge.note(), origin=ORIGIN, trust=Trust((), (anchor,)))

    # The anchor speaks for what was logged, not for what the file says.
    assert named(report) == {(K.ALTERED, 30)}
    assert report.anchored_size == 40
