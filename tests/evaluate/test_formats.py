"""How much of real office files is read, by the formula of `basicchat.evaluate.parsing`."""

from __future__ import annotations

from pathlib import Path

import pytest

from basicchat.adapters.load import default_loaders
from basicchat.evaluate.parsing import word_recall
from basicchat.ingest.detect import media_type_of


@pytest.mark.evals
@pytest.mark.parametrize(
    ("folder", "least"),
    [
        ("docx", 0.95),
        ("pptx", 0.95),
        ("xlsx", 0.95),
        ("xls", 0.95),
        ("odf", 0.95),
        ("csv", 0.95),
        ("doc", 0.95),
        ("ppt", 0.85),
    ],
)
def test_word_recall(evals: Path, folder: str, least: float) -> None:
    loaders = {kind: loader for loader in default_loaders() for kind in loader.media_types}
    recalls = []
    for expected in sorted((evals / "docs-docling" / folder).glob("*.expected.md")):
        path = expected.with_name(expected.name.removesuffix(".expected.md"))
        kind = media_type_of(path)
        assert kind is not None
        pages = [page for document in loaders[kind].load(path) for page in document.pages]
        found = "\n".join(f"{page.label}\n{page.text}" for page in pages)
        recalls.append(word_recall(expected.read_text(encoding="utf-8"), found))
    assert sum(recalls) / len(recalls) >= least
