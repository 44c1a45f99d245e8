"""Paper as it comes to the reader: clean, scanned, photographed, or photographed badly."""

from __future__ import annotations

from typing import TYPE_CHECKING

import cv2
import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Picture = NDArray[np.uint8]

LEVELS = ("scan", "photo", "hard", "clean")


def worn(page: Picture, level: str, chance: np.random.Generator) -> Picture:
    """A printed page as this level shows it."""
    if level == "clean":
        return np.ascontiguousarray(page)
    if level == "scan":
        return _noisy(_turned(page, chance.uniform(-1.5, 1.5)), chance.uniform(2, 8), chance.uniform(0.4, 0.9), chance)
    hard = level == "hard"
    photo = _leaning(page, chance.uniform(0.01, 0.05 if not hard else 0.09), chance)
    photo = _lit(photo, chance.uniform(0.15, 0.4 if not hard else 0.6), chance)
    if hard:
        photo = _moved(photo, int(chance.integers(3, 8)), chance.uniform(0, 180))
        photo = _glared(photo, chance)
    return _noisy(
        photo, chance.uniform(3, 7 if not hard else 14), chance.uniform(0.6, 1.1 if not hard else 1.6), chance
    )


def _bytes(values: NDArray[np.floating]) -> Picture:
    seen: Picture = np.clip(values, 0, 255).astype(np.uint8)
    return seen


def _turned(page: Picture, degrees: float) -> Picture:
    height, width = page.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    return np.asarray(cv2.warpAffine(page, turn, (width, height), borderValue=(250, 250, 250)), dtype=np.uint8)


def _leaning(page: Picture, lean: float, chance: np.random.Generator) -> Picture:
    """The page on a table, seen from a little aside, at a phone's resolution."""
    height, width = page.shape[:2]
    scale = chance.uniform(1.15, 1.35)
    wide, high = round(width * scale * 1.12), round(height * scale * 1.12)
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], dtype=np.float32)
    inner = corners * scale + np.array([0.06 * width * scale, 0.06 * height * scale], dtype=np.float32)
    moved = inner + chance.uniform(-lean, lean, (4, 2)).astype(np.float32) * width * scale
    across = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    table = tuple(float(one) for one in chance.integers(60, 150, 3))
    return np.asarray(
        cv2.warpPerspective(page, across, (wide, high), flags=cv2.INTER_CUBIC, borderValue=table), dtype=np.uint8
    )


def _lit(page: Picture, depth: float, chance: np.random.Generator) -> Picture:
    """A soft shadow across the page, and paper that is not quite white."""
    height, width = page.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    angle = chance.uniform(0, 2 * np.pi)
    along = np.cos(angle) * x / width + np.sin(angle) * y / height
    light = 1 - depth / (1 + np.exp(-(along - chance.uniform(0.2, 0.8)) * chance.uniform(3, 12)))
    tint = chance.uniform(0.88, 1.0, 3)
    return _bytes(page * light[:, :, None] * tint)


def _moved(page: Picture, length: int, degrees: float) -> Picture:
    kernel = np.zeros((length, length), dtype=np.float32)
    kernel[length // 2, :] = 1
    turn = cv2.getRotationMatrix2D((length / 2 - 0.5, length / 2 - 0.5), degrees, 1)
    kernel = np.asarray(cv2.warpAffine(kernel, turn, (length, length)), dtype=np.float32)
    return np.asarray(cv2.filter2D(page, -1, kernel / max(1e-6, float(kernel.sum()))), dtype=np.uint8)


def _glared(page: Picture, chance: np.random.Generator) -> Picture:
    height, width = page.shape[:2]
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    at_x, at_y, wide = (
        chance.uniform(0.2, 0.8) * width,
        chance.uniform(0.2, 0.8) * height,
        chance.uniform(0.05, 0.14) * width,
    )
    spot = np.exp(-(((x - at_x) / wide) ** 2 + ((y - at_y) / wide) ** 2)) * chance.uniform(60, 200)
    return _bytes(page.astype(np.float32) + spot[:, :, None])


def _noisy(page: Picture, noise: float, blur: float, chance: np.random.Generator) -> Picture:
    soft = cv2.GaussianBlur(page, (0, 0), blur)
    return _bytes(soft.astype(np.float32) + chance.normal(0, noise, soft.shape))
