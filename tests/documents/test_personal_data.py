"""Personal data in documents, by the rows of the compliance reference: P-01, P-26, P-27, and of its section 1a."""

from __future__ import annotations

import pytest

from app.documents import kinds_in
from documents.class_parsing import parse_class
from documents.classes import PERSONAL_KINDS, STANDARD_CLASSES
from documents.errors import InvalidDocument
from documents.findings.store import read_findings
from documents.model import FindingState, Stage, Step
from documents.personal import CARD_NUMBER, NOT_IN_CLASS, judge
from documents.store import read_finding
from policies.errors import Denied
from policies.model import Role, ScopeKind
from tests.documents.archive import Archive
from tests.stock.shop import REFUSES
from workflow.notices.model import Rule
from workflow.notices.rules import matches

HKID = "身份證號碼：A123456(3)"
CLASSES = {found.code: found for found in STANDARD_CLASSES}

VERDICTS = {
    "P-01 purchase order scan with an HKID": ("purchase_order", HKID, Step.QUARANTINE, NOT_IN_CLASS),
    "P-01 purchase order with a contact's name and phone": (
        "purchase_order",
        "經手人：陳大文 電話：9123 4567",
        None,
        "",
    ),
    "P-01 photo with a name near a title": ("photo", "收貨人：陳大文", Step.QUARANTINE, NOT_IN_CLASS),
    "P-27 identity card copy in its own class": ("identity_copy", HKID, None, ""),
    "P-26 bare stock code that passes the check digit": ("delivery_note", "SKU A1234563 x 12", None, ""),
    "1a payment card in an invoice": ("invoice", "VISA 4111 1111 1111 1111", Step.WITHDRAW, CARD_NUMBER),
    "1a payment card even in an identity copy": (
        "identity_copy",
        "信用卡 4111111111111111",
        Step.WITHDRAW,
        CARD_NUMBER,
    ),
    "1a GTIN is no card": ("invoice", "條碼 4891234567890", None, ""),
    "1a eight-digit order number is no phone": ("photo", "採購單號 61234567", None, ""),
    "1a business registration number is no phone": ("photo", "商業登記證號碼 21234567-000", None, ""),
}


@pytest.mark.parametrize(("code", "text", "step", "reason"), VERDICTS.values(), ids=VERDICTS.keys())
def test_what_follows_from_what_was_found(code: str, text: str, step: Step | None, reason: str) -> None:
    verdict = judge(kinds_in(text), CLASSES[code])

    assert (verdict.step, verdict.reason) == (step, reason)


@pytest.mark.parametrize("code", sorted(CLASSES))
def test_every_class_says_what_it_is_for_and_what_it_may_hold(code: str) -> None:
    found = CLASSES[code]

    assert found.purpose_zh
    assert found.purpose_en
    assert found.personal_kinds <= PERSONAL_KINDS
    assert ("hkid" in found.personal_kinds) == (code == "identity_copy")


def test_identity_copies_are_confidential_and_kept_by_no_lock() -> None:
    found = CLASSES["identity_copy"]

    assert (found.level, found.sensitive, found.restricts_release, found.retain_days) == (3, True, True, 0)


def test_no_class_may_declare_payment_cards(archive: Archive) -> None:
    content = {"code": "till", "name_en": "Till", "media_types": ["image/jpeg"], "personal_kinds": ["card"]}

    with pytest.raises(InvalidDocument):
        parse_class(content, event_id=archive.id())


def test_a_confidential_class_is_sensitive_whatever_was_asked(archive: Archive) -> None:
    content = {"code": "hr", "name_en": "Staff file", "media_types": ["image/jpeg"], "level": 3, "sensitive": False}

    made = archive.do(archive.documents.create_class(archive.admin, parse_class(content, event_id=archive.id())))

    assert made.sensitive


@pytest.fixture
def detecting(each_archive: Archive) -> Archive:
    """An archive whose documents are searched by the real rules."""
    each_archive.detect = kinds_in
    return each_archive


def test_p_01_a_purchase_order_with_a_suppliers_contact_is_accepted_and_tagged(detecting: Archive) -> None:
    archive = detecting

    document = archive.add_read("經手人：陳大文 電話：9123 4567".encode(), **{"class": "purchase_order"}).document

    assert archive.stage(document) is Stage.RELEASED
    assert finding_state(archive, document) is FindingState.ACCEPTED
    entries = [archive.entry(index) for index in range(archive.size())]
    (read,) = [one for one in entries if one["type"] == "document.read_done"]
    assert read["data"]["personal_data"] == ["name", "phone"]
    assert "陳大文" not in str(entries)


def test_p_01_a_kind_outside_the_class_is_an_officers_task(detecting: Archive) -> None:
    archive = detecting
    document = archive.add_read(HKID.encode(), **{"class": "purchase_order"}).document

    officer = archive.policies.principal(archive.person(Role.COMPLIANCE_OFFICER).id)
    assert archive.stage(document) is Stage.QUARANTINED
    with archive.world.storage.database.read() as connection:
        tasks = read_findings(connection, state=FindingState.OPEN, owner=None, after=None, limit=10).items
    assert [(one.document, one.outside) for one in tasks] == [(document, ("hkid",))]
    entry = archive.entry(archive.entry_index(document))
    assert (entry["type"], entry["data"]["reason"]) == ("document.quarantined", "PII_NOT_IN_CLASS")
    assert "A123456" not in str(entry)
    with pytest.raises(Denied):
        archive.documents.decide_stage(archive.clerk, document, 1, Step.CLEAR, event_id=archive.id())

    archive.do(archive.documents.decide_stage(officer, document, 1, Step.CLEAR, event_id=archive.id()))
    archive.work()

    assert archive.stage(document) is Stage.RELEASED
    assert finding_state(archive, document) is FindingState.CLEARED


def test_a_payment_card_number_is_destroyed_with_its_document(detecting: Archive) -> None:
    archive = detecting
    document = archive.add_read(b"VISA 4111 1111 1111 1111").document

    assert archive.stage(document) is Stage.DESTROYED
    assert archive.objects.refs() == []
    assert finding_state(archive, document) is FindingState.WITHDRAWN
    with archive.world.storage.database.read() as connection:
        owner = archive.clerk.person
        mine = read_findings(connection, state=None, owner=owner, after=None, limit=10).items
    assert [(one.document, one.kinds) for one in mine] == [(document, ("card",))]


@pytest.mark.parametrize(
    ("text", "kind"), [(b"VISA 4111 1111 1111 1111", "document.withdrawn"), (HKID.encode(), "document.quarantined")]
)
def test_whoever_brought_what_went_wrong_is_named_as_the_one_to_tell(
    detecting: Archive, text: bytes, kind: str
) -> None:
    person = detecting.person(Role.STAFF, (ScopeKind.STORE, REFUSES))
    detecting.add_read(text, by=detecting.policies.principal(person.id))

    entries = [detecting.entry(index) for index in range(detecting.size())]
    [said] = [entry for entry in entries if entry["type"] == kind]
    rule = Rule("own", "their-mail", (kind,), None, None, frozenset({person.id}), active=True, created_index=0)
    told = said["data"]["told"]

    assert told == person.id
    assert said["actor"]["id"] == "system"
    assert matches(
        rule,
        index=said["index"],
        event_type=kind,
        store=None,
        document_class=None,
        told=str(told),
        failed_channel=None,
    )


@pytest.mark.parametrize("where", ["title", "name"])
def test_what_people_wrote_about_a_document_is_searched_too(detecting: Archive, where: str) -> None:
    archive = detecting
    written = {"title": {"title": f"{HKID} 送貨單"}, "name": {"name": "HKID A123456(3).jpg"}}[where]

    document = archive.add_read(b"nothing", **written).document

    assert archive.stage(document) is Stage.QUARANTINED


def finding_state(archive: Archive, document: str) -> FindingState | None:
    with archive.world.storage.database.read() as connection:
        found = read_finding(connection, document, 1)
    return None if found is None else found.state
