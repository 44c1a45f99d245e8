"""The scanner, against a double that speaks clamd's protocol over real sockets."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from documents.checking.errors import InvalidScannerAddress
from documents.checking.scanner import (
    PIECE_BYTES,
    Clamd,
    Clean,
    Engine,
    Infected,
    NoScanner,
    Scanner,
    Unavailable,
    parse_address,
    parse_verdict,
    parse_version,
)
from storage.outbound import DeclaredHosts
from tests.documents.clamd import EICAR, Double, clamd_double

HERE = DeclaredHosts({"127.0.0.1": "HK"})
ENGINE = Engine("ClamAV 1.4.3", 27821, datetime(2026, 11, 22, 9, 25, 11, tzinfo=UTC))


@pytest.fixture(params=["unix", "tcp"])
def double(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Double]:
    with clamd_double(tmp_path / "clamd.ctl" if request.param == "unix" else None) as made:
        yield made


def test_a_clean_file_is_clean_with_the_scanner_on_record(double: Double) -> None:
    verdict = Clamd(double.address, HERE).scan([b"a delivery note"])

    assert verdict == Clean(ENGINE)
    assert double.scanned == [b"a delivery note"]


def test_the_eicar_file_is_found(double: Double) -> None:
    verdict = Clamd(double.address, HERE).scan([EICAR])

    assert verdict == Infected(ENGINE, "Eicar-Test-Signature")


def test_a_file_split_over_chunks_arrives_whole(double: Double) -> None:
    chunks = [b"", EICAR[:20], EICAR[20:], b"x" * (PIECE_BYTES * 2 + 5)]

    verdict = Clamd(double.address, HERE).scan(iter(chunks))

    assert isinstance(verdict, Infected)
    assert double.scanned == [b"".join(chunks)]


def test_a_file_too_large_for_the_scanner_is_not_clean(double: Double) -> None:
    double.stream_max = 1_000_000

    verdict = Clamd(double.address, HERE).scan([b"x" * 8_000_000])

    assert verdict in (Unavailable("too_large", ENGINE), Unavailable("unreachable", ENGINE))


def test_a_scanner_without_signatures_scans_nothing(double: Double) -> None:
    double.version = "ClamAV 1.4.3"

    assert Clamd(double.address, HERE).scan([EICAR]) == Unavailable("outdated", Engine("ClamAV 1.4.3"))
    assert double.scanned == []


def test_a_scanner_that_does_not_answer_holds_the_file(double: Double) -> None:
    double.silent_s = 0.5

    assert Clamd(double.address, HERE, timeout_s=0.1).scan([b"x"]) == Unavailable("timeout", ENGINE)


def test_a_scanner_that_is_not_there_holds_the_file(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

    assert Clamd(tmp_path / "none.ctl", HERE).scan([b"x"]) == Unavailable("unreachable")
    assert Clamd(("127.0.0.1", port), HERE).scan([b"x"]) == Unavailable("unreachable")


def test_something_else_at_the_socket_holds_the_file(double: Double) -> None:
    double.version = "HTTP/1.1 400 Bad Request"

    assert Clamd(double.address, HERE).scan([b"x"]) == Unavailable("error")


def test_no_scanner_holds_the_file() -> None:
    scanner: Scanner = NoScanner()

    assert scanner.scan([EICAR]) == scanner.engine() == Unavailable("not_configured")


def test_faults_of_the_source_are_not_the_scanner_s(double: Double) -> None:
    def broken() -> Iterator[bytes]:
        yield b"x"
        raise ValueError("spool: broken")

    with pytest.raises(ValueError, match="spool"):
        Clamd(double.address, HERE).scan(broken())


@pytest.mark.parametrize(
    ("reply", "engine"),
    [
        ("ClamAV 1.4.3/27821/Sun Nov 22 09:25:11 2026", ENGINE),
        ("ClamAV 0.103.12/27821/nonsense", Engine("ClamAV 0.103.12", 27821, None)),
        ("ClamAV 1.4.3", Engine("ClamAV 1.4.3")),
        ("PONG", None),
        ("", None),
    ],
)
def test_versions_are_read(reply: str, engine: Engine | None) -> None:
    assert parse_version(reply) == engine


@pytest.mark.parametrize("reply", ["", "stream: OK\nstream: OK", "UNKNOWN COMMAND", "stream: lstat() failed. ERROR"])
def test_only_the_exact_answer_is_clean(reply: str) -> None:
    assert parse_verdict(reply, ENGINE) == Unavailable("error", ENGINE)


def test_addresses_are_read() -> None:
    assert parse_address("/run/clamd.ctl", Path) == Path("/run/clamd.ctl")
    assert parse_address("scanner:3310", Path) == ("scanner", 3310)
    assert parse_address("[::1]:3310", Path) == ("::1", 3310)


@pytest.mark.parametrize("text", ["", "scanner", ":3310", "scanner:0", "scanner:99999", "scanner:x"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidScannerAddress, match="scanner address"):
        parse_address(text, Path)


def test_a_scanner_that_is_not_declared_gets_nothing(tmp_path: Path) -> None:
    with clamd_double(None) as double:
        scanner = Clamd(double.address, DeclaredHosts({}))

        assert scanner.scan([EICAR]) == Unavailable("undeclared")
        assert scanner.engine() == Unavailable("undeclared")
