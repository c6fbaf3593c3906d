from datetime import UTC, datetime, timedelta

import pytest

from basicchat.core.events import Failed, Finished, Retrieved, Stepped, Token
from basicchat.core.types import (
    Answer,
    CheckedSentence,
    Chunk,
    Citation,
    Conversation,
    Document,
    FileStatus,
    Hit,
    Job,
    JobState,
    Passage,
    Step,
    Turn,
)
from basicchat.reason.modes import MODES
from basicchat.ui import render

NOW = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
DOCUMENT = Document("d", "default", "a.pdf", "A", "application/pdf", "x", 3, 9, 0.0)
HIT = Hit(Chunk("c", "d", 0, 1, 0, 4, "text"), DOCUMENT, 1.0)
PASSAGE = Passage(1, DOCUMENT, 2, 0, 4, "text", ("c",), 1.0)
CITATIONS = (Citation(2, "d", "a.pdf", "A", 3, 5, 9, "more"), Citation(1, "d", "a.pdf", "A", 2, 0, 4, "text"))


def test_while_it_looks_it_says_so():
    assert render.shown([]).steps == "Looking through your documents"


def test_while_it_reads_it_says_how_much():
    seen = [Retrieved(("q",), (HIT, HIT), 0.2)]
    assert render.shown(seen).steps == "Reading 2 passages from 1 document"


def test_tokens_add_up_and_it_is_not_done():
    answer = render.shown([Token("One "), Token("two")])
    assert (answer.text, answer.done) == ("One two", False)


def test_a_finished_answer_replaces_its_tokens():
    whole = Answer("One two.", False, "direct", "m", CITATIONS, (PASSAGE,), timings={"total": 2.2})
    answer = render.shown([Token("One"), Finished(whole)])
    assert (answer.text, answer.done) == ("One two.", True)
    assert answer.steps == "Read 1 passage from 1 document · 2 s"


def test_sentences_without_support_are_marked_and_not_told_twice():
    sentences = (
        CheckedSentence(0, 8, "supported", 0.9),
        CheckedSentence(9, 17, "unsupported", 0.0, doubt="words"),
        CheckedSentence(18, 24, "weak", 0.3),
    )
    warnings = ("1 sentence has no support in the passages cited: “Two [x].”", "Another.")
    whole = Answer("One [1]. Two [x]. Three.", False, "direct", "m", warnings=warnings, sentences=sentences)
    answer = render.shown_turn(Turn("t", "assistant", whole.text, 0.0, whole))
    assert answer.doubted == ((9, 17),)
    assert answer.warnings == ("Another.",)
    assert answer.support == "1 of 3 sentences supported"
    assert render.legend(1) == "1 sentence has no support in the cited passages"
    assert render.legend(2) == "2 sentences have no support in the cited passages"


def test_an_answer_of_an_earlier_version_shows_its_warnings():
    warnings = ("1 sentence has no support in the passages cited: “Two.”",)
    answer = render.shown_turn(
        Turn("t", "assistant", "Two.", 0.0, Answer("Two.", False, "direct", "m", (), (), warnings=warnings))
    )
    assert (answer.warnings, answer.doubted, answer.support) == (warnings, (), "")


def test_a_failure_keeps_what_was_said():
    answer = render.shown([Token("One"), Failed("bad-reply", "No.", "Again.")])
    assert answer.text == "One"
    assert answer.failure is not None
    assert answer.failure.code == "bad-reply"


def test_a_stopped_turn_shows_as_stopped():
    assert render.shown_turn(Turn("t", "assistant", "One", 0.0, stopped=True)).stopped


def test_citations_are_walked_in_the_order_of_their_numbers():
    answer = render.shown([Finished(Answer("x", False, "direct", "m", CITATIONS))])
    assert [place.number for place in render.places(answer)] == [1, 2]


def test_without_citations_the_nearest_passages_can_be_opened():
    answer = render.shown([Finished(Answer("x", True, "direct", None, (), (PASSAGE,)))])
    assert [place.page for place in render.places(answer)] == [2]


@pytest.mark.parametrize(("ago", "group"), [(0, "Today"), (1, "Yesterday"), (4, "This week"), (30, "Earlier")])
def test_conversations_lie_under_their_day(ago, group):
    then = (NOW - timedelta(days=ago)).timestamp()
    conversation = Conversation("c", "Title", then, then)
    assert render.by_day([conversation], now=NOW) == {group: [conversation]}


@pytest.mark.parametrize(
    ("amount", "words"), [(0.02, "0.02 s"), (0.34, "0.3 s"), (5.2, "5 s"), (61, "1 min 1 s"), (125, "2 min 5 s")]
)
def test_durations_as_people_say_them(amount, words):
    assert render.seconds(amount) == words


@pytest.mark.parametrize(("amount", "words"), [(0, "0 bytes"), (34_000_000, "34 MB"), (1_117_000_000, "1.1 GB")])
def test_sizes_as_people_say_them(amount, words):
    assert render.size(amount) == words


@pytest.mark.parametrize(("number", "words"), [(0, "no pages"), (1, "1 page"), (1200, "1,200 pages")])
def test_counts(number, words):
    assert render.count(number, "page") == words


def test_every_way_a_file_ends_has_words():
    assert set(render.FILE_STATES) == set(FileStatus)


def test_every_state_of_a_job_has_words():
    assert set(render.JOB_STATES) == set(JobState)


def test_a_running_job_says_how_far_it_is():
    job = Job("j", "pull", "m", JobState.RUNNING, "fetching", 120_000_000, 491_000_000, "bytes")
    assert render.job_line(job) == "fetching · 120 MB of 491 MB"
    assert 0.24 < render.fraction(job) < 0.25


@pytest.mark.parametrize(
    ("name", "words"),
    [("qwen2.5-coder-1.5b-instruct-q4_k_m", "qwen2.5-coder-1.5b"), ("llama3.2:latest", "llama3.2"), ("echo", "echo")],
)
def test_models_lose_what_only_says_how_they_are_packed(name, words):
    assert render.model_words(name) == words


def test_steps_show_how_they_stand_now_and_stay_with_the_answer():
    running, done = Step("1", "Divide"), Step("1", "Divide", "done", 2.0, 12, "Two parts")
    assert render.shown([Stepped(running), Stepped(done)]).taken == (done,)
    assert render.step_line(done) == "Divide · 2 s · 12 tokens"
    assert render.step_line(running) == "Divide · under way"
    kept = Turn("t", "assistant", "One.", 0.0, Answer("One.", False, "multi_step", "m", steps=(done,)))
    assert render.shown_turn(kept).taken == (done,)
    assert render.shown_turn(kept).steps.endswith("· 1 step")


def test_every_mode_has_a_name_and_a_line_of_help():
    assert set(render.MODES) == set(render.MODE_HELP) == set(MODES)
