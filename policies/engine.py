"""Cedar, asked for every decision: the policies as they are written, and what they say of a question.

- The policies Chopbook ships are the `.cedar` files beside this one, with their schema: what an officer reads is what decides.
- Deny by default. What Cedar cannot evaluate, or says with any diagnostic, is a denial with a code of its own and an
  alarm in the log: an erring `forbid` would be skipped, and with it what it forbids.
- An answer depends on nothing but the bundle and its question, so it is remembered. Policies never see a clock.
- Which bundle decides is part of the directory; `shipped` is only the one a Chopbook begins with. One that cannot be read
  denies everything: never does an older one decide in its place.

Loading checks that the schema accepts every policy, that each has an `@id` of its own and a title in both languages, and
that a `forbid` names the reason code it denies with. A bundle is known from then on by the digest of all it holds.
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import cedarpy

from policies.bundles.manifest import BundleInvalid, Manifest, PolicyFile, read_manifest
from policies.calendar import Calendar
from policies.codes import Code
from policies.model import Action, Role, Words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SPACE: Final = "Chopbook"
VERDICTS_KEPT: Final = 65_536
BUNDLES_KEPT: Final = 16
DIGEST_HEX: Final = 16
"""Digits of the digest by which entries name a bundle: 64 bits, to tell our own bundles apart."""

DENIALS: Final = (
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
"""What policies deny with, the first that applies first."""
_PRINCIPAL: Final = f'{SPACE}::Principal::"asking"'
_RESOURCE: Final = f'{SPACE}::Resource::"asked_for"'

_log = logging.getLogger("chopbook.policies")


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


@dataclass(frozen=True, slots=True, eq=False)
class Bundle:
    """Policies with their schema, checked and ready. Two are the same only if they are one: verdicts are remembered by it.

    Attributes:
        text, schema: as written.
        digest: of the whole bundle.
        policies: by id.
        permits: what each role is permitted, before any limit.
        calendar: the days that count.
        wording: how it words reasons of denials, where it does.
        manifest: all it holds; None if it cannot be read.
    """

    text: str = field(repr=False)
    schema: str = field(repr=False)
    digest: str
    policies: Mapping[str, Policy]
    permits: Mapping[Role, frozenset[Action]]
    _set: Any = field(repr=False)
    _schema: Any = field(repr=False)
    calendar: Calendar = field(default_factory=Calendar, repr=False)
    wording: Mapping[Code, Words] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    manifest: Manifest | None = field(default=None, repr=False)

    @property
    def is_readable(self) -> bool:
        """Whether there is anything to decide by; if not, everything is denied."""
        return self._set is not None

    @property
    def name(self) -> str:
        """How entries name it: `cedar-` and the first digits of the digest."""
        return name_of(self.digest)

    def scopes(self, role: Role) -> frozenset[str]:
        """The widest scopes a principal of the role can have: all that it permits."""
        return frozenset(action.value for action in self.permits[role])

    def judge(self, question: Question) -> Verdict:
        """Ask Cedar."""
        action = question.action
        if not self.is_readable:
            _log.error("no policies to decide by", extra={"action": action.value, "bundle": self.name})
            return Verdict((Code.POLICY_ERROR,), ())
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
        return Verdict(tuple(code for code in DENIALS if code in codes), ids)


def make_bundle(texts: Iterable[str], schema: str) -> Bundle:
    """A bundle of nothing but policies, checked and ready.

    Raises:
        BundleInvalid: as `ready`.
    """
    named = tuple(PolicyFile(f"{place}.cedar", text) for place, text in enumerate(texts))
    return ready(Manifest(Words("政策", "Policies"), named, schema))


def ready(manifest: Manifest) -> Bundle:
    """Check the policies and the wording of a bundle and make them ready.

    Raises:
        BundleInvalid: the schema does not accept the policies, or one lacks what people or entries need.
    """
    text, schema = "\n".join(file.text for file in manifest.policies), manifest.schema
    digest = manifest.digest
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
    return Bundle(
        text,
        schema,
        digest,
        {policy.id: policy for policy in policies},
        _permits(written),
        *made,
        calendar=Calendar({year: frozenset(days) for year, days in manifest.calendar.items()}),
        wording={_denial(code, "wording"): words for code, words in manifest.wording.items()},
        manifest=manifest,
    )


@lru_cache(maxsize=BUNDLES_KEPT)
def load(content: bytes) -> Bundle:
    """The bundle with these bytes, ready; remembered, since its address says all that it is.

    Raises:
        BundleInvalid: they hold none that this Chopbook can decide by.
    """
    return ready(read_manifest(content))


def name_of(digest: str) -> str:
    """How entries name the bundle with a digest."""
    return f"cedar-{digest[:DIGEST_HEX]}"


def unreadable(digest: str) -> Bundle:
    """What decides in the place of a bundle that cannot be read: it denies everything, under the name that bundle has."""
    nothing: dict[Role, frozenset[Action]] = dict.fromkeys(Role, frozenset())
    return Bundle("", "", digest, {}, nothing, None, None)


@lru_cache(maxsize=1)
def shipped() -> Bundle:
    """The policies a Chopbook begins with; they decide until another bundle is activated.

    Raises:
        BundleInvalid: the files beside this one were spoilt.
    """
    folder = files("policies") / "cedar"
    names = sorted(path.name for path in folder.iterdir() if path.name.endswith(".cedar"))
    texts = tuple(PolicyFile(name, (folder / name).read_text("utf-8")) for name in names)
    schema = (folder / "chopbook.cedarschema").read_text("utf-8")
    return ready(Manifest(Words("Chopbook 內置政策", "The policies Chopbook ships"), texts, schema))


@lru_cache(maxsize=VERDICTS_KEPT)
def verdict(bundle: Bundle, question: Question) -> Verdict:
    """What the bundle says, remembered."""
    return bundle.judge(question)


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
    code = None if permits else _denial(notes["code"], f"policy {name}")
    return Policy(name, permits, Words(notes["title_zh"], notes["title_en"]), code)


def _denial(text: str, where: str) -> Code:
    try:
        code = Code(text)
    except ValueError as error:
        msg = f"{where}: expected a reason code, got {text!r}"
        raise BundleInvalid(msg) from error
    if code not in DENIALS:
        msg = f"{where}: expected a code of a denial, got {code}"
        raise BundleInvalid(msg)
    return code


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
        named = action.get("entities") or [action["entity"]]
        try:
            role = Role(head["entity"]["id"])
            found[role] |= {Action(entity["id"]) for entity in named}
        except ValueError as error:
            msg = f"policy {body['annotations']['id']}: expected a role and actions that there are, got {error}"
            raise BundleInvalid(msg) from error
    return found
