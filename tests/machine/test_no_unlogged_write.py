"""No code path writes a subject table without an entry: shown from the source of every room.

Rules, each a fence that the next one would otherwise have to be:

1. Connections that can write are made in three modules of `storage` and in the migrations, and nowhere else.
2. Outside `storage` nothing is executed but through an `Operation`; reading goes through `Database.read` and SELECT.
3. A statement that writes (`insert`, `update`, `delete`, of any dialect) names an operational table and stands in a
   function that was handed an `Operation`; or it is the argument of `tx.update(entry, …)`.
4. Rows of subject tables are written by `put`, `insert` and `update` of a `Transaction`, whose first argument is an
   `Entry` (mypy checks every call, and each method checks that the entry is of its own transaction); entries are made by
   `Transaction.append` alone, which alone seals them.
5. SQL text that writes stands in `storage` and the migrations only.
6. The search index is derived data in a file, or a schema, of its own: its two modules write there, and name no table of the log's.
"""

from __future__ import annotations

import ast
import importlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Table

from storage.schema import is_operational

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
ROOMS = (
    "api",
    "app",
    "audit",
    "cases",
    "documents",
    "policies",
    "retention",
    "stock",
    "storage",
    "web",
    "workflow",
)
OUTSIDE_STORAGE = tuple(room for room in ROOMS if room != "storage")

MAKES_CONNECTIONS = {"storage/database.py", "storage/keystore.py", "storage/keystore_care.py"}
TAKES_WRITING_CONNECTION = {"storage/database.py", "storage/batch.py", "storage/opening.py"}
WRITES_SQL_TEXT = {"storage/rows.py", "storage/head_row.py", "storage/grants.py"}
WRITES_LOG_TABLES = {
    "storage/batch.py": {"tiles", "checkpoints"},
    "storage/opening.py": {"log_head"},
    "storage/keystore.py": {"wrapped_keys", "epochs", "destroyed"},
    "storage/keystore_care.py": {"wrapped_keys", "epochs", "facts"},
}
SEALS = {"storage/transaction.py", "audit/entry.py"}
INDEX_IN_A_FILE, INDEX_IN_A_SCHEMA = "documents/search/sqlite/store.py", "documents/search/postgresql/store.py"
INDEX = {INDEX_IN_A_FILE, INDEX_IN_A_SCHEMA}
SOCKETS = {"documents/checking/scanner.py"}
"""Where `connect` is said to a socket."""

WRITING_WORDS = {"insert", "update", "delete"}
CONNECTING = re.compile(r"^(create_engine|create_async_engine|connect|raw_connection|begin_nested)$")
WRITING_SQL = re.compile(
    r"^\s*(INSERT\s+INTO|REPLACE\s+INTO|UPDATE\s+\S+\s+SET|DELETE\s+FROM|TRUNCATE|MERGE\s+INTO|ALTER\s+TABLE|DROP\s+TABLE"
    r"|CREATE\s+TABLE|COPY\s+\S+)"
)


@dataclass(frozen=True, slots=True)
class Source:
    """A module of the product."""

    path: str
    tree: ast.Module

    @property
    def room(self) -> str:
        """The room it is in."""
        return self.path.partition("/")[0]

    def module(self) -> object:
        """The imported module."""
        return importlib.import_module(self.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__"))


@cache
def sources() -> list[Source]:
    """Every module of every room, parsed once a worker."""
    return [
        Source(str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8")))
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
    ]


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Each call with the last name of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            if isinstance(called, ast.Name):
                yield called.id, node
            elif isinstance(called, ast.Attribute):
                yield called.attr, node


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function, nested ones too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def place(source: Source, node: ast.AST) -> str:
    """Where, for a person to look."""
    return f"{source.path}:{getattr(node, 'lineno', 0)}: {ast.unparse(node)[:100]}"


def test_the_scan_sees_the_rooms() -> None:
    assert {source.room for source in sources()} == set(ROOMS)
    assert len(sources()) > 60


def test_connections_that_write_are_made_in_storage_alone() -> None:
    found = [
        place(source, node)
        for source in sources()
        for name, node in calls(source.tree)
        if (CONNECTING.match(name) and source.path not in MAKES_CONNECTIONS | INDEX | SOCKETS)
        or (name == "writing_connection" and source.path not in TAKES_WRITING_CONNECTION)
    ]

    assert found == []


def test_nobody_reaches_under_a_transaction() -> None:
    """`tx.connection`, the driver's cursor and plain SQL stay inside `storage`."""
    private = {"_connection", "exec_driver_sql", "driver_cursor", "driver_connection"}
    found = [
        place(source, node)
        for source in sources()
        if source.room in OUTSIDE_STORAGE and source.path not in INDEX
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute)
        # A page has a cursor too; the driver's is called for.
        if node.attr in private or (node.attr == "connection" and ast.unparse(node.value) in {"tx", "transaction"})
    ]

    assert found == []


# ------------------------------------------------------------------------------ statements that write


_WRITERS = re.compile(r"sqlite|postgresql|\.insert|\.update|\.delete")


def writing_statements(source: Source) -> Iterator[tuple[ast.Call, str]]:
    """Calls that make a statement that writes, and the name of the table they write."""
    imported = {
        alias.asname or alias.name
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for alias in node.names
    }
    local = {
        target.id
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value, ast.Attribute | ast.IfExp | ast.Call)
        if _WRITERS.search(ast.unparse(node.value))
    }
    module = source.module()
    for name, node in calls(source.tree):
        if name not in WRITING_WORDS:
            continue
        called = node.func
        if isinstance(called, ast.Attribute):
            table = ast.unparse(called.value)
            if isinstance(getattr(module, table, None), Table):
                yield node, table
            elif "sqlite" in table or "postgresql" in table:
                yield node, ast.unparse(node.args[0])
        elif name in imported or name in local or isinstance(called, ast.Name):
            yield node, ast.unparse(node.args[0]) if node.args else "?"


def is_given_operation(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Whether the function was handed an `Operation`."""
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    return any(argument.annotation and ast.unparse(argument.annotation) == "Operation" for argument in arguments)


def test_statements_that_write_are_made_for_operational_tables_by_operations() -> None:
    found = []
    for source in sources():
        module = source.module()
        allowed = WRITES_LOG_TABLES.get(source.path, set())
        by_operations = {
            id(node)
            for function in functions(source.tree)
            if is_given_operation(function)
            for node in ast.walk(function)
        }
        by_updates = {
            id(inner)
            for name, node in calls(source.tree)
            if name == "update" and isinstance(node.func, ast.Attribute) and len(node.args) == 2
            for inner in ast.walk(node.args[1])
        }
        for node, table in writing_statements(source):
            if table in allowed or id(node) in by_updates:
                continue
            if is_operational(getattr(module, table, None)) and id(node) in by_operations:
                continue
            found.append(place(source, node))

    assert found == []


def test_only_operations_are_executed_outside_storage() -> None:
    """Reads are `connection.execute(select(…))` on a reading connection; the database refuses more on those."""
    found = [
        place(source, node)
        for source in sources()
        if source.room in OUTSIDE_STORAGE
        for name, node in calls(source.tree)
        if name in {"execute", "executemany", "executescript", "copy"} and isinstance(node.func, ast.Attribute)
        if name != "execute" and "copy" not in ast.unparse(node.func)
    ]

    assert found == []


def test_text_that_writes_stands_in_storage_alone() -> None:
    found = []
    for source in sources():
        if source.path in WRITES_SQL_TEXT | INDEX:
            continue
        docstrings = {
            id(node.body[0].value)
            for node in ast.walk(source.tree)
            if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            and node.body
            and isinstance(node.body[0], ast.Expr)
        }
        found += [
            place(source, node)
            for node in ast.walk(source.tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
            if WRITING_SQL.match(node.value)
        ]

    assert found == []


# --------------------------------------------------------------------------------- the search index

_NAMED = re.compile(
    r"\b(?:INTO|UPDATE|FROM|JOIN|TABLE(?: IF (?:NOT )?EXISTS)?+|INDEX \w+ ON|ON ONLY|VACUUM FULL|ANALYZE) +([{}\w.]+)"
)


def sql_of(source: Source) -> Iterator[str]:
    """Each text of a module that is SQL, with what is put into it in braces."""
    for node in ast.walk(source.tree):
        if isinstance(node, ast.JoinedStr):
            yield ast.unparse(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def tables_named(source: Source) -> set[str]:
    return {name for sql in sql_of(source) if sql.isascii() for name in _NAMED.findall(sql)}


def source_of(path: str) -> Source:
    return next(source for source in sources() if source.path == path)


def test_the_index_in_the_logs_database_names_tables_of_its_own_schema_alone() -> None:
    named = tables_named(source_of(INDEX_IN_A_SCHEMA))

    assert {name for name in named if not re.match(r"\{(self\._)?schema\}\.", name)} <= {"{table}", "{name}"}
    assert len(named) > 3


def test_the_index_in_a_file_makes_every_table_it_names() -> None:
    source = source_of(INDEX_IN_A_FILE)
    made = set(re.findall(r"CREATE (?:VIRTUAL )?TABLE (\w+)", "\n".join(sql_of(source))))

    assert tables_named(source) - made <= {"{name}", "{table}", "sqlite_master", "sqlite_schema"}
    assert made == {"removed", "documents", "texts", "grams"}


# ------------------------------------------------------------------------------------- entries


def sealing_names(source: Source) -> set[str]:
    """Under which names a module has what makes an entry; other things are called the same elsewhere."""
    return {
        alias.asname or alias.name
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] in {"audit", "storage"}
        for alias in node.names
        if alias.name in {"seal", "Entry"}
    }


def test_entries_are_sealed_by_append_alone() -> None:
    found = [
        place(source, node)
        for source in sources()
        if source.path not in SEALS
        # Of each module once, not of each call.
        for names in [sealing_names(source)]
        for name, node in calls(source.tree)
        if isinstance(node.func, ast.Name) and name in names
    ]
    whole = [
        source.path
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        # Imported whole, the room could be asked for it by a longer name.
        if any(alias.name == "audit.entry" for alias in node.names)
        or (
            isinstance(node, ast.ImportFrom)
            and node.module == "audit"
            and any(one.name == "entry" for one in node.names)
        )
    ]

    assert whole == []
    assert sealing_names(source_of("storage/transaction.py")) >= {"seal"}

    assert found == []


def test_the_writing_methods_of_a_transaction_demand_an_entry() -> None:
    source = next(source for source in sources() if source.path == "storage/transaction.py")
    transaction = next(
        node for node in source.tree.body if isinstance(node, ast.ClassDef) and node.name == "Transaction"
    )
    demanded = {}
    for method in transaction.body:
        if isinstance(method, ast.FunctionDef) and method.name in {"put", "insert", "update"}:
            first = method.args.args[1]
            checks = [name for name, _ in calls(method)]
            demanded[method.name] = (
                ast.unparse(first.annotation) if first.annotation else "",
                "_require_own" in checks,
            )

    assert demanded == dict.fromkeys(("put", "insert", "update"), ("Entry", True))
