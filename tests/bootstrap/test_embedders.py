"""Embedders by name, the first generation of a home that an older version left, and two real models in turn."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest

from basicchat import bootstrap
from basicchat.adapters.embed.e5 import E5Embedder
from basicchat.adapters.embed.ollama import OllamaEmbedder
from basicchat.adapters.embed.sentence_transformers import SentenceTransformerEmbedder
from basicchat.bootstrap import embedders, parts
from basicchat.core.errors import InvalidInput
from basicchat.core.types import JobState
from basicchat.settings import ModelSettings, Settings, load
from basicchat.testing.store import MemoryStore

TEXTS = {
    "ferry": "The boat to the island leaves the harbour at seven in the morning.",
    "bread": "Dough made of rye flour has to rest for twelve hours.",
    "tax": "Companies pay a levy of fifteen percent on what they earn.",
}
QUESTIONS = {
    "When can I sail?": "ferry",
    "How do I bake a loaf?": "bread",
    "What share of profit goes to the state?": "tax",
}


def real(home: Path, models: Path, embedder: str) -> Settings:
    settings = load(home=home, profile="default")
    return settings.model_copy(
        update={"models": ModelSettings(folder=models, fetch=False, embedder=embedder, reranker="")}
    )


def test_names(tmp_path: Path) -> None:
    settings = real(tmp_path, tmp_path / "models", "any")
    assert isinstance(embedders.embedder(settings, "ollama:nomic-embed-text"), OllamaEmbedder)
    assert isinstance(embedders.embedder(settings, "sentence-transformers:mini"), SentenceTransformerEmbedder)
    trouble = embedders.trouble_with(settings, parts.model_files(settings))
    assert trouble("ollama:nomic-embed-text") == ""
    assert "basicchat models pull mini" in trouble("sentence-transformers:mini")
    fake = load(home=tmp_path, profile="fake")
    assert embedders.embedder(fake, "hashing-64").dimension == 64
    assert embedders.configured(fake) == "hashing-256"
    with pytest.raises(InvalidInput):
        embedders.embedder(fake, "bge")


def test_a_home_of_an_older_version_keeps_its_index(tmp_path: Path) -> None:
    """Older versions named the folder of an index after its embedder, and kept no note of it."""
    settings = real(tmp_path, tmp_path / "models", "new-embedder")
    store = MemoryStore()
    fresh = embedders.open_switch(settings, MemoryStore(), batch_size=8)
    assert fresh.standing.active.name == fresh.standing.active.embedder == "new-embedder"
    (tmp_path / "vectors" / "old-embedder").mkdir(parents=True)
    (tmp_path / "vectors" / "old-embedder" / "chroma.sqlite3").touch()
    switch = embedders.open_switch(settings, store, batch_size=8)
    assert (switch.standing.active.name, switch.standing.active.embedder) == ("old-embedder", "old-embedder")
    assert fresh.wished() is None
    assert switch.wished() == "new-embedder"


@pytest.mark.models
def test_two_real_models_take_turns(tmp_path: Path, model_file) -> None:
    """The second one is the first one's weights read in another way: vectors that mean nothing to the first."""
    first = model_file("bge-small-en-v1.5-int8")
    models = tmp_path / "models"
    models.mkdir()
    os.symlink(first, models / "first")
    shutil.copytree(first, models / "second")
    (models / "second" / "1_Pooling").mkdir()
    (models / "second" / "1_Pooling" / "config.json").write_text(json.dumps({"pooling_mode_mean_tokens": True}))
    for name, text in TEXTS.items():
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    with bootstrap.open_assistant(real(tmp_path / "home", models, "first")) as assistant:
        assistant.ingest([tmp_path / f"{name}.txt" for name in TEXTS])
        for step in (lambda: assistant.reindexing.switch("second"), assistant.reindexing.back):
            job = step()
            assert job is not None
            assert assistant.jobs.wait(job.id, 120).state is JobState.DONE
            for question, name in QUESTIONS.items():
                assert assistant.search(question)[0].document.title == name
        assert assistant.reindexing.status().previous == "second"


def test_the_embedder_for_many_languages(tmp_path):
    found = embedders.embedder(Settings(home=tmp_path), "multilingual-e5-small-q4")
    assert isinstance(found, E5Embedder)
    assert found.max_tokens == 512
