"""The gate: a small corpus of our own wording, searched with the real embedder and reranker, must not be found worse.

Where figures fall under the floor, look at what changed in searching before the floor is lowered. The questions use
other words than their passages, and several passages are near to each other; still the set is small and easy, so it
catches what breaks, not what is a little worse. For that, compare runs on the large sets.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from basicchat import bootstrap
from basicchat.core.types import FileStatus
from basicchat.evaluate.asking import Asked, lay_out, run
from basicchat.evaluate.cases import Question
from basicchat.evaluate.readers import read_set
from basicchat.evaluate.summary import summarise
from basicchat.settings import ModelSettings, RetrieveSettings, Settings

DATA = Path(__file__).with_name("data")
FLOORS = {"hit@1": 0.95, "hit@5": 1.0}
UNHURRIED = 60.0  # seconds for the reranker, so that a busy machine finds the same


@pytest.mark.models
def test_our_own_passages_are_found(model_file: Callable[[str], Path], models_folder: Path, tmp_path: Path) -> None:
    settings = Settings(
        home=tmp_path / "home",
        models=ModelSettings(folder=models_folder, fetch=False),
        retrieve=RetrieveSettings(rerank_seconds=UNHURRIED),
    )
    for name in (settings.models.embedder, settings.models.reranker):
        model_file(name)
    evaluation = read_set("squad2", DATA)
    with bootstrap.open_assistant(settings) as assistant:

        def ask(question: Question) -> Asked:
            return Asked(tuple(assistant.search(question.text)))

        for path, _ in lay_out(evaluation, tmp_path):
            assert [outcome.status for outcome in assistant.ingest([path])] == [FileStatus.DONE]
        rows = list(run(evaluation, ask))
    found = {figure.name: figure.value for figure in summarise(rows)}
    missed = [(row.question, row.ranking[:3]) for row in rows if row.ranks != (1,)]
    assert all(found[name] >= floor for name, floor in FLOORS.items()), missed


def test_the_set_is_sound() -> None:
    evaluation = read_set("squad2", DATA)
    texts = {source.id: source.text for source in evaluation.sources}
    assert len(texts) == len(evaluation.questions) == 20
    for question in evaluation.questions:
        assert all(form in texts[name] for name in question.gold for part in question.answers for form in part)
