"""`notices`: where things are told, what is told there, and what became of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import rich_click as click

from api.notices import channel_json, message_json, rule_json
from app.commands.base import Run, acting_principal, as_option, command, group
from app.commands.output import table
from app.exits import ExitCode, Refused
from policies.model import Role
from policies.quota import month_of
from workflow.notices.parsing import parse_channel, parse_rule

_FILE = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
FILE_BYTES_MAX = 65_536


@group("notices")
def notices_group() -> None:
    """Groups the commands of notices."""


@notices_group.command(
    "channel", help="Make or change a channel from a JSON file (- reads standard input): it has secrets."
)
@click.argument("code")
@click.argument("file", type=_FILE)
@as_option
@command
def set_channel(run: Run, code: str, file: Path, principal_id: str | None) -> ExitCode:
    """Sets a channel."""
    request = parse_channel(_read(file), code=code, event_id=run.new_id())
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        committed = house.storage.log.commit(house.notices.set_channel(principal, request))
    run.out.answer(
        {"channel": code, "entry": committed.receipt.index}, f"channel {code}: entry {committed.receipt.index}"
    )
    return ExitCode.OK


@notices_group.command("rule", help="Make or change a rule: which events are told to a channel.")
@click.argument("code")
@click.option("--channel", required=True, help="Code of the channel.")
@click.option("--event", "events", multiple=True, required=True, help="Type of event, or stock.* for all of a kind.")
@click.option("--store", "stores", multiple=True, help="Only of this store; may be repeated.")
@click.option("--class", "classes", multiple=True, help="Only documents of this class; may be repeated.")
@click.option(
    "--told",
    multiple=True,
    metavar="PRINCIPAL",
    help="Only what names this person as the one to be told, such as broken glass: for their own channel; may be repeated.",
)
@click.option("--off", is_flag=True, help="Tell nothing by it any more.")
@as_option
@command
def set_rule(
    run: Run,
    code: str,
    channel: str,
    events: tuple[str, ...],
    stores: tuple[str, ...],
    classes: tuple[str, ...],
    told: tuple[str, ...],
    *,
    off: bool,
    principal_id: str | None,
) -> ExitCode:
    """Sets a rule."""
    content: dict[str, Any] = {"channel": channel, "events": list(events), "active": not off}
    limits = {"stores": stores, "classes": classes, "told": told}
    content |= {name: list(codes) for name, codes in limits.items() if codes}
    request = parse_rule(content, code=code, event_id=run.new_id())
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        committed = house.storage.log.commit(house.notices.set_rule(principal, request))
    run.out.answer({"rule": code, "entry": committed.receipt.index}, f"rule {code}: entry {committed.receipt.index}")
    return ExitCode.OK


@notices_group.command("list", help="Channels, rules, what waits, and what was used this month.")
@as_option
@command
def list_notices(run: Run, principal_id: str | None) -> ExitCode:
    """Lists."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        channels, rules = house.notices.channels(principal), house.notices.rules(principal)
        waiting = {one.channel: one.notices for one in house.notices.waiting(principal)}
        used = {one.channel: one for one in house.notices.ledger(principal, month_of(run.now()))}
    rows = []
    for channel in channels:
        use = used.get(channel.code)
        numbers = (0, 0, 0) if use is None else (use.calls, use.sent, use.failed)
        state = "active" if channel.active else "off"
        rows.append(
            (channel.code, channel.kind.value, channel.destination, state, waiting.get(channel.code, 0), *numbers)
        )
    document = {
        "channels": [channel_json(channel) for channel in channels],
        "rules": [rule_json(rule) for rule in rules],
        "waiting": waiting,
    }
    text = [table(("channel", "kind", "destination", "state", "waiting", "calls", "sent", "failed"), rows)]
    told = [(rule.code, rule.channel, " ".join(rule.events), "active" if rule.active else "off") for rule in rules]
    text.append(table(("rule", "channel", "events", "state"), told))
    run.out.answer(document, text)
    return ExitCode.OK


@notices_group.command("messages", help="What became of the latest messages.")
@click.option("--channel", help="Only of this channel.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="Most messages.")
@as_option
@command
def messages(run: Run, channel: str | None, limit: int, principal_id: str | None) -> ExitCode:
    """Shows messages."""
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        found = house.notices.messages(principal, channel=channel, limit=limit)
    rows = [
        (one.channel, one.kind.value, one.state.value, one.notices, one.attempts, one.failure_code or "")
        for one in found
    ]
    heads = ("channel", "kind", "state", "notices", "attempts", "failure")
    run.out.answer({"messages": [message_json(one) for one in found]}, table(heads, rows))
    return ExitCode.OK


@notices_group.command("send", help="Follow the log once, and make one attempt for each channel that may have one now.")
@command
def send(run: Run) -> ExitCode:
    """Sends once."""
    with run.house() as house:
        while house.notices.follow():
            continue
        made = house.notices.send_due()
    run.out.answer({"attempts": made}, f"{made} attempts")
    return ExitCode.OK


def _read(file: Path) -> object:
    """The JSON of a file.

    Raises:
        Refused: it is too long, or no JSON; what it holds is never repeated, it has secrets.
    """
    with click.open_file(str(file), "rb") as opened:
        content = opened.read(FILE_BYTES_MAX + 1)
    if len(content) > FILE_BYTES_MAX:
        msg = f"file: expected at most {FILE_BYTES_MAX} bytes"
        raise Refused(msg, f"檔案：最多 {FILE_BYTES_MAX} 位元組")
    try:
        return json.loads(content)
    except ValueError:
        msg = "file: expected JSON"
        raise Refused(msg, "檔案：須為 JSON") from None
