"""Key exchanges as text, to be read and reviewed: `tests/api/transcripts/*.txt`.

Hashes, ids and places in the log are replaced by their kind. To write the files anew after a change that is meant, run
with CHOPBOOK_TRANSCRIPTS=write, and read the difference.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from policies.model import Role, ScopeKind
from tests.api.desk import Desk

FOLDER = Path(__file__).parent / "transcripts"
SHOWN = (
    "content-type",
    "content-language",
    "location",
    "www-authenticate",
    "retry-after",
    "ratelimit",
    "cache-control",
)
EVENT = "01890a5d-ac96-774b-bcce-b302099a8057"
ADJUSTMENT = {
    "event_id": EVENT,
    "store": "MK01",
    "sku": "A1",
    "reason": "receive",
    "change": 12,
    "reference": "DN-0042",
}

# In this order: the longer forms first.
REPLACED: list[tuple[str, str]] = [
    (r"\b[0-9a-f]{64}\b", "<hash>"),
    (rf"\b(?!{EVENT})[0-9a-f]{{8}}(?:-[0-9a-f]{{4}}){{3}}-[0-9a-f]{{12}}\b", "<uuid>"),
    (r"\b[0-9a-f]{32}\b", "<id>"),
    (r"\bck_[a-z2-7]{8}_[A-Za-z0-9_-]{43}", "<key>"),
    (r"Bearer ey[A-Za-z0-9_.-]+", "Bearer <token>"),
    (r"\bp_[a-z2-7]{16}\b", "<principal>"),
    (r"(— log\.chopbook\.test/1 )[A-Za-z0-9+/=]+", r"\1<signature>"),
    (r"(log\.chopbook\.test/1\\n)\d+\\n[A-Za-z0-9+/=]{44}", r"\1<size>\\n<root>"),
    (r"(< log\.chopbook\.test/1\n< )\d+\n", r"\1<size>\n"),
    (r"(?m)^< [A-Za-z0-9+/]{43}=$", "< <hash>"),
    (r'(?:( *< +"<hash>"),\n)+', r"\1, …\n"),
    (r"(< <hash>\n)+", r"\1"),
    (r"(< index )\d+", r"\1<n>"),
    (r'("key": ")[a-z2-7]{8}"', r'\1<prefix>"'),
    (r'("corrects": )\d+', r"\1<n>"),
    (r'("(?:index|tree_size|requested_by_entry|entry_index|size)": )\d+', r"\1<n>"),
    (r"(/api/v1/entries/)\d+", r"\1<n>"),
    (r"(id: )\d+", r"\1<n>"),
    (r"(cedar-)[0-9a-f]{16}@\d+", r"\1<digest>@<n>"),
    (r"(entry |第 )\d+( 項|\))?", r"\1<n>\2"),
]


class Transcript:
    """Calls the API and writes down what was said."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.lines: list[str] = []

    def call(self, method: str, path: str, *, say: str, **options: Any) -> Any:
        answer = self.desk.call(method, path, **options)
        request = answer.request
        self.lines += [f"# {say}", "", f"> {method} {path}"]
        for name in ("authorization", "accept-language", "content-type"):
            if name in request.headers:
                self.lines.append(f"> {name}: {request.headers[name]}")
        if "json" in options:
            self.lines += [">", *(f"> {line}" for line in pretty(options["json"]))]
        if "content" in options:
            self.lines += [">", *(f"> {line}" for line in options["content"].decode().splitlines())]
        self.lines += ["", f"< {answer.status_code}"]
        self.lines += [f"< {name}: {answer.headers[name]}" for name in SHOWN if name in answer.headers]
        is_json = answer.headers["content-type"].endswith("json")
        body = pretty(answer.json()) if is_json else answer.text.splitlines()
        self.lines += ["<", *(f"< {line}" if line else "<" for line in body), ""]
        return answer

    def text(self) -> str:
        found = "\n".join(self.lines) + "\n"
        for pattern, replacement in REPLACED:
            found = re.sub(pattern, replacement, found)
        return found


def pretty(value: object) -> list[str]:
    return json.dumps(value, ensure_ascii=False, indent=1).splitlines()


def adjusting(say: Transcript) -> None:
    first = say.call("POST", "/api/v1/adjustments", say="Goods come in.", json=ADJUSTMENT)
    say.call("POST", "/api/v1/adjustments", say="The same event, sent again.", json=ADJUSTMENT)
    say.call("POST", "/api/v1/adjustments", say="The same id with other content.", json={**ADJUSTMENT, "change": 13})
    sale = {"store": "MK01", "sku": "A1", "reason": "sale", "change": -20}
    for tag in ("zh-HK", "en"):
        say.call("POST", "/api/v1/adjustments", say="More than there is.", json=sale, headers={"Accept-Language": tag})
    correction = {"corrects": first.json()["index"], "replacement": 10}
    say.call("POST", "/api/v1/corrections", say="It was ten, not twelve.", json=correction)


def batches(say: Transcript) -> None:
    rows = [{"store": "MK01", "sku": "A1", "reason": "receive", "change": 1}] * 2
    body = b"".join(json.dumps(row).encode() + b"\n" for row in [*rows, {**rows[0], "sku": "A9"}])
    headers = {"Content-Type": "application/x-ndjson"}
    path = "/api/v1/adjustments/batch"
    say.call("POST", path, say="Row by row.", content=body, headers=headers)
    say.call("POST", path + "?all_or_nothing=true", say="All or nothing.", content=body, headers=headers)
    say.call("POST", path, say="A feed that was cut short.", content=body[:-20], headers=headers)


def signing_in(say: Transcript) -> None:
    desk = say.desk
    say.call("GET", "/api/v1/me", say="Nobody.", by=None, headers={"Accept-Language": "zh-HK"})
    expired = desk.token(Role.STAFF, minutes=-5)
    say.call("GET", "/api/v1/me", say="A token that has expired.", by=expired, headers={"Accept-Language": "zh-HK"})
    staff = desk.token(Role.STAFF, (ScopeKind.STORE, "MK01"))
    say.call("GET", "/api/v1/me", say="Somebody.", by=staff, headers={"Accept-Language": "zh-HK"})
    body = {**ADJUSTMENT, "store": "TST1"}
    say.call(
        "POST", "/api/v1/adjustments", say="Not their store.", by=staff, json=body, headers={"Accept-Language": "zh"}
    )
    slow = desk.key(desk.client((ScopeKind.ALL, "")).id, rate_per_minute=1).secret
    say.call("GET", "/api/v1/me", say="A key with one call a minute.", by=slow)
    say.call("GET", "/api/v1/me", say="Its second call.", by=slow)


def proving(say: Transcript) -> None:
    index = say.desk.adjust(5).index
    auditor = say.desk.token(Role.AUDITOR)
    path = f"/api/v1/entries/{index}"
    say.call("GET", path, say="An entry.", by=auditor)
    say.call("GET", f"{path}/inclusion", say="That the log holds it.", by=auditor)
    say.call("GET", f"{path}/tlog-proof", say="The same, to keep.", by=auditor)
    say.call(
        "GET", "/api/v1/consistency?first=8", say="That the log of then is the beginning of the log of now.", by=auditor
    )
    say.call("POST", "/api/v1/verifications", say="Verify everything.", by=auditor, json={"scope": "whole"})


def mirroring(say: Transcript) -> None:
    say.call("GET", "/log/checkpoint", say="The checkpoint, for foreign clients.")
    say.call("GET", "/log/tile/entries/001", say="A bundle that is not full yet.")
    staff = say.desk.token(Role.STAFF, (ScopeKind.STORE, "MK01"))
    say.call("GET", "/log/tile/entries/000.p/1", say="Bundles are for who may see everything.", by=staff)


@pytest.mark.parametrize(
    "scenario", [adjusting, batches, signing_in, proving, mirroring], ids=lambda scenario: scenario.__name__
)
def test_what_is_said_is_what_was_reviewed(desk: Desk, scenario: Callable[[Transcript], None]) -> None:
    transcript = Transcript(desk)
    scenario(transcript)
    path = FOLDER / f"{scenario.__name__}.txt"
    if os.environ.get("CHOPBOOK_TRANSCRIPTS") == "write":
        path.write_text(transcript.text(), "utf-8")

    assert transcript.text() == path.read_text("utf-8")
