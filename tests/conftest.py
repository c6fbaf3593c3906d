"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def models_folder() -> Path:
    """The folder of model files; tests that need a file skip where it is absent."""
    return Path(os.environ.get("BASICCHAT_MODELS__FOLDER") or "~/.basicchat/models").expanduser()


@pytest.fixture(scope="session")
def model_file(models_folder: Path):
    """Gives the folder of one model of the catalogue, or skips with the command that fetches it."""

    def folder(name: str) -> Path:
        path = models_folder / name
        if not path.is_dir():
            pytest.skip(f"{name} is not installed: basicchat models pull {name}")
        return path

    return folder


@pytest.fixture(scope="session")
def evals() -> Path:
    """The folder of evaluation sets beside the repository; tests skip where it is absent."""
    path = REPOSITORY.parent / "shared" / "evals"
    if not path.is_dir():
        pytest.skip("the evaluation sets are not beside the repository")
    return path
