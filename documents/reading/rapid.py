"""The first reader: RapidOCR with the PP-OCRv6 small models, as it was measured best on Hong Kong paper.

- Detection on a copy with the long side at 1,600 pixels; crops for recognition from the picture at up to 3,200.
- Recognition one line at a time, 48 pixels high and at least 96 wide, on one thread.
- Line-orientation classifier off; a page is turned as a whole (`documents.reading.rotation`).
- Traditional folding before the best path is taken (`documents.reading.folding`).
- Models by path and digest only (`documents.reading.models`): RapidOCR's downloader is never reached.

RapidOCR turns the detector's map into boxes and knows the dictionary. The sessions are ours, for their memory; so is the
detector's picture, which the package computes in double precision; and so are the crops, the best path and the places of
words, because folding needs the probabilities and the confidence is a minimum.
"""

from __future__ import annotations

import hashlib
import json
import math
from importlib.metadata import version
from time import perf_counter
from typing import TYPE_CHECKING, Any, Final

import cv2
import numpy as np
from onnxruntime import InferenceSession, SessionOptions
from rapidocr import RapidOCR

from documents.reading.decoding import Spelled, line_of, spell
from documents.reading.folding import Folding
from documents.reading.geometry import corners_of, size_of, turned
from documents.reading.model import PageReading, Source
from documents.reading.models import DETECTOR, PINNED, RECOGNISER, packaged_folder, require_model
from documents.reading.rotation import UPRIGHT_MEAN, is_sideways, longest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from documents.reading.geometry import Corners
    from documents.reading.model import Line, Quad

    Picture = NDArray[np.uint8]

DETECTOR_SIDE_MAX: Final = 1600
DETECTOR_STEP: Final = 32
"""The network halves its picture five times."""
PICTURE_SIDE_MAX: Final = 3200
PICTURE_SIDE_MIN: Final = 736
LINE_HEIGHT: Final = 48
LINE_WIDTH_MIN: Final = 96
LINE_WIDTH_MAX: Final = 6400
LINES_MAX: Final = 1000
SETTINGS: Final = {
    "detector_side_max": DETECTOR_SIDE_MAX,
    "picture_side_max": PICTURE_SIDE_MAX,
    "picture_side_min": PICTURE_SIDE_MIN,
    "line": [LINE_HEIGHT, LINE_WIDTH_MIN, LINE_WIDTH_MAX],
    "lines_max": LINES_MAX,
    "folding": "big5-opencc-1",
    "alike": "nfkc-casefold-1",
    "rotation": 1,
}
DROP_MEAN: Final = 0.5
"""A line whose mean probability is below this is noise, as RapidOCR's own default has it."""


class RapidReader:
    """Reads one page at a time, on one thread. Made once per process; about 0.8 GB.

    Args:
        folder: where the models are; the package's own folder if None.
        arena: onnxruntime's memory arena: less CPU for more memory.

    Raises:
        ModelMissing: a model is absent or not the pinned one.
    """

    def __init__(self, folder: Path | None = None, *, arena: bool = True) -> None:
        folder = folder or packaged_folder()
        paths = {name: require_model(name, folder) for name in PINNED}
        engine: Any = RapidOCR(params={"Global.log_level": "error", "Global.use_cls": False})
        engine.cfg._set_flag("allow_objects", True)  # noqa: SLF001  (OmegaConf's own way of letting a setting be an object)
        engine.cfg.Det.session = _session(paths[DETECTOR], arena=arena)
        engine.cfg.Rec.session = _session(paths[RECOGNISER], arena=arena)
        self._detector: Any = engine._load_det_model()  # noqa: SLF001  (made lazily; the public call does both steps at once)
        recogniser: Any = engine._load_rec_model()  # noqa: SLF001
        self._session: Any = recogniser.session
        self._dictionary: Sequence[str] = recogniser.postprocess_op.character
        self._folding = Folding(self._dictionary)
        self._alike = self._folding.alike()
        self.engine: Final = f"rapidocr {version('rapidocr')}"
        self.models: Final = tuple(sorted(PINNED.items()))
        told = {"engine": self.engine, "models": self.models, "settings": SETTINGS, "runtime": version("onnxruntime")}
        self.engine_digest: Final = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()

    def read(self, image: Picture) -> PageReading:
        """The lines of a page picture (BGR, contiguous). `page` is 0: the caller numbers pages."""
        original_height, original_width = image.shape[:2]
        started = perf_counter()
        picture, scale = _within(image)
        boxes = self._detect(picture)
        detected = perf_counter()
        picture, boxes, rotation, seen = self._upright(picture, boxes)
        lines = self._lines(picture, boxes, seen, scale)
        done = perf_counter()
        swapped = rotation in {90, 270}
        return PageReading(
            page=0,
            width=original_height if swapped else original_width,
            height=original_width if swapped else original_height,
            rotation=rotation,
            engine=self.engine,
            engine_digest=self.engine_digest,
            models=self.models,
            source=Source.OCR,
            lines=tuple(lines),
            timings_ms={"detect": round(1000 * (detected - started)), "recognise": round(1000 * (done - detected))},
        )

    def read_crop(self, image: Picture, quad: Quad) -> tuple[str, float]:
        """Text and confidence of one place on an upright picture, without detection."""
        spelled, _ = self._recognise(_crop(image, corners_of(quad)))
        return spelled.text.strip(), spelled.confidence

    def _detect(self, picture: Picture) -> list[Corners]:
        given = _for_detector(picture, self._detector.mean, self._detector.std)
        boxes, _ = self._detector.postprocess_op(self._detector.session(given), picture.shape[:2])
        return [np.asarray(box, dtype=np.float32) for box in boxes[:LINES_MAX]]

    def _upright(
        self, picture: Picture, boxes: list[Corners]
    ) -> tuple[Picture, list[Corners], int, dict[int, tuple[Spelled, Spelled]]]:
        """The picture and boxes turned so that text stands upright, by how much, and lines read on the way."""
        sideways = is_sideways(boxes)
        rotation = 0
        if sideways:
            picture, boxes = _turn(picture, boxes, 90)
            rotation = 90
        sample = longest(boxes)
        seen = {index: self._recognise(_crop(picture, boxes[index])) for index in sample}
        if not sample or (not sideways and _mean(seen.values()) >= UPRIGHT_MEAN):
            return picture, boxes, rotation, seen
        flipped = {index: self._recognise(_crop(picture, boxes[index])[::-1, ::-1]) for index in sample}
        if _mean(flipped.values()) <= _mean(seen.values()):
            return picture, boxes, rotation, seen
        picture, boxes = _turn(picture, boxes, 180)
        return picture, boxes, rotation + 180, flipped

    def _lines(
        self, picture: Picture, boxes: list[Corners], seen: dict[int, tuple[Spelled, Spelled]], scale: float
    ) -> list[Line]:
        read = [seen.get(index) or self._recognise(_crop(picture, box)) for index, box in enumerate(boxes)]
        simplified = self._folding.is_simplified(
            pair for _, raw in read for pair in zip(raw.text, raw.probabilities, strict=True)
        )
        lines = []
        for box, (folded, raw) in zip(boxes, read, strict=True):
            spelled = raw if simplified else folded
            if spelled.text.strip() and spelled.mean >= DROP_MEAN:
                corners = box / scale
                lines.append(line_of(spelled, raw, corners.astype(np.float32), *size_of(corners)))
        return sorted(lines, key=lambda line: (line.quad[0][1] + line.quad[3][1], line.quad[0][0]))

    def _recognise(self, crop: Picture) -> tuple[Spelled, Spelled]:
        """Folded and raw reading of a crop."""
        height, width = crop.shape[:2]
        inked = min(LINE_WIDTH_MAX, math.ceil(LINE_HEIGHT * width / max(1, height)))
        padded = max(LINE_WIDTH_MIN, inked)
        resized = cv2.resize(crop, (inked, LINE_HEIGHT)).astype(np.float32)
        given = np.zeros((1, 3, LINE_HEIGHT, padded), dtype=np.float32)
        given[0, :, :, :inked] = resized.transpose(2, 0, 1) / 127.5 - 1.0
        probabilities = self._session(given)[0]
        share = inked / padded
        raw = spell(probabilities, self._dictionary, share, self._alike)
        if raw.text.isascii():  # nothing to fold: no ideograph is on the best path
            return raw, raw
        return spell(self._folding.fold(probabilities), self._dictionary, share, self._alike), raw


def _session(model: Path, *, arena: bool) -> InferenceSession:
    """A session on one thread.

    No memory patterns: the runtime would keep one for each size of picture, and pages and lines come in all sizes. That
    makes 0.15 GB for a detector that saw five sizes, for no CPU.
    """
    options = SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = arena
    options.enable_mem_pattern = False
    return InferenceSession(str(model), options, providers=["CPUExecutionProvider"])


def _mean(read: Any) -> float:
    means = [folded.mean for folded, _ in read]
    return sum(means) / len(means) if means else 0.0


def _within(image: Picture) -> tuple[Picture, float]:
    """The picture with its sides within the settings, and what it was scaled by."""
    long_side, short_side = max(image.shape[:2]), min(image.shape[:2])
    scale = min(1.0, PICTURE_SIDE_MAX / long_side)
    if short_side * scale < PICTURE_SIDE_MIN:
        scale = min(PICTURE_SIDE_MIN / short_side, PICTURE_SIDE_MAX / long_side)
    if scale == 1.0:
        return np.ascontiguousarray(image), 1.0
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    way = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.ascontiguousarray(cv2.resize(image, size, interpolation=way)), scale


def _for_detector(picture: Picture, mean: Sequence[float], deviation: Sequence[float]) -> NDArray[np.float32]:
    """The picture as the detector takes it: its long side within the bound, sides in whole steps, channels first."""
    height, width = picture.shape[:2]
    scale = min(1.0, DETECTOR_SIDE_MAX / max(height, width))
    tall, wide = (max(1, round(side * scale / DETECTOR_STEP)) * DETECTOR_STEP for side in (height, width))
    resized = cv2.resize(picture, (wide, tall)).astype(np.float32)
    middle, spread = np.array(mean, dtype=np.float32), np.array(deviation, dtype=np.float32)
    flat = (resized - middle * 255) / (spread * 255)
    return np.ascontiguousarray(flat.transpose(2, 0, 1)[None], dtype=np.float32)


def _turn(picture: Picture, boxes: list[Corners], rotation: int) -> tuple[Picture, list[Corners]]:
    height, width = picture.shape[:2]
    way = cv2.ROTATE_90_CLOCKWISE if rotation == 90 else cv2.ROTATE_180
    moved = [turned(box, rotation, width, height) for box in boxes]
    return np.ascontiguousarray(cv2.rotate(picture, way)), moved


def _crop(picture: Picture, corners: Corners) -> Picture:
    """The text in a quadrangle as an upright picture; a tall one is taken as text that runs upwards."""
    width, height = (max(1, int(side)) for side in size_of(corners))
    flat = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    across = cv2.getPerspectiveTransform(np.ascontiguousarray(corners, dtype=np.float32), flat)
    crop = cv2.warpPerspective(picture, across, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    upright = np.rot90(crop) if height >= 1.5 * width else crop
    return np.ascontiguousarray(upright, dtype=np.uint8)
