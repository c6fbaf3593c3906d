"""Earlier answers round a real engine, library, store and cache: given again only while all is as it was."""

from __future__ import annotations

from dataclasses import replace

import pytest

from basicchat import bootstrap
from basicchat.core.errors import ProviderUnavailable, StoreError
from basicchat.core.events import Failed, Finished, Token, Verified
from basicchat.core.generations import Generation
from basicchat.core.types import Answer, Citation, Message, ModelInfo, Scope, Usage
from basicchat.ingest.generations import Generations
from basicchat.reason.engine import AnswerRequest
from basicchat.service.again import AnsweringAgain
from basicchat.service.earlier import EarlierAnswers
from basicchat.settings import load
from basicchat.testing.cache import MemoryCache
from basicchat.testing.embedding import HashingEmbedder
from basicchat.testing.indexes import MemoryVectorIndex
from basicchat.testing.store import MemoryStore

NOTES = "# Harbour\n\nThe harbour opens at six in the morning.\n\nThe lighthouse was built in 1887 by Ada Smith.\n"
QUESTION = "When was the lighthouse built?"


@pytest.fixture
def settings(tmp_path):
    return load(home=tmp_path / "home", profile="fake")


@pytest.fixture
def assistant(settings):
    with bootstrap.open_assistant(settings) as assistant:
        yield assistant


@pytest.fixture
def notes(assistant, tmp_path):
    path = tmp_path / "harbour.md"
    path.write_text(NOTES, encoding="utf-8")
    return assistant.ingest([path])[0].document_id


def ask(assistant, question=QUESTION, **options):
    return assistant.ask(question, mode="extractive", **options)


def add(assistant, tmp_path, name="other.md", text="The lighthouse was built by many hands.", **options):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return assistant.ingest([path], **options)[0].document_id


CHANGES = {
    "another file": lambda assistant, notes, folder: add(assistant, folder),
    "a new version of the file": lambda assistant, notes, folder: add(
        assistant, folder, "harbour.md", "The lighthouse was built in 1888."
    ),
    "the same content under another name": lambda assistant, notes, folder: add(assistant, folder, "copy.md", NOTES),
    "the file removed": lambda assistant, notes, folder: assistant.library.remove(notes),
    "the file moved away": lambda assistant, notes, folder: assistant.curation.move([notes], "elsewhere"),
    "a tag": lambda assistant, notes, folder: assistant.curation.tag([notes], ["coast"]),
    "a tag taken away": lambda assistant, notes, folder: (
        assistant.curation.tag([notes], ["coast"]),
        ask(assistant),
        assistant.curation.untag([notes], ["coast"]),
    ),
    "a passage corrected": lambda assistant, notes, folder: assistant.curation.edit_chunk(
        assistant.library.chunks(notes)[0].id, "The lighthouse was built in 1889."
    ),
    "a file moved here": lambda assistant, notes, folder: assistant.curation.move(
        [add(assistant, folder, collection="elsewhere")], "default"
    ),
}


def test_an_answer_is_given_again_and_says_so(assistant, notes):
    first = ask(assistant)
    second = ask(assistant, "when was the lighthouse built")
    assert first.earlier is None
    assert second.earlier is not None
    assert second.earlier.question == QUESTION
    assert second == replace(first, earlier=second.earlier, timings=second.timings, usage=Usage(), trace="")


def test_other_words_that_mean_the_same(assistant, notes):
    ask(assistant)
    assert ask(assistant, "When was lighthouse built").earlier is not None
    assert ask(assistant, "When was the lighthouse not built?").earlier is None


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_makes_it_anew(assistant, notes, tmp_path, change):
    ask(assistant)
    assert ask(assistant).earlier is not None
    change(assistant, notes, tmp_path)
    assert ask(assistant).earlier is None


def test_changes_elsewhere_do_not(assistant, notes, tmp_path):
    ask(assistant)
    add(assistant, tmp_path, collection="elsewhere")
    assert ask(assistant).earlier is not None


def test_a_correction_undone_makes_it_anew_too(assistant, notes):
    chunk = assistant.library.chunks(notes)[0].id
    ask(assistant)
    assistant.curation.edit_chunk(chunk, "The lighthouse was built in 1889.")
    assistant.curation.rollback(chunk, 0)
    assert ask(assistant).earlier is None


def test_chosen_documents_have_answers_of_their_own(assistant, notes, tmp_path):
    other = add(assistant, tmp_path)
    ask(assistant, document_ids=[notes, other])
    assert ask(assistant, document_ids=[other, notes]).earlier is not None
    assert ask(assistant, document_ids=[notes]).earlier is None
    assert ask(assistant).earlier is None


def test_removing_a_document_takes_its_answers_off_the_disk(assistant, notes, settings):
    ask(assistant)
    assert any(b"1887" in file.read_bytes() for file in (settings.home / "fake").glob("answers.sqlite*"))
    assistant.library.remove(notes)
    assert not any(b"1887" in file.read_bytes() for file in (settings.home / "fake").glob("answers.sqlite*"))


def test_afresh_makes_it_anew_and_takes_its_place(assistant, notes):
    ask(assistant)
    assert ask(assistant, fresh=True).earlier is None
    before = ask(assistant).earlier
    again = ask(assistant, "when was lighthouse built", fresh=True)
    after = ask(assistant, "When was lighthouse built?").earlier
    assert again.earlier is None
    assert before.made_at < after.made_at
    assert after.question == "when was lighthouse built"


def test_the_next_process_gives_it_again(settings, tmp_path):
    path = tmp_path / "harbour.md"
    path.write_text(NOTES, encoding="utf-8")
    with bootstrap.open_assistant(settings) as assistant:
        assistant.ingest([path])
        ask(assistant)
    with bootstrap.open_assistant(settings) as assistant:
        assert ask(assistant).earlier is not None


def test_other_settings_other_answers(settings, tmp_path):
    path = tmp_path / "harbour.md"
    path.write_text(NOTES, encoding="utf-8")
    with bootstrap.open_assistant(settings) as assistant:
        assistant.ingest([path])
        ask(assistant)
    changed = settings.model_copy(update={"retrieve": settings.retrieve.model_copy(update={"top_k": 3})})
    with bootstrap.open_assistant(changed) as assistant:
        assert ask(assistant).earlier is None


def test_another_strictness_another_answer(assistant, notes):
    ask(assistant)
    assert ask(assistant, strictness="strict").earlier is None
    assert ask(assistant, strictness="strict").earlier is not None


def test_turned_off_nothing_is_kept_and_what_was_kept_is_deleted(settings, tmp_path):
    path = tmp_path / "harbour.md"
    path.write_text(NOTES, encoding="utf-8")
    with bootstrap.open_assistant(settings) as assistant:
        assistant.ingest([path])
        ask(assistant)
    off = settings.model_copy(update={"cache": settings.cache.model_copy(update={"enabled": False})})
    with bootstrap.open_assistant(off) as assistant:
        assert [ask(assistant).earlier, ask(assistant).earlier] == [None, None]
        assert list((settings.home / "fake").glob("answers.sqlite*")) == []


def test_a_damaged_file_costs_the_answers_and_nothing_else(settings, tmp_path):
    path = tmp_path / "harbour.md"
    path.write_text(NOTES, encoding="utf-8")
    (settings.home / "fake").mkdir(parents=True)
    (settings.home / "fake" / "answers.sqlite").write_bytes(b"no database" * 1_000)
    with bootstrap.open_assistant(settings) as assistant:
        assistant.ingest([path])
        assert "1887" in ask(assistant).text
        ask(assistant)
        assert ask(assistant).earlier is not None


def test_a_folder_in_its_place_costs_the_answers_and_nothing_else(settings, tmp_path):
    path = tmp_path / "harbour.md"
    path.write_text(NOTES, encoding="utf-8")
    (settings.home / "fake" / "answers.sqlite").mkdir(parents=True)
    with bootstrap.open_assistant(settings) as assistant:
        assistant.ingest([path])
        assert [ask(assistant).earlier, ask(assistant).earlier] == [None, None]


def test_asking_afresh_in_a_conversation_replaces_the_answer_of_its_first_question(assistant, notes):
    conversation = assistant.chats.create().id
    for fresh in (False, True, True):
        list(assistant.chats.send(conversation, QUESTION, mode="extractive", fresh=fresh))
    turns = [turn for turn in assistant.chats.turns(conversation) if turn.role == "assistant"]
    assert [turn.answer.earlier for turn in turns] == [None, None, None]
    assert ask(assistant).earlier.made_at >= turns[1].created_at


def test_an_earlier_answer_is_kept_in_a_conversation_as_such(assistant, notes):
    made = ask(assistant)
    conversation = assistant.chats.create().id
    list(assistant.chats.send(conversation, QUESTION, mode="extractive"))
    answer = assistant.chats.turns(conversation)[-1].answer
    assert answer.text == made.text
    assert answer.earlier.question == QUESTION


# ---------------------------------------------------------------- over an engine that says what it is told to

CITATION = Citation(1, "a", "a.md", "A", 1, 0, 9, "In 1887.")
GOOD = Answer("In 1887 [1].", False, "direct", "small", (CITATION,))


class Engine:
    """Gives one answer, or fails; counts how often it was asked."""

    def __init__(self, answer=GOOD, *, verified=None, failed=None, meanwhile=lambda: None):
        self.answer, self.verified, self.failed, self.meanwhile = answer, verified, failed, meanwhile
        self.asked, self.closed = 0, 0

    def stream(self, request):
        self.asked += 1
        return self._events()

    def _events(self):
        try:
            yield Token(self.answer.text)
            self.meanwhile()
            if self.verified:
                yield self.verified
            yield Failed("provider-error", "It broke.", "") if self.failed else Finished(self.answer)
        finally:
            self.closed += 1


class Bench:
    """An engine with earlier answers round it."""

    def __init__(self, engine=None, *, model=lambda name: ModelInfo(name or "small", "fake", 8192)):
        self.engine = engine or Engine()
        self.store = MemoryStore()
        self.generations = Generations(Generation("first", HashingEmbedder(), MemoryVectorIndex()))
        self.answers = EarlierAnswers(MemoryCache())
        self.again = AnsweringAgain(
            self.engine, self.answers, self.store, self.generations, model, "settings", clock=lambda: 7.0
        )

    def ask(self, question=QUESTION, **options):
        return list(self.again.stream(AnswerRequest(question, **options)))

    def touch(self):
        with self.store.begin() as unit:
            unit.documents.touch("default")


def test_the_events_are_those_of_an_engine():
    bench = Bench(Engine(verified=Verified(1, 1)))
    first, second = bench.ask(), bench.ask()
    assert bench.engine.asked == 1
    assert second[:-1] == first[:-1] == [Token(GOOD.text), Verified(1, 1)]
    assert second[-1].answer.earlier.made_at == 7.0


NOT_KEPT = {
    "it declines": Engine(replace(GOOD, abstained=True)),
    "it comes with a warning": Engine(replace(GOOD, warnings=("The window was short.",))),
    "it names no source": Engine(replace(GOOD, citations=())),
    "a sentence has no support": Engine(verified=Verified(1, 2, ("It is blue.",))),
    "another model wrote it": Engine(replace(GOOD, model="other")),
    "quotes stand in for a model": Engine(replace(GOOD, mode="extractive", model=None)),
    "no documents were looked at": Engine(replace(GOOD, mode="chat")),
    "it failed": Engine(failed=True),
}


@pytest.mark.parametrize("engine", NOT_KEPT.values(), ids=NOT_KEPT)
def test_not_kept_where(engine):
    bench = Bench(engine)
    bench.ask()
    bench.ask()
    assert bench.engine.asked == 2
    assert bench.answers.count()[0] == 0


def test_not_kept_where_it_was_stopped():
    bench = Bench()
    events = bench.again.stream(AnswerRequest(QUESTION))
    next(events)
    events.close()
    assert bench.engine.closed == 1
    assert bench.answers.count()[0] == 0


def test_kept_before_its_end_is_handed_on():
    bench = Bench()
    events = bench.again.stream(AnswerRequest(QUESTION))
    assert isinstance([next(events), next(events)][-1], Finished)
    events.close()
    assert bench.answers.count()[0] == 1


def test_not_kept_where_something_changed_meanwhile():
    bench = Bench(Engine())
    bench.engine.meanwhile = bench.touch
    bench.ask()
    bench.ask()
    assert bench.engine.asked == 2


def test_another_embedder_another_answer():
    bench = Bench()
    bench.ask()
    bench.generations.put(Generation("second", HashingEmbedder(dimension=64), MemoryVectorIndex()))
    bench.ask()
    assert bench.engine.asked == 2


def test_the_model_in_use_and_the_same_by_name_share_answers_and_others_do_not():
    bench = Bench()
    bench.ask()
    bench.ask(model="small")
    assert bench.engine.asked == 1
    bench.ask(model="other")
    assert bench.engine.asked == 2


@pytest.mark.parametrize(
    "options", [{"mode": "direct"}, {"scope": Scope("other")}, {"scope": Scope("default", ("a",))}]
)
def test_every_way_of_asking_has_answers_of_its_own(options):
    bench = Bench()
    bench.ask()
    bench.ask(**options)
    assert bench.engine.asked == 2


@pytest.mark.parametrize("question", ["And when was it built?", "When?", "When did they build it?"])
def test_a_question_that_leans_on_what_was_said_is_neither_answered_from_it_nor_kept(question):
    history = (Message("user", "Who built the harbour of Oban?"), Message("assistant", "Ada Smith [1]."))
    bench = Bench()
    bench.ask(question)
    bench.ask(question, history=history)
    assert bench.engine.asked == 2
    assert bench.answers.count()[0] <= 1


def test_within_a_conversation_the_very_same_question_is_answered_and_nothing_kept():
    history = (Message("user", "Who built the harbour of Oban?"), Message("assistant", "Ada Smith [1]."))
    question = "When was the lighthouse of Skerryvore built?"
    bench = Bench()
    bench.ask(question, history=history)
    assert bench.answers.count()[0] == 0
    bench.ask(question)
    assert bench.ask(question, history=history)[-1].answer.earlier is not None
    assert bench.ask("When was lighthouse of Skerryvore built?", history=history)[-1].answer.earlier is None


@pytest.mark.parametrize("question", ["Hi!", "Thank you"])
def test_small_talk_is_passed_on(question):
    bench = Bench()
    bench.ask(question)
    bench.ask(question)
    assert bench.engine.asked == 2


def test_talk_without_documents_is_passed_on():
    bench = Bench()
    bench.ask(mode="chat")
    bench.ask(mode="chat")
    assert bench.engine.asked == 2


def test_afresh_an_answer_that_cannot_be_kept_still_drops_the_earlier_one():
    bench = Bench()
    bench.ask()
    bench.engine.answer = replace(GOOD, abstained=True)
    bench.ask(fresh=True)
    assert bench.answers.count()[0] == 0


def test_a_failure_afresh_leaves_the_earlier_answer():
    bench = Bench()
    bench.ask()
    bench.engine.failed = True
    bench.ask(fresh=True)
    assert bench.ask()[-1].answer.earlier is not None


class Broken(HashingEmbedder):
    """Cannot embed."""

    def embed_query(self, text):
        raise StoreError("no model")


def test_without_an_embedder_the_engine_answers():
    bench = Bench()
    bench.generations.put(Generation("broken", Broken(), MemoryVectorIndex()))
    assert isinstance(bench.ask()[-1], Finished)
    assert isinstance(bench.ask()[-1], Finished)
    assert bench.engine.asked == 2


def test_where_the_model_cannot_be_told_the_engine_answers():
    def gone(name):
        raise ProviderUnavailable("gone", provider="fake", model="small")

    bench = Bench(model=gone)
    assert isinstance(bench.ask()[-1], Finished)
    assert bench.answers.count()[0] == 0


def test_a_library_without_a_stamp_gets_one():
    bench = Bench()
    bench.ask()
    with bench.store.begin() as unit:
        assert unit.documents.stamp("default")
