from __future__ import annotations

from contextlib import ExitStack

from basicchat import settings
from basicchat.adapters.load.isolated import IsolatedLoader
from basicchat.adapters.split.langchain import RecursiveSplitter
from basicchat.bootstrap import parts
from basicchat.ingest.chunk import NaturalSplitter
from basicchat.reason.rewrite.config import RewriteConfig
from basicchat.settings import IngestSettings, RetrieveSettings


def test_the_splitter_is_chosen_by_a_setting(tmp_path) -> None:
    chosen = settings.load(home=tmp_path)
    assert isinstance(parts.splitter(chosen), NaturalSplitter)
    chosen = chosen.model_copy(update={"ingest": IngestSettings(splitter="recursive")})
    assert isinstance(parts.splitter(chosen), RecursiveSplitter)


def test_files_are_read_apart_unless_a_setting_says_otherwise(tmp_path) -> None:
    with ExitStack() as closing:
        chosen = settings.load(home=tmp_path)
        assert all(isinstance(loader, IsolatedLoader) for loader in parts.loaders(chosen, closing))
        chosen = chosen.model_copy(update={"ingest": IngestSettings(isolation=False)})
        assert not any(isinstance(loader, IsolatedLoader) for loader in parts.loaders(chosen, closing))
        fake = settings.load(home=tmp_path, profile="fake")
        assert not any(isinstance(loader, IsolatedLoader) for loader in parts.loaders(fake, closing))


def test_the_model_of_speech_lies_with_the_others(tmp_path) -> None:
    chosen = settings.load(home=tmp_path)
    assert parts.load_options(chosen).speech_model == str(chosen.models_folder / "whisper-base")
    chosen = chosen.model_copy(update={"ingest": IngestSettings(speech="")})
    assert parts.load_options(chosen).speech_model == ""


def test_the_steps_of_the_search_follow_the_settings(tmp_path) -> None:
    chosen = settings.load(home=tmp_path)
    assert parts.answer_config(chosen).rewrite == RewriteConfig()
    retrieve = RetrieveSettings(rewrite="model", rewrite_seconds=1.5, decompose=True, expand=True, hypothetical=True)
    chosen = chosen.model_copy(update={"retrieve": retrieve})
    assert parts.answer_config(chosen).rewrite == RewriteConfig("model", True, True, True, 1.5)


def test_words_count_as_much_as_the_settings_say(tmp_path):
    usual, more = (
        parts.retrieve_config(settings.Settings(home=tmp_path, retrieve=RetrieveSettings(words=share)))
        for share in (1.0, 2.0)
    )
    assert more.weights.lexical == 2 * usual.weights.lexical
    assert more.weights.dense == usual.weights.dense
