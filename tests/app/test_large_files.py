"""Files of 2 GB come in and go out of a real server within 100 MB of memory: by a form, by tus, and as content."""

from __future__ import annotations

import base64
import hashlib
import io
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from uuid import uuid4

import httpx
import numpy as np
import psutil
import pytest
from PIL import Image

from app.settings import load_settings
from tests.app.houses import Shell, key_of_a_scanner
from tests.app.test_processes import serving

MB = 1_000_000
MEMORY_MAX = 100 * MB
PAGES = 290
"""of a scan of 2.1 GB, in colour."""
CHUNK = 1024 * 1024
TUS = {"Tus-Resumable": "1.0.0"}


@cache
def picture() -> bytes:
    """A page of 7 MB: noise does not get smaller."""
    noise = np.random.default_rng(1).integers(0, 256, (1500, 2000, 3), dtype=np.uint8)
    made = io.BytesIO()
    Image.fromarray(noise).save(made, "JPEG", quality=95, subsampling=0)
    return made.getvalue()


def scan(pages: int) -> Iterator[bytes]:
    """A PDF of scanned pages, in pieces that are never all there at once."""
    places: list[int] = []
    at = 0

    def piece(content: bytes) -> bytes:
        nonlocal at
        at += len(content)
        return content

    def begun(number: int, told: str) -> bytes:
        places.append(at)
        return piece(f"{number} 0 obj\n{told}\n".encode())

    yield piece(b"%PDF-1.7\n")
    kids = " ".join(f"{3 + 3 * page} 0 R" for page in range(pages))
    yield begun(1, "<< /Type /Catalog /Pages 2 0 R >>\nendobj")
    yield begun(2, f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>\nendobj")
    drawn, image = b"q 595 0 0 842 0 0 cm /I Do Q", picture()
    for page in range(pages):
        number = 3 + 3 * page
        resources = f"<< /XObject << /I {number + 2} 0 R >> >>"
        yield begun(
            number,
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {number + 1} 0 R /Resources {resources} >>"
            "\nendobj",
        )
        yield begun(number + 1, f"<< /Length {len(drawn)} >>\nstream")
        yield piece(drawn + b"\nendstream\nendobj\n")
        told = (
            f"/Subtype /Image /Width 2000 /Height 1500 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Length {len(image)}"
        )
        yield begun(number + 2, f"<< /Type /XObject {told} /Filter /DCTDecode >>\nstream")
        for start in range(0, len(image), CHUNK):
            yield piece(image[start : start + CHUNK])
        yield piece(b"\nendstream\nendobj\n")
    table = at
    lines = "".join(f"{place:010} 00000 n \n" for place in places)
    yield f"xref\n0 {len(places) + 1}\n0000000000 65535 f \n{lines}".encode()
    yield f"trailer\n<< /Size {len(places) + 1} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n".encode()


class Server:
    """A server's process, watched."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.pid = process.pid
        self.before = 0

    def begin(self) -> None:
        """Forgets the peak so far."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")
        self.before = psutil.Process(self.pid).memory_info().rss

    def grown(self) -> int:
        """By how much memory rose at most since then, in bytes."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024 - self.before


@pytest.fixture
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, httpx.Client]]:
    """A server on a disk, which takes 2 GiB, and a client with the key of a till."""
    # Not in memory: what lies there is memory too.
    directory = Path("/var/tmp") / f"chopbook-large-{uuid4()}"  # noqa: S108
    environ = {"CHOPBOOK_DATA_DIR": str(directory / "data"), "CHOPBOOK_UPLOAD_BYTES_MAX": str(2 * 1024**3)}
    key = key_of_a_scanner(load_settings(environ))
    shell = Shell(directory / "data")
    shell.environ["CHOPBOOK_UPLOAD_BYTES_MAX"] = str(2 * 1024**3)
    try:
        with (
            serving(shell) as (process, address),
            httpx.Client(base_url=f"http://{address}", headers={"Authorization": f"Bearer {key}"}, timeout=900) as http,
        ):
            server = Server(process)
            # What every server takes once: modules, parsers, connections.
            warm = b"".join(scan(2))
            by_form(http, iter((warm,)))
            by_tus(http, iter((warm,)), len(warm))
            yield server, http
            process.terminate()
            process.wait(120)
    finally:
        subprocess.run(["rm", "-rf", str(directory)], check=True)


def by_form(http: httpx.Client, content: Iterator[bytes]) -> str:
    """Sends a file as one form, without ever holding it."""
    mark = uuid4().hex
    fields = {"class": "other", "pics_id": "STAFF/3"}

    def body() -> Iterator[bytes]:
        for name, value in fields.items():
            yield f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        yield (
            f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="scan.pdf"\r\n'
            "Content-Type: application/pdf\r\n\r\n"
        ).encode()
        yield from content
        yield f"\r\n--{mark}--\r\n".encode()

    sent = http.post(
        "/api/v1/documents", content=body(), headers={"Content-Type": f"multipart/form-data; boundary={mark}"}
    )
    assert sent.status_code == 201, sent.text
    return str(sent.json()["document"])


def by_tus(http: httpx.Client, content: Iterator[bytes], size: int) -> str:
    """Sends a file in two pieces."""
    said = {"filename": "scan.pdf", "class": "other", "pics_id": "STAFF/3"}
    metadata = ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in said.items())
    begun = http.post("/api/v1/uploads", headers={**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata})
    assert begun.status_code == 201, begun.text
    path, offset, document = begun.headers["location"], 0, ""
    for bound in (size // 2, size):
        if offset == size:
            break

        def piece(until: int = bound) -> Iterator[bytes]:
            nonlocal offset
            while offset < until:
                chunk = next(content)
                offset += len(chunk)
                yield chunk

        headers = {**TUS, "Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        sent = http.patch(path, headers=headers, content=piece())
        assert sent.status_code == 204, sent.text
        document = sent.headers.get("chopbook-document", "")
    return document


def fetched(http: httpx.Client, document: str) -> tuple[str, int]:
    """Digest and size of a document's content."""
    digest, size = hashlib.sha256(), 0
    with http.stream("GET", f"/api/v1/documents/{document}/versions/1/content") as answer:
        assert answer.status_code == 200
        for chunk in answer.iter_bytes(CHUNK):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_two_gigabytes_come_and_go_in_little_memory(served: tuple[Server, httpx.Client]) -> None:
    server, http = served
    size, whole = 0, hashlib.sha256()
    for chunk in scan(PAGES):
        size += len(chunk)
        whole.update(chunk)

    grown: dict[str, int] = {}
    server.begin()
    formed = by_form(http, scan(PAGES))
    grown["form"] = server.grown()
    server.begin()
    resumed = by_tus(http, scan(PAGES), size)
    grown["tus"] = server.grown()
    server.begin()
    taken = [fetched(http, document) for document in (formed, resumed)]
    grown["content"] = server.grown()

    print({way: f"{count / MB:.0f} MB" for way, count in grown.items()}, f"of a file of {size / MB:.0f} MB")  # noqa: T201
    assert taken == [(whole.hexdigest(), size)] * 2
    assert {way: count for way, count in grown.items() if count > MEMORY_MAX} == {}
