"""The registers: each change an entry, refused where it cannot stand, seen by other processes; the gate that asks them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from policies.codes import Code
from policies.errors import Denied, InvalidValue, PolicyConflict, UnknownThing
from policies.model import Role
from policies.residency.gate import ResidencyGate
from policies.residency.model import (
    Basis,
    DataClass,
    Mode,
    ModeRecord,
    Observation,
    Processor,
    Record,
    Transfer,
)
from policies.residency.records import (
    parse_destination,
    parse_mode,
    parse_processor,
    parse_transfer,
    record_json,
)
from storage.outbound import Destination, OutboundRefused
from tests.policies.house import House
from tests.policies.residency.registers import BUCKET, CLAUSES, GBA, PROCESSOR, TRANSFER

S3 = Destination("s3.cloud.test", 443, "objects")


def officer(house: House) -> Any:
    return house.policies.local_principal(Role.COMPLIANCE_OFFICER)


def declare(house: House, *, jurisdiction: str = "HK") -> None:
    house.do(house.policies.set_processor(officer(house), PROCESSOR, event_id=house.id()))
    bucket = replace(BUCKET, jurisdiction=jurisdiction)
    house.do(house.policies.set_destination(officer(house), bucket, event_id=house.id()))


@pytest.mark.parametrize(
    "record",
    [
        PROCESSOR,
        replace(PROCESSOR, sub_processors=("A", "B"), deletion_confirmed="C-1"),
        BUCKET,
        replace(BUCKET, port=9000, region="ap-east-1", data_classes=frozenset(DataClass)),
        TRANSFER,
        replace(TRANSFER, basis=Basis.GBA_CONTRACT, clauses=None, gba=GBA),
        replace(TRANSFER, basis=Basis.CONSENT, clauses=None),
        ModeRecord(),
        ModeRecord(Mode.S33_IN_FORCE, frozenset({"HK", "SG"}), TRANSFER.since, "L.N. 1"),
    ],
)
def test_a_record_comes_back_as_it_was(record: Record) -> None:
    body = record_json(record)
    parsers = {Processor: parse_processor, Transfer: parse_transfer, type(BUCKET): parse_destination}

    if isinstance(record, ModeRecord):
        assert parse_mode(body) == record
    else:
        assert parsers[type(record)](record.code, body) == record


@pytest.mark.parametrize(
    ("change", "member"),
    [
        ({"kind": "floppy"}, "kind"),
        ({"host": "a b"}, "host"),
        ({"host": "x" * 300}, "host"),
        ({"port": 0}, "port"),
        ({"port": True}, "port"),
        ({"jurisdiction": "Hong Kong"}, "jurisdiction"),
        ({"data_classes": []}, "data_classes"),
        ({"data_classes": ["secrets"]}, "data_classes"),
        ({"purpose_en": "a\nb"}, "purpose_en"),
        ({"own": "yes"}, "own"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_wrong_member_is_named(change: dict[str, object], member: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        parse_destination("STORE", {**record_json(BUCKET), **change})

    assert refused.value.member == member


def test_p_30_the_switch_needs_a_date_and_what_commenced_it() -> None:
    for body in ({"mode": "s33_in_force"}, {"mode": "s33_in_force", "in_force_from": "2027-01-01"}):
        with pytest.raises(InvalidValue):
            parse_mode(body)


def test_each_change_is_an_entry_with_what_moved(house: House) -> None:
    declare(house)

    changed = replace(BUCKET, purpose_en="keeps sealed documents")
    house.do(house.policies.set_destination(officer(house), changed, event_id=house.id()))

    entry = house.entry()
    assert entry["type"] == "residency.destination_set"
    assert entry["data"]["changed"] == ["purpose_en"]
    assert entry["data"]["record"] == record_json(changed)
    with pytest.raises(InvalidValue):
        house.do(house.policies.set_destination(officer(house), changed, event_id=house.id()))


def test_only_a_compliance_officer_changes_the_registers(house: House) -> None:
    for role in (Role.OPERATOR, Role.DPO, Role.POLICY_ADMIN, Role.STAFF):
        with pytest.raises(Denied):
            house.policies.set_processor(house.policies.local_principal(role), PROCESSOR, event_id=house.id())


def test_p_09_a_store_whose_processor_has_no_contract_cannot_be_declared(house: House) -> None:
    def refusal(destination: Any) -> Code:
        with pytest.raises((PolicyConflict, UnknownThing)) as refused:
            house.do(house.policies.set_destination(officer(house), destination, event_id=house.id()))
        return refused.value.code

    assert refusal(replace(BUCKET, processor=None)) is Code.PROCESSOR_NO_CONTRACT
    assert refusal(BUCKET) is Code.PROCESSOR_UNKNOWN
    house.do(house.policies.set_processor(officer(house), replace(PROCESSOR, contract=None), event_id=house.id()))
    assert refusal(BUCKET) is Code.PROCESSOR_NO_CONTRACT


def test_p_30_a_region_is_where_its_provider_says(house: House) -> None:
    with pytest.raises(InvalidValue) as refused:
        house.policies.set_destination(officer(house), replace(BUCKET, region="ap-southeast-1"), event_id=house.id())

    assert refused.value.code is Code.REGION_ELSEWHERE
    assert "SG" in refused.value.words().en


@pytest.mark.parametrize(
    ("transfer", "code"),
    [
        (replace(TRANSFER, clauses=None), Code.MODEL_CLAUSES_INCOMPLETE),
        (replace(TRANSFER, clauses=replace(CLAUSES, helps_with_requests=False)), Code.MODEL_CLAUSES_INCOMPLETE),
        (
            replace(TRANSFER, basis=Basis.GBA_CONTRACT, clauses=None, gba=replace(GBA, recipient_place="Beijing")),
            Code.GBA_PLACE_UNFIT,
        ),
    ],
    ids=["P-31 no clauses", "P-31 no help", "P-32 Beijing"],
)
def test_a_basis_that_is_none_is_refused(sqlite_house: House, transfer: Transfer, code: Code) -> None:
    with pytest.raises(InvalidValue) as refused:
        sqlite_house.policies.set_transfer(officer(sqlite_house), transfer, event_id=sqlite_house.id())

    assert refused.value.code is code


def test_a_transfer_is_to_a_destination_that_is_declared(sqlite_house: House) -> None:
    with pytest.raises(UnknownThing):
        sqlite_house.do(sqlite_house.policies.set_transfer(officer(sqlite_house), TRANSFER, event_id=sqlite_house.id()))


def test_the_gate_follows_the_registers_of_every_process(house: House) -> None:
    other = house.another(house.world.storage)
    gate = ResidencyGate(other, clock=house.world.clock)
    with pytest.raises(OutboundRefused) as refused:
        gate.admit(S3)
    assert refused.value.code == "destination_undeclared"

    declare(house, jurisdiction="SG")
    with pytest.raises(OutboundRefused) as refused:
        gate.admit(S3)
    assert refused.value.code == "org_res_1"

    house.do(house.policies.set_transfer(officer(house), TRANSFER, event_id=house.id()))
    assert gate.admit(S3) == "SG"


def test_p_30_what_was_refused_is_gathered_into_an_entry(house: House) -> None:
    gate = ResidencyGate(house.policies, clock=house.world.clock)
    for _ in range(3):
        with pytest.raises(OutboundRefused):
            gate.admit(S3)

    assert house.policies.write_summaries(house.world.clock(), everything=True) == 1

    entry = house.entry()
    assert entry["type"] == "access.outbound_summary"
    assert entry["data"]["count"] == 3
    assert entry["data"]["rows"] == [
        {"code": "destination_undeclared", "count": 3, "destination": "s3.cloud.test:443", "purpose": "objects"}
    ]


def test_what_is_configured_and_not_declared_is_said_in_a_sentence(sqlite_house: House) -> None:
    gate = ResidencyGate(sqlite_house.policies, clock=sqlite_house.world.clock)

    (sentence,) = gate.faults(
        [("CHOPBOOK_OBJECT_STORE_URL", S3), ("CHOPBOOK_VIRUS_SCANNER", Destination("127.0.0.1", 3310, "virus_scan"))]
    )

    assert sentence.startswith(
        "CHOPBOOK_OBJECT_STORE_URL: s3.cloud.test:443 (objects): This destination is not declared"
    )


def test_a_check_keeps_what_the_store_answered_and_opens_findings(house: House) -> None:
    declare(house)
    drifted = Observation("STORE", "records", "ap-east-1", "ap-southeast-1", attested=True)

    found = house.do(house.policies.record_check([drifted], now=house.world.clock()))

    assert [(one.code, one.about) for one in found] == [("bucket_location_drift", "STORE/records")]
    assert house.entry()["data"]["opened"] == [{"about": "STORE/records", "code": "bucket_location_drift"}]
    assert house.policies.residency().observed == (drifted,)
    assert house.policies.residency_findings(house.world.clock()) == found
    house.do(house.policies.record_check([replace(drifted, answered="ap-east-1")], now=house.world.clock()))
    assert house.entry()["data"]["closed"] == [{"about": "STORE/records", "code": "bucket_location_drift"}]
    assert house.policies.residency_findings(house.world.clock()) == ()


def test_p_33_persons_count_once_a_year_and_nothing_of_them_is_kept(house: House) -> None:
    def count(*persons: str, year: int = 2026) -> dict[str, int]:
        result: dict[str, int] = house.do(
            house.policies.count_origins(officer(house), persons, year=year, event_id=house.id())
        )
        return result

    assert count("EMP-8471", "EMP-8472", "EMP-8471") == {"added": 2, "persons": 2}
    assert count("EMP-8472", "EMP-8473") == {"added": 1, "persons": 3}
    assert count("EMP-8471", year=2027) == {"added": 1, "persons": 1}
    assert house.policies.residency().origins == {2026: 3, 2027: 1}
    assert b"EMP-847" not in house.everything()


def test_p_10_a_changed_rule_makes_a_new_version_that_names_it(house: House) -> None:
    first: dict[str, Any] = {
        "classes": [{"id": "invoice", "zh": "發票"}],
        "retention": [{"id": "TAX", "period": "P7Y"}],
    }
    change = house.policies.publish_annex(first)
    assert change is not None
    assert house.do(change) == 1
    assert house.policies.publish_annex(first) is None

    second = {**first, "retention": [{"id": "TAX", "period": "P8Y"}, {"id": "HR", "period": "P2Y"}]}
    change = house.policies.publish_annex(second)
    assert change is not None
    assert house.do(change) == 2

    data = house.entry()["data"]
    assert data["changed"] == ["retention:TAX"]
    assert (data["added"], data["removed"], data["changes"]) == (["retention:HR"], [], 2)
    latest, before = house.policies.annex(), house.policies.annex(1)
    assert latest is not None
    assert before is not None
    assert (latest[:2], before[:2]) == ((2, second), (1, first))
    assert house.policies.annex(3) is None


def test_contracts_end_by_themselves(house: House) -> None:
    declare(house)
    until = house.world.clock().date() + timedelta(days=10)
    house.do(
        house.policies.set_processor(officer(house), replace(PROCESSOR, contract_until=until), event_id=house.id())
    )
    later = ResidencyGate(house.policies, clock=lambda: house.world.clock() + timedelta(days=12))

    assert ResidencyGate(house.policies, clock=house.world.clock).admit(S3) == "HK"
    with pytest.raises(OutboundRefused) as refused:
        later.admit(S3)

    assert refused.value.code == "processor_no_contract"
