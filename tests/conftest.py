"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from basicchat.adapters.queue.durable import DurableJobQueue

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


@pytest.fixture(scope="session")
def engine_file(tmp_path_factory) -> Path:
    """The file of a job engine that ran before: the first start of all takes a second longer."""
    folder = tmp_path_factory.mktemp("jobs")
    queue = DurableJobQueue(folder)
    queue.register("nothing", lambda payload, context: None)
    queue.wait(queue.submit("nothing", None).id, 60)
    queue.close()
    return folder / "engine.sqlite"
