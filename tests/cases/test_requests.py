"""Requests from receipt to their end, by the rows of the reference."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from cases.errors import CaseConflict, CaseError, Code, InvalidCase, UnknownCase
from cases.fees import FeeKind, FeeLine
from cases.grounds import Ground
from cases.model import (
    CaseKind,
    CaseState,
    Channel,
    Evidence,
    FindingCode,
    Grade,
    Handling,
    ItemKind,
    Language,
    NoticeKind,
)
from cases.requests import (
    CorrectRequest,
    DisclosureRequest,
    DisputeRequest,
    FeeRequest,
    SearchAgain,
)
from cases.rules import hong_kong_day
from documents.errors import Code as DocumentCode
from documents.errors import DocumentConflict
from documents.extraction.model import ReviewReason
from documents.model import Stage, Step
from documents.parsing import parse_document_change, parse_field
from policies.errors import Denied, PolicyConflict
from policies.model import Role, ScopeKind
from policies.using.exemptions import ExemptionId
from stock.parsing import parse_reason
from tests.cases.office import Office
from tests.cases.test_rules import refused
from tests.documents.archive import field, note


def _unzipped(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _packed(office: Office, case: str) -> dict[str, bytes]:
    content, change = office.cases.make_pack(office.dpo, case, event_id=office.id())
    office.do(change)
    return _unzipped(content)


# ------------------------------------------------------------------------------------------- receipt


@pytest.mark.parametrize("language", [Language.CHINESE, Language.ENGLISH])
def test_p11_a_request_in_writing_opens_a_case_whose_clock_starts_that_day(
    each_office: Office, language: Language
) -> None:
    opened = each_office.opened(language=language, person=each_office.staff)

    data = each_office.data()
    today = hong_kong_day(each_office.world.clock())
    assert opened.case.received_on == today
    assert data["received_on"] == today.isoformat()
    assert data["day_40"] == (today + timedelta(days=40)).isoformat()
    assert each_office.now(opened.case.id).state is CaseState.OPEN
    assert "陳大文".encode() not in each_office.everything()


def test_p12_the_entry_holds_the_clock_of_the_day_of_receipt(office: Office) -> None:
    office.opened(received_on=date(2026, 10, 12))

    assert (office.data()["day_40"], office.data()["target"]) == ("2026-11-21", "2026-11-20")


def test_p12_reminders_are_entries_that_notices_follow_once_each(office: Office) -> None:
    case = office.opened().case.id
    room = office.cases
    assert room.remind(now=office.world.clock(), new_event_id=office.id)["reminders"] == 0

    for days, expected in ((20, 1), (5, 0), (10, 1)):
        office.world.clock.advance(days=days)
        assert room.remind(now=office.world.clock(), new_event_id=office.id)["reminders"] == expected
    assert office.data()["days"] == 35
    assert office.now(case).reminded == 35


def test_p13_nothing_held_is_told_and_only_then_closed(office: Office) -> None:
    case = office.opened(requestor_name="外人").case.id
    office.shown(case)
    with refused(Code.CASE_NOT_ANSWERED):
        office.do(office.cases.close_case(office.dpo, case, event_id=office.id()))

    given = office.told(case, NoticeKind.NIL)
    closed = office.do(office.cases.close_case(office.dpo, case, event_id=office.id()))

    assert "並無持有" in given.words.zh
    assert closed.state is CaseState.CLOSED
    assert office.now(case).snapshot is not None


def test_p14_on_day_41_a_case_without_an_interim_notice_is_a_major_finding(office: Office) -> None:
    received = hong_kong_day(office.world.clock()) - timedelta(days=1)
    late, told = (office.opened(received_on=received).case.id for _ in range(2))
    office.world.clock.advance(days=38)
    office.told(told, NoticeKind.INTERIM, reason="文件存於外地倉庫")
    office.world.clock.advance(days=2)

    with office.world.storage.database.read() as connection:
        found = office.cases.findings(office.dpo, connection, hong_kong_day(office.world.clock()))

    assert [(one.code, one.grade, one.subject) for one in found] == [(FindingCode.S19_BREACH, Grade.MAJOR, late)]
    assert office.now(told).state is CaseState.INTERIM
    with refused(Code.INTERIM_REASON_MISSING):
        office.told(told, NoticeKind.INTERIM)


def test_p15_the_snapshot_is_what_was_held_at_receipt(office: Office) -> None:
    office.finder.found = [office.add_read(b"paper of CHAN").document]
    opened = office.opened(person=office.staff, terms=("陳大文",))
    office.add(b"later", by=office.clerk)

    kinds = {item.kind for item in opened.items}
    assert kinds == {ItemKind.ENTRY, ItemKind.PERSONAL, ItemKind.DOCUMENT}
    assert office.items(opened.case.id) == list(opened.items)
    assert office.data(opened.case.opened_index)["snapshot"] == (opened.case.snapshot or b"").hex()


@pytest.mark.parametrize(
    "change",
    [
        lambda office, document: office.documents.change_document(
            office.clerk, parse_document_change({"title": "改"}, document=document, event_id=office.id())
        ),
        lambda office, document: office.documents.decide_stage(
            office.clerk, document, 1, Step.WITHDRAW, event_id=office.id()
        ),
        lambda office, document: office.documents.correct_field(
            office.clerk,
            parse_field({"path": "doc_no", "value": "DN-9"}, document=document, version=1, event_id=office.id()),
        ),
    ],
    ids=["edit", "delete", "correct"],
)
def test_p15_matched_items_are_neither_edited_nor_deleted_until_the_case_ends(
    office: Office, change: Callable[[Office, str], Any]
) -> None:
    office.personal_data = ("hkid",)
    document = office.add_read(b"paper").document
    office.finder.found = [document]
    case = office.known(terms=("陳大文",)).case.id

    with pytest.raises(DocumentConflict) as caught:
        office.do(change(office, document))
    assert caught.value.code is DocumentCode.DAR_HOLD

    office.told(case, NoticeKind.COMPLIANCE)
    office.do(office.cases.close_case(office.dpo, case, event_id=office.id()))
    office.do(change(office, document))


def test_p15_what_was_withdrawn_before_is_not_destroyed_under_the_hold(office: Office) -> None:
    document = office.add(b"paper").document
    office.do(office.documents.decide_stage(office.clerk, document, 1, Step.WITHDRAW, event_id=office.id()))
    office.ceased(document)

    office.work()

    assert office.stage(document) is Stage.WITHDRAWN


# -------------------------------------------------------------------------------------------- the copy


def test_p16_the_copy_explains_codes_in_both_languages(office: Office) -> None:
    caller = office.policies.principal(office.staff)
    request = office.asked(1, reason="receive")
    office.do(office.stock.adjust(caller, request, now=office.world.clock()))
    case = office.known().case.id

    members = _packed(office, case)

    legend = members["legend.txt"].decode()
    assert [line for line in legend.splitlines() if line.startswith("receive\t")]
    assert "庫存調整" in legend
    listed = {one["name"] for one in json.loads(members["manifest.json"])["members"]}
    assert listed == set(members) - {"manifest.json"}


def test_p16_a_code_of_the_shops_own_has_its_row_in_the_legend(office: Office) -> None:
    reason = {"code": "shr_02", "name_zh": "鮮貨損耗", "name_en": "Fresh goods lost", "direction": "out"}
    office.do(office.stock.create_reason(office.admin, parse_reason(reason, event_id=office.id())))
    office.adjust(9)
    request = office.asked("-1", reason="shr_02")
    office.do(office.stock.adjust(office.policies.principal(office.staff), request, now=office.world.clock()))

    legend = _packed(office, office.known().case.id)["legend.txt"].decode()

    [row] = [line for line in legend.splitlines() if line.startswith("shr_02\t")]
    assert "鮮貨損耗" in row
    assert "Fresh goods lost" in row


def test_p16_the_copy_has_originals_with_transcriptions_and_is_the_same_each_time(office: Office) -> None:
    document = office.add_read("送貨單 陳大文".encode()).document
    office.finder.found = [document]
    case = office.known(terms=("陳大文",)).case.id

    first, second = _packed(office, case), _packed(office, case)

    assert first == second
    assert "送貨單 陳大文".encode() in {one for name, one in first.items() if name.endswith("original.jpg")}
    assert any(name.endswith("transcription.txt") and "陳大文".encode() in one for name, one in first.items())
    assert office.data()["sha256"]


def test_p03_what_was_read_unsurely_is_not_in_the_copy(office: Office) -> None:
    office.extraction = note(review={"doc_no": ReviewReason.UNSURE})
    office.extraction.fields["doc_no"] = field("doc_no", "DN-0O42", confidence=0.62)
    document = office.add_read(b"paper").document
    office.finder.found = [document]
    case = office.known(terms=("陳大文",)).case.id

    [fields] = [json.loads(one) for name, one in _packed(office, case).items() if name.endswith("fields.json")]

    searched = office.documents.search_text(document)
    assert searched is not None
    assert "DN-0O42" in searched.fields, "it is usable for search"
    assert fields["not_verified"] == ["doc_no"]
    assert "doc_no" not in fields["values"]
    assert fields["values"]["date"] == "2026-11-20"


def test_p17_without_identity_nothing_is_disclosed_and_more_is_asked_for(office: Office) -> None:
    case = office.opened(person=office.staff).case.id

    with refused(Code.IDENTITY_NOT_SHOWN):
        office.cases.make_pack(office.dpo, case, event_id=office.id())
    with refused(Code.IDENTITY_NOT_SHOWN):
        office.told(case, NoticeKind.COMPLIANCE)
    given = office.told(case, NoticeKind.FURTHER_INFORMATION, reason="身分證明")

    assert "身分證明" in given.words.zh
    assert given.case.state is CaseState.OPEN


def test_p17_for_another_authority_is_shown_too(office: Office) -> None:
    case = office.opened(person=office.staff, on_behalf=True, requestor_name="代理人").case.id

    with refused(Code.AUTHORITY_MISSING):
        office.shown(case)
    office.shown(case, Evidence.IDENTITY_CARD_SEEN, Evidence.AUTHORISATION)
    assert office.data()["evidence"] == ["identity_card_seen", "authorisation"]


def test_p18_others_are_masked_the_rest_supplied_and_the_masked_part_is_a_refusal(office: Office) -> None:
    document = office.add_read("檢驗報告 陳大文 檢驗員 李檢驗".encode()).document
    office.finder.found = [document]
    opened = office.known(terms=("陳大文",))
    case, [item] = opened.case.id, office.of_kind(opened, ItemKind.DOCUMENT)
    office.marked(case, item.number, Handling.SUPPLY, third_party=True)
    with refused(Code.THIRD_PARTY_UNSETTLED):
        office.told(case, NoticeKind.COMPLIANCE)
    with refused(Code.MASKS_MISSING):
        office.marked(case, item.number, Handling.REDACT, masks=())
    office.marked(case, item.number, Handling.REDACT, third_party=True)
    with refused(Code.WITHHELD_WITHOUT_REFUSAL):
        office.told(case, NoticeKind.COMPLIANCE)

    line = office.refused(case, Ground.THIRD_PARTY, item.number)
    given = office.told(case, NoticeKind.COMPLIANCE)
    members = _packed(office, case)

    assert "s.20(1)(b)" in given.words.en
    assert office.data(given.index)["refusals"] == [line]
    [transcription] = [one.decode() for name, one in members.items() if name.endswith("transcription.txt")]
    assert transcription.strip() == "檢驗報告 陳大文 檢驗員 ████"
    assert not [name for name in members if "original" in name]
    assert "李檢驗".encode() not in b"".join(members.values())


def test_p18_pseudonyms_of_others_are_not_in_the_copy(office: Office) -> None:
    case = office.known().case.id

    entries = b"".join(one for name, one in _packed(office, case).items() if name.startswith("entries/"))

    assert office.staff.encode() in entries
    for other in (office.dpo.id, office.officer.id):
        assert other.encode() not in entries


# --------------------------------------------------------------------------------- refusals, log book


def test_p19_free_text_is_no_ground(office: Office) -> None:
    case = office.known().case.id

    with refused(Code.CASE_GROUND_UNFIT):
        office.proposed(case, "too busy")


def test_p19_a_refusal_is_reviewed_by_a_second_person(office: Office) -> None:
    case = office.opened(person=office.staff).case.id
    proposal = office.proposed(case, Ground.IDENTITY_NOT_SHOWN)
    settle = office.cases.settle_refusal

    with pytest.raises(Denied):
        office.do(settle(office.dpo, case, proposal.id, approve=True, event_id=office.id()))
    with refused(Code.REFUSAL_WITHOUT_GROUND):
        office.told(case, NoticeKind.REFUSAL)
    office.do(settle(office.officer, case, proposal.id, approve=False, event_id=office.id()))
    with refused(Code.PROPOSAL_SETTLED):
        office.do(settle(office.officer, case, proposal.id, approve=True, event_id=office.id()))
    with pytest.raises(UnknownCase):
        office.do(settle(office.officer, case, "none", approve=True, event_id=office.id()))
    late = office.proposed(case, Ground.IDENTITY_NOT_SHOWN)
    office.world.clock.advance(days=7)
    with pytest.raises(PolicyConflict, match="over"):
        office.do(settle(office.officer, case, late.id, approve=True, event_id=office.id()))


def test_p20_the_notice_of_refusal_names_ground_and_the_other_data_user(office: Office) -> None:
    case = office.known().case.id
    with refused(Code.REFUSAL_WITHOUT_GROUND):
        office.told(case, NoticeKind.REFUSAL)
    office.refused(case, Ground.OTHER_DATA_USER, other_user="永發物流有限公司")

    given = office.told(case, NoticeKind.REFUSAL)

    assert "s.20(3)(d)" in given.words.zh
    assert "永發物流有限公司" in given.words.zh
    assert given.case.state is CaseState.ANSWERED
    assert "永發物流".encode() not in office.everything()


def test_p21_the_log_book_is_a_view_on_the_chain(each_office: Office) -> None:
    office = each_office
    case = office.opened(person=office.staff).case.id
    line = office.refused(case, Ground.IDENTITY_NOT_SHOWN, prejudice="會妨礙調查")
    given = office.told(case, NoticeKind.REFUSAL)

    with office.world.storage.database.read() as connection:
        page = office.cases.log_book(office.officer, connection)
        [found] = page.items
        reasons = office.cases.reasons(office.officer, connection, found)

    assert (found.index, found.case, found.ground, found.prejudice) == (line, case, Ground.IDENTITY_NOT_SHOWN, True)
    assert [index for index, _ in found.notices] == [given.index]
    assert found.entered_at <= found.notices[0][1]
    assert reasons["prejudice"] == "會妨礙調查"
    assert found.approved_by == office.officer.id


def test_p21_a_notice_stamped_before_its_line_is_rejected(office: Office) -> None:
    case = office.opened(person=office.staff).case.id
    before = office.world.clock() - timedelta(minutes=1)
    office.refused(case, Ground.IDENTITY_NOT_SHOWN)

    with refused(Code.NOTICE_BEFORE_ENTRY):
        office.told(case, NoticeKind.REFUSAL, given_at=before)
    with refused(Code.NOTICE_IN_FUTURE):
        office.told(case, NoticeKind.REFUSAL, given_at=office.world.clock() + timedelta(days=1))


def test_p21_a_line_is_not_deleted_for_four_years(office: Office) -> None:
    case = office.opened(person=office.staff).case.id
    line = office.refused(case, Ground.IDENTITY_NOT_SHOWN)
    at_3y11m = office.world.clock().replace(year=2030, month=10)

    assert office.cases.refusal_to_delete(office.dpo, line, at_3y11m).code is Code.S27_4Y
    for index in (0, 10**6):
        with pytest.raises(UnknownCase):
            office.cases.refusal_to_delete(office.dpo, index, at_3y11m)


def test_p22_a_fee_is_typed_and_the_copy_waits_for_it(office: Office) -> None:
    case = office.known().case.id
    lines = (
        FeeLine(FeeKind.COPYING, 40),
        FeeLine(FeeKind.CLERICAL, 100),
        FeeLine(FeeKind.LEGAL_ADVICE, 2000),
        FeeLine(FeeKind.OVERHEAD, 300),
    )

    fee = office.do(office.cases.impose_fee(office.dpo, case, FeeRequest(office.id(), lines)))
    with refused(Code.FEE_UNPAID):
        office.cases.make_pack(office.dpo, case, event_id=office.id())
    told = office.told(case, NoticeKind.FEE)
    office.do(office.cases.record_payment(office.dpo, case, event_id=office.id()))

    assert (fee.total, len(fee.refused)) == (140, 2)
    assert "HK$1.40" in told.words.en
    assert _packed(office, case)
    with refused(Code.FEE_NONE):
        office.do(office.cases.record_payment(office.dpo, case, event_id=office.id()))


def test_p22_a_correction_is_free(office: Office) -> None:
    case = office.opened(CaseKind.CORRECTION, person=office.staff).case.id

    with refused(Code.FEE_ON_CORRECTION):
        office.cases.impose_fee(office.dpo, case, FeeRequest(office.id(), (FeeLine(FeeKind.COPYING, 1),)))


# ------------------------------------------------------------------------------------- corrections


def _correction(office: Office) -> tuple[str, str]:
    """A correction request of the staff member about their own name, and that name's ref."""
    opened = office.opened(CaseKind.CORRECTION, person=office.staff)
    office.shown(opened.case.id)
    [name] = [item.ref for item in office.of_kind(opened, ItemKind.PERSONAL) if item.ref.endswith("/display_name")]
    return opened.case.id, name


def test_p23_a_correction_supersedes_and_the_old_value_is_marked(each_office: Office) -> None:
    office = each_office
    case, ref = _correction(office)
    with refused(Code.NOT_CORRECTED):
        office.told(case, NoticeKind.CORRECTION_DONE)

    request = CorrectRequest(office.id(), ItemKind.PERSONAL, ref, value="陳大民")
    index = office.committed(office.cases.correct(office.dpo, case, request)).receipt.index
    given = office.told(case, NoticeKind.CORRECTION_DONE)

    with office.world.storage.database.read() as connection:
        assert office.cases.superseded(connection, ItemKind.PERSONAL, [ref]) == {ref: f"{index}/value"}
        assert office.cases.particulars(office.dpo, connection, index) == {"value": "陳大民"}
    assert "1" in given.words.zh
    with pytest.raises(InvalidCase):
        office.cases.correct(office.dpo, case, CorrectRequest(office.id(), ItemKind.PERSONAL, ref))


@pytest.mark.parametrize(("day", "told"), [(date(2025, 12, 22), ["LOGI"]), (date(2025, 10, 22), [])])
def test_p24_who_got_it_within_twelve_months_is_told(office: Office, day: date, told: list[str]) -> None:
    case, ref = _correction(office)
    disclosed = DisclosureRequest(office.id(), ItemKind.PERSONAL, ref, "LOGI", "delivery", day)
    office.do(office.cases.record_disclosure(office.dpo, disclosed))

    tasks = office.do(
        office.cases.correct(office.dpo, case, CorrectRequest(office.id(), ItemKind.PERSONAL, ref, value="陳大民"))
    )

    assert [task.recipient for task in tasks] == told


def test_p24_a_recipient_who_is_not_told_is_a_finding_until_they_are(office: Office) -> None:
    case, ref = _correction(office)
    today = hong_kong_day(office.world.clock())
    disclosed = DisclosureRequest(office.id(), ItemKind.PERSONAL, ref, "LOGI", "delivery", today)
    office.do(office.cases.record_disclosure(office.dpo, disclosed))
    office.do(
        office.cases.correct(office.dpo, case, CorrectRequest(office.id(), ItemKind.PERSONAL, ref, value="陳大民"))
    )

    def findings() -> list[str]:
        with office.world.storage.database.read() as connection:
            return [one.subject for one in office.cases.findings(office.dpo, connection, today)]

    assert findings() == [f"{case}/LOGI"]
    office.do(office.cases.tell_recipient(office.dpo, case, "LOGI", event_id=office.id()))
    assert findings() == []
    for recipient, error in (("LOGI", CaseConflict), ("BANK", UnknownCase)):
        with pytest.raises(error):
            office.do(office.cases.tell_recipient(office.dpo, case, recipient, event_id=office.id()))


def test_p25_a_disputed_opinion_is_never_without_its_note(office: Office) -> None:
    case, ref = _correction(office)
    with refused(Code.NOTE_MISSING):
        office.proposed(case, "opinion")
    request = DisputeRequest(office.id(), ItemKind.PERSONAL, ref, "當事人不同意此評語")
    office.do(office.cases.note_dispute(office.dpo, case, request))
    office.refused(case, "opinion")

    given = office.told(case, NoticeKind.CORRECTION_REFUSED)

    assert "s.25(2)" in given.words.en
    with office.world.storage.database.read() as connection:
        notes = office.cases.dispute_notes(connection, ItemKind.PERSONAL, ref.partition("/")[0])
    assert notes == {ref: "當事人不同意此評語"}


def test_p36_60b_does_not_refuse_a_request_and_60_needs_evidence(office: Office) -> None:
    case = office.known().case.id
    exempt = Ground.EXEMPT

    with refused(Code.EXEMPTION_WRONG_PRINCIPLE):
        office.proposed(case, exempt, exemption=ExemptionId.S60B, evidence="d1")
    with refused(Code.EXEMPTION_EVIDENCE_MISSING):
        office.proposed(case, exempt, exemption=ExemptionId.S60)
    office.refused(case, exempt, exemption=ExemptionId.S60, evidence="d1")
    assert "s.60" in office.told(case, NoticeKind.REFUSAL).words.en


# ----------------------------------------------------------------------------------------- the rest


def test_a_repeated_request_is_a_replay(office: Office) -> None:
    case = office.opened(person=office.staff).case.id
    event_id = office.id()
    change = office.cases.search_again(office.dpo, case, SearchAgain(event_id, ("陳大文",)))

    first, again = office.committed(change), office.committed(change)

    assert again.replayed
    assert again.receipt.index == first.receipt.index


def test_a_second_search_replaces_the_first(office: Office) -> None:
    document = office.add_read(b"paper").document
    office.finder.found = [document]
    opened = office.opened(person=office.staff, terms=("陳大文",))
    office.finder.found = []

    again = office.do(office.cases.search_again(office.dpo, opened.case.id, SearchAgain(office.id(), ("大文",))))

    # The case's own entry about the person is held by now, the document is no part of it any more.
    assert [item.kind for item in again.items].count(ItemKind.DOCUMENT) == 0
    assert office.items(opened.case.id) == list(again.items)
    office.do(
        office.documents.change_document(
            office.clerk, parse_document_change({"title": "改"}, document=document, event_id=office.id())
        )
    )


def test_documents_outside_the_index_are_searched_too(office: Office) -> None:
    office.personal_data = ("hkid",)
    document = office.add_read("身份證 陳大文".encode()).document
    assert office.stage(document) is Stage.QUARANTINED

    opened = office.opened(person=office.staff, terms=("陳大文",))

    assert [item.ref for item in office.of_kind(opened, ItemKind.DOCUMENT)] == [document]


@pytest.mark.parametrize("role", [Role.STORE_MANAGER, Role.AREA_MANAGER, Role.STAFF, Role.AUDITOR, Role.OPERATOR])
def test_only_who_works_on_cases_sees_them(office: Office, role: Role) -> None:
    targets = ((ScopeKind.STORE, "MK01"),) if role in {Role.STORE_MANAGER, Role.STAFF} else ()
    caller = office.signed_in(role, *targets, name="某人")

    with office.world.storage.database.read() as connection, pytest.raises(Denied):
        office.cases.cases(caller, connection, limit=10)


def test_a_spoken_request_is_logged_and_can_be_refused_for_that(office: Office) -> None:
    case = office.opened(channel=Channel.SPOKEN, person=office.staff).case.id

    office.refused(case, Ground.NOT_IN_WRITING)

    assert "s.20(3)(a)" in office.told(case, NoticeKind.REFUSAL).words.zh


def test_an_item_that_is_not_there_is_unknown(office: Office) -> None:
    case = office.known().case.id

    for number in (0, 99):
        with refused(Code.CASE_ITEM_UNKNOWN):
            office.marked(case, number, Handling.WITHHOLD)
    with pytest.raises(CaseError):
        office.proposed(case, Ground.THIRD_PARTY, 99)
    with pytest.raises(UnknownCase):
        office.shown("none")
