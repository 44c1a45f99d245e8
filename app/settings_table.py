"""Every setting, on one line each: its name, kind, default and help text.

`app.settings` fills a `Settings`; `docs/settings.md` is made from the lines below (`just docs`), and a test holds the two
together.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar, cast

from app import secret_files
from app.setting_kinds import (
    Boolean,
    Checked,
    DatabaseUrl,
    FilePath,
    Host,
    Integer,
    Kind,
    ListOf,
    Network,
    NetworkRange,
    OneOf,
    SettingsError,
    Text,
    WebUrl,
)
from audit.errors import MalformedKey
from audit.keys import parse_vkey
from audit.words import Words

T = TypeVar("T")

ENVIRONMENT_PREFIX: Final = "CHOPBOOK_"
HASHED_ALGORITHMS: Final = ("HS256",)
SIGNED_ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "ES256", "ES384", "EdDSA")


@dataclass(frozen=True, slots=True)
class Setting:
    """What is known of one setting, for checking it and for the page that documents it."""

    name: str
    section: str
    kind: Kind[object]
    default: object
    default_shown: str
    help: str
    is_derived: bool

    @property
    def variable(self) -> str:
        """Its name in the environment."""
        return ENVIRONMENT_PREFIX + self.name.upper()


class _Derived:
    """Stands for a default that follows from other settings."""


_DERIVED = _Derived()


# A database URL may hold a password, so it stays out of repr and logs.
_SECRETIVE = DatabaseUrl.shown
_FILE = Words("檔案", "file")


def _setting(kind: Kind[T], default: T | _Derived, *, section: str, help: str, shown: str = "") -> T:  # noqa: A002
    metadata = {"kind": kind, "section": section, "help": help, "shown": shown}
    return dataclasses.field(default=cast("T", default), metadata=metadata, repr=kind.shown != _SECRETIVE)


_KEPT = "Where things are kept"
_OBJECTS = "Where documents lie"
_UPLOADS = "Documents that come in"
DEFAULT_ORIGIN: Final = "localhost/chopbook"
"""What a log is called to which nobody gave a name."""

_LOG = "The log"
_ADDRESS = "The address"
_BOUNDS = "Bounds of a request"
_TOKENS = "Tokens"
_CALLERS = "What a caller may use"
_WORK = "Work after the commit"
_SAYS = "What it says about itself"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """How this Chopbook is set. Make one with `load_settings`."""

    data_dir: Path = _setting(
        FilePath(Words("資料夾", "folder")),
        Path("data"),
        section=_KEPT,
        help="The folder of everything Chopbook keeps by itself. A relative path starts at the working folder.",
    )
    database_url: str = _setting(
        DatabaseUrl(),
        _DERIVED,
        section=_KEPT,
        shown="`chopbook.db` in the data folder",
        help="The database of the log and of what is derived from it. SQLite for one machine, PostgreSQL 15 or later beyond.",
    )
    keystore_url: str = _setting(
        DatabaseUrl(),
        _DERIVED,
        section=_KEPT,
        shown="`keys/keys.db` in the data folder",
        help="The store of wrapped keys. It must be another database than the log's and have a backup of its own, so that "
        "restoring one never brings back what was erased in the other.",
    )
    root_key_file: Path = _setting(
        FilePath(_FILE),
        _DERIVED,
        section=_KEPT,
        shown="`keys/root.key` in the data folder",
        help="The file of the root key (64 hexadecimal digits, or the same under a passphrase) which unwraps the key store. Keep "
        "a copy apart from every backup.",
    )
    root_key_passphrase_file: Path | None = _setting(
        FilePath(_FILE),
        None,
        section=_KEPT,
        help="The file of the passphrase that opens the root key's file, if it is protected by one. A new root key is then protected.",
    )
    epoch_ring_file: Path | None = _setting(
        FilePath(_FILE),
        None,
        section=_KEPT,
        shown="`epochs.ring` beside the root key, where the key store is SQLite; else none",
        help="The file of the ring, without which no backup of the key store opens. For a key store on PostgreSQL name one that "
        "every machine reaches and whose file system keeps locks; a machine that names another does not start.",
    )
    object_store: str = _setting(
        OneOf(("embedded", "s3")),
        "embedded",
        section=_OBJECTS,
        help="Where sealed documents are kept: `embedded`, in a server that Chopbook runs itself in `objects` in the data folder; "
        "`s3`, in any store that speaks S3 with versions and Object Lock.",
    )
    object_store_url: str | None = _setting(
        WebUrl(),
        None,
        section=_OBJECTS,
        help="The address of the store for `s3`; https, unless it is on this machine. None is AWS itself.",
    )
    object_store_region: str = _setting(
        Text(Words("地區名稱，例如 ap-east-1", "name of a region such as ap-east-1"), r"[a-z0-9][a-z0-9-]{0,62}"),
        "us-east-1",
        section=_OBJECTS,
        help="The region of the buckets; `chopbook objects check` compares it with where they really are.",
    )
    object_store_prefix: str = _setting(
        Text(
            Words("1 至 40 個小寫字母、數字和連字號的名稱", "name of 1 to 40 small letters, digits and dashes"),
            r"[a-z0-9][a-z0-9-]{0,39}",
        ),
        "chopbook-",
        section=_OBJECTS,
        help="What the names of the four buckets begin with.",
    )
    object_store_credentials_file: Path | None = _setting(
        FilePath(_FILE),
        None,
        section=_OBJECTS,
        help="A file with the access key on its first line and the secret on its second, for `s3`. None asks the machine: environment, "
        "profile, STS or instance role.",
    )
    object_store_ca_file: Path | None = _setting(
        FilePath(_FILE), None, section=_OBJECTS, help="Certificates to trust for `s3`, instead of the well-known ones."
    )
    object_store_kms_key: str | None = _setting(
        Text(Words("儲存服務 KMS 的密鑰名稱", "name of a key of the store's KMS"), r"[A-Za-z0-9:/_-]{1,400}"),
        None,
        section=_OBJECTS,
        help="Lets the store encrypt once more with this key of its KMS (SSE-KMS); what it gets is sealed already. "
        "A KMS whose keys end with the store's server makes everything unreadable: docs/keys.md.",
    )
    upload_bytes_max: int = _setting(
        Integer(65_536, 2_147_483_648),
        104_857_600,
        section=_UPLOADS,
        help="The largest file that is taken, in bytes; a larger one is answered 413. It must not exceed what the virus "
        "scanner takes (`StreamMaxLength` of clamd).",
    )
    uploads_max: int = _setting(
        Integer(1, 10_000),
        64,
        section=_UPLOADS,
        help="How many uploads of one caller may be under way at once; the next one is answered 429.",
    )
    upload_bytes_per_day: int = _setting(
        Integer(1_048_576, 1_125_899_906_842_624),
        53_687_091_200,
        section=_UPLOADS,
        help="How many bytes one caller may send within 24 hours; more are answered 429 with a time to come back. Files that "
        "commands take in are not counted.",
    )
    spool_bytes_max: int = _setting(
        Integer(1_048_576, 1_125_899_906_842_624),
        21_474_836_480,
        section=_UPLOADS,
        help="How many bytes all uploads under way may take on the disk, those held for the scanner too; then a new one is "
        "answered 503.",
    )
    virus_scanner: str | None = _setting(
        Text(
            Words(
                "通訊端路徑，例如 /run/clamav/clamd.ctl，或 HOST:PORT",
                "socket path such as /run/clamav/clamd.ctl, or HOST:PORT",
            ),
            r"/[^\x00-\x1f]{1,200}|[A-Za-z0-9.:\[\]-]{1,200}:[0-9]{1,5}",
        ),
        None,
        section=_UPLOADS,
        help="Where clamd listens. Once set, a file it did not answer for is held, never passed. Unset: nothing is scanned, "
        "and every version says so.",
    )
    checking_processes: int = _setting(
        Integer(1, 64),
        2,
        section=_UPLOADS,
        help="How many files are checked side by side, and how many pictured, each in a child process without network.",
    )
    ocr_processes: int = _setting(
        Integer(0, 64),
        1,
        section=_UPLOADS,
        help="How many papers a worker reads side by side; 0 is one for each core. One process needs a core and about 1.3 GB.",
    )
    log_origin: str = _setting(
        Text(
            Words(
                "1 至 128 個字元的名稱，例如 chopbook.example/shops，不含網址開首、空格或 +",
                "name of 1 to 128 characters such as chopbook.example/shops, without a scheme, spaces or +",
            ),
            r"[A-Za-z0-9][A-Za-z0-9._~:/-]{0,126}[A-Za-z0-9]|[A-Za-z0-9]",
        ),
        DEFAULT_ORIGIN,
        section=_LOG,
        help="The name of the log in every checkpoint, for ever: choose a domain and path of yours before the log is created. A log of another name is not opened.",
    )
    pinned_verifier_keys: tuple[str, ...] = _setting(
        ListOf(
            Checked(Words("驗證密鑰（NAME+ID+BASE64）", "verifier key (NAME+ID+BASE64)"), parse_vkey, (MalformedKey,))
        ),
        (),
        section=_LOG,
        help="Verifier keys, kept outside the database, that checkpoints must be signed with. Empty: the log's own records say "
        "which keys are right, and somebody who replaces both is not noticed. Every verification goes by them; a start does not, so "
        "run `chopbook log verify` once you have set them.",
    )
    public_checkpoints: bool = _setting(
        Boolean(),
        False,
        section=_LOG,
        help="Whether anybody may read checkpoints and hash tiles without signing in. Entries are never public.",
    )
    checkpoint_interval_s: int = _setting(
        Integer(1, 3_600),
        1,
        section=_LOG,
        help="The least time in seconds between two published checkpoints. Every batch is signed all the same.",
    )
    occurred_at_tolerance_s: int = _setting(
        Integer(0, 86_400),
        300,
        section=_LOG,
        help="How many seconds ahead of this machine's clock a caller's `occurred_at` may be.",
    )
    queue_size_max: int = _setting(
        Integer(1, 1_000_000),
        4_096,
        section=_LOG,
        help="How many changes may wait for the log; the next one is answered 503 with a time to come back.",
    )
    group_size_max: int = _setting(
        Integer(1, 10_000),
        512,
        section=_LOG,
        help="How many waiting changes at most are made durable together. Not more than the queue holds.",
    )
    host: str = _setting(
        Host(),
        "127.0.0.1",
        section=_ADDRESS,
        help="The address to listen on. Beyond this machine, put a proxy with TLS in front.",
    )
    port: int = _setting(Integer(0, 65_535), 8_000, section=_ADDRESS, help="The port to listen on; 0 takes a free one.")
    public_url: str = _setting(
        WebUrl(),
        _DERIVED,
        section=_ADDRESS,
        shown="made of host and port",
        help="How the outside reaches this service; links and problem types start with it.",
    )
    trusted_proxies: tuple[Network, ...] = _setting(
        ListOf(NetworkRange()),
        (),
        section=_ADDRESS,
        help="The proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed.",
    )
    request_body_bytes_max: int = _setting(
        Integer(65_536, 1_073_741_824),
        10_485_760,
        section=_BOUNDS,
        help="The largest request body in bytes; a larger one is answered 413.",
    )
    batch_rows_max: int = _setting(
        Integer(1, 100_000), 10_000, section=_BOUNDS, help="How many rows one batch may hold; more are answered 413."
    )
    page_size_max: int = _setting(
        Integer(1, 10_000), 500, section=_BOUNDS, help="How many rows one page of a list may hold."
    )
    jwt_mode: str = _setting(
        OneOf(("hs256", "jwks")),
        "hs256",
        section=_TOKENS,
        help="Whose tokens are believed: `hs256`, those this Chopbook signs with its own secret; `jwks`, those of your identity "
        "provider, whose public keys are read from a JWKS document.",
    )
    jwt_secret_file: Path = _setting(
        FilePath(_FILE),
        _DERIVED,
        section=_TOKENS,
        shown="`keys/token.secret` in the data folder",
        help="The file of the secret for `hs256`: at least 32 random bytes.",
    )
    jwt_issuer: str = _setting(
        Text(Words("權杖上的簽發者", "issuer as it stands in tokens")),
        "chopbook",
        section=_TOKENS,
        help="The `iss` a token must carry. Must be set for `jwks`.",
    )
    jwt_audience: str = _setting(
        Text(Words("權杖上的對象", "audience as it stands in tokens")),
        "chopbook",
        section=_TOKENS,
        help="The `aud` a token must carry. Must be set for `jwks`.",
    )
    jwt_algorithms: tuple[str, ...] = _setting(
        ListOf(OneOf(HASHED_ALGORITHMS + SIGNED_ALGORITHMS)),
        _DERIVED,
        section=_TOKENS,
        shown="`HS256` for `hs256`; `RS256,ES256,EdDSA` for `jwks`",
        help="The signature algorithms that are accepted; a token never chooses one outside.",
    )
    jwks_url: str | None = _setting(
        WebUrl(),
        None,
        section=_TOKENS,
        help="Where the identity provider publishes its keys; https, unless it is on this machine. For `jwks`, this or `jwks_file`.",
    )
    jwks_file: Path | None = _setting(
        FilePath(_FILE), None, section=_TOKENS, help="A JWKS document on disk, for `jwks` without a network."
    )
    jwt_leeway_s: int = _setting(
        Integer(0, 300),
        30,
        section=_TOKENS,
        help="How many seconds of difference between two clocks a token is allowed.",
    )
    token_ttl_s: int = _setting(
        Integer(60, 2_592_000),
        28_800,
        section=_TOKENS,
        help="For how many seconds a token made by `chopbook token` is good.",
    )
    step_up_internal_s: int = _setting(
        Integer(60, 2_592_000),
        43_200,
        section=_TOKENS,
        help="How many seconds ago a person may have signed in who opens what is of level 2.",
    )
    step_up_confidential_s: int = _setting(
        Integer(60, 86_400),
        900,
        section=_TOKENS,
        help="The same for level 3 and for personal data in clear; longer ago is answered `step_up_required`.",
    )
    step_up_contexts: tuple[str, ...] = _setting(
        ListOf(Text(Words("`acr` 所寫的認證方式", "authentication context as it stands in `acr`"))),
        (),
        section=_TOKENS,
        shown="any",
        help="Values of `acr` of which a token must carry one for level 3, where your identity provider sets it.",
    )
    aggregate_persons_min: int = _setting(
        Integer(2, 1_000),
        5,
        section=_CALLERS,
        help="How many people a figure of an aggregate export must be of before it is shown; those of fewer are suppressed.",
    )
    rate_per_minute_default: int = _setting(
        Integer(0, 10_000_000),
        6_000,
        section=_CALLERS,
        help="How many calls a minute an API key may make if nothing else was agreed for it; 0 is no limit.",
    )
    quota_per_month_default: int = _setting(
        Integer(0, 10_000_000_000),
        0,
        section=_CALLERS,
        help="How many calls a month an API key may make if nothing else was agreed for it; 0 is no limit, 5000 suits a free tier.",
    )
    outbound_destinations: tuple[str, ...] = _setting(
        ListOf(
            Text(
                Words(
                    "host=JURISDICTION，例如 oapi.dingtalk.com=CN", "host=JURISDICTION, such as oapi.dingtalk.com=CN"
                ),
                r"[A-Za-z0-9]([A-Za-z0-9.-]{0,250}[A-Za-z0-9])?(:[0-9]{1,5})?=[A-Z]{2}(-[A-Z0-9]{1,3})?",
            )
        ),
        (),
        section=_WORK,
        help="Hosts that may get what holds no personal data (notices, requests for public keys, hashes), and the jurisdiction each is in. "
        "Everything else, and every other host, must be declared in the residency register; to one that is not, nothing is sent.",
    )
    expiry_horizons_days: tuple[int, ...] = _setting(
        ListOf(Integer(0, 3_650)),
        (90, 30, 7, 0),
        section=_WORK,
        shown="`90,30,7,0`",
        help="How many days before a lot expires its store is warned, once each; 0 is the day itself.",
    )
    retention_grace_days: int = _setting(
        Integer(1, 365),
        30,
        section=_WORK,
        help="For how many days a record that is due may wait before that is proposed as a minor finding; after twice as many, as a "
        "major one.",
    )
    break_glass_channel: str | None = _setting(
        Text(Words("通知渠道的編號", "code of a notice channel"), r"[a-z0-9][a-z0-9_-]{0,63}"),
        None,
        section=_WORK,
        help="The notice channel (a mail or a robot of those who review) that tells of every broken glass, without any rule. Whoever was named "
        "as the second person finds it in their list in any case.",
    )
    embedded_worker: bool = _setting(
        Boolean(),
        True,
        section=_WORK,
        help="Whether `chopbook serve` also does the jobs. Turn it off where `chopbook worker` runs beside it.",
    )
    worker_count: int = _setting(Integer(1, 64), 2, section=_WORK, help="How many jobs a worker does side by side.")
    log_level: str = _setting(
        OneOf(("debug", "info", "warning", "error")),
        "info",
        section=_SAYS,
        help="The least serious message that is written.",
    )
    log_format: str = _setting(
        OneOf(("json", "console")), "json", section=_SAYS, help="`json` for machines, `console` for people."
    )
    metrics: bool = _setting(Boolean(), True, section=_SAYS, help="Whether `/metrics` answers Prometheus.")

    def root_key(self) -> bytes:
        """The root key from its file.

        Raises:
            SettingsError: the file is missing, open to others or unusable.
        """
        return self._secret(
            "root_key_file",
            lambda path: secret_files.read_root_key(path, self.root_key_passphrase_file),
            self.root_key_file,
        )

    def jwt_secret(self) -> bytes:
        """The secret of `hs256` from its file.

        Raises:
            SettingsError: the file is missing, open to others or weak.
        """
        return self._secret("jwt_secret_file", secret_files.read_token_secret, self.jwt_secret_file)

    def _secret(self, name: str, read: Callable[[Path], bytes], path: Path) -> bytes:
        try:
            return read(path)
        except secret_files.SecretFileError as error:
            raise SettingsError((error.of(ENVIRONMENT_PREFIX + name.upper()),)) from error


def settings_table() -> tuple[Setting, ...]:
    """All settings, in the order of `Settings`."""
    return tuple(_described(field) for field in dataclasses.fields(Settings))


def _described(field: "dataclasses.Field[object]") -> Setting:
    shown = field.metadata["shown"] or _as_written(field.default)
    return Setting(
        name=field.name,
        section=field.metadata["section"],
        kind=field.metadata["kind"],
        default=field.default,
        default_shown=shown,
        help=field.metadata["help"],
        is_derived=field.default is _DERIVED,
    )


def _as_written(default: object) -> str:
    if default is None or default == ():
        return "none"
    if isinstance(default, bool):
        return f"`{str(default).lower()}`"
    return f"`{default}`"
