"""The rules of the house that no other tool holds: what is committed, how big it is, and whether the docs are true."""

import ast
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

from app.settings_page import settings_page
from app.settings_table import settings_table
from tests.coverage_gate import shortfalls

ROOT = Path(__file__).resolve().parent.parent
STAIR = ("app", "web", "api", "cases", "documents", "stock", "retention", "workflow", "policies", "storage", "audit")

LINES_MAX = 400
FUNCTION_LINES_MAX = 60
LONG_FILES: dict[str, str] = {
    "api/problem_table.py": "one table, a row for each problem",
    "app/settings_table.py": "one table, a row for each setting",
    "documents/extraction/lexicon.py": "one table of words",
}
"""Python files of the product beyond LINES_MAX, each with the reason why it is one idea all the same."""


def _committed() -> list[str]:
    """Paths of the committed files; in an unpacked archive, of all files but those which .gitignore names."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listing.returncode == 0 and listing.stdout:
        return [name for name in listing.stdout.split("\0") if name and (ROOT / name).is_file()]
    hidden = re.compile(r"(^|/)(\.venv|\.[a-z]+_cache|\.hypothesis|__pycache__|data|\.git|\.coverage[^/]*)(/|$)")
    found = (path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file())
    return [name for name in found if not hidden.search(name)]


COMMITTED = _committed()
PYTHON = [name for name in COMMITTED if name.endswith(".py")]
PAGES = [name for name in COMMITTED if name.endswith(".md")]


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8", errors="replace")


# --------------------------------------------------------------------------------- what is committed

# Written in two halves, so that this file does not hold what it looks for.
INDEX_MARKS = [
    "py" + "pi.org",
    "pythonhosted" + ".org",
    "registry." + "npmjs",
    "deb." + "debian.org",
    "--index" + "-url",
    "--extra-index" + "-url",
    "--find" + "-links ",
    "file:" + "///opt",
]


@pytest.mark.parametrize("mark", INDEX_MARKS)
def test_no_file_names_a_package_index(mark: str) -> None:
    assert [name for name in COMMITTED if mark in _text(name)] == []


def test_requirement_lists_are_the_only_locks() -> None:
    locks = {"uv.lock", "poetry.lock", "Pipfile.lock", "pdm.lock", "pylock.toml"}

    assert [name for name in COMMITTED if Path(name).name in locks] == []


def _pinned(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([a-z0-9._-]+)==(\S+)", _text(name), re.MULTILINE))


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_by_hash(name: str) -> None:
    # One requirement a line, once the continued lines are joined.
    lines = [line for line in _text(name).replace("\\\n", " ").splitlines() if line and not line.startswith("#")]

    loose = [
        line for line in lines if not re.match(r"[a-z0-9._-]+==\S+( ; .+?)? +(--hash=sha256:[0-9a-f]{64} *)+$", line)
    ]

    assert loose == []
    # A package may be pinned twice, for one Python and another.
    assert {re.split("==", line)[0] for line in lines} == _pinned(name).keys()
    assert len(lines) > 20


def test_what_runs_is_checked_in_the_same_versions() -> None:
    run, dev = _pinned("requirements.txt"), _pinned("requirements-dev.txt")

    assert {name: dev.get(name) for name in run} == run


def test_every_declared_dependency_is_pinned() -> None:
    project = tomllib.loads(_text("pyproject.toml"))
    declared = project["project"]["dependencies"]
    dev = [wanted for wanted in project["dependency-groups"]["dev"] if isinstance(wanted, str)]

    def names(wanted: list[str]) -> set[str]:
        return {re.split(r"[\[<>=~! ;]", requirement)[0] for requirement in wanted}

    assert names(declared) - _pinned("requirements.txt").keys() == set()
    assert names(dev) - _pinned("requirements-dev.txt").keys() == set()
    assert declared == sorted(declared)


# ------------------------------------------------------------------------------- the rooms and their size


def _imported(name: str) -> set[str]:
    """The first parts of all modules a file imports, wherever in the file."""
    found = set()
    for node in ast.walk(ast.parse(_text(name))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("room", STAIR)
def test_a_room_imports_only_rooms_below_it(room: str) -> None:
    # import-linter says the same; this holds it for files which it cannot import.
    above = set(STAIR[: STAIR.index(room)]) | {"tests", "benchmarks"} | (set() if room == "app" else {"migrations"})

    wrong = {name: up for name in PYTHON if name.startswith(f"{room}/") if (up := _imported(name) & above)}

    assert wrong == {}


def test_every_room_is_packaged_linted_and_measured() -> None:
    project = tomllib.loads(_text("pyproject.toml"))["tool"]
    rooms = {name.split("/")[0] for name in PYTHON if name.count("/") == 1 and name.endswith("/__init__.py")} - {
        "tests"
    }
    packaged = set(project["hatch"]["build"]["targets"]["wheel"]["packages"])

    assert rooms - {"benchmarks"} == packaged == set(project["importlinter"]["root_packages"])
    assert set(project["coverage"]["run"]["source"]) == packaged - {"migrations"} == set(STAIR)


def test_there_is_no_room_for_odds_and_ends() -> None:
    forbidden = {"utils", "util", "common", "core", "helpers", "misc"}

    assert [name for name in PYTHON if forbidden & set(Path(name).with_suffix("").parts)] == []


def test_a_file_holds_one_idea() -> None:
    product = [name for name in PYTHON if not name.startswith(("tests/", "migrations/versions/"))]
    long = {name for name in product if _text(name).count("\n") > LINES_MAX}

    assert long == set(LONG_FILES)


def test_a_function_fits_a_screen() -> None:
    long = [
        f"{name}: {node.name} has {length} lines"
        for name in PYTHON
        if not name.startswith(("tests/", "migrations/versions/"))
        for node in ast.walk(ast.parse(_text(name)))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if (length := (node.end_lineno or node.lineno) - node.lineno + 1) > FUNCTION_LINES_MAX
    ]

    assert long == []


def test_nothing_is_left_for_later() -> None:
    marks = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b|Not" r"ImplementedError")
    # A migration says with that error that there is no way back.
    places = [name for name in PYTHON if not name.startswith("migrations/versions/")]

    assert [name for name in places if marks.search(_text(name))] == []


# ---------------------------------------------------------------------------------------- the docs


def test_the_settings_page_is_current() -> None:
    assert _text("docs/settings.md") == settings_page(), "run: just docs"


def test_every_setting_is_explained_in_a_sentence() -> None:
    assert [setting.name for setting in settings_table() if not setting.help.endswith((".", "tier."))] == []


def _anchors(page: str) -> set[str]:
    """The anchors a Markdown page offers, made from its headings as GitHub makes them."""
    headings = re.findall(r"^#{1,6} +(.+?) *#*$", re.sub(r"```.*?```", "", _text(page), flags=re.DOTALL), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def _leads_somewhere(page: str, target: str) -> bool:
    path, _, anchor = target.partition("#")
    there = ((ROOT / page).parent / path).resolve() if path else ROOT / page
    if not there.exists() or not there.is_relative_to(ROOT):
        return False
    return not anchor or there.suffix != ".md" or anchor in _anchors(there.relative_to(ROOT).as_posix())


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_somewhere(page: str) -> None:
    text = re.sub(r"```.*?```|`[^`\n]*`", "", _text(page), flags=re.DOTALL)
    targets = [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if not re.match(r"[a-z]+:", target)]

    assert [target for target in targets if not _leads_somewhere(page, target)] == []


def test_every_decision_is_in_the_index() -> None:
    records = {Path(name).name for name in PAGES if re.match(r"docs/decisions/\d{4}-", name)}
    listed = re.findall(r"\]\((\d{4}-[^)]+)\)", _text("docs/decisions/README.md"))

    assert listed == sorted(records)
    assert [record[:4] for record in listed] == [f"{number:04}" for number in range(1, len(records) + 1)]


# ------------------------------------------------------------------------------------- the set-up


@pytest.mark.parametrize("program", ["demo", "check", ".ci/run", ".ci/lock"])
def test_the_commands_can_be_run_and_are_bash_that_parses(program: str) -> None:
    assert (ROOT / program).stat().st_mode & 0o111 == 0o111
    assert _text(program).startswith("#!/usr/bin/env bash\n")
    subprocess.run(["bash", "-n", ROOT / program], check=True)


def test_ci_runs_the_command_of_the_readme() -> None:
    assert re.search(r"^\./demo$", _text("README.md"), re.MULTILINE)
    assert re.search(r"^\./check$", _text("README.md"), re.MULTILINE)
    assert 'exec "$(dirname "${BASH_SOURCE[0]}")/../check"' in _text(".ci/run")


@pytest.mark.parametrize(
    ("percents", "says"),
    [
        ({"audit/merkle.py": 100.0, "stock/rules.py": 100.0, "api/app.py": 90.0}, []),
        ({"audit/merkle.py": 99.99}, ["audit/merkle.py: 99.99 %"]),
        ({"stock/rules.py": 98.0, "stock/store.py": 97.0}, ["stock/rules.py: 98.00 %"]),
        ({"api/app.py": 94.9}, ["all rooms: 94.90 %"]),
    ],
)
def test_the_coverage_gate_names_what_falls_short(percents: dict[str, float], says: list[str]) -> None:
    files = {str(ROOT / name): percent for name, percent in percents.items()}

    short = shortfalls(ROOT, lambda chosen: sum(files[file] for file in chosen) / len(chosen), list(files))

    assert [sentence.startswith(start) for sentence, start in zip(short, says, strict=True)] == [True] * len(says)
