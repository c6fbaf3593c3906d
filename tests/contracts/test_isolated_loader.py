from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from basicchat.adapters.load import default_loaders
from basicchat.adapters.load.isolated import isolated
from basicchat.adapters.load.worker_pool import WorkerPool
from basicchat.core.protocols import Loader
from basicchat.testing.contracts.loader import LoaderContract


@pytest.fixture(scope="module")
def pool() -> Iterator[WorkerPool]:
    pool = WorkerPool(workers=1)
    yield pool
    pool.close()


class TestIsolated(LoaderContract):
    @pytest.fixture
    def loader(self, pool: WorkerPool) -> Loader:
        return next(loader for loader in isolated(default_loaders(), pool) if "text/html" in loader.media_types)

    @pytest.fixture
    def good(self, tmp_path: Path) -> Path:
        path = tmp_path / "source.html"
        path.write_text("<h1>Ports</h1><p>The harbour is open.</p><h2>Ships</h2><p>Three.</p>", encoding="utf-8")
        return path

    @pytest.fixture
    def damaged(self, tmp_path: Path) -> Path:
        path = tmp_path / "damaged.html"
        path.write_bytes(b"<html></html>")
        return path


def test_the_same_formats_are_read(pool: WorkerPool) -> None:
    within, apart = default_loaders(), isolated(default_loaders(), pool)
    assert [loader.media_types for loader in apart] == [loader.media_types for loader in within]


def test_what_comes_is_what_the_loader_gives(pool: WorkerPool, tmp_path: Path) -> None:
    path = tmp_path / "costs.csv"
    path.write_text("item,price\nrope,1.5\nanchor,20\n", encoding="utf-8")
    (within,) = (loader for loader in default_loaders() if "text/csv" in loader.media_types)
    (apart,) = (loader for loader in isolated(default_loaders(), pool) if "text/csv" in loader.media_types)
    assert list(apart.load(path, name="Costs.csv")) == list(within.load(path, name="Costs.csv"))
