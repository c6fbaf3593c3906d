"""Deep research with a real model of 135 million weights: whatever it says, the promises hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from basicchat.adapters.llm.embedded import EmbeddedServer
from basicchat.reason.research.report import numbers_in, resolves

from .conftest import ASKED, QUESTION

pytestmark = [pytest.mark.models, pytest.mark.timeout(280)]
SMOL = "smollm2-135m-instruct-q4_1"


def test_promises_hold_whatever_a_small_model_says(bench, model_file, tmp_path) -> None:
    file = model_file(SMOL) / "model.gguf"
    server = EmbeddedServer({"smol": file}, threads=1, window=2048, log_file=tmp_path / "embedded.log")
    try:
        asked = replace(ASKED, question=QUESTION, parts=(), most_parts=3)
        here = bench(server.chat_model("smol"), inquiry=asked)
        report = here.run()
    finally:
        server.close()
    assert report.sections[0].question == QUESTION
    assert {section.standing for section in report.sections} <= {"written", "quoted", "silent"}
    assert numbers_in(report) <= {citation.number for citation in report.citations}
    assert all(resolves(citation, here.shelf.page) for citation in report.citations)
    assert set(here.finished.values()) == {1}
    assert report.limits
