"""The model files of the first reader: found beside its package, pinned by SHA-256, never fetched.

RapidOCR would download a model that it misses. It is therefore only ever handed full paths of files that were checked
here; without them the reader is not made.
"""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from documents.reading.errors import ModelMissing

PINNED: Final = {
    "PP-OCRv6_det_small.onnx": "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
    "PP-OCRv6_rec_small.onnx": "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
}
DETECTOR: Final = "PP-OCRv6_det_small.onnx"
RECOGNISER: Final = "PP-OCRv6_rec_small.onnx"


def packaged_folder() -> Path:
    """The folder of the installed package that holds the models.

    Raises:
        ModelMissing: the package is not installed.
    """
    spec = find_spec("rapidocr")
    if spec is None or spec.origin is None:
        raise ModelMissing("models: expected the package rapidocr, got none installed")
    return Path(spec.origin).parent / "models"


def require_model(name: str, folder: Path) -> Path:
    """The path of a pinned model, after its bytes were checked.

    Raises:
        ModelMissing: no such file, or its SHA-256 is another.
    """
    path = folder / name
    if not path.is_file():
        raise ModelMissing(f"model {name}: expected it in the package's models folder, got no file")
    with path.open("rb") as file:
        got = hashlib.file_digest(file, "sha256").hexdigest()
    if got != PINNED[name]:
        raise ModelMissing(f"model {name}: expected SHA-256 {PINNED[name]}, got {got}")
    return path
