"""Readers of sets: small ones written here in each layout, and the real ones where they are."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterable
from pathlib import Path

import pytest

from basicchat.core.errors import InvalidInput
from basicchat.evaluate.cases import EvaluationSet, Question, halves
from basicchat.evaluate.readers import KINDS, read_set
from basicchat.evaluate.readers.noise import parts
from basicchat.evaluate.readers.reports import answers


def lines(path: Path, rows: Iterable[object]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(f"{json.dumps(row)}\n" for row in rows)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")


def squad(folder: Path, text: str = "Rye rises for twelve hours.") -> Path:
    lines(folder / "passages.jsonl", [{"_id": "bread#0", "title": "Bread", "text": text}])
    asked = [
        {"_id": "1", "question": "How long?", "passage_id": "bread#0", "is_impossible": False,
         "answers": [{"text": "twelve hours"}, {"text": "twelve"}]},
        {"_id": "2", "question": "Who bakes?", "passage_id": "bread#0", "is_impossible": True, "answers": []},
    ]  # fmt: skip
    lines(folder / "questions.jsonl", asked)
    return folder


def test_squad(tmp_path: Path) -> None:
    found = read_set("squad2", squad(tmp_path))
    assert [source.id for source in found.sources] == ["bread#0"]
    how_long, who = found.questions
    assert how_long == Question("1", "How long?", ("bread#0",), (("twelve hours", "twelve"),), True, "Bread")
    assert (who.answerable, who.answers) == (False, ())


def test_questions_of_one_language_over_passages_of_another(tmp_path: Path) -> None:
    squad(tmp_path / "en")
    squad(tmp_path / "de", "Roggen geht zwölf Stunden.")
    across = read_set("xquad:en:de", tmp_path)
    assert across.kind == "xquad:en:de"
    assert across.sources[0].text.startswith("Roggen")
    assert across.questions[0].text == "How long?"
    with pytest.raises(InvalidInput, match="no folder fr") as caught:
        read_set("xquad:fr", tmp_path)
    assert "de, en" in caught.value.hint


def test_several_gold_paragraphs_are_found_by_title(tmp_path: Path) -> None:
    lines(tmp_path / "corpus.jsonl.gz", [{"_id": str(n), "title": t, "text": t} for n, t in enumerate(("A", "B", "C"))])
    asked = {"_id": "q", "question": "?", "answer": "x", "supporting_facts": [["C", 0], ["A", 1], ["C", 2]]}
    lines(tmp_path / "questions.jsonl.gz", [asked])
    assert read_set("hotpotqa", tmp_path).questions[0].gold == ("2", "0")


def test_pages_of_files_count_from_1(tmp_path: Path) -> None:
    (tmp_path / "pdfs").mkdir()
    (tmp_path / "pdfs" / "ACME.pdf").write_bytes(b"%PDF-1.4")
    evidence = [{"doc_name": "ACME", "evidence_page_num": page} for page in (0, 4, 4)]
    asked = {"financebench_id": "f", "question": "?", "answer": "5", "company": "Acme", "evidence": evidence}
    lines(tmp_path / "questions.jsonl", [asked])
    found = read_set("financebench", tmp_path)
    assert found.by_page
    assert found.questions[0].gold == ("ACME#page=1", "ACME#page=5")
    assert [file.name for file in found.files] == ["ACME.pdf"]


def turns(folder: Path) -> Path:
    task = {
        "task_id": "t<::>2",
        "input": [
            {"speaker": "user", "text": "Who bakes?"},
            {"speaker": "agent", "text": "Ann."},
            {"speaker": "user", "text": " How long? "},
        ],
        "contexts": [{"document_id": "d"}],
        "targets": [{"text": "Twelve hours."}],
        "Answerability": ["ANSWERABLE"],
    }
    thanks = task | {"task_id": "t<::>3", "Answerability": ["CONVERSATIONAL"]}
    rated = {"documents": [{"document_id": "d", "text": "Bread."}], "tasks": [task, thanks]}
    (folder / "human_eval_subset.json").write_text(json.dumps(rated), encoding="utf-8")
    rewrites = [
        {"_id": f"t<::>{turn}", "last_turn": "How long?", "history": ["Who bakes?", "How long?"], "human_rewrite": "R"}
        for turn in (2, 9)
    ]
    lines(folder / "rewrite_bread.jsonl", rewrites)
    return folder


def test_turns_of_conversations(tmp_path: Path) -> None:
    (question,) = read_set("mtrag", turns(tmp_path)).questions
    assert (question.text, question.gold, question.group) == ("How long?", ("d",), "t")
    assert [(turn.role, turn.content) for turn in question.history] == [("user", "Who bakes?"), ("assistant", "Ann.")]
    judged, other = read_set("mtrag:rewrites", tmp_path).questions
    assert (judged.standalone, judged.gold, other.gold) == ("R", ("d",), ())
    assert [turn.content for turn in judged.history] == ["Who bakes?"]
    with pytest.raises(InvalidInput, match="no part spoken"):
        read_set("mtrag:spoken", tmp_path)


def test_passages_are_mixed_by_the_noise_that_is_asked_for(tmp_path: Path) -> None:
    record = {
        "id": 3, "query": "?", "answer": "x", "fakeanswer": "y", "positive": ["p1", "p2", "p3"],
        "positive_wrong": ["w1"], "negative": [f"n{number}" for number in range(9)],
    }  # fmt: skip
    lines(tmp_path / "en_fact.jsonl", [record])

    def texts(kind: str) -> list[str]:
        return [source.text for source in read_set(kind, tmp_path).sources]

    assert texts("rgb") == ["p1", "p2", "p3", "n0", "n1"]
    assert texts("rgb:en_fact:80") == ["p1", "n0", "n1", "n2", "n3"]
    assert read_set("rgb:en_fact:80", tmp_path).questions[0].gold == ("en_fact-3/0",)
    assert texts("rgb:en_fact:negative") == ["n0", "n1", "n2", "n3", "n4"]
    assert not read_set("rgb:en_fact:negative", tmp_path).questions[0].answerable
    lines(tmp_path / "bare.jsonl", [record | {"negative": []}, record])
    assert len(read_set("rgb:bare:negative", tmp_path).questions) == 1
    assert texts("rgb:en_fact:falsified") == ["w1"]
    assert read_set("rgb:en_fact:falsified", tmp_path).questions[0].trap == "y"
    lines(tmp_path / "parts.jsonl", [record | {"fakeanswer": ["a country", "its city"]}])
    assert read_set("rgb:parts:falsified", tmp_path).questions[0].trap == "its city"
    with pytest.raises(InvalidInput, match="cannot be mixed"):
        read_set("rgb:en_fact:loud", tmp_path)


def test_parts_of_an_answer_and_the_forms_of_a_part() -> None:
    assert parts("Oslo") == (("Oslo",),)
    assert parts(["a", "b"]) == (("a",), ("b",))
    assert parts([["1313851", "131"]]) == (("1313851", "131"),)


def test_a_table_with_text_becomes_markdown_and_numbers_get_their_scale(tmp_path: Path) -> None:
    context = {
        "table": {"uid": "t", "table": [["", "2019"], ["Sales | net", "$ 5"], ["Other"]]},
        "paragraphs": [{"order": 2, "text": "Second."}, {"order": 1, "text": "First."}],
        "questions": [{"uid": "q", "question": "?", "answer": 5, "scale": "million"}],
    }
    (tmp_path / "tatqa.json").write_text(json.dumps([context]), encoding="utf-8")
    found = read_set("tatqa", tmp_path)
    assert found.as_files
    assert found.sources[0].text == (
        "First.\n\nSecond.\n\n|  | 2019 |\n| --- | --- |\n| Sales \\| net | $ 5 |\n| Other |  |\n"
    )
    assert found.questions[0].answers == (("5 million",),)
    assert answers(["5%", 3], "percent") == (("5%",), ("3%",))
    assert answers("2", "") == (("2",),)


def test_abstracts_have_no_title(tmp_path: Path) -> None:
    lines(tmp_path / "pqal.jsonl", [{"_id": "9", "question": "?", "contexts": ["a", "b"], "answer": "maybe"}])
    found = read_set("pubmedqa", tmp_path)
    assert (found.sources[0].title, found.sources[0].text) == ("", "a\n\nb")
    assert found.questions[0].answers == (("maybe",),)


def test_talks_are_collections_of_turns(tmp_path: Path) -> None:
    said = {"speaker": "Ann", "dia_id": "D1:1", "text": "I bake.", "blip_caption": "a loaf"}
    asked = [
        {"question": "Who bakes?", "answer": "Ann", "evidence": ["D1:1; D1:2"], "category": 1},
        {"question": "Who sails?", "evidence": ["D1:1"], "category": 5, "adversarial_answer": "Bob"},
    ]
    talk = {"sessions": [{"date_time": "8 May", "turns": [said]}], "qa": asked}
    (tmp_path / "conv-1.json").write_text(json.dumps(talk), encoding="utf-8")
    found = read_set("locomo", tmp_path)
    (source,) = found.sources
    assert (source.id, source.title, source.text) == ("conv-1/D1:1", "Ann, 8 May", "I bake.\n\n(a loaf)")
    who, trap = found.questions
    assert (who.gold, who.collection) == (("conv-1/D1:1", "conv-1/D1:2"), "conv-1")
    assert (trap.answerable, trap.trap) == (False, "Bob")


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_that_is_no_such_set_is_told(kind: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput):
        read_set(kind, tmp_path)
    with pytest.raises(InvalidInput, match="is not a folder"):
        read_set(kind, tmp_path / "none")


@pytest.mark.parametrize("kind", ["sonnets", "squad2:en", "xquad:a:b:c"])
def test_an_unknown_kind_is_told(kind: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match=f"no kind {kind}"):
        read_set(kind, tmp_path)


def test_a_record_without_a_field_is_told(tmp_path: Path) -> None:
    lines(tmp_path / "pqal.jsonl", [{"_id": "9"}])
    with pytest.raises(InvalidInput, match="is not a set of the kind pubmedqa"):
        read_set("pubmedqa", tmp_path)


def test_halves_share_no_group_and_leave_nothing_out() -> None:
    questions = [Question(str(number), "?", group=f"g{number % 5}") for number in range(20)]
    fitting, reporting = halves(questions)
    assert {question.group for question in fitting} == {"g0", "g2", "g4"}
    assert {question.group for question in reporting} == {"g1", "g3"}
    assert len(fitting) + len(reporting) == 20
    assert halves(questions[::-1]) == (fitting[::-1], reporting[::-1])


def test_a_limit_takes_questions_from_all_over() -> None:
    whole = EvaluationSet("k", tuple(Question(str(number), "?") for number in range(10)))
    assert [question.id for question in whole.limited(4).questions] == ["0", "2", "5", "7"]
    assert whole.limited(10) is whole


def test_only_what_can_be_answered() -> None:
    asked = (Question("1", "?"), Question("2", "?", answerable=False))
    assert EvaluationSet("k", asked).answerable().questions == asked[:1]
    with pytest.raises(InvalidInput, match="no question"):
        EvaluationSet("k", asked[1:]).answerable()


@pytest.mark.evals
@pytest.mark.parametrize(
    ("kind", "folder", "texts", "questions", "refusals"),
    [
        ("beir", "scifact", 5183, 300, 0),
        ("squad2", "squad2", 320, 2917, 1477),
        ("xquad:zh", "xquad", 120, 612, 0),
        ("xquad:de:en", "xquad", 120, 612, 0),
        ("hotpotqa", "hotpotqa100", 994, 100, 0),
        ("financebench", "financebench", 13, 19, 0),
        ("mtrag", "mtrag", 350, 157, 7),
        ("mtrag:rewrites", "mtrag", 350, 396, 0),
        ("rgb:en_fact:negative", "rgb", 208, 50, 50),
        ("rgb:zh_int:40", "rgb", 200, 40, 0),
        ("tatqa", "tat-qa", 278, 1668, 0),
        ("pubmedqa", "pubmedqa", 500, 500, 0),
        ("locomo", "locomo", 1451, 497, 112),
    ],
)
def test_the_real_sets_have_what_their_descriptions_say(
    evals: Path, kind: str, folder: str, texts: int, questions: int, refusals: int
) -> None:
    found = read_set(kind, evals / folder)
    assert len(found.sources) + len(found.files) == texts
    assert len(found.questions) == questions
    assert sum(not question.answerable for question in found.questions) == refusals
    known = {source.id for source in found.sources} | {file.stem for file in found.files}
    assert {name.partition("#page=")[0] if found.by_page else name for q in found.questions for name in q.gold} <= known
