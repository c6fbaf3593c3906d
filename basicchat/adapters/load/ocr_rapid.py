"""RapidOCR: PP-OCR models on onnxruntime. The models are in its wheel, and are the only ones ever opened."""

from __future__ import annotations

from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from basicchat.adapters.load.ocr_layout import Piece, Reading
from basicchat.core.errors import DependencyMissing, UnreadableDocument

if TYPE_CHECKING:
    from PIL.Image import Image


MODELS = {
    "Det": "PP-OCRv6_det_small.onnx",
    "Rec": "PP-OCRv6_rec_small.onnx",
    "Cls": "ch_ppocr_mobile_v2.0_cls_mobile.onnx",
}
MIN_SCORE = 0.5
"""Lines that the engine is less sure of are left out; what it makes of a logo is among them."""
TALL = 1.5
"""A line this much higher than wide runs up or down the page."""


class RapidEngine:
    """Finds lines with one network and reads them with another. Loads on first use; not for several threads."""

    name = "rapidocr"
    dpi = 200

    def __init__(self, *, threads: int = 0) -> None:
        self._threads = threads

    @staticmethod
    def installed() -> bool:
        """Whether the extra is there."""
        return find_spec("rapidocr") is not None

    @cached_property
    def _engine(self) -> Any:
        try:
            import rapidocr
        except ImportError as error:  # also where a system library of OpenCV is missing
            raise DependencyMissing("Text recognition (RapidOCR)", extra="ocr") from error
        folder = Path(rapidocr.__file__).parent / "models"
        # Without a path it would fetch a model that it does not find.
        paths = {f"{part}.model_path": str(folder / name) for part, name in MODELS.items()}
        if not all(Path(path).is_file() for path in paths.values()):
            raise DependencyMissing("This version of RapidOCR", extra="ocr")
        threads = {"EngineConfig.onnxruntime.intra_op_num_threads": self._threads or -1}
        return rapidocr.RapidOCR(params={"Global.log_level": "critical", **paths, **threads})

    def read(self, image: Image) -> Reading:
        """One piece a line, as it was found. Raises `DependencyMissing` and `UnreadableDocument`."""
        import numpy

        engine = self._engine
        pixels = numpy.ascontiguousarray(numpy.asarray(image.convert("RGB"))[:, :, ::-1])
        try:
            found, turns, words = _run(engine, pixels)
        except (ValueError, RuntimeError, ArithmeticError, MemoryError) as error:
            raise UnreadableDocument("The text of a picture cannot be recognised.") from error
        if found is None or words is None:
            return Reading(())
        pieces, tall, turned, sure = [], 0, 0, 0.0
        for corners, text, score, (label, _) in zip(found, words.txts, words.scores, turns, strict=True):
            if score < MIN_SCORE or not text.strip():
                continue
            (left, top), (right, bottom) = corners.min(axis=0), corners.max(axis=0)
            pieces.append(Piece(" ".join(text.split()), float(left), float(top), float(right), float(bottom)))
            sure += len(pieces[-1].text) * float(score)
            tall += bottom - top > TALL * (right - left)
            turned += label == "180"
        if not any(len(piece.text) > 1 for piece in pieces):  # a ring, taken for an O
            return Reading(())
        confidence = 100 * sure / sum(len(piece.text) for piece in pieces)
        return Reading(tuple(pieces), _turn(len(pieces), tall, turned), confidence=confidence)


def _run(engine: Any, pixels: Any) -> tuple[Any, Any, Any]:
    """Corners of the lines in the picture, which way up each is, and what it says."""
    from rapidocr.utils.process_img import map_boxes_to_original

    scaled, steps = engine.preprocess_img(pixels)
    found, turns, words, _ = engine.run_ocr_steps(scaled, steps)
    if found.boxes is None or words.txts is None or turns.cls_res is None:
        return None, None, None
    return map_boxes_to_original(found.boxes, steps, *pixels.shape[:2]), turns.cls_res, words


def _turn(lines: int, tall: int, turned: int) -> int:
    """How far the page is turned, by what most of its lines say. A tall line was read after turning it to the left."""
    over = 2 * turned > lines
    if 2 * tall > lines:
        return 270 if over else 90
    return 180 if over else 0
