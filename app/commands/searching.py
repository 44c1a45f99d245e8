"""`search` and `index`: finding documents, and the index that finds them."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from functools import partial
from typing import TYPE_CHECKING, Any

import rich_click as click

from app.commands.base import Run, acting_principal, as_option, command, group
from app.commands.listed import COMMANDS
from app.commands.output import table
from app.exits import ExitCode, Refused
from documents.search.model import LIMIT_MAX, Order, SearchQuery
from documents.search.reach import among, reach
from policies.model import Action, Resource, Role

if TYPE_CHECKING:
    from documents.search.model import Hit


@click.command("search", help=COMMANDS["search"].about)
@click.argument("text", required=False)
@click.option("--sku", help="Only in the folder of this SKU.")
@click.option("--store", help="Only of this store.")
@click.option("--class", "document_class", help="Only of this class.")
@click.option("--supplier", help="Only of this supplier.")
@click.option("--from", "dated_from", help="Dated on that day or after: 2026-11-01.")
@click.option("--until", "dated_until", help="Dated on that day or before.")
@click.option("--state", help="Only in this state, such as released or superseded.")
@click.option("--amount-from", type=int, help="Of this amount or more, in minor units: 10000 is 100.00.")
@click.option("--amount-until", type=int, help="Of this amount or less.")
@click.option("--currency", help="Only in this currency, such as HKD.")
@click.option("--by-relevance", is_flag=True, help="What fits best first; default: the newest.")
@click.option("--limit", type=click.IntRange(1, LIMIT_MAX), default=20, show_default=True, help="Most documents.")
@as_option
@command
def search_command(
    run: Run,
    /,
    text: str | None,
    dated_from: str | None,
    dated_until: str | None,
    *,
    by_relevance: bool,
    limit: int,
    principal_id: str | None,
    **conditions: Any,
) -> ExitCode:
    """Searches; `conditions` are members of a `SearchQuery` by their own names."""
    query = SearchQuery(
        text,
        dated_from=_day(dated_from),
        dated_until=_day(dated_until),
        order=Order.RELEVANCE if by_relevance else Order.NEWEST,
        limit=limit,
        **conditions,
    )
    with run.house() as house:
        principal = acting_principal(house, principal_id, Role.OPERATOR)
        stores = frozenset(() if query.store is None else (query.store,))
        decision = house.policies.require(principal, Action.DOCUMENT_READ, Resource("document", stores=stores))
        with house.storage.database.read() as connection:
            within = reach(connection, house.policies.scope(decision))
            query = among(query, partial(house.documents.superseded, principal, connection, query.store))
        page = house.search.query(query, within)
        is_whole = not house.search.state().needs_rebuild
    if not is_whole:
        run.out.note("the index is not whole: run `chopbook index rebuild`")
    more = "at least " if page.total_is_least else ""
    document = {"total": page.total, "total_is_least": page.total_is_least, "hits": [_plain(hit) for hit in page.hits]}
    rows = [
        (hit.document_id, hit.facets.document_class, hit.facets.store or "", hit.facets.dated or "", _said(hit))
        for hit in page.hits
    ]
    run.out.answer(
        document, [table(("document", "class", "store", "date", "found"), rows), f"{more}{page.total} found"]
    )
    return ExitCode.OK


def _day(text: str | None) -> date | None:
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError as error:
        msg = f"day: expected one such as 2026-11-01, got {text!r}"
        raise Refused(msg, f"日期：須如 2026-11-01，現為 {text!r}") from error


def _plain(hit: Hit) -> dict[str, Any]:
    found = asdict(hit)
    found["facets"]["dated"] = None if hit.facets.dated is None else hit.facets.dated.isoformat()
    return found


def _said(hit: Hit) -> str:
    return " … ".join(" ".join(snippet.text.split()) for snippet in hit.snippets[:1])


@group("index")
def index_group() -> None:
    """Groups the commands of the index."""


@index_group.command("rebuild", help="Make the index again from the documents; searches see the old one until then.")
@command
def rebuild(run: Run) -> ExitCode:
    """Rebuilds."""
    with run.house() as house, run.out.progress("indexing") as step:
        done = house.search.rebuild(house.documents, step)
    run.out.answer({"documents": done}, f"{done} documents in the index")
    return ExitCode.OK


@index_group.command("state", help="How the index stands.")
@command
def state(run: Run) -> ExitCode:
    """Shows the state."""
    with run.house() as house:
        found = house.search.state()
    run.out.answer(asdict(found), f"{found.documents} documents" + ("; to be rebuilt" if found.needs_rebuild else ""))
    return ExitCode.FAULTS if found.needs_rebuild else ExitCode.OK
