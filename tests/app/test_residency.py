"""Residency where the processes are: what does not start, what a check finds, the annex of the live configuration."""

from __future__ import annotations

import json
from pathlib import Path
from uuid import uuid4

import pytest

from app.endpoints import NotDeclared, configured, require_declared
from app.residency import ResidencyKeeper, annex_content, check_residency, publish_annex
from app.retention import seed_retention
from app.settings import load_settings
from app.wiring import House
from policies.model import Role
from policies.residency.gate import ResidencyGate
from retention.requests import ScheduleRequest, parse
from tests.app.test_cli import Terminal
from tests.retention.registry import RULE
from tests.stock.shop import Shop

S3 = {
    "CHOPBOOK_OBJECT_STORE": "s3",
    "CHOPBOOK_OBJECT_STORE_REGION": "ap-east-1",
    "CHOPBOOK_JWT_MODE": "jwks",
    "CHOPBOOK_JWKS_URL": "https://id.test/keys",
    "CHOPBOOK_JWT_ISSUER": "https://id.test",
    "CHOPBOOK_JWT_AUDIENCE": "chopbook",
    "CHOPBOOK_VIRUS_SCANNER": "clam.test:3310",
    "CHOPBOOK_DATABASE_URL": "postgresql+psycopg://chop@db.test/chop",
}
BUCKET = {
    "kind": "bucket",
    "host": "s3.ap-east-1.amazonaws.com",
    "jurisdiction": "HK",
    "region": "ap-east-1",
    "own": True,
    "data_classes": ["sealed_objects"],
    "purpose_zh": "存放文件",
    "purpose_en": "keeps documents",
}


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    made = Terminal(tmp_path / "data")
    made.run("log", "create", "--origin", "log.example/shops")
    return made


def test_every_endpoint_of_the_settings_is_asked_about() -> None:
    found = {setting: (str(there), there.purpose) for setting, there in configured(load_settings(S3))}

    assert found == {
        "CHOPBOOK_DATABASE_URL": ("db.test:5432", "database"),
        "CHOPBOOK_OBJECT_STORE_URL": ("s3.ap-east-1.amazonaws.com:443", "objects"),
        "CHOPBOOK_JWKS_URL": ("id.test:443", "identity.keys"),
        "CHOPBOOK_VIRUS_SCANNER": ("clam.test:3310", "virus_scan"),
    }
    assert list(configured(load_settings({}))) == []


def test_an_undeclared_endpoint_does_not_start_and_says_which(shop: Shop) -> None:
    gate = ResidencyGate(shop.policies, clock=shop.world.clock, listed={"id.test": "HK"})

    with pytest.raises(NotDeclared) as refused:
        require_declared(load_settings(S3), gate)

    assert [sentence.partition(":")[0] for sentence in refused.value.sentences] == [
        "CHOPBOOK_DATABASE_URL",
        "CHOPBOOK_OBJECT_STORE_URL",
        "CHOPBOOK_VIRUS_SCANNER",
    ]
    require_declared(load_settings({}), gate)


def test_a_check_asks_the_store_and_publishes_the_annex_once(house: House) -> None:
    assert check_residency(house) == ()
    annex = house.policies.annex()
    assert annex is not None
    assert annex[0] == 1
    assert {one.destination for one in house.policies.residency().observed} == {"embedded"}

    keeper = ResidencyKeeper(house)
    keeper.keep()
    keeper.keep()

    again = house.policies.annex()
    assert again is not None
    assert again[0] == 1


def test_p_10_the_annex_is_of_the_live_configuration(house: House) -> None:
    check_residency(house)
    officer = house.policies.local_principal(Role.COMPLIANCE_OFFICER)
    house.storage.log.commit(house.documents.create_standard_classes(officer, event_id=uuid4()))
    seed_retention(house.storage, house.policies, house.retention, event_id=uuid4())

    content = json.loads(json.dumps(annex_content(house)))
    assert publish_annex(house) == 2

    assert {one["id"] for one in content["classes"]} >= {"delivery_note", "invoice"}
    assert {one["id"]: one["minimum"] for one in content["retention"]}["HK-TAX-7Y"] == "P7Y"
    for one in content["retention"]:
        assert one["title_zh"]
        assert one["status"] in {"law", "guidance", "policy", "not_in_force", "proposal"}


def approved(house: House, request: ScheduleRequest) -> None:
    """A rule that Chopbook's own command proposed and an officer approved."""
    commit, policies = house.storage.log.commit, house.policies
    local = policies.local_principal(Role.COMPLIANCE_OFFICER)
    made = policies.create_person(
        policies.local_principal(), role=Role.COMPLIANCE_OFFICER, display_name="李主任", event_id=uuid4()
    )
    person = commit(made).result
    pending = commit(house.retention.propose_schedule(local, request)).result
    assert person is not None
    assert pending is not None
    officer = policies.principal(person.id)
    commit(house.retention.approve_schedule(officer, request.code, pending.id, event_id=uuid4()))


def test_p_10_a_changed_retention_rule_makes_the_annex_a_new_version_on_its_day(house: House) -> None:
    publish_annex(house)
    first = parse(ScheduleRequest, RULE, event_id=uuid4())
    approved(house, first)
    assert publish_annex(house) == 2
    later = {**RULE, "version": 2, "minimum": "P3Y", "in_force": "2199-01-01"}
    approved(house, parse(ScheduleRequest, later, event_id=uuid4()))
    assert publish_annex(house) is None
    now = {**RULE, "version": 3, "minimum": "P2Y"}
    approved(house, parse(ScheduleRequest, now, event_id=uuid4()))

    assert publish_annex(house) == 3
    annex = house.policies.annex()
    assert annex is not None
    (shown,) = json.loads(json.dumps(annex_content(house)))["retention"]
    assert (shown["id"], shown["version"], shown["minimum"]) == ("ORG-TEST", 3, "P2Y")


def test_the_registers_from_the_command_line(terminal: Terminal, tmp_path: Path) -> None:
    file = tmp_path / "bucket.json"
    file.write_text(json.dumps(BUCKET))

    declared = terminal.json("residency", "declare", "STORE", str(file))
    shown = terminal.json("residency", "show")

    assert declared["destination"] == "STORE"
    assert [one["code"] for one in shown["destinations"]] == ["STORE"]
    assert {rule["id"]: rule["status"] for rule in shown["rules"]}["S33-2"] == "not_in_force"
    assert "s33_conditions" not in shown
    assert terminal.json("residency", "annex")["version"] == 1
