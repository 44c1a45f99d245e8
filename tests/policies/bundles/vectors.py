"""The vectors of docs/formats/vectors/policy-bundle.json: one small bundle, and what is refused."""

from __future__ import annotations

from datetime import date
from types import MappingProxyType
from typing import Any

from audit.canonical import JSON, encode
from policies.bundles.manifest import Manifest, PolicyFile, manifest_json
from policies.model import Words

POLICY = (
    '@id("role.staff") @title_zh("店員：查閱紀錄") @title_en("Staff: read the log")\n'
    'permit (principal in Chopbook::Role::"staff", action == Chopbook::Action::"log.read", resource);\n'
)
SCHEMA = (
    "namespace Chopbook {\n"
    "  entity Role;\n"
    "  entity Principal in [Role];\n"
    "  entity Resource;\n"
    '  action "log.read" appliesTo { principal: Principal, resource: Resource, context: { scope: String } };\n'
    "}\n"
)


def small() -> Manifest:
    """A bundle of one policy, one written year, one schedule, one rule of residency and one wording."""
    return Manifest(
        title=Words("示例政策", "Sample policies"),
        policies=(PolicyFile("roles.cedar", POLICY),),
        schema=SCHEMA,
        calendar=MappingProxyType(
            {2027: MappingProxyType({date(2027, 1, 1): Words("一月一日", "The first day of January")})}
        ),
        wording=MappingProxyType({"role_lacks_action": Words("請向店長查詢。", "Ask your manager.")}),
        parts=MappingProxyType({"retention": [], "residency": {"mode": {"home": ["HK"], "mode": "policy"}}}),
    )


def policy_bundle() -> dict[str, Any]:
    """The bundle's bytes and digest, and bytes that are none, by their fault."""
    made = small()
    members = manifest_json(made)
    refused: dict[str, dict[str, JSON]] = {
        "another format": {**members, "format": "chopbook-bundle/2"},
        "a member missing": {name: value for name, value in members.items() if name != "wording"},
        "a member nobody knows": {**members, "colour": "red"},
        "no file of policies": {**members, "policies": []},
        "a file twice": {**members, "policies": [{"name": "roles.cedar", "text": POLICY}] * 2},
        "a path for a name": {**members, "policies": [{"name": "../roles.cedar", "text": POLICY}]},
        "files out of order": {
            **members,
            "policies": [{"name": "b.cedar", "text": POLICY}, {"name": "a.cedar", "text": POLICY}],
        },
        "a day of another year": {
            **members,
            "calendar": [{"year": 2027, "days": [{"day": "2026-01-01", "zh": "元旦", "en": "New Year"}]}],
        },
        "a text in one language": {**members, "title_zh": ""},
    }
    return {
        "text": made.content.decode(),
        "digest": made.digest,
        "refused": [{"name": name, "text": encode(value).decode()} for name, value in refused.items()],
    }
