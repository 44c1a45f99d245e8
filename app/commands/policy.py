"""Policies: what is in force, and why somebody may do something or may not."""

from __future__ import annotations

import rich_click as click

from app.commands.base import Run, command, group
from app.commands.output import Language, table
from app.exits import Refused
from policies.engine import bundle
from policies.explanations import Explanation
from policies.model import Action, Resource
from policies.reasons import explain


@group("policy", "Policies: what decides, and why.")
def policy_group() -> None:
    """Groups the commands of policies."""


@policy_group.command("show", help="The policies in force, as they are written; or one line for each.")
@click.option("--text", is_flag=True, help="The Cedar text itself, schema first.")
@command
def show(run: Run, *, text: bool) -> None:
    """Shows the policies."""
    found = bundle()
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
    "explain", help="Why PRINCIPAL may do ACTION or may not, and what would be needed. Changes nothing."
)
@click.argument("principal")
@click.argument("action", type=click.Choice([action.value for action in Action]))
@click.option("--store", "stores", multiple=True, help="A store it concerns; may be given several times.")
@click.option("--whole", is_flag=True, help="It concerns the records of the whole organisation.")
@command
def explain_command(run: Run, principal: str, action: str, stores: tuple[str, ...], *, whole: bool) -> None:
    """Explains a decision."""
    with run.house() as house:
        directory = house.policies.fresh_directory()
        found = directory.people.get(principal) or next(
            (client for client in directory.by_key.values() if principal in {client.id, client.key_id}), None
        )
        if found is None:
            msg = f"{principal}: expected the id of an active person, of a client with a key, or of a key, got none"
            raise Refused(msg)
        resource = Resource("explained", stores=frozenset(stores), whole_log=whole)
        decision = house.policies.decide(found, Action(action), resource)
    explained = explain(decision)
    document = {
        "allowed": decision.allowed,
        "code": decision.code.value,
        "policy": decision.policy,
        "policies": list(decision.policies),
        "words": {"zh-Hant-HK": explained.words.zh, "en": explained.words.en},
        "needs": [
            {"kind": need.kind.value, "options": list(need.options), "zh-Hant-HK": need.words.zh, "en": need.words.en}
            for need in explained.needs
        ],
    }
    run.out.answer(document, _said(explained, decision.policies, chinese=run.out.language is Language.ZH))


def _said(explained: Explanation, policies: tuple[str, ...], *, chinese: bool) -> list[str]:
    lines = [explained.words.zh if chinese else explained.words.en]
    lines += [f"  {need.words.zh if chinese else need.words.en}" for need in explained.needs]
    titles = bundle().policies
    lines += [f"  {name}: {titles[name].title.zh if chinese else titles[name].title.en}" for name in policies]
    return lines
