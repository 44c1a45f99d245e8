"""Files made on the spot: good ones of every kind, and the parts that attacks are built from."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from typing import Any

import docx
import openpyxl
import pikepdf
import pillow_heif
from PIL import Image, ImageDraw

GPS = {1: "N", 2: (22.0, 17.0, 7.0), 3: "E", 4: (114.0, 9.0, 33.0)}
SECRETS = (b"CHAN TAI MAN", b"SN-998877", b"private maker note")


def picture(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    made = Image.new(mode, (width, height), "white")
    draw = ImageDraw.Draw(made)
    draw.rectangle((4, 4, width // 2, height // 2), fill="black")
    draw.line((0, height - 1, width, 0), fill="red" if mode == "RGB" else "black")
    return made


def exif_with_secrets() -> Image.Exif:
    """What a phone writes: location, serial number, owner, maker note, beside time and orientation."""
    made = Image.Exif()
    made[0x010F], made[0x0110], made[0x0112] = "Apple", "iPhone 17", 6
    made[0x013B] = "CHAN TAI MAN"
    made[0x0132] = "2026:11:22 10:00:00"
    detail = made.get_ifd(0x8769)
    detail[0x9003], detail[0x9011] = "2026:11:22 10:00:00", "+08:00"
    detail[0xA430], detail[0xA431] = "CHAN TAI MAN", "SN-998877"
    detail[0x927C] = b"private maker note"
    made.get_ifd(0x8825).update(GPS)
    return made


def encoded(kind: str, image: Image.Image | None = None, **options: Any) -> bytes:
    made = io.BytesIO()
    (image or picture()).save(made, kind, **options)
    return made.getvalue()


def jpeg(**options: Any) -> bytes:
    return encoded("JPEG", **options)


def png(**options: Any) -> bytes:
    return encoded("PNG", **options)


def webp(**options: Any) -> bytes:
    return encoded("WEBP", **options)


def tiff(pages: int = 1, **options: Any) -> bytes:
    rest = [picture(64, 48 + number) for number in range(1, pages)]
    return encoded("TIFF", save_all=pages > 1, append_images=rest, **options)


def heic(**options: Any) -> bytes:
    made = io.BytesIO()
    file = pillow_heif.from_pillow(picture(128, 96))
    file.save(made, quality=60, **options)
    return made.getvalue()


def pdf(pages: int = 1, change: Callable[[pikepdf.Pdf], None] | None = None, **options: Any) -> bytes:
    """A PDF of blank pages, changed by `change` before it is written."""
    made = pikepdf.new()
    for _ in range(pages):
        made.add_blank_page(page_size=(595, 842))
    if change is not None:
        change(made)
    out = io.BytesIO()
    made.save(out, **options)
    return out.getvalue()


def pdf_with_text(lines: list[str]) -> bytes:
    """A born-digital PDF in Helvetica."""

    def change(made: pikepdf.Pdf) -> None:
        font = made.make_indirect(
            pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
        )
        shown = "\n".join(f"1 0 0 1 50 {780 - 20 * number} Tm ({line}) Tj" for number, line in enumerate(lines))
        page = made.pages[0]
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        page.Contents = made.make_stream(f"BT /F1 12 Tf {shown} ET".encode())

    return pdf(change=change)


def word(paragraphs: tuple[str, ...] = ("送貨單 DN-2026-001", "Delivered in full")) -> bytes:
    made = docx.Document()
    for each in paragraphs:
        made.add_paragraph(each)
    table = made.add_table(1, 2)
    table.cell(0, 0).text, table.cell(0, 1).text = "蠔油", "12"
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def workbook(rows: tuple[tuple[Any, ...], ...] = (("貨號", "數量"), ("OYS-510", 12))) -> bytes:
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def repacked(
    source: bytes, changed: Mapping[str, bytes | None], compression: int = zipfile.ZIP_DEFLATED, **more: bytes
) -> bytes:
    """A ZIP with parts changed, added, or (None) left out."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(source)) as before, zipfile.ZipFile(out, "w", compression) as after:
        for info in before.infolist():
            content = changed.get(info.filename, before.read(info))
            if content is not None:
                after.writestr(info.filename, content)
        for name in changed.keys() - set(before.namelist()):
            content = changed[name]
            if content is not None:
                after.writestr(name, content)
    return out.getvalue()


def part(source: bytes, name: str) -> bytes:
    with zipfile.ZipFile(io.BytesIO(source)) as parts:
        return parts.read(name)


def archive(parts: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def png_chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_of(width: int, height: int, packed: bytes, *before: bytes) -> bytes:
    """A PNG with a header and pixels that need not fit together."""
    header = png_chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(before) + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b"")


def jpeg_with_size(width: int, height: int) -> bytes:
    """A JPEG whose header claims another size."""
    raw = bytearray(jpeg())
    frame = next(at for at in range(len(raw)) if raw[at] == 0xFF and raw[at + 1] in {0xC0, 0xC2})
    raw[frame + 5 : frame + 9] = struct.pack(">HH", height, width)
    return bytes(raw)


def jpeg_segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(content) + 2) + content


def jpeg_with_segment(marker: int, content: bytes, raw: bytes | None = None) -> bytes:
    raw = jpeg() if raw is None else raw
    return raw[:2] + jpeg_segment(marker, content) + raw[2:]


def samsung_trailer(blocks: tuple[bytes, ...] = (b"\0\0\x01\x0a\x0e\0\0\0Image_UTC_Data1763776800000",)) -> bytes:
    """Data blocks, then their directory `SEFH`, its size, `SEFT`."""
    data = b"".join(blocks)
    entries, back = b"", len(data)
    for block in blocks:
        entries += struct.pack("<HHII", 0, 0x0A01, back, len(block))
        back -= len(block)
    directory = b"SEFH" + struct.pack("<II", 107, len(blocks)) + entries
    return data + directory + struct.pack("<I", len(directory)) + b"SEFT"


def film() -> bytes:
    return struct.pack(">I4s4sI", 16, b"ftyp", b"mp42", 0) + struct.pack(">I4s", 24, b"mdat") + bytes(16)
