"""What settings must agree on, beyond each being right by itself: a sentence in both languages for each that do not."""

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from app.setting_kinds import SettingsError
from app.settings_table import ENVIRONMENT_PREFIX, HASHED_ALGORITHMS, SIGNED_ALGORITHMS, Settings
from audit.words import Words


def disagreements(settings: Settings, *, given: frozenset[str]) -> Iterator[Words]:
    """Every disagreement; `given` names the settings that somebody wrote."""
    if _database(settings.keystore_url) == _database(settings.database_url):
        yield Words(
            "CHOPBOOK_KEYSTORE_URL 必須指向 CHOPBOOK_DATABASE_URL 以外的資料庫：兩者同在，一份舊備份便會把已銷毀的一併帶回。",
            "CHOPBOOK_KEYSTORE_URL must name another database than CHOPBOOK_DATABASE_URL: together, one old backup would "
            "bring back what was erased.",
        )
    if settings.group_size_max > settings.queue_size_max:
        yield Words(
            f"CHOPBOOK_GROUP_SIZE_MAX 不可大於 CHOPBOOK_QUEUE_SIZE_MAX（{settings.queue_size_max:,}）；"
            f"現為 {settings.group_size_max:,}。",
            f"CHOPBOOK_GROUP_SIZE_MAX must be at most CHOPBOOK_QUEUE_SIZE_MAX ({settings.queue_size_max:,}); "
            f"it is {settings.group_size_max:,}.",
        )
    if settings.data_dir.exists() and not settings.data_dir.is_dir():
        yield Words(
            f"CHOPBOOK_DATA_DIR 必須是資料夾；{settings.data_dir} 是檔案。",
            f"CHOPBOOK_DATA_DIR must be a folder; {settings.data_dir} is a file.",
        )
    yield from _of_the_object_store(settings)
    if settings.jwt_mode == "hs256":
        yield from _of_hashed_tokens(settings)
    else:
        yield from _of_signed_tokens(settings, given=given)


def _of_the_object_store(settings: Settings) -> Iterator[Words]:
    of_s3 = {
        "object_store_url": settings.object_store_url,
        "object_store_credentials_file": settings.object_store_credentials_file,
        "object_store_ca_file": settings.object_store_ca_file,
        "object_store_kms_key": settings.object_store_kms_key,
    }
    if settings.object_store == "embedded":
        for name, value in of_s3.items():
            if value is not None:
                variable = ENVIRONMENT_PREFIX + name.upper()
                yield Words(
                    f"寫了 {variable}，CHOPBOOK_OBJECT_STORE 便必須是 s3；或將之刪去。",
                    f"CHOPBOOK_OBJECT_STORE must be s3 if {variable} is set; or remove that.",
                )
    elif settings.object_store_url is not None and not _is_safe(settings.object_store_url):
        yield _https("CHOPBOOK_OBJECT_STORE_URL")


def _of_hashed_tokens(settings: Settings) -> Iterator[Words]:
    if settings.jwks_url is not None or settings.jwks_file is not None:
        yield Words(
            "寫了 CHOPBOOK_JWKS_URL 或 CHOPBOOK_JWKS_FILE，CHOPBOOK_JWT_MODE 便必須是 jwks；或將之刪去。",
            "CHOPBOOK_JWT_MODE must be jwks if CHOPBOOK_JWKS_URL or CHOPBOOK_JWKS_FILE is set; or remove those.",
        )
    if set(settings.jwt_algorithms) - set(HASHED_ALGORITHMS) or not settings.jwt_algorithms:
        yield Words(
            "CHOPBOOK_JWT_MODE 是 hs256 時，CHOPBOOK_JWT_ALGORITHMS 必須是 HS256；或把模式設為 jwks。",
            "CHOPBOOK_JWT_ALGORITHMS must be HS256 if CHOPBOOK_JWT_MODE is hs256; or set the mode to jwks.",
        )


def _of_signed_tokens(settings: Settings, *, given: frozenset[str]) -> Iterator[Words]:
    if (settings.jwks_url is None) == (settings.jwks_file is None):
        yield Words(
            "CHOPBOOK_JWT_MODE 是 jwks 時，必須寫 CHOPBOOK_JWKS_URL 或 CHOPBOOK_JWKS_FILE 其中一項，不可兩者都寫。",
            "Either CHOPBOOK_JWKS_URL or CHOPBOOK_JWKS_FILE must be set if CHOPBOOK_JWT_MODE is jwks, and not both.",
        )
    for name in ("jwt_issuer", "jwt_audience"):
        if name not in given:
            variable = ENVIRONMENT_PREFIX + name.upper()
            yield Words(
                f"CHOPBOOK_JWT_MODE 是 jwks 時，必須按身分提供者所寫的設定 {variable}。",
                f"{variable} must be set, as your identity provider writes it, if CHOPBOOK_JWT_MODE is jwks.",
            )
    if set(settings.jwt_algorithms) - set(SIGNED_ALGORITHMS) or not settings.jwt_algorithms:
        yield Words(
            "CHOPBOOK_JWT_MODE 是 jwks 時，CHOPBOOK_JWT_ALGORITHMS 只可列公開密鑰演算法：如用 HS256，讀到公開密鑰的人都可簽發權杖。",
            "CHOPBOOK_JWT_ALGORITHMS must name public-key algorithms only if CHOPBOOK_JWT_MODE is jwks: with HS256 anybody who "
            "reads the public keys could sign tokens.",
        )
    if settings.jwks_url is not None and not _is_safe(settings.jwks_url):
        yield _https("CHOPBOOK_JWKS_URL")
    if settings.jwks_file is not None and not settings.jwks_file.is_file():
        yield Words(
            f"CHOPBOOK_JWKS_FILE 必須是存在的檔案；沒有 {settings.jwks_file}。",
            f"CHOPBOOK_JWKS_FILE must be a file that is there; {settings.jwks_file} is not.",
        )


def bad_secret_files(settings: Settings) -> Iterator[Words]:
    """What is wrong with the secret files that are there."""
    checks = [(settings.root_key_file, settings.root_key)]
    if settings.jwt_mode == "hs256":
        checks.append((settings.jwt_secret_file, settings.jwt_secret))
    for path, read in checks:
        if path.exists():
            try:
                read()
            except SettingsError as error:
                yield from error.problems


def _https(variable: str) -> Words:
    return Words(
        f"{variable} 必須以 https:// 開首，除非位於本機。",
        f"{variable} must start with https://, unless it is on this machine.",
    )


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
