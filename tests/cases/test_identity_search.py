"""A request finds documents by identity card number, though no index has one: by keyed digests kept with the findings."""

from __future__ import annotations

import pytest

from cases.model import ItemKind, Opened
from documents.model import Stage, Step
from documents.store import read_finding
from tests.cases.office import Office

NUMBER = "A123456(3)"


def filed(office: Office, text: str = f"陳大文 身份證 {NUMBER} 收貨", **options: object) -> str:
    """A paper in quarantine, for its class may hold no identity card number."""
    office.personal_data = ("hkid",)
    document = office.add_read(text.encode(), **{"class": "photo", **options}).document
    office.personal_data = ()
    assert office.stage(document) is Stage.QUARANTINED
    return document


def found_by(office: Office, *terms: str) -> set[str]:
    opened: Opened = office.opened(terms=terms)
    return {item.ref for item in office.of_kind(opened, ItemKind.DOCUMENT)}


def identities(office: Office, document: str) -> tuple[str, ...]:
    with office.world.storage.database.read() as connection:
        found = read_finding(connection, document, 1)
    assert found is not None
    return found.identities


@pytest.mark.parametrize("written", ["A123456(3)", "a1234563", "A123 456 (3)", "Ａ１２３４５６（３）"])
def test_p_11_a_request_finds_a_document_by_identity_card_number(each_office: Office, written: str) -> None:
    office = each_office
    document, _other = filed(office), filed(office, "林小姐 身份證 AB987654(3)")

    assert found_by(office, written) == {document}


def test_a_word_that_is_no_number_finds_nothing_by_its_digest(office: Office) -> None:
    filed(office)

    assert found_by(office, "A1234564", "陳小明", "1234563") == set()


def test_the_number_is_kept_nowhere_and_its_digest_needs_the_key_store(office: Office) -> None:
    document = filed(office)
    (digest,) = identities(office, document)

    everything = office.everything()
    for spelled in (b"A123456", b"A1234563", "身份證 A".encode()):
        assert spelled not in everything
    assert len(bytes.fromhex(digest)) == 32
    assert office.documents._vault.identity_digest("A1234563").hex() == digest  # noqa: SLF001
    assert digest not in str([office.entry(index) for index in range(office.size())])


def test_the_digest_goes_with_the_version(each_office: Office) -> None:
    office = each_office
    document = filed(office)
    assert identities(office, document)
    change = office.documents.decide_stage(office.officer, document, 1, Step.WITHDRAW, event_id=office.id())
    office.do(change)
    office.work()

    assert office.stage(document) is Stage.DESTROYED
    assert identities(office, document) == ()
    assert found_by(office, NUMBER) == set()
