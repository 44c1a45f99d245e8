"""Policies: what is in force, and why somebody may do something or may not."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import rich_click as click

from app.commands.base import Run, command, group
from app.commands.bundles import SCHEMA, bundle_group, text_of
from app.commands.output import Language, table
from app.commands.replaying import replay_command
from app.exits import ExitCode, Refused
from audit.event import format_time, time_us
from policies.asking import asked_about
from policies.bundles.manifest import BundleInvalid
from policies.deciding import decide_in
from policies.engine import make_bundle
from policies.explanations import Explanation
from policies.model import Action, Decision, Resource, Words
from policies.quota import HONG_KONG
from policies.reasons import explain
from policies.simulation import compare


@group("policy")
def policy_group() -> None:
    """Groups the commands of policies."""


policy_group.add_command(bundle_group)
policy_group.add_command(replay_command)


@policy_group.command("show", help="The policies in force, as they are written; or one line for each.")
@click.option("--text", is_flag=True, help="The Cedar text itself, schema first.")
@command
def show(run: Run, *, text: bool) -> None:
    """Shows the policies."""
    with run.house() as house:
        found = house.policies.fresh_directory().bundle
    chinese = run.out.language is Language.ZH
    rows = [
        (policy.id, "permit" if policy.permits else "forbid", policy.title.zh if chinese else policy.title.en)
        for policy in found.policies.values()
    ]
    document = {
        "name": found.name,
        "digest": found.digest,
        "policies": [
            {
                "id": policy.id,
                "effect": "permit" if policy.permits else "forbid",
                "title": {"zh-Hant-HK": policy.title.zh, "en": policy.title.en},
                "code": None if policy.code is None else policy.code.value,
            }
            for policy in found.policies.values()
        ],
        "text": found.text,
        "schema": found.schema,
    }
    lines = [found.schema, found.text] if text else [found.name, table(("id", "effect", "title"), rows)]
    run.out.answer(document, lines)


@policy_group.command(
    "compare",
    help="What the policies in FOLDER (*.cedar, and chopbook.cedarschema if there is one) would newly allow and newly deny, asked of "
    "every role, action and place. Changes nothing; exit code 1 if anything would be newly allowed.",
)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@command
def compare_command(run: Run, folder: Path) -> ExitCode:
    """Compares policies with those in force."""
    with run.house() as house:
        ours = house.policies.fresh_directory().bundle
    schema = folder / SCHEMA
    try:
        texts = [text_of(path) for path in sorted(folder.glob("*.cedar"))]
        theirs = make_bundle(texts, text_of(schema) if schema.exists() else ours.schema)
    except BundleInvalid as error:
        msg = f"policies: expected some that the schema accepts, got: {error}"
        # What Cedar says of a policy names what stands in it, and is Cedar's own.
        raise Refused(msg, f"政策：不獲其結構（schema）接受（{error}）") from error
    found = compare(ours, theirs)
    moved = [("allowed", one) for one in found.newly_allowed] + [("denied", one) for one in found.newly_denied]
    document = {
        "before": ours.digest,
        "after": theirs.digest,
        "asked": found.asked,
        **{
            f"newly_{outcome}": [
                {"role": one.role.value, "action": one.action.value, "place": one.place.value}
                for kind, one in moved
                if kind == outcome
            ]
            for outcome in ("allowed", "denied")
        },
    }
    rows = [(outcome, one.role.value, one.action.value, one.place.value) for outcome, one in moved]
    told = f"{found.asked} questions, {len(found.newly_allowed)} newly allowed, {len(found.newly_denied)} newly denied"
    run.out.answer(document, [f"{ours.name} -> {theirs.name}", told, table(("newly", "role", "action", "place"), rows)])
    return ExitCode.FAULTS if found.newly_allowed else ExitCode.OK


@policy_group.command(
    "explain",
    help="Why PRINCIPAL may do ACTION or may not, how near it is, and what would be needed. PRINCIPAL is a person, a client, a key, or "
    "an engagement or broken glass by its id, which is then asked about while it runs. Changes nothing.",
)
@click.argument("principal")
@click.argument("action", type=click.Choice([action.value for action in Action]))
@click.option("--store", "stores", multiple=True, help="A store it concerns; may be given several times.")
@click.option(
    "--class", "classes", multiple=True, help="The class of a document it concerns; may be given several times."
)
@click.option(
    "--recorded",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day on which what it concerns was recorded (Hong Kong time).",
)
@click.option("--whole", is_flag=True, help="It concerns the records of the whole organisation.")
@command
def explain_command(
    run: Run,
    principal: str,
    action: str,
    stores: tuple[str, ...],
    classes: tuple[str, ...],
    recorded: datetime | None,
    *,
    whole: bool,
) -> None:
    """Explains a decision."""
    with run.house() as house:
        directory = house.policies.fresh_directory()
        found = asked_about(directory, principal, house.clock())
        if found is None:
            msg = f"{principal}: expected the id of an active person, of a client with a key, of a key, or of a grant, got none"
            raise Refused(msg, f"{principal}：須為在用人士、有密鑰的用戶端、密鑰或授權的編號，但沒有此編號")
        asking, now = found
        at_us = None if recorded is None else time_us(recorded.replace(tzinfo=HONG_KONG))
        resource = Resource("explained", "", frozenset(stores), whole, frozenset(classes), at_us)
        decision = decide_in(directory, asking, Action(action), resource, now=now)
    explained = explain(decision)
    document = {
        "allowed": decision.allowed,
        "code": decision.code.value,
        "policy": decision.policy,
        "policies": list(decision.policies),
        "words": _both(explained.words),
        "needs": [
            {"kind": need.kind.value, "options": list(need.options), "zh-Hant-HK": need.words.zh, "en": need.words.en}
            for need in explained.needs
        ],
        "nearest": None if explained.nearest is None else _both(explained.nearest),
        "grant": decision.principal.grant,
        "at": format_time(time_us(now)),
    }
    run.out.answer(document, _said(explained, decision, chinese=run.out.language is Language.ZH))


def _both(words: Words) -> dict[str, str]:
    return words.to_json()


def _said(explained: Explanation, decision: Decision, *, chinese: bool) -> list[str]:
    lines = [explained.words.zh if chinese else explained.words.en]
    if explained.nearest is not None:
        lines.append(explained.nearest.zh if chinese else explained.nearest.en)
    lines += [f"  {need.words.zh if chinese else need.words.en}" for need in explained.needs]
    titles = decision.bundle.policies
    lines += [f"  {name}: {titles[name].title.zh if chinese else titles[name].title.en}" for name in decision.policies]
    return lines
