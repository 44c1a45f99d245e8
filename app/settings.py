"""How Chopbook is set: read from the environment and a TOML file, checked before anything starts.

- Every setting has a name, a kind, a default and a help text in one place, `app.settings_table`.
- The environment (`CHOPBOOK_PORT`) wins over the TOML file (`port`), which wins over the default. An empty variable is
  the same as none.
- A name nobody knows is a mistake, not a comment: it is refused, with the nearest name that is known.
- All mistakes are reported at once, each in a sentence that says what to change. Text is never repeated: it
  may be a password.
"""

import difflib
import ipaddress
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from app.setting_kinds import SettingsError, WrongValue
from app.settings_table import (
    ENVIRONMENT_PREFIX,
    HASHED_ALGORITHMS,
    SIGNED_ALGORITHMS,
    Setting,
    Settings,
    settings_table,
)

__all__ = ["FILE_VARIABLE", "Settings", "SettingsError", "load_settings"]

FILE_VARIABLE: Final = "CHOPBOOK_SETTINGS_FILE"
FILE_BYTES_MAX: Final = 262_144


@dataclass(frozen=True, slots=True)
class _Written:
    """One value as somebody wrote it, and where."""

    label: str
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
    problems: list[str] = []
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
                problems.append(f"{written[name].label} must be {error}.")
        elif not setting.is_derived:
            values[name] = setting.default
    if problems:
        raise SettingsError(tuple(problems))

    settings = Settings(**_derive(values))
    problems += _disagreements(settings, given=frozenset(written))
    problems += _bad_secret_files(settings)
    if problems:
        raise SettingsError(tuple(problems))
    return settings


# ------------------------------------------------------------------------------------- what was written


def _read_environment(
    environ: Mapping[str, str], table: Mapping[str, Setting], problems: list[str]
) -> dict[str, _Written]:
    written = {}
    for variable, value in environ.items():
        if not variable.startswith(ENVIRONMENT_PREFIX) or variable == FILE_VARIABLE or not value.strip():
            continue
        name = variable.removeprefix(ENVIRONMENT_PREFIX).lower()
        if name in table and variable == table[name].variable:
            written[name] = _Written(variable, value)
        else:
            known = {own: setting.variable for own, setting in table.items()} | {"settings_file": FILE_VARIABLE}
            problems.append(f"{variable} is not a setting{_nearest(name, known)}")
    return written


def _read_file(path: Path, table: Mapping[str, Setting], problems: list[str]) -> dict[str, _Written]:
    try:
        with path.open("rb") as file:
            content = file.read(FILE_BYTES_MAX + 1)
        if len(content) > FILE_BYTES_MAX:
            raise SettingsError((f"The settings file {path} must be at most {FILE_BYTES_MAX:,} bytes long.",))
        document = tomllib.loads(content.decode("utf-8"))
    except OSError as error:
        raise SettingsError((f"The settings file {path} cannot be read: {error.strerror}.",)) from error
    except UnicodeDecodeError as error:
        raise SettingsError((f"The settings file {path} must be in UTF-8; byte {error.start} is not.",)) from error
    except tomllib.TOMLDecodeError as error:
        raise SettingsError((f"The settings file {path} is not TOML: {_first_words(error)}.",)) from error
    written = {}
    for name, value in document.items():
        if name in table:
            written[name] = _Written(f"{name} in {path}", value)
        else:
            problems.append(f"{name} in {path} is not a setting{_nearest(name, {own: own for own in table})}")
    return written


def _first_words(error: tomllib.TOMLDecodeError) -> str:
    """What is wrong and where, without the text of the line, which may hold a password."""
    return str(error).splitlines()[0]


def _nearest(name: str, known: Mapping[str, str]) -> str:
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.6)
    return (
        f"; did you mean {known[close[0]]}?"
        if close
        else ": remove it, or see docs/settings.md for the names there are."
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


# --------------------------------------------------------------------------------- what must agree


def _disagreements(settings: Settings, *, given: frozenset[str]) -> Iterator[str]:
    if _database(settings.keystore_url) == _database(settings.database_url):
        yield (
            "CHOPBOOK_KEYSTORE_URL must name another database than CHOPBOOK_DATABASE_URL: together, one old backup would "
            "bring back what was erased."
        )
    if settings.group_size_max > settings.queue_size_max:
        yield (
            f"CHOPBOOK_GROUP_SIZE_MAX must be at most CHOPBOOK_QUEUE_SIZE_MAX ({settings.queue_size_max:,}); "
            f"it is {settings.group_size_max:,}."
        )
    if settings.data_dir.exists() and not settings.data_dir.is_dir():
        yield f"CHOPBOOK_DATA_DIR must be a folder; {settings.data_dir} is a file."
    yield from _object_store_disagreements(settings)
    if settings.jwt_mode == "hs256":
        yield from _hashed_token_disagreements(settings)
    else:
        yield from _signed_token_disagreements(settings, given=given)


def _object_store_disagreements(settings: Settings) -> Iterator[str]:
    of_s3 = {
        "object_store_url": settings.object_store_url,
        "object_store_credentials_file": settings.object_store_credentials_file,
        "object_store_ca_file": settings.object_store_ca_file,
        "object_store_kms_key": settings.object_store_kms_key,
    }
    if settings.object_store == "embedded":
        for name, value in of_s3.items():
            if value is not None:
                yield f"CHOPBOOK_OBJECT_STORE must be s3 if {ENVIRONMENT_PREFIX}{name.upper()} is set; or remove that."
    elif settings.object_store_url is not None and not _is_safe(settings.object_store_url):
        yield "CHOPBOOK_OBJECT_STORE_URL must start with https://, unless it is on this machine."


def _hashed_token_disagreements(settings: Settings) -> Iterator[str]:
    if settings.jwks_url is not None or settings.jwks_file is not None:
        yield "CHOPBOOK_JWT_MODE must be jwks if CHOPBOOK_JWKS_URL or CHOPBOOK_JWKS_FILE is set; or remove those."
    if set(settings.jwt_algorithms) - set(HASHED_ALGORITHMS) or not settings.jwt_algorithms:
        yield "CHOPBOOK_JWT_ALGORITHMS must be HS256 if CHOPBOOK_JWT_MODE is hs256; or set the mode to jwks."


def _signed_token_disagreements(settings: Settings, *, given: frozenset[str]) -> Iterator[str]:
    if (settings.jwks_url is None) == (settings.jwks_file is None):
        yield "Either CHOPBOOK_JWKS_URL or CHOPBOOK_JWKS_FILE must be set if CHOPBOOK_JWT_MODE is jwks, and not both."
    for name in ("jwt_issuer", "jwt_audience"):
        if name not in given:
            yield f"{ENVIRONMENT_PREFIX}{name.upper()} must be set, as your identity provider writes it, if CHOPBOOK_JWT_MODE is jwks."
    if set(settings.jwt_algorithms) - set(SIGNED_ALGORITHMS) or not settings.jwt_algorithms:
        yield (
            "CHOPBOOK_JWT_ALGORITHMS must name public-key algorithms only if CHOPBOOK_JWT_MODE is jwks: with HS256 anybody who "
            "reads the public keys could sign tokens."
        )
    if settings.jwks_url is not None and not _is_safe(settings.jwks_url):
        yield "CHOPBOOK_JWKS_URL must start with https://, unless it is on this machine."
    if settings.jwks_file is not None and not settings.jwks_file.is_file():
        yield f"CHOPBOOK_JWKS_FILE must be a file that is there; {settings.jwks_file} is not."


def _bad_secret_files(settings: Settings) -> Iterator[str]:
    checks = [(settings.root_key_file, settings.root_key)]
    if settings.jwt_mode == "hs256":
        checks.append((settings.jwt_secret_file, settings.jwt_secret))
    for path, read in checks:
        if path.exists():
            try:
                read()
            except SettingsError as error:
                yield from error.problems


def _is_safe(url: str) -> bool:
    parts = urlsplit(url)
    if parts.scheme == "https" or parts.hostname == "localhost":
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def _database(url: str) -> tuple[str, ...]:
    """What tells two databases apart: the file, or the server and name, whoever connects."""
    if url.startswith("sqlite:///"):
        return ("sqlite", str(Path(url.removeprefix("sqlite:///")).resolve()))
    parts = urlsplit(url)
    return ("postgresql", parts.hostname or parts.query, str(parts.port or 5432), unquote(parts.path.strip("/")))
