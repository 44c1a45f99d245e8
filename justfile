# What people do here by hand; `just --list` is the manual. `just check` is what CI runs.

python := ".venv/bin/python"

# Everything CI runs: format, lint, types, rooms, tests. `./check --coverage` adds the coverage gate.
check:
    ./check

# The tests of one room, or any other pytest arguments: `just test tests/stock`.
test *arguments:
    {{python}} -m pytest -q {{arguments}}

# The tests which take minutes.
long:
    {{python}} -m pytest -q -m long --timeout=7200

# Rewrites what a machine may rewrite.
format:
    .venv/bin/ruff format .
    .venv/bin/ruff check --fix .

# Types and rooms only.
types:
    .venv/bin/mypy
    .venv/bin/lint-imports

# Renews both requirement lists; nothing younger than a week, no index address.
lock *arguments:
    .ci/lock {{arguments}}

# Rewrites the pages which are made from the code.
docs:
    {{python}} -m app.settings_page docs/settings.md
    {{python}} -m app.cli_page docs/cli.md

# Known faults in the locked packages (asks the network; weekly, not per commit).
audit:
    .venv/bin/pip-audit --require-hashes --disable-pip -r requirements-dev.txt

# Runs the hooks on every commit from now on.
hooks:
    .venv/bin/prek install
