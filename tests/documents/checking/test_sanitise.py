"""Cleaning photos: what tells about people goes, what shows the picture right stays, no pixel changes."""

from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, TiffImagePlugin

from documents.checking import exif
from documents.checking.checker import check
from documents.checking.model import EXTENSION_OF, MediaType
from documents.checking.sanitise import CLEANED, sanitise
from documents.sandbox import Refused
from tests.documents import samples

XMP = b"<x:xmpmeta><dc:creator>CHAN TAI MAN</dc:creator></x:xmpmeta>"


def exif_block() -> bytes:
    return samples.exif_with_secrets().tobytes()


def tiff_with_secrets() -> bytes:
    """Written by hand: Pillow writes no location into a TIFF."""
    info = TiffImagePlugin.ImageFileDirectory_v2()
    info[0x010F], info[0x0112], info[0x0132] = "Apple", 6, "2026:11:22 10:00:00"
    info[0x013B], info[0x02BC], info[0x010E] = "CHAN TAI MAN", XMP, "CHAN TAI MAN was here"
    plain = samples.encoded("TIFF", tiffinfo=info)
    block = bytearray(exif_block().removeprefix(b"Exif\0\0"))
    return _with_location(plain, bytes(block))


def _with_location(raw: bytes, block: bytes) -> bytes:
    """Moves the first directory to the end, with a pointer to a location directory behind it."""
    del block
    order = exif.byte_order(raw)
    directory = exif.read_directory(raw, order, struct.unpack_from(order + "I", raw, 4)[0])
    assert directory is not None
    start = directory.place + 2
    fields = [raw[start + 12 * at : start + 12 * at + 12] for at in range(len(directory.entries))]
    place = len(raw) + len(raw) % 2
    size = 2 + 12 * (len(fields) + 1) + 4
    fields.append(struct.pack(order + "HHII", exif.GPS_POINTER, 4, 1, place + size))
    degrees = place + size + 2 + 12 + 4
    location = struct.pack(order + "HHHII", 1, 2, 5, 3, degrees) + b"\0\0\0\0"
    location += struct.pack(order + "6I", 22, 1, 17, 1, 7, 1)
    anew = struct.pack(order + "H", len(fields)) + b"".join(sorted(fields, key=_tag(order))) + b"\0\0\0\0"
    old_size = 2 + 12 * len(directory.entries) + 4
    hollow = raw[: directory.place] + bytes(old_size) + raw[directory.place + old_size :]
    return hollow[:4] + struct.pack(order + "I", place) + hollow[8:].ljust(place - 8, b"\0") + anew + location


def _tag(order: str) -> Any:
    return lambda field: struct.unpack_from(order + "H", field)[0]


def photo(media_type: MediaType) -> bytes:
    block = exif_block()
    if media_type == MediaType.JPEG:
        raw = samples.jpeg(exif=block, icc_profile=b"p" * 200)
        raw = samples.jpeg_with_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP, raw)
        raw = samples.jpeg_with_segment(0xED, b"Photoshop 3.0\0CHAN TAI MAN", raw)
        raw = samples.jpeg_with_segment(0xFE, b"by CHAN TAI MAN", raw)
        return raw + samples.samsung_trailer((b"\0\0\x01\x0aCHAN TAI MAN",))
    if media_type == MediaType.PNG:
        raw = samples.png(exif=block)
        text = samples.png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)
        return raw[:33] + text + samples.png_chunk(b"tEXt", b"Author\0CHAN TAI MAN") + raw[33:]
    if media_type == MediaType.WEBP:
        return samples.webp(exif=block, xmp=XMP, lossless=True)
    if media_type == MediaType.HEIC:
        return samples.heic(exif=block, xmp=XMP)
    return tiff_with_secrets()


def pixels(raw: bytes) -> bytes:
    with Image.open(io.BytesIO(raw)) as opened:
        return opened.convert("RGB").tobytes()


@pytest.mark.parametrize("media_type", sorted(CLEANED))
def test_nothing_personal_is_left_and_no_pixel_changes(media_type: MediaType) -> None:
    raw = photo(media_type)
    assert any(secret in raw for secret in samples.SECRETS)

    cleaned, told = sanitise(raw, media_type)

    assert not [secret for secret in samples.SECRETS if secret in cleaned]
    assert pixels(cleaned) == pixels(raw)
    assert not Image.open(io.BytesIO(cleaned)).getexif().get_ifd(0x8825)
    assert told.taken["location"] == 1
    assert told.taken["owner"] >= 1
    assert told.taken["xmp"] == 1
    assert told.changed
    assert cleaned != raw
    assert told.size == len(cleaned)


@pytest.mark.parametrize("media_type", sorted(CLEANED - {MediaType.HEIC}))
def test_orientation_and_maker_stay(media_type: MediaType) -> None:
    cleaned, told = sanitise(photo(media_type), media_type)

    kept = Image.open(io.BytesIO(cleaned)).getexif()
    assert kept[0x0112] == told.orientation == 6
    assert kept[0x010F] == "Apple"
    assert kept[0x0132] == "2026:11:22 10:00:00"


@pytest.mark.parametrize("media_type", [MediaType.JPEG, MediaType.PNG, MediaType.WEBP, MediaType.HEIC])
def test_capture_time_and_its_zone_stay(media_type: MediaType) -> None:
    cleaned, told = sanitise(photo(media_type), media_type)

    kept = Image.open(io.BytesIO(cleaned)).getexif().get_ifd(0x8769)
    assert kept[0x9003] == told.captured_at == "2026:11:22 10:00:00"
    assert kept[0x9011] == "+08:00"
    assert 0x927C not in kept
    assert told.taken["maker_notes"] == told.taken["serial_number"] == 1


@pytest.mark.parametrize("media_type", sorted(CLEANED))
def test_a_cleaned_photo_is_accepted_and_cleaning_again_changes_nothing(media_type: MediaType) -> None:
    cleaned, _ = sanitise(photo(media_type), media_type)

    again, told = sanitise(cleaned, media_type)
    checked = check(io.BytesIO(cleaned), f"a.{EXTENSION_OF[media_type]}")

    assert again == cleaned
    assert not told.changed
    assert checked.findings == ()


def test_the_picture_of_a_jpeg_is_the_same_bytes_with_its_profile() -> None:
    raw = photo(MediaType.JPEG)

    cleaned, told = sanitise(raw, MediaType.JPEG)

    scan = raw[raw.index(b"\xff\xda") : raw.rindex(b"SEFH")]
    assert scan[: scan.rindex(b"\xff\xd9")] in cleaned
    assert cleaned.endswith(b"\xff\xd9")
    assert b"ICC_PROFILE\0" in cleaned
    assert told.taken["extras"] == 1


def test_a_photo_with_nothing_to_tell_stays_as_it_is() -> None:
    raw = samples.jpeg()

    cleaned, told = sanitise(raw, MediaType.JPEG)

    assert (cleaned, told.taken, told.orientation, told.captured_at) == (raw, {}, 1, "")


def test_an_adobe_marker_stays_because_the_colours_hang_on_it() -> None:
    raw = samples.encoded("JPEG", samples.picture().convert("CMYK"))
    assert b"Adobe" in raw

    cleaned, _ = sanitise(raw, MediaType.JPEG)

    assert pixels(cleaned) == pixels(raw)


def test_pictures_that_phones_append_are_cut_off() -> None:
    announced = samples.jpeg_with_segment(0xE2, b"MPF\0" + bytes(40)) + samples.jpeg()
    checked = check(io.BytesIO(announced), "a.jpg")

    cleaned, told = sanitise(announced, MediaType.JPEG)

    assert [each.detail["kind"] for each in checked.findings] == ["pictures"]
    assert cleaned.count(b"\xff\xd8\xff") == 1
    assert told.taken["extras"] == 2


def test_a_value_too_long_for_what_it_is_does_not_stay() -> None:
    block = Image.Exif()
    block[0x010F] = "CHAN TAI MAN " * 20
    raw = samples.jpeg(exif=block)

    cleaned, told = sanitise(raw, MediaType.JPEG)

    assert b"CHAN" not in cleaned
    assert told.taken == {"other": 1}


@pytest.mark.parametrize("junk", [b"", b"II*\0", b"II*\0\xff\xff\xff\xff", b"MM\0*\0\0\0\x08\xff\xff", b"junk" * 9])
def test_an_exif_block_that_cannot_be_read_goes_as_a_whole(junk: bytes) -> None:
    raw = samples.jpeg_with_segment(0xE1, b"Exif\0\0" + junk)

    cleaned, told = sanitise(raw, MediaType.JPEG)

    assert cleaned == samples.jpeg()
    assert told.taken == {"unreadable": 1}


def test_what_is_no_photo_is_not_cleaned() -> None:
    with pytest.raises(Refused, match="type_not_allowed"):
        sanitise(samples.pdf(), MediaType.PDF)


def test_an_unknown_png_chunk_goes() -> None:
    raw = samples.png_of(1, 1, zlib.compress(b"\0\0"), samples.png_chunk(b"prVt", b"CHAN TAI MAN"))

    cleaned, told = sanitise(raw, MediaType.PNG)

    assert b"CHAN" not in cleaned
    assert told.taken == {"other": 1}
