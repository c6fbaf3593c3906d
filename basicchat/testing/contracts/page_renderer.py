"""What every renderer of pages promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from basicchat.core.errors import NotFound, UnreadableDocument
from basicchat.core.protocols import Loader, PageRenderer

PNG = b"\x89PNG\r\n\x1a\n"


class PageRendererContract:
    """Override `renderer`, `loader` (of the same format) and `original`, whose first page holds the word "harbour"."""

    @pytest.fixture
    def renderer(self) -> PageRenderer:
        raise NotImplementedError

    @pytest.fixture
    def loader(self) -> Loader:
        raise NotImplementedError

    @pytest.fixture
    def original(self, tmp_path: Path) -> Path:
        raise NotImplementedError

    def test_draws_a_png_of_the_width(self, renderer: PageRenderer, original: Path) -> None:
        image = renderer.render(original, 1, width=300)
        assert image.png.startswith(PNG)
        assert abs(image.width - 300) <= 1
        assert image.height > 0

    def test_no_passage_no_boxes(self, renderer: PageRenderer, original: Path) -> None:
        assert not renderer.render(original, 1, width=100).boxes

    def test_boxes_lie_on_the_page(self, renderer: PageRenderer, loader: Loader, original: Path) -> None:
        page = next(loader.load(original)).pages[0]
        image = renderer.render(original, 1, start=0, end=len(page.text), width=100)
        assert image.boxes
        for box in image.boxes:
            assert 0 <= box.left < box.right <= 1
            assert 0 <= box.top < box.bottom <= 1

    def test_a_word_has_one_small_box(self, renderer: PageRenderer, loader: Loader, original: Path) -> None:
        text = next(loader.load(original)).pages[0].text
        start = text.lower().index("harbour")
        image = renderer.render(original, 1, start=start, end=start + len("harbour"), width=100)
        assert len(image.boxes) == 1
        assert image.boxes[0].right - image.boxes[0].left < 0.5

    def test_an_offset_past_the_text_is_cut(self, renderer: PageRenderer, loader: Loader, original: Path) -> None:
        text = next(loader.load(original)).pages[0].text
        whole = renderer.render(original, 1, start=0, end=len(text), width=100)
        assert renderer.render(original, 1, start=0, end=len(text) + 1000, width=100).boxes == whole.boxes
        assert not renderer.render(original, 1, start=len(text) + 10, end=len(text) + 20, width=100).boxes

    @pytest.mark.parametrize("page", [0, -1, 10_000])
    def test_a_page_that_is_not_there(self, renderer: PageRenderer, original: Path, page: int) -> None:
        with pytest.raises(NotFound):
            renderer.render(original, page)

    def test_a_damaged_original(self, renderer: PageRenderer, tmp_path: Path) -> None:
        path = tmp_path / "damaged"
        path.write_bytes(b"nothing like it")
        with pytest.raises(UnreadableDocument):
            renderer.render(path, 1)

    def test_boxes_of_several_passages(self, renderer: PageRenderer, loader: Loader, original: Path) -> None:
        page = next(loader.load(original)).pages[0]
        drawn = renderer.render(original, 1, start=0, end=len(page.text), width=100).boxes
        whole, nothing = renderer.boxes(original, 1, [(0, len(page.text)), (0, 0)])
        assert (list(whole), list(nothing)) == (list(drawn), [])

    def test_no_boxes_on_a_page_that_is_not_there(self, renderer: PageRenderer, original: Path) -> None:
        with pytest.raises(NotFound):
            renderer.boxes(original, 99, [(0, 1)])
