"""The residency map that comes and goes with policy bundles."""

from __future__ import annotations

from typing import Any

import pytest

from policies.codes import Code
from policies.engine import shipped
from policies.model import Role
from policies.residency.model import Mode, Standing
from policies.residency.records import parse_destination
from tests.policies.bundles.office import Office, manifest
from tests.policies.house import House

FIRM = {
    "code": "CLOUD",
    "name": "雲端公司 Cloud Co",
    "jurisdiction": "SG",
    "contract": "MSA-2026",
    "contract_from": "2026-01-01",
}
PLACE = {
    "code": "SG-BUCKET",
    "kind": "bucket",
    "host": "s3.ap-southeast-1.example",
    "port": 443,
    "jurisdiction": "SG",
    "data_classes": ["sealed_objects"],
    "purpose_zh": "備份",
    "purpose_en": "Backup",
    "processor": "CLOUD",
}
BASIS = {
    "code": "T1",
    "destination": "SG-BUCKET",
    "data_classes": ["sealed_objects"],
    "basis": "consent",
    "evidence": "CONSENT-1",
    "since": "2026-01-01",
}
UNBOUND = {"clause_set": "user_to_processor", "dated": "2026-02-01"}
MAP: dict[str, Any] = {"processors": [FIRM], "destinations": [PLACE], "transfers": [BASIS]}


def bringing(**members: Any) -> Any:
    return manifest(parts={"retention": [], "residency": members})


def back(office: Office) -> None:
    """To the bundle that Chopbook ships."""
    office.approve(office.roll_back(shipped().digest))
    office.activate(shipped().digest)


def test_a_map_shows_what_it_would_admit_and_then_holds_entry_by_entry(house: House) -> None:
    office, made = Office(house), bringing(**MAP, mode={"mode": "s33_shadow", "home": ["HK"]})
    digest = office.draft(made).digest
    office.validate(digest)

    found = office.simulate(digest).steps[-1].detail["parts"]["residency"]
    office.approve(office.propose(digest))
    first = house.size()
    office.activate(digest)

    register = office.policies.residency()
    types = [house.entry(index)["type"] for index in range(first, house.size())]
    assert found["newly_admitted"] == [{"destination": "SG-BUCKET", "data_class": "sealed_objects"}]
    assert (found["moved"], found["newly_refused"]) == (4, [])
    assert register.destinations["SG-BUCKET"].jurisdiction == "SG"
    assert register.mode.mode is Mode.S33_SHADOW
    assert types[-4:] == [
        "residency.destination_set",
        "residency.mode_set",
        "residency.processor_set",
        "residency.transfer_set",
    ]


def test_roll_back_ends_what_the_bundle_brought_and_nobody_changed_since(sqlite_house: House) -> None:
    house, office = sqlite_house, Office(sqlite_house)
    office.activated(bringing(**MAP, mode={"mode": "s33_shadow", "home": ["HK"]}))
    theirs = {**{name: value for name, value in PLACE.items() if name != "code"}, "purpose_en": "Ours now"}
    officer = office.officer(Role.COMPLIANCE_OFFICER)
    changed = parse_destination("SG-BUCKET", theirs)
    house.do(office.policies.set_destination(officer, changed, event_id=house.id()))

    back(office)

    register = office.policies.residency()
    assert register.destinations["SG-BUCKET"].status is Standing.ACTIVE
    assert register.processors["CLOUD"].status is Standing.ENDED
    assert register.transfers["T1"].status is Standing.ENDED
    assert register.mode.mode is Mode.POLICY


@pytest.mark.parametrize(
    ("members", "code"),
    [
        ({"places": []}, Code.RESIDENCY_MEMBER),
        ({"processors": {}}, Code.RESIDENCY_MEMBER),
        ({"processors": [FIRM, FIRM]}, Code.RESIDENCY_MEMBER),
        ({"processors": [{**FIRM, "code": "not a code"}]}, Code.CODE_FORM),
        ({"processors": ["CLOUD"]}, Code.CODE_FORM),
        ({"mode": {"mode": "s33_in_force"}}, Code.RESIDENCY_MEMBER),
        ({"destinations": [PLACE]}, Code.PROCESSOR_NO_CONTRACT),
        ({"processors": [FIRM], "destinations": [{**PLACE, "region": "us-east-1"}]}, Code.REGION_ELSEWHERE),
        ({"transfers": [BASIS]}, Code.DESTINATION_UNKNOWN),
        (
            {**MAP, "transfers": [{**BASIS, "basis": "model_clauses", "clauses": UNBOUND}]},
            Code.MODEL_CLAUSES_INCOMPLETE,
        ),
    ],
    ids=[
        "unknown member",
        "no list",
        "twice",
        "wrong code",
        "no object",
        "undated switch",
        "no contract",
        "region elsewhere",
        "no destination",
        "incomplete basis",
    ],
)
def test_what_the_registers_would_refuse_is_a_fault(sqlite_house: House, members: Any, code: Code) -> None:
    office = Office(sqlite_house)

    record = office.validate(office.draft(bringing(**members)).digest)

    assert code.value in {one["code"] for one in record.steps[-1].detail["found"]}
