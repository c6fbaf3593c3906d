"""What every loader promises."""

from __future__ import annotations

from pathlib import Path

import pytest

from basicchat.core.errors import UnreadableDocument
from basicchat.core.protocols import Loader


class LoaderContract:
    """Override `loader`, `good` (a readable file with the word "harbour" in it) and `damaged` (an unreadable one)."""

    @pytest.fixture
    def loader(self) -> Loader:
        raise NotImplementedError

    @pytest.fixture
    def good(self, tmp_path: Path) -> Path:
        raise NotImplementedError

    @pytest.fixture
    def damaged(self, tmp_path: Path) -> Path:
        raise NotImplementedError

    def test_names_its_formats(self, loader: Loader) -> None:
        assert loader.media_types
        assert all("/" in kind for kind in loader.media_types)

    def test_reads_text(self, loader: Loader, good: Path) -> None:
        documents = list(loader.load(good))
        assert any("harbour" in page.text.lower() for document in documents for page in document.pages)

    def test_pages_count_from_one(self, loader: Loader, good: Path) -> None:
        for document in loader.load(good):
            assert [page.number for page in document.pages] == list(range(1, len(document.pages) + 1))

    def test_every_document_has_a_title_and_a_format_of_the_loader(self, loader: Loader, good: Path) -> None:
        for document in loader.load(good):
            assert document.title.strip()
            assert document.media_type in loader.media_types

    def test_text_has_plain_line_ends_and_no_nul(self, loader: Loader, good: Path) -> None:
        for document in loader.load(good):
            assert not any(mark in page.text for page in document.pages for mark in "\r\0")

    def test_headings_lie_in_their_page_in_order(self, loader: Loader, good: Path) -> None:
        for document in loader.load(good):
            for page in document.pages:
                starts = [heading.start for heading in page.headings]
                assert starts == sorted(starts)
                assert all(0 <= start < len(page.text) for start in starts)
                assert all(heading.level >= 1 and heading.text for heading in page.headings)

    def test_reads_the_same_twice(self, loader: Loader, good: Path) -> None:
        assert list(loader.load(good)) == list(loader.load(good))

    def test_the_name_of_the_user_wins_over_the_path(self, loader: Loader, good: Path) -> None:
        for document in loader.load(good, name=f"Quarterly{good.suffix}"):
            assert good.stem not in document.title

    def test_refuses_a_damaged_file(self, loader: Loader, damaged: Path) -> None:
        with pytest.raises(UnreadableDocument) as caught:
            list(loader.load(damaged))
        assert str(caught.value)
        assert caught.value.hint

    def test_refuses_a_file_that_is_not_there(self, loader: Loader, tmp_path: Path) -> None:
        with pytest.raises(UnreadableDocument):
            list(loader.load(tmp_path / "absent"))
