"""The file that a copy for the requestor is: pure bytes, the same for the same content.

A ZIP of stored (not compressed) members in the order of their names, with one fixed time, so that nothing of the day or the machine it was
made on is in it. `manifest.json` names every other member with its SHA-256. The legend explains every code in both languages.
"""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final
from zipfile import ZIP_STORED, ZipFile, ZipInfo

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from audit.canonical import JSON
    from policies.model import Words

PACK_BYTES_MAX: Final = 256 * 1024 * 1024
MASKED: Final = "████"
UNVERIFIED: Final = "[未核實 / not verified]"
_MOMENT: Final = (1980, 1, 1, 0, 0, 0)
_PSEUDONYM: Final = re.compile(r"p_[a-z2-7]{16}")


@dataclass(frozen=True, slots=True)
class LegendRow:
    """One code with what it means."""

    code: str
    words: Words


def masked(text: str, masks: Collection[str]) -> str:
    """The text with each of the others' names and numbers blacked out, the longest first."""
    for mask in sorted(masks, key=len, reverse=True):
        text = text.replace(mask, MASKED)
    return text


def without_others(text: str, own: Collection[str]) -> str:
    """The text with everybody's pseudonym blacked out but one's own."""
    return _PSEUDONYM.sub(lambda found: found[0] if found[0] in own else MASKED, text)


def legend_text(rows: Iterable[LegendRow]) -> bytes:
    """The legend: a line for each code, by code."""
    lines = ["代碼 Code\t中文\tEnglish"]
    lines += [f"{row.code}\t{row.words.zh}\t{row.words.en}" for row in sorted(rows, key=lambda row: row.code)]
    return ("\n".join(lines) + "\n").encode()


def pack_of(head: Mapping[str, JSON], members: Mapping[str, bytes]) -> bytes:
    """The file with these members and a manifest that begins with `head`."""
    listed: list[JSON] = [
        {"name": name, "size": len(members[name]), "sha256": sha256(members[name]).hexdigest()}
        for name in sorted(members)
    ]
    manifest = json.dumps({**head, "members": listed}, ensure_ascii=False, indent=1, sort_keys=True).encode() + b"\n"
    out = io.BytesIO()
    with ZipFile(out, "w", ZIP_STORED) as archive:
        for name, content in sorted({**members, "manifest.json": manifest}.items()):
            info = ZipInfo(name, _MOMENT)
            info.create_system = 3
            info.external_attr = 0o644 << 16
            archive.writestr(info, content)
    return out.getvalue()
