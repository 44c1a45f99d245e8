"""`demo`: everything at once, with sample data, to be tried in two minutes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import rich_click as click

from app.commands.base import Run, command
from app.commands.keys import token_issuer
from app.commands.listed import COMMANDS
from app.commands.log import start_log
from app.commands.serving import serve_here
from app.demo.loading import Loaded, load_papers, load_sample
from app.exits import ExitCode, Refused
from app.opening import prepare
from app.wiring import House
from documents.inspecting import PartsAway
from documents.rendering.errors import FontMissing
from policies.model import Role
from storage.errors import LogExists, StorageError

KEY_FILE = "demo.key"
MARK_FILE = "demonstration"
"""Stands in the data folder of a demonstration, so that sample data never ends in a real log."""
TOKEN_LIFETIME = timedelta(days=7)


@click.command("demo", help=COMMANDS["demo"].about)
@click.option("--host", help="The address to listen on; the same as CHOPBOOK_HOST.")
@click.option("--port", type=click.IntRange(0, 65_535), help="The port; 0 takes a free one; the same as CHOPBOOK_PORT.")
@click.option("--no-serve", is_flag=True, help="Set up and print, but do not serve.")
@command
def demo(run: Run, host: str | None, port: int | None, *, no_serve: bool) -> ExitCode:
    """Demonstrates."""
    run.listen_at(host, port)
    settings = run.settings
    mark = settings.data_dir / MARK_FILE
    prepare(settings)
    if mark.is_file():
        run.out.note(f"using what is in {settings.data_dir}")
    # The mark comes first: a demonstration that is stopped half way can be run again.
    is_new = not mark.exists()
    mark.touch()
    try:
        start_log(run)
    except LogExists as error:
        if is_new:
            mark.unlink()
            msg = "demo: expected no log, or that of an earlier demonstration, got another's; choose another --data-dir"
            raise Refused(
                msg, "示範：須沒有日誌，或只有先前示範的日誌，但這裏是另一個日誌；請以 --data-dir 另選資料夾"
            ) from error
    if no_serve:
        with run.house() as house:
            _announce(run, house, run.settings.public_url)
            _take_papers_in(run, house)
        return ExitCode.OK
    return serve_here(
        run,
        announce=lambda house, address: _announce(run, house, address),
        beside=lambda house, ended: _take_papers_in(run, house, ended.is_set),
    )


def _take_papers_in(run: Run, house: House, ended: Callable[[], bool] = lambda: False) -> None:
    """Whoever cannot have them is told so; everything else of the demonstration works without."""
    try:
        taken = load_papers(house, ended)
    except (FontMissing, PartsAway, StorageError) as error:
        run.out.note(f"the sample's papers are not all in, and the next start tries again: {error}")
        return
    if taken:
        run.out.note(f"{taken} papers of the sample are in; the server reads them")


def _announce(run: Run, house: House, address: str) -> None:
    loaded = load_sample(house, run.settings.data_dir / "keys" / KEY_FILE)
    now = house.clock()
    manager = loaded.people[Role.COMPLIANCE_OFFICER]
    token = token_issuer(run.settings).issue(manager, now=now, lifetime=TOKEN_LIFETIME, token_id=str(run.new_id()))
    document = {
        "address": address,
        "sign_in": f"{address}/sign-in",
        "api_key": loaded.key,
        "token": token,
        "token_principal": manager,
        "entries": loaded.entries,
        "people": {role.value: person for role, person in sorted(loaded.people.items())},
        "data_dir": str(run.settings.data_dir),
    }
    run.out.answer(document, _text(run, loaded, address, token))


def _text(run: Run, loaded: Loaded, address: str, token: str) -> list[str]:
    example = '{"store":"MK01","sku":"RICE-JAS-5","reason":"sale","change":-1,"reference":"TRY-1"}'
    read, write = f'-H "Authorization: Bearer {token}"', f'-H "Authorization: Bearer {loaded.key}"'
    people = "  ".join(f"{role.value} {person}" for role, person in sorted(loaded.people.items()))
    return [
        f"Chopbook 示範: {loaded.entries} entries in {run.settings.data_dir}",
        f"address   {address}",
        f"pages     {address}/sign-in   (貼上下列 token 登入 paste the token below to sign in)",
        f"api key   {loaded.key}   (收銀機 a till, every store; may write)",
        f"token     {token}   (合規主任 compliance officer; reads everything, for 7 days)",
        f"people    {people}",
        "          another token: chopbook token issue PERSON",
        "",
        "Try, in another terminal:",
        "",
        "# 旺角店賣出一包米 sell a bag of rice in Mong Kok; the answer is a receipt that proves itself",
        f"curl -s {address}/api/v1/adjustments {write} -H 'Content-Type: application/json' -d '{example}'",
        "",
        "# 旺角店倉存 what Mong Kok holds",
        f"curl -s '{address}/api/v1/balances?store=MK01' {write}",
        "",
        "# 以兩個字找單據 find papers by two characters; the sample's are read within a minute of the first start",
        f"curl -sG {address}/api/v1/search --data-urlencode 'q=豆漿' {read}",
        "",
        "# 證明第二十個紀錄 prove entry 20 to anybody, as a C2SP tlog-proof",
        f"curl -s {address}/api/v1/entries/20/tlog-proof {read}",
        "",
    ]
