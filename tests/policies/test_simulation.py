"""What other policies would change is found before anybody decides by them."""

from __future__ import annotations

import pytest

from policies.engine import make_bundle, shipped
from policies.model import Action, Role
from policies.simulation import Moved, Place, compare

MORE = """
@id("auditors-may-cancel-jobs")
@title_zh("審計師可取消工作")
@title_en("Auditors may cancel jobs")
permit (
  principal in Chopbook::Role::"auditor",
  action in [Chopbook::Action::"jobs.cancel"],
  resource
);
"""


def test_the_same_policies_change_nothing() -> None:
    found = compare(shipped(), shipped())

    assert (found.newly_allowed, found.newly_denied) == ((), ())
    assert found.asked == len(Role) * len(Action) * len(Place)


def test_one_permit_more_is_named_with_every_place_it_opens() -> None:
    wider = make_bundle([shipped().text, MORE], shipped().schema)

    found = compare(shipped(), wider)
    back = compare(wider, shipped())

    assert Moved(Role.AUDITOR, Action.JOBS_CANCEL, Place.WHOLE_ORGANISATION) in found.newly_allowed
    assert {(one.role, one.action) for one in found.newly_allowed} == {(Role.AUDITOR, Action.JOBS_CANCEL)}
    assert found.newly_denied == ()
    assert (back.newly_allowed, back.newly_denied) == ((), found.newly_allowed)


@pytest.mark.parametrize("action", ["jobs.cancel"])
def test_an_action_taken_from_a_role_is_named(action: str) -> None:
    text = shipped().text
    start = text.index('principal in Chopbook::Role::"operator"')
    end = text.index(");", start)
    listed = text[start:end]
    taken = listed.replace(f'Chopbook::Action::"{action}",', "", 1).replace(f', Chopbook::Action::"{action}"', "", 1)
    if taken == listed:
        taken = listed.replace(f',\n    Chopbook::Action::"{action}"', "", 1)
    narrower = make_bundle([text[:start] + taken + text[end:]], shipped().schema)

    found = compare(shipped(), narrower)

    assert found.newly_allowed == ()
    assert {(one.role, one.action.value) for one in found.newly_denied} == {(Role.OPERATOR, action)}


@pytest.mark.parametrize(
    ("condition", "place"),
    [
        ("principal.scopes.contains(context.scope)", Place.SCOPE_LACKING),
        ("principal.everywhere || !resource.whole_log", Place.WHOLE_ORGANISATION),
        ("principal.everywhere || resource.whole_log || !resource.stores.isEmpty()", Place.NO_STORE),
        ("!principal.lapsed", Place.NOT_ENGAGED),
        ("principal.any_class || principal.classes.containsAll(resource.classes)", Place.OTHER_CLASS),
        ("resource.in_time", Place.OTHER_DATES),
        ("!principal.emergency", Place.GLASS_BROKEN),
    ],
    ids=lambda value: value.value if isinstance(value, Place) else "limit",
)
def test_a_limit_that_is_lifted_shows_where_it_stood(condition: str, place: Place) -> None:
    text = shipped().text
    assert text.count(f"unless {{ {condition} }}") == 1
    lifted = make_bundle([text.replace(f"unless {{ {condition} }}", "unless { true }")], shipped().schema)

    found = compare(shipped(), lifted)

    assert {one.place for one in found.newly_allowed} == {place}
    assert found.newly_denied == ()
