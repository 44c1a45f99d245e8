"""Disposal as callers see it, from proposal to certificate."""

from __future__ import annotations

from dataclasses import replace

from documents.certificates import CertificatePrinter
from documents.classes import SEVEN_YEARS_DAYS
from policies.model import Role, ScopeKind
from retention.disposal.certificates import verify_certificate
from tests.api.desk import Desk
from tests.documents.test_certificates import attached_to
from tests.retention.offices import record

PATH = "/api/v1/disposals"


def test_two_persons_take_a_disposal_from_proposal_to_certificate(desk: Desk) -> None:
    document = desk.add_read().document
    desk.world.clock.advance(days=SEVEN_YEARS_DAYS + 1)
    one, two = desk.token(Role.COMPLIANCE_OFFICER), desk.token(Role.DPO)
    proposed = desk.post(PATH, {"records": [f"document:{document}"], "reason": "保留期已滿"}, by=one)
    assert proposed.status_code == 201, proposed.text
    made = proposed.json()["result"]
    place, word = f"{PATH}/{made['id']}", {"preview": made["preview"], "reason": "核對無誤"}
    simulated = desk.get(f"{place}/simulation", by=two).json()

    own = desk.post(f"{place}/approval", word, by=one)
    approved = desk.post(f"{place}/approval", word, by=two)
    early = desk.get(f"{place}/certificate", by=two)
    begun = desk.post(f"{place}/execution", {"preview": made["preview"]}, by=two)
    desk.services.disposals.destroy(made["id"], event_id=desk.id())
    file = desk.get(f"{place}/certificate", by=one)
    paper = desk.get(f"{place}/certificate.pdf", by=one)
    desk.services = replace(desk.services, printer=CertificatePrinter(desk.printing, ()))
    with desk.serving():
        fontless = desk.get(f"{place}/certificate.pdf", by=one)

    assert (own.status_code, own.json()["code"]) == (403, "own_approval")
    assert approved.json()["result"]["state"] == "approved"
    assert (early.status_code, early.json()["code"]) == (409, "disposal_not_certified")
    assert begun.json()["result"]["state"] == "destroying"
    assert simulated["current"]
    assert {one["target"]["part"] for one in simulated["objects"]} == {"version", "reading", "rendition"}
    assert verify_certificate(file.content).records == 1
    assert (paper.headers["Content-Type"], attached_to(paper.content)) == ("application/pdf", file.content)
    assert (fontless.status_code, fontless.json()["code"]) == (503, "print_font_missing")
    shown = desk.get(place, by=one).json()
    assert (shown["state"], shown["plan"][0]["record"]) == ("certified", f"document:{document}")
    assert [item["id"] for item in desk.get(f"{PATH}?state=certified", by=one).json()["items"]] == [made["id"]]
    assert desk.get(f"{PATH}?state=proposed", by=one).json()["items"] == []
    assert desk.get(f"/api/v1/documents/{document}/versions/1/content", by=one).status_code == 410


def test_refusals_are_told(desk: Desk) -> None:
    document = desk.add_read().document
    one, staff = desk.token(Role.COMPLIANCE_OFFICER), desk.token(Role.STAFF, (ScopeKind.STORE, "MK01"))
    body = {"records": [f"document:{document}"], "reason": "x"}
    desk.judge.held[record(document)] = ("HCA 1/2026",)

    held = desk.post(PATH, body, by=one)
    denied = desk.post(PATH, body, by=staff)
    machine = desk.post(PATH, body)
    unknown = desk.get(f"{PATH}/3f0c6f6e-5f77-5c1a-9a53-6a5f1b0f2c11", by=one)

    assert (held.status_code, held.json()["code"]) == (409, "disposal_held")
    assert "HCA 1/2026" in held.json()["detail"]
    assert denied.status_code == 403
    assert machine.status_code in {403, 409}
    assert (unknown.status_code, unknown.json()["code"]) == (404, "disposal_unknown")
    desk.judge.held.clear()
    made = desk.post(PATH, body, by=one).json()["result"]
    assert (
        desk.post(f"{PATH}/{made['id']}/refusal", {"reason": "仍有訴訟"}, by=one).json()["result"]["state"]
        == "declined"
    )
