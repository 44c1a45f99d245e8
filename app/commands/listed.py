"""Every command of the first level: where it is, and what the first help says of it.

The list imports none of them, so that asking what there is costs nothing of what they need.
"""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Listed:
    """A command: module and name of the value, and one sentence about it."""

    place: str
    about: str


COMMANDS: Final[Mapping[str, Listed]] = MappingProxyType(
    {
        "demo": Listed(
            "app.commands.demo:demo",
            "Set up a Chopbook with sample data, print how to sign in, and serve it. Run again, it reuses the data.",
        ),
        "serve": Listed(
            "app.commands.serving:serve_command",
            "Serve the API until SIGTERM or Ctrl-C; then answer what was accepted, and end.",
        ),
        "worker": Listed(
            "app.commands.serving:worker_command",
            "Do jobs until SIGTERM or Ctrl-C, beside a server with CHOPBOOK_EMBEDDED_WORKER=false.",
        ),
        "log": Listed("app.commands.log:log_group", "The log: create, verify, prove, export."),
        "import": Listed("app.commands.importing:import_group", "Bring files into the log."),
        "ocr": Listed("app.commands.documents:ocr_group", "Reading papers."),
        "search": Listed(
            "app.commands.searching:search_command",
            "Find documents by what they say; without TEXT, by the options alone.",
        ),
        "index": Listed(
            "app.commands.searching:index_group", "The search index: derived from the documents, never backed up."
        ),
        "stock": Listed("app.commands.stock:stock_group", "Stock balances."),
        "lots": Listed("app.commands.lots:lots_group", "Lots: what expires, what to take first, where one has been."),
        "notices": Listed("app.commands.notices:notices_group", "Notices to groups, systems and people."),
        "schedule": Listed(
            "app.commands.schedules:schedule_group", "Recurring jobs: when each is asked for, and pausing it."
        ),
        "retention": Listed("app.commands.retention:retention_group", "How long records are kept, and what is due."),
        "hold": Listed("app.commands.holds:hold_group", "Legal holds."),
        "pending": Listed("app.commands.pending:pending_group", "What waits for a second person."),
        "case": Listed("app.commands.cases:case_group", "Requests of people about their data (PDPO s.18 to s.27)."),
        "breach": Listed("app.commands.cases:breach_group", "Data breaches, with the clocks of each regime."),
        "area": Listed("app.commands.organisation:area_group", "Areas: groups of stores."),
        "store": Listed("app.commands.organisation:store_group", "Stores and warehouses."),
        "user": Listed("app.commands.people:user_group", "People: accounts, roles, where they apply, erasure."),
        "client": Listed("app.commands.people:client_group", "Machine clients: tills, scanners, an ERP."),
        "key": Listed(
            "app.commands.keys:key_group", "API keys of machine clients; and `rotate`, the log's signing key."
        ),
        "token": Listed("app.commands.keys:token_group", "Access tokens for people."),
        "grant": Listed("app.commands.grants:grant_group", "Access for a time: engagements of auditors, broken glass."),
        "glass": Listed(
            "app.commands.glass:glass_group",
            "Break the glass: a role at other stores too, for at most an hour, told and reviewed.",
        ),
        "policy": Listed("app.commands.policy:policy_group", "Policies: what decides, and why."),
        "residency": Listed(
            "app.commands.residency:residency_group", "Where data goes: destinations, processors, transfers, findings."
        ),
        "keystore": Listed(
            "app.commands.keystore:keystore_group", "The store of wrapped keys: back it up apart from the database."
        ),
        "documents": Listed("app.commands.documents:documents_group", "Documents: files in and out."),
        "disposal": Listed(
            "app.commands.disposal:disposal_group",
            "Disposal: records that are due, destroyed by two persons' word and certified.",
        ),
        "objects": Listed("app.commands.objects:objects_group", "The object store in which sealed documents lie."),
        "lock-mode": Listed("app.commands.lock_modes:mode_group", "How hard the locks of a class are."),
        "db": Listed("app.commands.database:db_group", "The database."),
    }
)
"""In the order of the help."""
