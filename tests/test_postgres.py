"""The tests' own PostgreSQL does what its users rely on."""

import multiprocessing
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from multiprocessing.synchronize import Barrier
from pathlib import Path

import psycopg
import pytest

from tests.postgres import APP, OWNER, Cluster, PostgresUnavailable, find_programs, runs_directory, shared_cluster


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    made = Cluster()
    made.start()
    yield made
    made.stop()


def _rows(cluster: Cluster, database: str, role: str = OWNER) -> list[tuple[object, ...]]:
    with cluster.connect(database, role) as connection:
        return connection.execute("SELECT word FROM words").fetchall()


def _fill(url: str) -> None:
    with psycopg.connect(url.replace("postgresql+psycopg:", "postgresql:")) as connection:
        connection.execute("CREATE TABLE words (word text)")
        connection.execute("INSERT INTO words VALUES ('chop')")


def test_a_template_is_filled_once_and_cloned(cluster: Cluster) -> None:
    filled: list[str] = []

    def fill(url: str) -> None:
        filled.append(url)
        _fill(url)

    clones = [cluster.create_database(template=cluster.template("words_once", fill)) for _ in range(2)]

    assert len(filled) == 1
    assert [_rows(cluster, clone) for clone in clones] == [[("chop",)], [("chop",)]]


def test_the_app_role_owns_nothing_and_is_granted_nothing(cluster: Cluster) -> None:
    database = cluster.create_database(template=cluster.template("words", _fill))

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        _rows(cluster, database, APP)


def test_a_borrowed_database_is_gone_after_its_block(cluster: Cluster) -> None:
    with cluster.database() as url:
        name = url.rsplit("/", 1)[1].split("?")[0]
        open_until_dropped = cluster.connect(name)

    with open_until_dropped, pytest.raises(psycopg.OperationalError, match=r"terminating|closed"):
        open_until_dropped.execute("SELECT 1")


def test_a_durable_cluster_keeps_what_was_committed_when_it_crashes() -> None:
    cluster = Cluster(durable=True)
    cluster.start()
    try:
        database = cluster.create_database()
        _fill(cluster.url(database))

        cluster.crash()
        cluster.start()

        assert _rows(cluster, database) == [("chop",)]
    finally:
        cluster.stop()
    assert not cluster.directory.exists()


def _one_worker(run: str, meet: Barrier, answers: "multiprocessing.Queue[tuple[Path, int]]") -> None:
    with shared_cluster(run) as cluster:
        meet.wait(60)
        with cluster.connect() as connection:
            row = connection.execute("SELECT count(*) FROM pg_roles WHERE rolname = %s", [APP]).fetchone()
        assert row is not None
        answers.put((cluster.directory, row[0]))


def test_workers_of_one_run_share_a_cluster_and_the_last_one_removes_it() -> None:
    spawn = multiprocessing.get_context("spawn")
    answers = spawn.Queue()
    meet = spawn.Barrier(3)
    workers = [spawn.Process(target=_one_worker, args=("sharing", meet, answers)) for _ in range(3)]

    for worker in workers:
        worker.start()
    seen = {answers.get(timeout=60) for _ in workers}
    for worker in workers:
        worker.join(60)

    assert len(seen) == 1
    directory, _ = seen.pop()
    assert not directory.exists()


def test_what_a_killed_run_left_behind_is_in_nobodys_way() -> None:
    left = Cluster(runs_directory() / "killedrun")
    left.start()
    postmaster = int((left.directory / "data" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(postmaster, signal.SIGKILL)
    _wait_until_gone(postmaster)
    users = runs_directory() / "killedrun.users"
    users.write_text(str(_pid_of_nobody()))

    with shared_cluster("afterwards") as cluster, cluster.connect() as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)

    assert not left.directory.exists()
    assert not users.exists()


def _wait_until_gone(pid: int) -> None:
    while Path(f"/proc/{pid}").exists():
        time.sleep(0.01)


def _pid_of_nobody() -> int:
    ended = subprocess.Popen(["true"])
    ended.wait()
    return ended.pid


def test_a_socket_path_that_is_too_long_is_refused_by_name(tmp_path: Path) -> None:
    with pytest.raises(PostgresUnavailable, match="at most 107"):
        Cluster(tmp_path / ("x" * 100))


def test_a_wrong_choice_of_programs_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_POSTGRES", str(tmp_path))

    with pytest.raises(PostgresUnavailable, match="TEST_POSTGRES"):
        find_programs()
