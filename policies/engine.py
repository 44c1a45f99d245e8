"""Cedar, asked for every decision: the policies as they are written, and what they say of a question.

- The policies are the `.cedar` files beside this one, with their schema: what an officer reads is what decides.
- Deny by default. What Cedar cannot evaluate, or says with any diagnostic, is a denial with a code of its own and an
  alarm in the log: an erring `forbid` would be skipped, and with it what it forbids.
- An answer depends on nothing but its question, so it is remembered. Policies never see a clock.

Loading checks that the schema accepts every policy, that each has an `@id` of its own and a title in both languages, and
that a `forbid` names the reason code it denies with. Policies are known from then on by the digest of their text.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import cedarpy

from policies.codes import Code
from policies.model import Action, Role, Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SPACE: Final = "Chopbook"
VERDICTS_KEPT: Final = 65_536
DIGEST_HEX: Final = 16
"""Digits of the digest by which entries name a bundle: 64 bits, to tell our own bundles apart."""

_PRECEDENCE: Final = (
    Code.POLICY_ERROR,
    Code.ROLE_LACKS_ACTION,
    Code.SCOPE_MISSING,
    Code.ENGAGEMENT_OVER,
    Code.WHOLE_ORGANISATION_NEEDED,
    Code.STORE_OUT_OF_REACH,
    Code.STORE_NOT_NAMED,
    Code.CLASS_OUT_OF_REACH,
    Code.TIME_OUT_OF_REACH,
    Code.BREAK_GLASS_BARRED,
)
_PRINCIPAL: Final = f'{SPACE}::Principal::"asking"'
_RESOURCE: Final = f'{SPACE}::Resource::"asked_for"'

_log = logging.getLogger("chopbook.policies")


class BundleInvalid(Exception):
    """The policies cannot be used; says which and why."""


class Question(NamedTuple):
    """All that policies may look at."""

    role: Role
    stores: frozenset[str] | None
    """Stores that are reached; None: every store."""
    scopes: frozenset[str]
    action: Action
    asked_stores: frozenset[str]
    """Stores that are concerned."""
    whole_log: bool
    lapsed: bool = False
    """An auditor without an engagement that runs."""
    classes: frozenset[str] | None = None
    """Classes of documents that are reached; None: any."""
    asked_classes: frozenset[str] = frozenset()
    """Classes of the documents that are concerned."""
    in_time: bool = True
    """What is concerned was recorded within the dates that are reached."""
    emergency: bool = False
    """The glass is broken."""


class Verdict(NamedTuple):
    """What the policies say: every reason to deny, the first of which counts; none if it is allowed."""

    codes: tuple[Code, ...]
    policies: tuple[str, ...]
    """Ids of the policies that decided, sorted; empty where nothing permits."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy, as people speak of it."""

    id: str
    permits: bool
    title: Words
    code: Code | None
    """The reason a `forbid` denies with."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """Policies with their schema, checked and ready.

    Attributes:
        text, schema: as written.
        digest: SHA-256, in hex, over schema and policies.
        policies: by id.
        permits: what each role is permitted, before any limit.
    """

    text: str = field(repr=False)
    schema: str = field(repr=False)
    digest: str
    policies: Mapping[str, Policy]
    permits: Mapping[Role, frozenset[Action]]
    _set: Any = field(repr=False)
    _schema: Any = field(repr=False)

    @property
    def name(self) -> str:
        """How entries name it: `cedar-` and the first digits of the digest."""
        return f"cedar-{self.digest[:DIGEST_HEX]}"

    def judge(self, question: Question) -> Verdict:
        """Ask Cedar."""
        action = question.action
        request = {
            "principal": _PRINCIPAL,
            "action": f'{SPACE}::Action::"{action.value}"',
            "resource": _RESOURCE,
            "context": {"scope": action.value},
        }
        answer = cedarpy.is_authorized(request, self._set, _entities(question), schema=self._schema)
        diagnostics = answer.diagnostics
        if diagnostics.errors or answer.decision is cedarpy.Decision.NoDecision:
            _log.error("policies cannot be evaluated", extra={"action": action.value, "bundle": self.name})
            return Verdict((Code.POLICY_ERROR,), ())
        ids = tuple(sorted(diagnostics.id_annotations_by_reason[reason] for reason in diagnostics.reasons))
        if answer.allowed:
            return Verdict((), ids)
        codes = {code for policy in ids if (code := self.policies[policy].code) is not None}
        if action not in self.permits[question.role]:
            # What the role denies no key can grant: to name a scope too would send the caller the wrong way.
            codes = codes - {Code.SCOPE_MISSING} | {Code.ROLE_LACKS_ACTION}
        return Verdict(tuple(code for code in _PRECEDENCE if code in codes), ids)


def make_bundle(texts: Iterable[str], schema: str) -> Bundle:
    """Check policies and make them ready.

    Raises:
        BundleInvalid: the schema does not accept them, or one lacks what people or entries need.
    """
    text = "\n".join(texts)
    try:
        checked = cedarpy.validate_policies(text, schema)
        if not checked.validation_passed:
            raise BundleInvalid("; ".join(f"{error.policy_id}: {error.error}" for error in checked.errors))
        written = json.loads(cedarpy.policies_to_json_str(text))["staticPolicies"].values()
        made = cedarpy.PolicySet.from_str(text), cedarpy.Schema.from_str(schema)
    except ValueError as error:
        raise BundleInvalid(str(error)) from error
    policies = [_policy(body) for body in written]
    doubled = [name for name, count in Counter(policy.id for policy in policies).items() if count > 1]
    if doubled:
        msg = f"policies: expected an @id of its own for each, got {doubled} more than once"
        raise BundleInvalid(msg)
    digest = hashlib.sha256(f"{len(schema)}\n{schema}\n{text}".encode()).hexdigest()
    return Bundle(text, schema, digest, {policy.id: policy for policy in policies}, _permits(written), *made)


@lru_cache(maxsize=1)
def bundle() -> Bundle:
    """The policies this Chopbook decides by.

    Raises:
        BundleInvalid: the files beside this one were spoilt.
    """
    folder = files("policies") / "cedar"
    names = sorted(path.name for path in folder.iterdir() if path.name.endswith(".cedar"))
    texts = [(folder / name).read_text("utf-8") for name in names]
    return make_bundle(texts, (folder / "chopbook.cedarschema").read_text("utf-8"))


@lru_cache(maxsize=VERDICTS_KEPT)
def verdict(question: Question) -> Verdict:
    """What `bundle` says, remembered."""
    return bundle().judge(question)


def _entities(question: Question) -> list[dict[str, Any]]:
    stores = question.stores
    classes = question.classes
    principal = {
        "everywhere": stores is None,
        "stores": sorted(stores or ()),
        "scopes": sorted(question.scopes),
        "lapsed": question.lapsed,
        "any_class": classes is None,
        "classes": sorted(classes or ()),
        "emergency": question.emergency,
    }
    resource = {
        "stores": sorted(question.asked_stores),
        "whole_log": question.whole_log,
        "classes": sorted(question.asked_classes),
        "in_time": question.in_time,
    }
    return [
        {
            "uid": {"type": f"{SPACE}::Principal", "id": "asking"},
            "attrs": principal,
            "parents": [{"type": f"{SPACE}::Role", "id": question.role.value}],
        },
        {
            "uid": {"type": f"{SPACE}::Resource", "id": "asked_for"},
            "attrs": resource,
            "parents": [],
        },
    ]


def _policy(body: dict[str, Any]) -> Policy:
    notes = body.get("annotations", {})
    permits = body["effect"] == "permit"
    name = notes.get("id")
    wanted = ("id", "title_zh", "title_en") if permits else ("id", "title_zh", "title_en", "code")
    missing = [note for note in wanted if not notes.get(note)]
    if missing:
        msg = f"policy {name or '?'}: expected annotations {', '.join(f'@{note}' for note in missing)}, got none"
        raise BundleInvalid(msg)
    try:
        code = None if permits else Code(notes["code"])
    except ValueError as error:
        msg = f"policy {name}: expected a reason code, got {notes['code']!r}"
        raise BundleInvalid(msg) from error
    if code is not None and code not in _PRECEDENCE:
        msg = f"policy {name}: expected a code of a denial, got {code}"
        raise BundleInvalid(msg)
    return Policy(name, permits, Words(notes["title_zh"], notes["title_en"]), code)


def _permits(written: Iterable[dict[str, Any]]) -> dict[Role, frozenset[Action]]:
    """What each role is permitted by the heads of the policies; conditions are Cedar's to weigh."""
    found: dict[Role, frozenset[Action]] = dict.fromkeys(Role, frozenset())
    for body in written:
        if body["effect"] != "permit":
            continue
        head, action = body["principal"], body["action"]
        if head["op"] != "in" or action["op"] not in {"in", "=="}:
            msg = f"policy {body['annotations']['id']}: expected a role and a list of actions in its head"
            raise BundleInvalid(msg)
        role = Role(head["entity"]["id"])
        named = action.get("entities") or [action["entity"]]
        found[role] |= {Action(entity["id"]) for entity in named}
    return found
