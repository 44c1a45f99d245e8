"""Tags over HTTP: of any script, one however they are typed, filtered by and found by."""

from __future__ import annotations

import pytest

from tests.api.desk import Desk
from tests.api.test_documents import D, added


def test_a_chinese_tag_is_given_filtered_by_found_and_taken_away(each_desk: Desk) -> None:
    desk = each_desk
    one, other = added(desk, b"one", tags=["待覆核"]), added(desk, b"other")
    given = desk.call("PUT", f"{D}/{one}/tags/月結３０日")
    again = desk.call("PUT", f"{D}/{one}/tags/月結30日")
    desk.work()

    def listed(tag: str) -> list[str]:
        return [item["id"] for item in desk.get(D, params={"tag": tag}).json()["items"]]

    found = desk.get("/api/v1/search", params={"q": "月結"}).json()["items"]

    assert (given.status_code, again.status_code) == (200, 409)
    assert desk.get(f"{D}/{one}").json()["tags"] == ["待覆核", "月結30日"]
    assert listed("月結30日") == listed("月結３０日") == listed("待覆核") == [one]
    assert listed("月結") == []
    assert [item["document"] for item in found] == [one]
    assert other not in listed("待覆核")
    assert desk.call("DELETE", f"{D}/{one}/tags/待覆核").status_code == 200
    assert listed("待覆核") == []


def test_a_tag_that_was_typed_in_capitals_is_the_one_that_is_there(desk: Desk) -> None:
    document = added(desk, tags=["Urgent", "urgent"])

    assert desk.get(f"{D}/{document}").json()["tags"] == ["urgent"]
    assert desk.call("DELETE", f"{D}/{document}/tags/URGENT").status_code == 200


@pytest.mark.parametrize(("tag", "code"), [("月,結", "tag_form"), ("a1234563", "tag_personal"), ("%20", "tag_form")])
def test_a_tag_in_the_address_that_is_none_is_told(tag: str, code: str, desk: Desk) -> None:
    document = added(desk)

    answers = [
        desk.call("PUT", f"{D}/{document}/tags/{tag}"),
        desk.call("DELETE", f"{D}/{document}/tags/{tag}"),
        desk.get(f"{D}?tag={tag}"),
    ]

    assert [(one.status_code, one.json()["code"]) for one in answers] == [(400, code)] * 3
    assert {one.json()["errors"][0]["parameter"] for one in answers} == {"tag"}
