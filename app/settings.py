"""How Chopbook is set: read from the environment and a TOML file, checked before anything starts.

- Every setting has a name, a kind, a default and a help text in one place, `app.settings_table`.
- The environment (`CHOPBOOK_PORT`) wins over the TOML file (`port`), which wins over the default. An empty variable is
  the same as none.
- A name nobody knows is a mistake, not a comment: it is refused, with the nearest name that is known.
- All mistakes are reported at once, each in a sentence that says what to change. Text is never repeated: it
  may be a password.
"""

import difflib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from app.os_words import reason_of
from app.setting_disagreements import bad_secret_files, disagreements
from app.setting_kinds import SettingsError, WrongValue
from app.settings_table import (
    ENVIRONMENT_PREFIX,
    HASHED_ALGORITHMS,
    Setting,
    Settings,
    settings_table,
)
from audit.words import Words

__all__ = ["FILE_VARIABLE", "Settings", "SettingsError", "load_settings"]

FILE_VARIABLE: Final = "CHOPBOOK_SETTINGS_FILE"
FILE_BYTES_MAX: Final = 262_144


@dataclass(frozen=True, slots=True)
class _Written:
    """One value as somebody wrote it, and where."""

    label: Words
    value: object


def load_settings(environ: Mapping[str, str], toml_path: Path | None = None) -> Settings:
    """The settings, all of them checked, on their own and against each other.

    Secret files are read where they are there already, so that a weak one is found now and not at the first token; those
    that are missing are for the commands which need them to miss.

    Args:
        environ: usually `os.environ`; names without the prefix CHOPBOOK_ are left alone.
        toml_path: the settings file; without it `CHOPBOOK_SETTINGS_FILE` is looked at.

    Raises:
        SettingsError: with every mistake found.
    """
    table = {setting.name: setting for setting in settings_table()}
    problems: list[Words] = []
    named = environ.get(FILE_VARIABLE, "").strip()
    path = toml_path or (Path(named).expanduser() if named else None)
    written = _read_file(path, table, problems) if path is not None else {}
    written |= _read_environment(environ, table, problems)

    values: dict[str, Any] = {}  # each parsed by its own setting's kind, whose type the field has
    for name, setting in table.items():
        if name in written:
            try:
                values[name] = setting.kind.parse(written[name].value)
            except WrongValue as error:
                label, words = written[name].label, error.words
                problems.append(Words(f"{label.zh} 必須是：{words.zh}。", f"{label.en} must be {words.en}."))
        elif not setting.is_derived:
            values[name] = setting.default
    if problems:
        raise SettingsError(tuple(problems))

    settings = Settings(**_derive(values))
    problems += disagreements(settings, given=frozenset(written))
    problems += bad_secret_files(settings)
    if problems:
        raise SettingsError(tuple(problems))
    return settings


# ------------------------------------------------------------------------------------- what was written


def _read_environment(
    environ: Mapping[str, str], table: Mapping[str, Setting], problems: list[Words]
) -> dict[str, _Written]:
    written = {}
    for variable, value in environ.items():
        if not variable.startswith(ENVIRONMENT_PREFIX) or variable == FILE_VARIABLE or not value.strip():
            continue
        name = variable.removeprefix(ENVIRONMENT_PREFIX).lower()
        if name in table and variable == table[name].variable:
            written[name] = _Written(Words(variable, variable), value)
        else:
            known = {own: setting.variable for own, setting in table.items()} | {"settings_file": FILE_VARIABLE}
            problems.append(_unknown(Words(variable, variable), name, known))
    return written


def _read_file(path: Path, table: Mapping[str, Setting], problems: list[Words]) -> dict[str, _Written]:
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
        if len(content) > FILE_BYTES_MAX:
            raise _file_refused(
                path, f"最多 {FILE_BYTES_MAX:,} 位元組", f"must be at most {FILE_BYTES_MAX:,} bytes long"
            )
        document = tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise _file_refused(path, f"無法讀取（{reason_of(error).zh}）", f"cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        at = error.start
        raise _file_refused(path, f"必須是 UTF-8；位元組 {at} 不是", f"must be in UTF-8; byte {at} is not") from error
    except tomllib.TOMLDecodeError as error:
        why = _first_words(error)
        raise _file_refused(path, f"並非 TOML（{why}）", f"is not TOML: {why}") from error
    written = {}
    for name, value in document.items():
        label = Words(f"{path} 中的 {name}", f"{name} in {path}")
        if name in table:
            written[name] = _Written(label, value)
        else:
            problems.append(_unknown(label, name, {own: own for own in table}))
    return written


def _file_refused(path: Path, zh: str, en: str) -> SettingsError:
    return SettingsError((Words(f"設定檔 {path} {zh}。", f"The settings file {path} {en}."),))


def _first_words(error: tomllib.TOMLDecodeError) -> str:
    """What is wrong and where, without the text of the line, which may hold a password."""
    return str(error).splitlines()[0]


def _unknown(label: Words, name: str, known: Mapping[str, str]) -> Words:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    if close:
        near = known[close[0]]
        return Words(f"{label.zh} 並非設定；你是指 {near} 嗎？", f"{label.en} is not a setting; did you mean {near}?")
    return Words(
        f"{label.zh} 並非設定：請刪去，或參閱 docs/settings.md 所列的名稱。",
        f"{label.en} is not a setting: remove it, or see docs/settings.md for the names there are.",
    )


# ------------------------------------------------------------------------------- what follows from others


def _derive(values: dict[str, Any]) -> dict[str, Any]:
    data = values["data_dir"] = Path(values["data_dir"]).absolute()
    host = values["host"]
    hashed = values["jwt_mode"] == "hs256"
    defaults = {
        "database_url": f"sqlite:///{data / 'chopbook.db'}",
        "keystore_url": f"sqlite:///{data / 'keys' / 'keys.db'}",
        "root_key_file": data / "keys" / "root.key",
        "jwt_secret_file": data / "keys" / "token.secret",
        "public_url": f"http://{f'[{host}]' if ':' in host else host}:{values['port']}",
        "jwt_algorithms": HASHED_ALGORITHMS if hashed else ("RS256", "ES256", "EdDSA"),
    }
    return defaults | values
