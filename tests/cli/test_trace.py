"""``trace`` and ``ask --trace``."""

from __future__ import annotations

import json
from pathlib import Path

from basicchat import bootstrap
from basicchat.settings import load
from tests.cli.conftest import Cli

QUESTION = "When does the ferry leave?"


def test_how_an_answer_was_made_is_written_to_a_file(filled: Cli, tmp_path: Path) -> None:
    file = tmp_path / "trace.json"
    ran = filled("ask", QUESTION, "--trace", file)
    assert ran.code == 0
    document = json.loads(file.read_text(encoding="utf-8"))
    assert document["question"] == QUESTION
    assert document["searches"][0]["hits"][0]["scores"].keys() >= {"dense", "lexical"}
    (call,) = document["calls"]
    assert {part["name"] for part in call["parts"]} >= {"system", "documents", "question"}
    assert call["tokens"]["documents"] > 0
    assert filled("ask", QUESTION, "--trace", file).code == 0
    assert json.loads(file.read_text(encoding="utf-8"))


def test_a_file_is_for_one_question(filled: Cli, tmp_path: Path) -> None:
    batch = tmp_path / "questions.jsonl"
    batch.write_text(json.dumps({"id": "1", "question": QUESTION}) + "\n", encoding="utf-8")
    assert filled("ask", "--batch", batch, "--trace", tmp_path / "trace.json").code == 2


def test_kept_answers_are_listed_and_shown(filled: Cli, tmp_path: Path) -> None:
    assert "no answers" in filled("trace").err
    with bootstrap.open_assistant(load(home=tmp_path / "home", profile="fake")) as assistant:
        chat = assistant.chats.create()
        list(assistant.chats.send(chat.id, QUESTION))
    (listed,) = filled("trace", "--json").document["answers"]
    assert listed["question"] == QUESTION
    assert listed["id"][:8] in filled("trace").out
    shown = filled("trace", listed["id"][:8])
    assert shown.code == 0
    for words in (QUESTION, "Search 1", "Gate:", "Model 1", "system", "Times", "stage 1: dense"):
        assert words in shown.out
    document = filled("trace", listed["id"], "--json").document
    assert document["searches"][0]["query"] == QUESTION
    assert filled("trace", "none").code == 2
