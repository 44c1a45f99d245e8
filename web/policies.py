"""The policies in force: the active bundle, rule by rule, with what stands behind it."""

from typing import Any, Final

from api.languages import Language
from policies.bundles.model import BundleState
from policies.bundles.steps import bundle_at
from policies.engine import Bundle, Policy
from policies.model import Action
from web.outcomes import Outcome, Shown
from web.page import Page
from web.visits import Visit


def show(visit: Visit) -> Outcome:
    """The rules of the active bundle, and the other bundles."""
    visit.call.require_reading(Action.BUNDLE_READ, bundle_at())
    bundle = visit.services.policies.fresh_directory().bundle
    found = visit.ask("list_bundles")
    rules = [_rule(visit, policy) for policy in bundle.policies.values()]
    return Shown(
        "policies.html",
        {
            "bundle": bundle,
            "checked": _checked(visit, bundle),
            "permits": [rule for rule in rules if rule["permits"]],
            "forbids": [rule for rule in rules if not rule["permits"]],
            "others": [one for one in found["items"] if one["digest"] != found["active"]],
        },
    )


def _rule(visit: Visit, policy: Policy) -> dict[str, Any]:
    return {
        "id": policy.id,
        "permits": policy.permits,
        "title": policy.title.zh if visit.language is Language.CHINESE else policy.title.en,
        "code": None if policy.code is None else policy.code.value,
    }


def _checked(visit: Visit, bundle: Bundle) -> dict[str, Any] | None:
    """Who approved the active bundle and when; None: it came with the program, and nobody here has approved it."""
    record, _ = visit.services.policies.bundle(visit.call.principal, bundle.digest)
    approved = next((step for step in reversed(record.steps) if step.state is BundleState.APPROVED), None)
    return None if approved is None else {"at": approved.at, "by": approved.by, "entry": approved.entry_index}


PAGES: Final = (Page("/policies", "page_policies", show),)
