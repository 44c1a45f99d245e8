"""Settings: right ones are typed, wrong ones are refused with a sentence that says what to change."""

import ipaddress
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.endings import ending_of
from app.secret_files import SecretFileError, create_secret_file, read_root_key, read_token_secret
from app.settings import FILE_VARIABLE, SettingsError, load_settings
from app.settings_table import Setting, settings_table
from audit.words import Words

RANDOM_HEX = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

VKEY = "chopbook.example/log+e8620cdb+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop"  # of a seed of 32 zero bytes


def _problems(environ: dict[str, str], toml_path: Path | None = None) -> tuple[str, ...]:
    """In English; none is without its Chinese, which names the same variables."""
    with pytest.raises(SettingsError) as caught:
        load_settings(environ, toml_path)
    problems = caught.value.problems
    assert all(_is_chinese(problem) for problem in problems)
    return tuple(problem.en for problem in problems)


def _is_chinese(problem: Words) -> bool:
    named = set(re.findall(r"CHOPBOOK_\w+", problem.en))
    return bool(re.search("[\u4e00-\u9fff]", problem.zh)) and named == set(
        re.findall(r"CHOPBOOK_[A-Za-z_]+", problem.zh)
    )


def _written(folder: Path, text: str) -> Path:
    path = folder / "chopbook.toml"
    path.write_text(text, encoding="utf-8")
    return path


# ------------------------------------------------------------------------------------- right ones


def test_defaults_need_nothing_and_keep_the_keys_apart_from_the_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    settings = load_settings({"PATH": "/bin"})

    assert settings.data_dir == tmp_path / "data"
    assert settings.database_url == f"sqlite:///{tmp_path}/data/chopbook.db"
    assert settings.keystore_url == f"sqlite:///{tmp_path}/data/keys/keys.db"
    assert settings.root_key_file == tmp_path / "data/keys/root.key"
    assert settings.jwt_secret_file == tmp_path / "data/keys/token.secret"
    assert settings.public_url == "http://127.0.0.1:8000"
    assert settings.jwt_algorithms == ("HS256",)


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path: Path) -> None:
    file = _written(tmp_path, 'port = 8443\nlog_level = "warning"\nmetrics = false\n')

    settings = load_settings({"CHOPBOOK_PORT": "9000", "CHOPBOOK_LOG_LEVEL": " "}, file)

    assert (settings.port, settings.log_level, settings.metrics, settings.page_size_max) == (
        9000,
        "warning",
        False,
        500,
    )


def test_the_file_may_be_named_by_the_environment(tmp_path: Path) -> None:
    file = _written(tmp_path, "port = 8443\n")

    assert load_settings({FILE_VARIABLE: str(file)}).port == 8443


@pytest.mark.parametrize(
    ("name", "written", "value"),
    [
        ("port", "65535", 65535),
        ("port", "0", 0),
        ("batch_rows_max", "10_000", 10_000),
        ("metrics", "NO", False),
        ("embedded_worker", "1", True),
        ("log_level", "DEBUG", "debug"),
        ("host", "::1", "::1"),
        ("host", "[::1]", "::1"),
        ("host", "shop-1.example", "shop-1.example"),
        ("public_url", "https://chopbook.example/audit/", "https://chopbook.example/audit"),
        ("log_origin", "chopbook.example/shops", "chopbook.example/shops"),
        (
            "trusted_proxies",
            "10.0.0.0/8, ::1",
            (ipaddress.ip_network("10.0.0.0/8"), ipaddress.ip_network("::1/128")),
        ),
        ("jwt_algorithms", "hs256", ("HS256",)),
        ("pinned_verifier_keys", VKEY, (VKEY,)),
        ("database_url", "postgresql+psycopg://u:p%23@db:5433/chop", "postgresql+psycopg://u:p%23@db:5433/chop"),
        ("database_url", "postgresql+psycopg://u@/chop?host=/run/pg", "postgresql+psycopg://u@/chop?host=/run/pg"),
        ("database_url", "sqlite:////srv/chop.db", "sqlite:////srv/chop.db"),
        ("root_key_file", "/etc/chopbook/root.key", Path("/etc/chopbook/root.key")),
    ],
)
def test_a_right_value_becomes_typed(name: str, written: str, value: object) -> None:
    assert getattr(load_settings({f"CHOPBOOK_{name.upper()}": written}), name) == value


def test_the_address_made_of_host_and_port_puts_ipv6_in_brackets() -> None:
    assert load_settings({"CHOPBOOK_HOST": "::1", "CHOPBOOK_PORT": "80"}).public_url == "http://[::1]:80"


def test_an_identity_provider_is_set_by_url_issuer_and_audience() -> None:
    settings = load_settings(
        {
            "CHOPBOOK_JWT_MODE": "jwks",
            "CHOPBOOK_JWKS_URL": "https://id.example/keys",
            "CHOPBOOK_JWT_ISSUER": "https://id.example",
            "CHOPBOOK_JWT_AUDIENCE": "chopbook-shops",
        }
    )

    assert settings.jwt_algorithms == ("RS256", "ES256", "EdDSA")


def test_passwords_stay_out_of_repr() -> None:
    settings = load_settings({"CHOPBOOK_DATABASE_URL": "postgresql+psycopg://chop:open-sesame@db/chop"})

    assert "open-sesame" not in repr(settings)


# ------------------------------------------------------------------------------------- wrong ones


@pytest.mark.parametrize(
    ("name", "written", "says"),
    [
        ("port", "eighty", "must be a whole number, 0 to 65,535."),
        ("port", "65536", "0 to 65,535; it is 65,536"),
        ("port", "-1", "it is -1"),
        ("port", "8000.5", "whole number"),
        ("port", "٨٠", "whole number"),
        ("queue_size_max", "-5", "1 to 1,000,000; it is -5"),
        ("rate_per_minute_default", "-1", "it is -1"),
        ("jwt_leeway_s", "301", "0 to 300"),
        ("token_ttl_s", "59", "60 to 2,592,000"),
        ("checkpoint_interval_s", "0", "1 to 3,600"),
        ("metrics", "maybe", "true or false"),
        ("log_level", "loud", "one of debug, info, warning, error"),
        ("log_format", "xml", "one of json, console"),
        ("jwt_mode", "none", "one of hs256, jwks"),
        ("jwt_algorithms", "none", "HS256, RS256"),
        ("jwt_algorithms", "HS256,HS256", "each of them once"),
        ("jwt_algorithms", "RS256", "must be HS256 if CHOPBOOK_JWT_MODE is hs256"),
        ("host", "shop 1", "IP address or host name"),
        ("host", "-x.example", "IP address or host name"),
        ("public_url", "chopbook.example", "such as https://chopbook.example"),
        ("public_url", "ftp://chopbook.example", "http or https"),
        ("public_url", "https://me:pw@chopbook.example", "without a user name or password"),
        ("public_url", "https://chopbook.example/?a=1", "without ? or #"),
        ("public_url", "https://chopbook.example:99999", "port between 1 and 65535"),
        ("trusted_proxies", "10.0.0.1/8", "no bits set after the prefix"),
        ("trusted_proxies", "proxy.example", "IP address or CIDR range"),
        ("trusted_proxies", ",".join(f"10.0.0.{n}" for n in range(65)), "at most 64"),
        ("log_origin", "https://chopbook.example log", "without a scheme, spaces or +"),
        ("log_origin", "chopbook+example", "without a scheme, spaces or +"),
        ("log_origin", "x" * 129, "1 to 128 characters"),
        ("jwt_issuer", "x" * 4_001, "at most 4000 characters"),
        ("jwt_issuer", "a\x00b", "without control characters"),
        ("database_url", "postgres://u@db/chop", "write postgresql+psycopg:// at its start"),
        ("database_url", "postgresql+psycopg://u@db", "ends in the name of a database"),
        ("database_url", "postgresql+psycopg://u@db:0x1/chop", "port between"),
        ("database_url", "postgresql+psycopg://u:a#b@db/chop", "write %23 where a password has one"),
        ("database_url", "mysql://u@db/chop", "sqlite:///FILE or postgresql+psycopg://"),
        ("database_url", "sqlite://", "SQLite URL with a file"),
        ("database_url", "sqlite:///:memory:", "SQLite URL with a file"),
        ("database_url", "sqlite:///a.db?mode=memory", "without ? or #"),
        ("data_dir", "~nobody-of-that-name/x", "home folder it names is not known"),
        ("pinned_verifier_keys", "chopbook.example", "verifier key (NAME+ID+BASE64)"),
        ("pinned_verifier_keys", VKEY.replace("e8", "e9", 1), "expected key id e8620cdb"),
        ("jwks_url", "https://id.example/keys", "CHOPBOOK_JWT_MODE must be jwks"),
    ],
)
def test_a_wrong_value_is_refused_with_what_to_change(name: str, written: str, says: str) -> None:
    variable = f"CHOPBOOK_{name.upper()}"

    problems = _problems({variable: written})

    assert len(problems) == 1
    assert says in problems[0]
    assert "CHOPBOOK_" in problems[0]


@pytest.mark.parametrize(
    ("environ", "says"),
    [
        ({"CHOPBOOK_PROT": "1"}, "CHOPBOOK_PROT is not a setting; did you mean CHOPBOOK_PORT?"),
        ({"CHOPBOOK_port": "1"}, "CHOPBOOK_port is not a setting; did you mean CHOPBOOK_PORT?"),
        ({"CHOPBOOK_ORIGIN": "a"}, "CHOPBOOK_ORIGIN is not a setting; did you mean CHOPBOOK_LOG_ORIGIN?"),
        ({"CHOPBOOK_SETTING_FILE": "a"}, f"did you mean {FILE_VARIABLE}?"),
        ({"CHOPBOOK_XYZZY": "1"}, "CHOPBOOK_XYZZY is not a setting: remove it, or see docs/settings.md"),
        ({"CHOPBOOK_QUEUE_SIZE_MAX": "10"}, "CHOPBOOK_GROUP_SIZE_MAX must be at most CHOPBOOK_QUEUE_SIZE_MAX (10)"),
        (
            {"CHOPBOOK_DATABASE_URL": "sqlite:////srv/a.db", "CHOPBOOK_KEYSTORE_URL": "sqlite:////srv/x/../a.db"},
            "CHOPBOOK_KEYSTORE_URL must name another database",
        ),
        (
            {
                "CHOPBOOK_DATABASE_URL": "postgresql+psycopg://app@db/chop",
                "CHOPBOOK_KEYSTORE_URL": "postgresql+psycopg://keys:x@DB:5432/chop",
            },
            "CHOPBOOK_KEYSTORE_URL must name another database",
        ),
    ],
)
def test_settings_that_do_not_go_together_are_refused(environ: dict[str, str], says: str) -> None:
    assert [says in problem for problem in _problems(environ)] == [True]


JWKS = {
    "CHOPBOOK_JWT_MODE": "jwks",
    "CHOPBOOK_JWKS_URL": "https://id.example/keys",
    "CHOPBOOK_JWT_ISSUER": "https://id.example",
    "CHOPBOOK_JWT_AUDIENCE": "chopbook",
}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"CHOPBOOK_JWKS_URL": ""}, "Either CHOPBOOK_JWKS_URL or CHOPBOOK_JWKS_FILE must be set"),
        ({"CHOPBOOK_JWT_ISSUER": ""}, "CHOPBOOK_JWT_ISSUER must be set"),
        ({"CHOPBOOK_JWT_AUDIENCE": ""}, "CHOPBOOK_JWT_AUDIENCE must be set"),
        ({"CHOPBOOK_JWKS_URL": "http://id.example/keys"}, "must start with https://"),
        ({"CHOPBOOK_JWT_ALGORITHMS": "RS256,HS256"}, "public-key algorithms only"),
        ({"CHOPBOOK_JWKS_URL": "", "CHOPBOOK_JWKS_FILE": "/nowhere/jwks.json"}, "must be a file that is there"),
    ],
)
def test_an_identity_provider_half_set_is_refused(change: dict[str, str], says: str) -> None:
    assert [says in problem for problem in _problems(JWKS | change)] == [True]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_an_identity_provider_on_this_machine_may_do_without_tls(host: str) -> None:
    settings = load_settings(JWKS | {"CHOPBOOK_JWKS_URL": f"http://{host}:9000/keys"})

    assert settings.jwks_url == f"http://{host}:9000/keys"


def test_all_mistakes_are_told_at_once_and_no_password_with_them() -> None:
    problems = _problems(
        {"CHOPBOOK_PORT": "x", "CHOPBOOK_DATABASE_URL": "mysql://u:open-sesame@h/d", "CHOPBOOK_NO": "1"}
    )

    assert len(problems) == 3
    assert "open-sesame" not in " ".join(problems)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("prot = 1\n", "prot in {path} is not a setting; did you mean port?"),
        ("port = '80x'\n", "port in {path} must be a whole number"),
        ("port = true\n", "port in {path} must be a whole number"),
        ("metrics = 2\n", "metrics in {path} must be true or false"),
        ("host = 1\n", "host in {path} must be IP address or host name, written as text"),
        ("trusted_proxies = 1\n", "separated by commas"),
        ("[server]\nport = 1\n", "server in {path} is not a setting"),
        ("port = \n", "{path} is not TOML"),
        ("#" * 300_000, "at most 262,144 bytes"),
    ],
)
def test_a_wrong_file_is_refused_with_what_to_change(tmp_path: Path, text: str, says: str) -> None:
    file = _written(tmp_path, text)

    assert says.format(path=file) in _problems({}, file)[0]


def test_a_file_that_is_missing_or_in_another_encoding_is_refused_by_name(tmp_path: Path) -> None:
    big5 = tmp_path / "big5.toml"
    big5.write_bytes(b'log_origin = "' + "帳簿".encode("big5") + b'"\n')

    assert "cannot be read: No such file" in _problems({}, tmp_path / "none.toml")[0]
    assert "cannot be read: Is a directory" in _problems({FILE_VARIABLE: str(tmp_path)})[0]
    assert "must be in UTF-8; byte 14 is not" in _problems({}, big5)[0]


def test_a_data_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    file = _written(tmp_path, "")

    assert "CHOPBOOK_DATA_DIR must be a folder" in _problems({"CHOPBOOK_DATA_DIR": str(file)})[0]


@given(
    st.sampled_from([setting.variable for setting in settings_table()]),
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60),
)
def test_any_text_is_taken_or_refused_in_a_sentence(variable: str, text: str) -> None:
    try:
        load_settings({variable: text})
        problems: tuple[Words, ...] = ()
    except SettingsError as error:
        problems = error.problems

    assert all(problem.en.endswith((".", "?")) for problem in problems)
    assert all(problem.zh.endswith(("。", "？")) and _is_chinese(problem) for problem in problems)


def test_a_wrong_setting_is_told_in_chinese() -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({"CHOPBOOK_PORT": "65536", "CHOPBOOK_PROT": "1", "CHOPBOOK_TRUSTED_PROXIES": "10.0.0.1/8"})

    ending = ending_of(caught.value)

    assert ending is not None
    assert ending.zh is not None
    assert sorted(ending.zh.splitlines()) == [
        "CHOPBOOK_PORT 必須是：整數，0 至 65,535；現為 65,536。",
        "CHOPBOOK_PROT 並非設定；你是指 CHOPBOOK_PORT 嗎？",
        "CHOPBOOK_TRUSTED_PROXIES 必須是：IP 地址或 CIDR 範圍，例如 10.0.0.0/8，前綴之後的位元均為零。",
    ]


@pytest.mark.parametrize("setting", settings_table(), ids=lambda setting: setting.name)
def test_every_kind_of_value_is_named_in_both_languages(setting: Setting) -> None:
    shown = setting.kind.shown

    assert shown.en
    assert re.search("[\u4e00-\u9fff]", shown.zh) or shown.zh.startswith("host=")


# ----------------------------------------------------------------------------------- secret files


def _secret_file(folder: Path, content: bytes, mode: int = 0o600) -> Path:
    path = folder / "secret"
    path.write_bytes(content)
    path.chmod(mode)
    return path


@pytest.mark.parametrize(
    ("content", "mode", "says"),
    [
        (b"short", 0o600, "at least 32 bytes; it holds 5"),
        (b"a" * 64, 0o600, "must hold a random secret"),
        (b"my-very-long-password-for-the-chopbook", 0o600, "must hold a random secret"),
        (RANDOM_HEX.encode(), 0o604, "open to everybody on this machine; run: chmod o= "),
        (RANDOM_HEX.encode() * 100, 0o600, "more than 4096 bytes"),
    ],
)
def test_a_weak_token_secret_stops_the_start(tmp_path: Path, content: bytes, mode: int, says: str) -> None:
    path = _secret_file(tmp_path, content, mode)

    problems = _problems({"CHOPBOOK_JWT_SECRET_FILE": str(path)})

    assert says in problems[0]
    assert problems[0].startswith("CHOPBOOK_JWT_SECRET_FILE: ")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (RANDOM_HEX[:-2].encode(), "64 hexadecimal digits"),
        (b"\xff" * 64, "64 hexadecimal digits"),
        (b"0" * 64, "must hold a random root key"),
    ],
)
def test_an_unusable_root_key_stops_the_start(tmp_path: Path, content: bytes, says: str) -> None:
    path = _secret_file(tmp_path, content)

    assert says in _problems({"CHOPBOOK_ROOT_KEY_FILE": str(path)})[0]


def test_a_weak_token_secret_is_no_matter_when_it_is_not_used(tmp_path: Path) -> None:
    path = _secret_file(tmp_path, b"short")

    assert load_settings(JWKS | {"CHOPBOOK_JWT_SECRET_FILE": str(path)}).jwt_mode == "jwks"


def test_a_missing_secret_is_told_when_it_is_asked_for(tmp_path: Path) -> None:
    settings = load_settings({"CHOPBOOK_DATA_DIR": str(tmp_path)})

    with pytest.raises(SettingsError, match=r"CHOPBOOK_ROOT_KEY_FILE: .*root.key cannot be read"):
        settings.root_key()
    with pytest.raises(SettingsError, match=r"CHOPBOOK_JWT_SECRET_FILE: .*token.secret cannot be read"):
        settings.jwt_secret()


@pytest.mark.parametrize("read", [read_root_key, read_token_secret])
def test_a_new_secret_file_serves_both_uses_and_only_its_owner(tmp_path: Path, read: Callable[[Path], bytes]) -> None:
    path = tmp_path / "keys" / "new"

    create_secret_file(path, os.urandom)

    assert len(read(path)) in {32, 64}
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_a_secret_file_is_never_overwritten(tmp_path: Path) -> None:
    path = _secret_file(tmp_path, b"kept")

    with pytest.raises(SecretFileError, match="never overwritten"):
        create_secret_file(path, os.urandom)
    assert path.read_bytes() == b"kept"


def test_a_secret_file_in_an_impossible_place_is_refused(tmp_path: Path) -> None:
    path = _secret_file(tmp_path, b"") / "below a file"

    with pytest.raises(SecretFileError, match="cannot be written"):
        create_secret_file(path, os.urandom)


# ------------------------------------------------------------------------------------ the page


def test_the_page_is_written_by_its_command(tmp_path: Path) -> None:
    page = tmp_path / "settings.md"

    subprocess.run([sys.executable, "-m", "app.settings_page", str(page)], check=True)

    text = page.read_text(encoding="utf-8")
    assert [text.count(f"### `{setting.variable}`\n") for setting in settings_table()] == [1] * len(settings_table())
