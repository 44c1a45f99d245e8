"""One gateway per room: rows of stores are read by statements that take a scope, and a scope comes from a decision."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from policies.codes import Code
from policies.engine import shipped
from policies.errors import Denied
from policies.model import Action, Decision, Principal, PrincipalKind, Resource, Role
from policies.scope import EVERYTHING, Scope, scope_of

ROOT = Path(__file__).resolve().parent.parent.parent
ROOMS = ("app", "web", "api", "evidence", "cases", "documents", "stock", "retention", "workflow", "policies", "storage")

SCOPED = frozenset(
    {
        "balances",
        "document_fields",
        "document_folders",
        "document_items",
        "document_links",
        "document_notes",
        "document_readings",
        "document_renditions",
        "document_tags",
        "document_versions",
        "documents",
        "entries",
        "entry_subjects",
        "expiry_warnings",
        "personal_values",
        "stocktake_counts",
        "stocktakes",
        "transfer_legs",
    }
)
"""Tables whose rows are of a store, by the name of the Python value."""

GATEWAYS = {
    "documents/shelves/store.py": "lists of documents",
    "documents/succession/store.py": "which of them took the place of others",
    "documents/store.py": "one document by its id, and what lies under it",
    "stock/lots/store.py": "lots on shelves",
    "stock/store.py": "balances and stocktakes",
    "stock/transfers/store.py": "legs of transfers",
    "storage/reading.py": "entries",
    "storage/personal.py": "personal values of an entry that was decided on",
}
"""The only modules outside the writer and the verifier that select from scoped tables."""

ABOVE = {
    "documents/disposal/store.py": "what a disposal destroys, for its job and for officers, who reach the whole organisation",
    "documents/lessons/store.py": "what corrections of a supplier's papers teach, for the job that reads its next one",
    "documents/retaining/store.py": "what starts the clocks of retention, for officers, who reach the whole organisation",
    "policies/bundles/store.py": "which bundle the log names as the active one: an entry about no store, which nobody is shown",
    "stock/retaining/store.py": "the same of stock",
    "storage/overlay.py": "verification reads the whole",
    "storage/signing.py": "reads key entries, which are of no store",
    "storage/transaction.py": "the writer",
    "storage/tree.py": "leaf hashes, which tell nothing",
    "workflow/notices/outbox/store.py": "notices follow the whole log; rules say which stores a channel hears of",
}
"""Modules that read scoped tables above row scope, and show nobody a row."""

UNSCOPED = {
    "documents/store.py": {
        "folders_in": "inside a change",
        "read_document": "one by its id; the caller decides on it",
        "read_duplicates": "each is decided on before it is named",
        "read_evidence": "of an entry that was decided on",
        "read_known_keys": "for the sweeper of objects",
        "read_numbers": "what a paper is matched with, by a job",
        "read_note_texts": "what is searched for personal data, by a job",
        "read_of_person": "of a person whose request is worked on",
        "read_withdrawn": "what a job destroys",
        "rendition_names_in": "inside a change",
        "read_unindexed": "for a search on such a request",
        "read_renditions": "of a document that was decided on",
        "read_versions": "of a document that was decided on",
    },
    "documents/shelves/store.py": {
        "class_code_of": "a condition on entries",
        "orders_in": "inside a change",
        "read_classes_of": "what entries about them are decided by",
        "read_around": "of documents that were listed within a scope",
        "read_notes": "of a document that was decided on",
        "read_document_ids": "for moving objects, for whoever runs Chopbook",
        "read_stored_bytes": "a sum, for whoever runs Chopbook",
        "read_visible_ids": "for making the index anew",
    },
    "documents/succession/store.py": {
        "has_succession": "whether there is anything to look for within a scope",
        "superseded_in": "inside a change",
    },
    "stock/store.py": {
        "_differing": "of a stocktake that was decided on",
        "open_stocktake_at": "inside a change",
        "read_lines": "of a stocktake that was decided on",
        "store_holding": "inside a change",
        "stream_balances": "reconciliation reads the whole",
        "uncounted_in": "inside a change",
    },
    "stock/lots/store.py": {
        "stream_to_warn": "for warning every store of its own lots",
    },
    "stock/transfers/store.py": {
        "read_counterparts": "what answers a leg in reach; masked by the caller where it is elsewhere",
    },
    "storage/reading.py": {
        "_contains": "a condition",
        "require_begun": "whether there is a log at all",
        "first_index_at": "a place in the log, from a time",
        "read_entry": "one by its index; the caller decides on it",
        "stream_entries": "verification and bundles, which need a grant for the whole log",
        "subject_entries": "a number, for proofs",
    },
    "storage/personal.py": {
        "read_personal_of": "of a person whose request is worked on",
        "reveal_personal": "of an entry that was decided on",
    },
}
"""Functions of the gateways that name a scoped table and take no scope, each with the reason."""

EVERYTHING_IS_SAID_BY = {
    "app/cases.py": "what is found of a person, for officers who work on their request",
    "app/commands/log.py": "the operator's own box: the newest signing key",
    "app/importing/running.py": "whether a file was imported before, whoever did it",
    "documents/shelves/store.py": "making the index anew",
    "policies/scope.py": "hands the name on",
    "storage/row_security.py": "leaves the role as it is",
    "storage/scope.py": "is where it is made",
}


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of every room, parsed once a worker."""
    paths = [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8")) for path in paths}


def _imported(tree: ast.Module) -> set[str]:
    """Names of scoped tables that a module imports from where they are declared."""
    return {
        alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.module.endswith(("store", "schema"))
        for alias in node.names
        if alias.name in SCOPED
    }


def _named(node: ast.AST) -> set[str]:
    return {found.id for found in ast.walk(node) if isinstance(found, ast.Name)} & SCOPED


def _functions(tree: ast.Module) -> Iterator[ast.FunctionDef]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            yield node


def test_scoped_tables_are_read_by_their_gateways_alone() -> None:
    reading = {name for name, tree in modules().items() if _imported(tree)}
    declaring = {"storage/schema.py"}

    assert reading - declaring - GATEWAYS.keys() - ABOVE.keys() == set()


@pytest.mark.parametrize("gateway", sorted(GATEWAYS))
def test_a_statement_that_lists_scoped_rows_takes_a_scope(gateway: str) -> None:
    free = {
        function.name
        for function in _functions(modules()[gateway])
        if _named(function) and "scope" not in {argument.arg for argument in function.args.args}
    }

    assert free == set(UNSCOPED.get(gateway, {}))


def test_a_scope_has_no_default() -> None:
    lax = [
        f"{name}: {function.name}"
        for name, tree in modules().items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for argument in function.args.args[len(function.args.args) - len(function.args.defaults) :]
        if argument.arg == "scope" and "Scope" in ast.unparse(argument.annotation or ast.Constant(None))
        if not name.startswith("storage/verification")  # where it is what a check looks at
    ]

    assert lax == []


def test_scopes_are_made_from_decisions_alone() -> None:
    makers = set()
    for name, tree in modules().items():
        mine = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and node.module in {"storage.scope", "policies.scope"}
            for alias in node.names
            if alias.name == "Scope"
        }
        called = {
            node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        if mine & called:
            makers.add(name)

    assert makers == {"policies/scope.py"}


def test_only_what_shows_nobody_a_row_reads_everything() -> None:
    saying = {
        name
        for name, tree in modules().items()
        if any(isinstance(node, ast.Name) and node.id == "EVERYTHING" for node in ast.walk(tree))
        and not name.startswith("documents/search/")
    }

    assert saying <= EVERYTHING_IS_SAID_BY.keys()


def _decision(stores: frozenset[str] | None, resource: Resource, *, allowed: bool = True) -> Decision:
    principal = Principal("p_1", PrincipalKind.PERSON, Role.STAFF, stores, frozenset({"stock.read"}))
    code = Code.ALLOWED if allowed else Code.STORE_OUT_OF_REACH
    return Decision(allowed, code, "cedar-0@1", 1, principal, Action.STOCK_READ, resource, shipped())


@pytest.mark.parametrize(
    ("reach", "named", "seen"),
    [
        (None, frozenset(), None),
        (None, {"A"}, {"A"}),
        ({"A", "B"}, frozenset(), {"A", "B"}),
        ({"A", "B"}, {"A"}, {"A"}),
        (frozenset(), frozenset(), frozenset()),
    ],
)
def test_a_scope_is_what_was_decided(reach: set[str] | None, named: set[str], seen: set[str] | None) -> None:
    stores = None if reach is None else frozenset(reach)

    scope = scope_of(_decision(stores, Resource.at("stock", named)))

    assert scope == Scope(None if seen is None else frozenset(seen))
    assert scope.whole is (scope == EVERYTHING)


def test_no_scope_comes_of_a_denial() -> None:
    with pytest.raises(Denied):
        scope_of(_decision(frozenset({"A"}), Resource.at("stock", {"B"}), allowed=False))
