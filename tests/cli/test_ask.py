"""``ask``."""

from __future__ import annotations

from pathlib import Path

from basicchat.adapters.owner.wire import event_from_json
from basicchat.core.events import Finished, Retrieved, Token
from tests.cli.conftest import Cli

FIELDS = {"answer", "abstained", "citations", "mode", "model", "usage", "timings", "warnings", "earlier"} | {
    "likelihood",
    "sentences",
    "conflicts",
    "sources",
    "steps",
    "calls",
}
CITATION = {"number", "document_id", "source", "page", "place", "quote"}


def test_an_extractive_answer(filled: Cli, notes: Path) -> None:
    ran = filled("ask", "When does the ferry leave?", "--mode", "extractive", "--json")
    assert ran.code == 0
    document = ran.document
    assert set(document) == FIELDS
    assert "seven" in document["answer"]
    assert document["model"] is None
    assert document["mode"] == "extractive"
    (citation,) = [each for each in document["citations"] if each["source"] == str(notes / "ferry.md")]
    assert set(citation) == CITATION
    assert citation["page"] == 1
    (sentence, *_) = document["sentences"]
    assert sentence["text"] == document["answer"][sentence["start"] : sentence["end"]]
    assert (sentence["verdict"], sentence["citations"]) == ("supported", [1])
    assert sentence["evidence"]["document_id"] == citation["document_id"]
    assert document["conflicts"] == []
    assert document["sources"][0] == {
        "document_id": citation["document_id"],
        "source": citation["source"],
        "kind": "note",
        "added_at": document["sources"][0]["added_at"],
        "dated": "",
        "dated_by": "",
        "recognised": None,
        "agreeing": 0,
    }


def test_a_model_answers(filled: Cli) -> None:
    document = filled("ask", "When does the ferry leave?", "--mode", "direct", "--json").document
    assert document["model"] == "echo"
    assert {sentence["verdict"] for sentence in document["sentences"]} <= {"supported", "weak", "unsupported"}


def test_an_empty_library_abstains(cli: Cli) -> None:
    ran = cli("ask", "When does the ferry leave?", "--mode", "extractive", "--json")
    assert ran.code == 3
    assert ran.document["abstained"] is True
    assert ran.document["citations"] == []


def test_for_people(filled: Cli, notes: Path) -> None:
    ran = filled("ask", "When does the ferry leave?", "--mode", "extractive")
    assert ran.code == 0
    answer, _, sources = ran.out.partition("Sources")
    assert "seven" in answer
    assert f"[1] {notes / 'ferry.md'}, page 1" in sources


def test_an_unknown_mode(filled: Cli) -> None:
    ran = filled("ask", "Why?", "--mode", "telepathy", "--json")
    assert ran.code == 2
    assert set(ran.document) == {"error"}
    assert set(ran.document["error"]) == {"code", "message", "hint"}
    assert ran.document["error"]["code"] == "unknown-mode"
    assert "telepathy" in ran.err


def test_batch(filled: Cli, tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text('{"_id": "a", "question": "When does the ferry leave?"}\n{"_id": 7, "text": "Rye bread?"}\n')
    ran = filled("ask", "--batch", file, "--mode", "extractive", "--json")
    assert ran.code == 0
    assert [line["_id"] for line in ran.documents] == ["a", 7]
    assert all(set(line) == FIELDS | {"_id"} for line in ran.documents)


def test_a_question_that_fails_does_not_stop_a_batch(filled: Cli, tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text('{"_id": "a", "question": "Why?"}\n{"_id": "b", "question": "How?"}\n')
    ran = filled("ask", "--batch", file, "--mode", "telepathy", "--json")
    assert ran.code == 2
    assert [(line["_id"], line["error"]["code"]) for line in ran.documents] == [
        ("a", "unknown-mode"),
        ("b", "unknown-mode"),
    ]


def test_an_earlier_answer_says_so_and_fresh_makes_another(filled: Cli) -> None:
    asked = ("ask", "When does the ferry leave?", "--mode", "extractive")
    first, second, fresh = (filled(*asked, "--json", *more).document for more in ((), (), ("--fresh",)))
    assert (first["earlier"], fresh["earlier"]) == (None, None)
    assert second["earlier"]["question"] == "When does the ferry leave?"
    assert second["earlier"]["made_at"] > 0
    assert second["answer"] == first["answer"]
    ran = filled(*asked)
    assert "From an earlier answer to “When does the ferry leave?”" in ran.err
    assert "--fresh" in ran.err
    assert "earlier answer" not in filled(*asked, "--fresh").err


def test_how_sure_it_must_be_is_chosen_for_one_question(filled: Cli) -> None:
    asked = ("ask", "When does the night ferry reach Tobermory harbour?", "--mode", "extractive", "--json")
    strict, helpful = (filled(*asked, "--strictness", name).document for name in ("strict", "helpful"))
    assert (strict["abstained"], helpful["abstained"]) == (True, False)
    assert 0 < strict["likelihood"] == helpful["likelihood"] < 1
    assert filled(*asked, "--strictness", "lenient").code == 2


def test_the_doctor_empties_earlier_answers(filled: Cli) -> None:
    asked = ("ask", "When does the ferry leave?", "--mode", "extractive", "--json")
    filled(*asked)
    checks = {check["name"]: check for check in filled("doctor", "--json").document["checks"]}
    assert checks["earlier answers"]["detail"].startswith("1 kept")
    filled("doctor", "--repair")
    assert filled(*asked).document["earlier"] is None


def test_only_what_fits_is_drawn_on(filled: Cli) -> None:
    question = ("ask", "When does the ferry leave?", "--mode", "extractive", "--json")
    assert "seven" in filled(*question, "--kind", "md").document["answer"]
    assert filled(*question, "--file", "bread.txt").document["abstained"] is True
    assert "seven" in filled(*question).document["answer"]


def test_without_a_file(filled: Cli) -> None:
    ran = filled("ask", "When does the ferry leave?", "--mode", "extractive", "--without", "ferry.md", "--json")
    assert "seven" not in ran.document["answer"]
    assert "without" in ran.document["warnings"][0]
    assert filled("ask", "When does the ferry leave?", "--without", "fery.md").code == 2


def test_events_are_printed_as_they_happen_one_a_line(filled: Cli) -> None:
    ran = filled("ask", "When does the ferry leave?", "--mode", "direct", "--json", "--stream")
    assert ran.code == 0
    events = [event_from_json(each) for each in ran.documents]
    assert isinstance(events[0], Retrieved)
    tokens = "".join(event.text for event in events if isinstance(event, Token))
    assert isinstance(events[-1], Finished)
    assert tokens.strip() == events[-1].answer.text.strip()
    assert (
        filled("ask", "When does the ferry leave?", "--mode", "direct", "--stream").documents[-1]["event"] == "Finished"
    )
    file = Path(ran.documents[0]["data"]["hits"][0]["document"]["source"])
    assert filled("ask", "--batch", file, "--stream").code == 2
