"""Papers take turns in a real server with one process for reading: a photo overtakes a long scan, and an end loses no page."""

from __future__ import annotations

import io
import json
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import Image

from app.settings import load_settings
from tests.app.houses import Shell, key_of_a_scanner
from tests.app.test_processes import serving
from tests.documents.printed import delivery_note

PAGES = 5
ROW = ("TEA-0012", "普洱茶餅 357g", "24", "箱", "PE2611A", "2028-11-30")
WAIT_S = 300.0


@dataclass
class Caller:
    """Somebody with a key."""

    http: httpx.Client
    heard: list[dict[str, Any]] = field(default_factory=list)

    def sent(self, name: str, content: bytes) -> tuple[str, str]:
        """Sends a paper; its document, and where its reading is told of."""
        form = {"class": "delivery_note", "pics_id": "STAFF/3"}
        answer = self.http.post("/api/v1/documents", data=form, files={"file": (name, content)})
        assert answer.status_code == 201, answer.text
        found = answer.json()
        return found["document"], f"/api/v1/jobs/{found['reading_job']}"

    def job(self, path: str) -> dict[str, Any]:
        found: dict[str, Any] = self.http.get(path).json()
        return found

    def wait_for(self, path: str, *, pages: int | None = None) -> dict[str, Any]:
        """Returns once a paper is read, or so many pages of it are."""
        ends = time.monotonic() + WAIT_S
        while (found := self.job(path))["state"] not in {"succeeded", "poisoned"}:
            if pages is not None and found.get("progress", {"done": 0})["done"] >= pages:
                break
            assert time.monotonic() < ends, found
            time.sleep(0.1)
        return found

    def follow(self, path: str) -> threading.Thread:
        """Hears in a thread of its own how a paper's reading gets on."""

        def listen() -> None:
            with self.http.stream("GET", f"{path}/events") as stream:
                for line in stream.iter_lines():
                    if line.startswith("data: "):
                        self.heard.append(json.loads(line.removeprefix("data: ")))

        thread = threading.Thread(target=listen, daemon=True)
        thread.start()
        return thread


def number(page: int) -> str:
    return f"DN-2026-00{41 + page}"


def long_scan() -> bytes:
    first, *rest = [Image.open(io.BytesIO(delivery_note([ROW], number=number(page)))) for page in range(PAGES)]
    file = io.BytesIO()
    first.save(file, "TIFF", save_all=True, append_images=rest, compression="jpeg")
    return file.getvalue()


@pytest.mark.timeout(900)
def test_a_photo_is_read_before_a_long_scan_that_came_first_and_an_end_loses_no_page(tmp_path: Path) -> None:
    shell = Shell(tmp_path / "data", CHOPBOOK_OCR_PROCESSES="1")
    key = key_of_a_scanner(load_settings({"CHOPBOOK_DATA_DIR": str(shell.data_dir)}))
    headers = {"Authorization": f"Bearer {key}"}

    with (
        serving(shell) as (process, address),
        httpx.Client(base_url=f"http://{address}", headers=headers, timeout=60) as http,
    ):
        caller = Caller(http)
        scan, long = caller.sent("scan.tiff", long_scan())
        following = caller.follow(long)
        caller.wait_for(long, pages=1)
        _, photo = caller.sent("photo.jpg", delivery_note([ROW], number="DN-2026-0099"))
        read = caller.wait_for(photo)
        behind = caller.job(long)
        caller.wait_for(long, pages=behind["progress"]["done"] + 1)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait(60)
        ended_s = time.monotonic() - began
        following.join(60)

    assert (read["state"], read["result"]["pages"]) == ("succeeded", 1)
    assert behind["state"] in {"waiting", "running"}
    assert 1 <= behind["progress"]["done"] < behind["progress"]["total"] == PAGES
    done = [one["progress"]["done"] for one in caller.heard if one.get("progress", {}).get("total") == PAGES]
    assert done == sorted(done)
    assert set(done) >= {0, 1}
    assert ended_s < 20

    with (
        serving(shell) as (process, address),
        httpx.Client(base_url=f"http://{address}", headers=headers, timeout=60) as http,
    ):
        caller = Caller(http)
        again = caller.job(long)
        whole = caller.wait_for(long)
        text = http.get(f"/api/v1/documents/{scan}/versions/1/text").text

    assert again["progress"]["done"] > behind["progress"]["done"]
    assert again["attempts"] <= 1
    assert (whole["state"], whole["result"]["pages"], whole["attempts"]) == ("succeeded", PAGES, 1)
    assert whole["progress"] == {"done": PAGES, "total": PAGES}
    assert [text.count(number(page)) for page in range(PAGES)] == [1] * PAGES
    assert shell.json("log", "verify")["verdict"] == "valid_unanchored"
