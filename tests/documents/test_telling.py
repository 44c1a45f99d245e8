"""What a group is told of a document."""

from __future__ import annotations

import pytest

from storage.reading import read_entry
from tests.documents.archive import Archive
from workflow.notices.texts import telling_of


@pytest.mark.parametrize(("number", "shown"), [("DN-0042", "DN-0042"), ("4111111111111111", None)])
def test_a_group_is_told_which_paper_came_in_and_no_payment_cards_number(
    number: str, shown: str | None, archive: Archive
) -> None:
    index = archive.add(number=number, supplier="SUP1", folders=["sku/A1"]).index

    with archive.world.storage.database.read() as connection:
        telling = telling_of(index, read_entry(connection, index).bytes)

    facts = dict(telling.facts)
    assert telling.title == "新增文件 Document added"
    assert (facts["class"], facts["supplier"], facts.get("number")) == ("delivery_note", "SUP1", shown)
