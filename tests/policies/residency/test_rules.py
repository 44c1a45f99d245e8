"""The rows of the reference about where data goes, by their ids: an input, and what must come out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest

from policies.calendar import GENERAL_HOLIDAYS
from policies.codes import Code
from policies.residency.model import (
    PURPOSES,
    Basis,
    DataClass,
    DestinationKind,
    GbaContract,
    Mode,
    ModeRecord,
    Observation,
    Register,
    Standing,
)
from policies.residency.rules import (
    GBA_PLACES,
    admitted,
    cn_warning,
    filing_due,
    findings,
    is_filing_overdue,
    reports_s33,
    shadow,
    transfer_fault,
)
from storage.outbound import Destination
from tests.policies.residency.registers import BUCKET, CLAUSES, GBA, PROCESSOR, TODAY, TRANSFER, register

ABROAD = replace(BUCKET, jurisdiction="SG")
OCR = replace(
    BUCKET,
    code="OCR",
    kind=DestinationKind.OCR,
    host="ocr.cloud.test",
    data_classes=frozenset({DataClass.DOCUMENT_CONTENT}),
)
S3 = Destination("s3.cloud.test", 443, "objects")
FORCE = ModeRecord(Mode.S33_IN_FORCE, in_force_from=date(2026, 11, 1), instrument="L.N. 1")
NECESSITY = replace(TRANSFER, basis=Basis.CONTRACT_NECESSITY, clauses=None)
GBA_TRANSFER = replace(TRANSFER, basis=Basis.GBA_CONTRACT, clauses=None, gba=GBA)

ADMITTED: list[tuple[str, Register, Destination, str | Code]] = [
    ("P-09 nothing is declared", register(), S3, Code.DESTINATION_UNDECLARED),
    ("P-09 declared, in force", register(BUCKET), S3, "HK"),
    ("P-09 another host", register(BUCKET), Destination("s3.other.test", 443, "objects"), Code.DESTINATION_UNDECLARED),
    ("P-09 another kind", register(BUCKET), Destination("s3.cloud.test", 443, "ocr"), Code.DESTINATION_UNDECLARED),
    ("P-09 ended", register(replace(BUCKET, status=Standing.ENDED)), S3, Code.DESTINATION_ENDED),
    ("P-09 class", register(replace(BUCKET, data_classes=frozenset({DataClass.HASHES}))), S3, Code.DATA_CLASS_REFUSED),
    (
        "P-09 external OCR without a contract",
        register(OCR, replace(PROCESSOR, contract=None)),
        Destination("ocr.cloud.test", 443, "ocr"),
        Code.PROCESSOR_NO_CONTRACT,
    ),
    ("P-09 external OCR with one", register(OCR), Destination("ocr.cloud.test", 443, "ocr"), "HK"),
    ("P-09 no processor", register(replace(BUCKET, processor=None)), S3, Code.PROCESSOR_NO_CONTRACT),
    ("P-09 no contract", register(BUCKET, replace(PROCESSOR, contract=None)), S3, Code.PROCESSOR_NO_CONTRACT),
    (
        "P-09 contract of tomorrow",
        register(BUCKET, replace(PROCESSOR, contract_from=TODAY + timedelta(days=1))),
        S3,
        Code.PROCESSOR_NO_CONTRACT,
    ),
    ("P-09 last day of the contract", register(BUCKET, replace(PROCESSOR, contract_until=TODAY)), S3, "HK"),
    (
        "P-09 the day after",
        register(BUCKET, replace(PROCESSOR, contract_until=TODAY - timedelta(days=1))),
        S3,
        Code.PROCESSOR_NO_CONTRACT,
    ),
    ("P-09 our own machine", register(replace(BUCKET, own=True, processor=None)), S3, "HK"),
    ("P-30 elsewhere in policy mode", register(ABROAD), S3, Code.ORG_RES_1),
    (
        "P-30 elsewhere in shadow mode",
        register(ABROAD, mode=ModeRecord(Mode.S33_SHADOW)),
        S3,
        Code.ORG_RES_1,
    ),
    ("P-30 home is where the organisation says", register(ABROAD, mode=ModeRecord(home=frozenset({"SG"}))), S3, "SG"),
    ("P-30 a condition once in force", register(ABROAD, TRANSFER, mode=FORCE), S3, "SG"),
    ("P-30 no condition once in force", register(ABROAD, NECESSITY, mode=FORCE), S3, Code.S33_CONDITION_MISSING),
    (
        "P-30 the switch is dated",
        register(ABROAD, NECESSITY, mode=replace(FORCE, in_force_from=TODAY + timedelta(days=1))),
        S3,
        "SG",
    ),
    ("P-31 model clauses", register(ABROAD, TRANSFER), S3, "SG"),
    ("P-31 contract necessity", register(ABROAD, NECESSITY), S3, "SG"),
    (
        "P-31 another class",
        register(ABROAD, replace(TRANSFER, data_classes=frozenset({DataClass.LOG_DATA}))),
        S3,
        Code.ORG_RES_1,
    ),
    ("P-31 another destination", register(ABROAD, replace(TRANSFER, destination="ELSE")), S3, Code.ORG_RES_1),
    ("P-31 not yet", register(ABROAD, replace(TRANSFER, since=TODAY + timedelta(days=1))), S3, Code.ORG_RES_1),
    ("P-31 over", register(ABROAD, replace(TRANSFER, until=TODAY - timedelta(days=1))), S3, Code.ORG_RES_1),
    ("P-31 ended", register(ABROAD, replace(TRANSFER, status=Standing.ENDED)), S3, Code.ORG_RES_1),
    (
        "P-31 clauses that do not bind",
        register(ABROAD, replace(TRANSFER, clauses=replace(CLAUSES, onward_bound=False))),
        S3,
        Code.ORG_RES_1,
    ),
    ("P-32 a GBA contract", register(replace(BUCKET, jurisdiction="CN"), GBA_TRANSFER), S3, "CN"),
    (
        "P-32 never filed",
        register(replace(BUCKET, jurisdiction="CN"), replace(GBA_TRANSFER, gba=replace(GBA, filing_number=None))),
        S3,
        Code.ORG_RES_1,
    ),
]


@pytest.mark.parametrize(
    ("register", "destination", "outcome"), [row[1:] for row in ADMITTED], ids=[row[0] for row in ADMITTED]
)
def test_a_call_goes_only_where_the_registers_let_it(
    register: Register, destination: Destination, outcome: str | Code
) -> None:
    assert admitted(register, destination, TODAY) == outcome


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]", ""])
@pytest.mark.parametrize("purpose", sorted(PURPOSES))
def test_this_machine_needs_no_declaration(host: str, purpose: str) -> None:
    assert admitted(register(), Destination(host, 1, purpose), TODAY) == "HK"


@pytest.mark.parametrize("host", ["10.0.0.1", "127.0.0.1.evil.test", "localhost.evil.test", "192.168.1.1", "0.0.0.0"])  # noqa: S104
def test_another_machine_is_not_this_one(host: str) -> None:
    assert admitted(register(), Destination(host, 1, "objects"), TODAY) == Code.DESTINATION_UNDECLARED


@pytest.mark.parametrize(
    ("purpose", "outcome"), [("notice.dingtalk", "CN"), ("identity.keys", "CN"), ("timestamp", "CN")]
)
def test_the_settings_declare_what_holds_no_personal_data(purpose: str, outcome: str) -> None:
    destination = Destination("Chat.test", 443, purpose)

    assert admitted(register(), destination, TODAY, listed={"chat.test": "CN"}) == outcome
    assert admitted(register(), destination, TODAY, listed={"chat.test:443": "CN"}) == outcome
    assert admitted(register(), destination, TODAY, listed={"chat.test:444": "CN"}) == Code.DESTINATION_UNDECLARED


@pytest.mark.parametrize("purpose", ["objects", "database", "ocr", "virus_scan"])
def test_the_settings_do_not_declare_what_may_hold_personal_data(purpose: str) -> None:
    assert (
        admitted(register(), Destination("s3.test", 443, purpose), TODAY, listed={"s3.test": "HK"})
        is Code.DESTINATION_UNDECLARED
    )


def test_the_declaration_of_a_port_speaks_louder() -> None:
    ours = replace(BUCKET, code="ZZ", port=9000, own=True, processor=None)

    assert admitted(register(ABROAD, ours), Destination("s3.cloud.test", 9000, "objects"), TODAY) == "HK"
    assert admitted(register(ABROAD, ours), S3, TODAY) == Code.ORG_RES_1


def test_what_holds_no_personal_data_needs_a_declaration_and_no_more() -> None:
    chat = replace(
        BUCKET,
        kind=DestinationKind.CHAT,
        jurisdiction="CN",
        processor=None,
        data_classes=frozenset({DataClass.NOTICE_TEXT}),
    )

    assert admitted(register(chat), Destination("s3.cloud.test", 443, "notice.dingtalk"), TODAY) == "CN"


GBA_FAULTS: list[tuple[str, Callable[[GbaContract], GbaContract], Code | None]] = [
    ("P-32 as it should be", lambda gba: gba, None),
    ("P-32 recipient in Beijing", lambda gba: replace(gba, recipient_place="Beijing"), Code.GBA_PLACE_UNFIT),
    ("P-32 exporter in Macao", lambda gba: replace(gba, exporter_place="Macao"), Code.GBA_PLACE_UNFIT),
    ("P-32 onward outside", lambda gba: replace(gba, onward_outside=True), Code.GBA_ONWARD),
    ("P-32 important data", lambda gba: replace(gba, important_data=True), Code.GBA_IMPORTANT_DATA),
    ("P-32 assessed three months before", lambda gba: replace(gba, assessed_on=date(2026, 8, 2)), None),
    (
        "P-32 assessed a day too early",
        lambda gba: replace(gba, assessed_on=date(2026, 8, 1)),
        Code.GBA_ASSESSMENT_STALE,
    ),
    ("P-32 assessed afterwards", lambda gba: replace(gba, assessed_on=date(2026, 11, 3)), Code.GBA_ASSESSMENT_STALE),
    (
        "P-32 months end",
        lambda gba: replace(gba, effective_on=date(2026, 5, 31), assessed_on=date(2026, 2, 28)),
        None,
    ),
]


@pytest.mark.parametrize(("change", "fault"), [row[1:] for row in GBA_FAULTS], ids=[row[0] for row in GBA_FAULTS])
def test_a_gba_contract_is_a_basis_only_as_the_scheme_has_it(
    change: Callable[[GbaContract], GbaContract], fault: Code | None
) -> None:
    assert transfer_fault(replace(GBA_TRANSFER, gba=change(GBA))) is fault


def test_p_32_names_hong_kong_and_nine_cities() -> None:
    assert len(GBA_PLACES) == 10
    assert "Macao" not in GBA_PLACES


@pytest.mark.parametrize(
    ("effective_on", "due"),
    [
        (date(2026, 11, 2), date(2026, 11, 16)),  # Monday: two weeks of five working days
        (date(2026, 3, 27), date(2026, 4, 15)),  # Good Friday to Easter Monday, Ching Ming on the Monday and Tuesday
    ],
)
def test_p_32_filing_is_due_on_the_tenth_working_day(effective_on: date, due: date) -> None:
    unfiled = replace(GBA_TRANSFER, gba=replace(GBA, effective_on=effective_on, filing_number=None))

    assert unfiled.gba is not None
    assert filing_due(unfiled.gba, GENERAL_HOLIDAYS) == due
    assert not is_filing_overdue(unfiled, due, GENERAL_HOLIDAYS)
    assert is_filing_overdue(unfiled, due + timedelta(days=1), GENERAL_HOLIDAYS)
    assert not is_filing_overdue(GBA_TRANSFER, due + timedelta(days=400), GENERAL_HOLIDAYS)


ENDED = replace(PROCESSOR, contract_until=TODAY - timedelta(days=31))
FINDINGS: list[tuple[str, Register, set[tuple[str, str]]]] = [
    ("nothing", register(), set()),
    ("P-31 no basis", register(ABROAD), {("transfer_no_basis", "STORE")}),
    ("P-31 to a US processor", register(replace(BUCKET, jurisdiction="US")), {("transfer_no_basis", "STORE")}),
    ("P-31 with model clauses", register(ABROAD, TRANSFER), set()),
    (
        "P-31 clauses that do not bind",
        register(ABROAD, replace(TRANSFER, clauses=replace(CLAUSES, deletion_at_end=False))),
        {("transfer_no_basis", "STORE"), ("model_clauses_incomplete", "T1")},
    ),
    (
        "P-32 no filing number on day 11",
        register(replace(BUCKET, jurisdiction="CN"), replace(GBA_TRANSFER, gba=replace(GBA, filing_number=None))),
        {("gba_filing_overdue", "T1"), ("transfer_no_basis", "STORE")},
    ),
    ("P-06 ended 31 days ago", register(ENDED), {("deletion_unconfirmed", "CLOUD")}),
    ("P-06 ended 30 days ago", register(replace(ENDED, contract_until=TODAY - timedelta(days=30))), set()),
    ("P-06 confirmed", register(replace(ENDED, deletion_confirmed="CERT-9")), set()),
    (
        "P-06 and P-09: still in use",
        register(BUCKET, ENDED),
        {("deletion_unconfirmed", "CLOUD"), ("processor_no_contract", "STORE")},
    ),
    (
        "P-30 the store answers another place",
        register(BUCKET, observed=(Observation("STORE", "records", "ap-east-1", "ap-southeast-1", attested=True),)),
        {("bucket_location_drift", "STORE/records")},
    ),
    (
        "P-30 the store answers as declared",
        register(BUCKET, observed=(Observation("STORE", "records", "ap-east-1", "ap-east-1", attested=True),)),
        set(),
    ),
    ("P-33 above a million", register(origins={2026: 1_000_001}), {("cn_assessment_due", "2026")}),
    ("P-33 a million", register(origins={2026: 1_000_000}), set()),
    (
        "an ended transfer is no basis, and nobody's task",
        register(ABROAD, replace(TRANSFER, clauses=None, status=Standing.ENDED)),
        {("transfer_no_basis", "STORE")},
    ),
    ("ended records are quiet", register(replace(ABROAD, status=Standing.ENDED)), set()),
]


@pytest.mark.parametrize(
    ("mode", "reported"),
    [(ModeRecord(Mode.POLICY), False), (ModeRecord(Mode.S33_SHADOW), True), (FORCE, True)],
    ids=["policy", "s33_shadow", "s33_in_force"],
)
def test_the_conditions_of_s33_are_reported_where_the_organisation_asked_for_them(
    mode: ModeRecord, reported: bool
) -> None:
    assert reports_s33(replace(register(ABROAD), mode=mode)) is reported


@pytest.mark.parametrize(("register", "found"), [row[1:] for row in FINDINGS], ids=[row[0] for row in FINDINGS])
def test_findings_are_what_somebody_should_look_at(register: Register, found: set[tuple[str, str]]) -> None:
    assert {(one.code, one.about) for one in findings(register, TODAY)} == found


def test_p_33_the_millionth_and_first_person_warns() -> None:
    assert cn_warning(1_000_000) is None
    assert cn_warning(1_000_001) is Code.CN_ASSESSMENT_DUE


@pytest.mark.parametrize(
    ("basis", "conditions"),
    [
        (Basis.GAZETTED, ("a",)),
        (Basis.SIMILAR_LAW, ("b",)),
        (Basis.CONSENT, ("c",)),
        (Basis.MITIGATION, ("d",)),
        (Basis.EXEMPTION, ("e",)),
        (Basis.MODEL_CLAUSES, ("f",)),
        (Basis.CONTRACT_NECESSITY, ()),
    ],
)
def test_p_30_the_rehearsal_names_the_conditions_a_transfer_would_meet(
    basis: Basis, conditions: tuple[str, ...]
) -> None:
    transfer = replace(TRANSFER, basis=basis, clauses=CLAUSES if basis is Basis.MODEL_CLAUSES else None)

    assert shadow(register(ABROAD, transfer), TODAY) == {"STORE": conditions}
    assert shadow(register(BUCKET), TODAY) == {}


def test_p_30_every_class_must_meet_the_condition() -> None:
    two = replace(ABROAD, data_classes=frozenset({DataClass.SEALED_OBJECTS, DataClass.DOCUMENT_CONTENT}))

    assert shadow(register(two, TRANSFER), TODAY) == {"STORE": ()}
