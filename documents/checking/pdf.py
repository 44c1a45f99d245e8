"""PDF (ISO 32000-2): where it begins and ends, every object in it, every packed stream, and a second reader's opinion.

- Begins at byte 0 and ends with `%%EOF`: readers are lenient about both, which is how a PDF hides in another file.
- Every object that qpdf can reach is looked at, not only what the pages use: what a name means is decided by its key,
  and names are decoded by qpdf (`/J#61vaScript` is `/JavaScript`).
- Streams are unpacked piece by piece under a cap, filter after filter.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, BinaryIO, Final

import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium_c

from documents.checking import pdf_streams
from documents.checking.codes import Code, refuse
from documents.checking.model import Checked, CheckLimits, Finding, MediaType, PageSize
from documents.checking.png import require_pixels

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

DEPTH_MAX: Final = 64
PAGE_POINTS_MAX: Final = 14_400
TEXT_PAGE_CHARS: Final = 50
TEXT_BAD_SHARE: Final = 0.02
TEXT_PAGES_LOOKED_AT: Final = 20
_TAIL: Final = 2048
_PACKED: Final = frozenset({"/FlateDecode", "/Fl"})
_PLAIN: Final = frozenset({"/ASCIIHexDecode", "/AHx", "/ASCII85Decode", "/A85"})
_COUNTED: Final = {
    "/LZWDecode": pdf_streams.lzw_bytes,
    "/LZW": pdf_streams.lzw_bytes,
    "/RunLengthDecode": pdf_streams.run_length_bytes,
    "/RL": pdf_streams.run_length_bytes,
}
_SKIPPED: Final = frozenset({"/DCTDecode", "/DCT", "/CCITTFaxDecode", "/CCF", "/JBIG2Decode", "/JPXDecode", "/Crypt"})

_ACTIONS: Final = {
    "/JavaScript": Code.PDF_JAVASCRIPT,
    "/Launch": Code.PDF_LAUNCH,
    "/GoToR": Code.PDF_LAUNCH,
    "/GoToE": Code.PDF_EMBEDDED_FILE,
    "/SubmitForm": Code.PDF_SENDS_DATA,
    "/ImportData": Code.PDF_SENDS_DATA,
    "/Movie": Code.PDF_MULTIMEDIA,
    "/Sound": Code.PDF_MULTIMEDIA,
    "/Rendition": Code.PDF_MULTIMEDIA,
    "/RichMediaExecute": Code.PDF_MULTIMEDIA,
    "/GoTo3DView": Code.PDF_MULTIMEDIA,
}
_KEYS: Final = {
    "/JS": Code.PDF_JAVASCRIPT,
    "/JavaScript": Code.PDF_JAVASCRIPT,
    "/EF": Code.PDF_EMBEDDED_FILE,
    "/EmbeddedFiles": Code.PDF_EMBEDDED_FILE,
    "/XFA": Code.PDF_XFA,
    "/RichMediaContent": Code.PDF_MULTIMEDIA,
    "/AA": Code.PDF_AUTOMATIC_ACTION,
}
_SUBTYPES: Final = {
    "/FileAttachment": Code.PDF_EMBEDDED_FILE,
    "/RichMedia": Code.PDF_MULTIMEDIA,
    "/Movie": Code.PDF_MULTIMEDIA,
    "/Sound": Code.PDF_MULTIMEDIA,
    "/Screen": Code.PDF_MULTIMEDIA,
    "/3D": Code.PDF_MULTIMEDIA,
}


def check_pdf(file: BinaryIO, size: int, limits: CheckLimits, name: str) -> Checked:
    """What is known of a PDF.

    Raises:
        Refused: see the codes whose names begin with `pdf_`, and those of its edges.
    """
    _require_edges(file, size)
    file.seek(0)
    found: dict[Code, int] = {}
    try:
        with pikepdf.open(file) as pdf:
            if len(pdf.pages) > limits.pages_max:
                refuse(Code.TOO_MANY_PAGES, pages=len(pdf.pages), limit=limits.pages_max)
            if pdf.is_encrypted:
                found[Code.PDF_PERMISSIONS] = 1
            _walk(pdf, limits, found)
            pages = len(pdf.pages)
            if pdf.get_warnings():
                found[Code.PDF_REPAIRED] = 1
    except pikepdf.PasswordError:
        refuse(Code.PDF_ENCRYPTED)
    except (pikepdf.PdfError, RuntimeError, ValueError, TypeError, KeyError, RecursionError):
        refuse(Code.DAMAGED)
    findings = _judge(found, limits)
    sizes, text_layer = _second_opinion(file, pages)
    return Checked(MediaType.PDF, "", name, size, pages, sizes, text_layer, findings=findings)


def page_sizes(document: pypdfium2.PdfDocument) -> tuple[PageSize, ...]:
    """Sizes of the pages in points, as they are shown.

    Raises:
        Refused: `too_many_pixels`: a page larger than PDF allows (200 inches).
    """
    sizes = []
    for number in range(len(document)):
        width, height = document.get_page_size(number)
        if not (0 < width <= PAGE_POINTS_MAX and 0 < height <= PAGE_POINTS_MAX):
            refuse(Code.TOO_MANY_PIXELS, megapixels=int(width * height) // 1_000_000, limit=PAGE_POINTS_MAX)
        sizes.append(PageSize(round(width), round(height)))
    return tuple(sizes)


def has_text(page: pypdfium2.PdfPage) -> bool:
    """Whether a page brings text worth reading: enough of it, and nearly all of it real characters."""
    text = page.get_textpage()
    try:
        content = text.get_text_bounded()
    finally:
        text.close()
    bad = sum(each == "\ufffd" or "\ue000" <= each <= "\uf8ff" or each == "\x00" for each in content)
    return len(content.strip()) >= TEXT_PAGE_CHARS and bad < TEXT_BAD_SHARE * len(content)


def _require_edges(file: BinaryIO, size: int) -> None:
    file.seek(0)
    if not re.match(rb"%PDF-[12]\.\d", file.read(8)):
        refuse(Code.DATA_BEFORE_START)
    file.seek(max(0, size - _TAIL))
    tail = file.read(_TAIL)
    end = tail.rfind(b"%%EOF")
    if end < 0:
        refuse(_what_follows(file, size))
    rest = tail[end + 5 :].strip(b"\r\n\t \0")
    if rest:
        refuse(Code.TRAILING_DATA, bytes=len(rest))


def _what_follows(file: BinaryIO, size: int) -> Code:
    """Without an end in sight: cut off, or buried under something longer."""
    file.seek(0)
    return Code.TRAILING_DATA if size <= 256 * 1024 * 1024 and b"%%EOF" in file.read() else Code.TRUNCATED


def _judge(found: dict[Code, int], limits: CheckLimits) -> tuple[Finding, ...]:
    findings = []
    notes = {Code.PDF_LINKS, Code.PDF_PERMISSIONS, Code.PDF_REPAIRED, Code.PDF_SIGNED}
    for code, count in found.items():
        if code not in notes and code not in limits.pdf_allowed:
            refuse(code, count=count)
        findings.append(Finding(code, {"count": count}))
    return tuple(findings)


def _walk(pdf: pikepdf.Pdf, limits: CheckLimits, found: dict[Code, int]) -> None:
    total = 0
    for number, each in enumerate(pdf.objects):
        if number > limits.objects_max:
            refuse(Code.TOO_COMPLEX, what="PDF")
        _look(each, found, 0)
        if isinstance(each, pikepdf.Stream):
            total += _unpack(each, limits)
            if total > limits.unpacked_total_max:
                refuse(Code.DECOMPRESSION_BOMB)
    _look(pdf.trailer, found, 0)
    opening = pdf.Root.get("/OpenAction")
    if isinstance(opening, pikepdf.Dictionary) and str(opening.get("/S", "/GoTo")) not in {"/GoTo", "/Named"}:
        _count(found, _ACTIONS.get(str(opening.get("/S")), Code.PDF_AUTOMATIC_ACTION))


def _look(each: pikepdf.Object, found: dict[Code, int], depth: int) -> None:
    """Looks at an object and the direct objects within it; what it refers to is looked at in its own turn."""
    if depth > DEPTH_MAX:
        refuse(Code.TOO_COMPLEX, what="PDF")
    within: Iterable[object] = ()
    if isinstance(each, pikepdf.Array):
        within = each
    elif isinstance(each, (pikepdf.Dictionary, pikepdf.Stream)):
        for code in _codes_of(each):
            _count(found, code)
        within = dict(each.items()).values()
    for inner in within:
        if isinstance(inner, pikepdf.Object) and not inner.is_indirect:
            _look(inner, found, depth + 1)


def _codes_of(each: pikepdf.Dictionary | pikepdf.Stream) -> Iterator[Code]:
    keys = set(each.keys())
    kind, subtype, action = (_name(each, key) for key in ("/Type", "/Subtype", "/S"))
    if action in _ACTIONS and kind in {"", "/Action"}:
        yield _ACTIONS[action]
    if action == "/URI" and "/URI" in keys:
        yield Code.PDF_LINKS
    for key in keys & _KEYS.keys():
        if key != "/AA" or _has_acts(each):
            yield _KEYS[key]
    if subtype in _SUBTYPES and ("/Rect" in keys or kind == "/Annot"):
        yield _SUBTYPES[subtype]
    if kind == "/EmbeddedFile":
        yield Code.PDF_EMBEDDED_FILE
    if kind == "/Sig" and "/Contents" in keys:
        yield Code.PDF_SIGNED


def _has_acts(each: pikepdf.Dictionary | pikepdf.Stream) -> bool:
    """A resource may happen to be called /AA too; what acts has a kind of action."""
    acts = each.get("/AA")
    if not isinstance(acts, pikepdf.Dictionary):
        return False
    held: Iterable[object] = dict(acts.items()).values()
    return any(isinstance(act, pikepdf.Dictionary) and "/S" in act for act in held)


def _name(each: pikepdf.Dictionary | pikepdf.Stream, key: str) -> str:
    value = each.get(key)
    return str(value) if isinstance(value, pikepdf.Name) else ""


def _count(found: dict[Code, int], code: Code) -> None:
    found[code] = found.get(code, 0) + 1


def _unpack(stream: pikepdf.Stream, limits: CheckLimits) -> int:
    """Unpacks a stream under its cap, and returns how much came out of its last filter that is only packing.

    What is as long as it lies in the file counts nothing: the file's own size bounds it. Pictures are held to the pixels their
    dictionary claims instead.
    """
    if _name(stream, "/Subtype") == "/Image":
        width, height = int(stream.get("/Width", 0)), int(stream.get("/Height", 0))
        require_pixels(width, height, limits.pixels_max)
    filters = stream.get("/Filter")
    names = [str(each) for each in filters] if isinstance(filters, pikepdf.Array) else [str(filters)] if filters else []
    if len(names) > 8:
        refuse(Code.TOO_COMPLEX, what="PDF")
    if not names or names[0] in _SKIPPED:
        return 0  # and need not be read, which for a file of photographs is nearly all of it
    content = stream.read_raw_bytes()
    for number, name in enumerate(names, 1):
        if name in _SKIPPED:
            break
        if name in _COUNTED:
            if number < len(names):
                refuse(Code.TOO_COMPLEX, what="PDF")
            return _COUNTED[name](content, limits.unpacked_max)
        if name in _PACKED:
            size, content = pdf_streams.inflate(content, limits.unpacked_max, keep=number < len(names))
            if number == len(names):
                return size
        elif name in _PLAIN:
            content = _plain(content, name)
        else:
            refuse(Code.DAMAGED)
    return len(content)


def _plain(content: bytes, name: str) -> bytes:
    pdf = pikepdf.new()
    stream = pikepdf.Stream(pdf, content)
    stream.Filter = pikepdf.Name(name)
    return stream.read_bytes()


def _second_opinion(file: BinaryIO, pages: int) -> tuple[tuple[PageSize, ...], bool]:
    """Sizes and text by PDFium, which must open the file too and find as many pages."""
    file.seek(0)
    try:
        document = pypdfium2.PdfDocument(file, autoclose=False)
        try:
            if len(document) != pages or pages == 0:
                refuse(Code.PARSERS_DISAGREE)
            sizes = page_sizes(document)
            text = all(_page_has_text(document, number) for number in range(min(pages, TEXT_PAGES_LOOKED_AT)))
        finally:
            document.close()
    except pypdfium2.PdfiumError as error:
        is_locked = getattr(error, "err_code", None) == pdfium_c.FPDF_ERR_PASSWORD
        refuse(Code.PDF_ENCRYPTED if is_locked else Code.PARSERS_DISAGREE)
    return sizes, text


def _page_has_text(document: pypdfium2.PdfDocument, number: int) -> bool:
    page = document[number]
    try:
        return has_text(page)
    finally:
        page.close()
