from __future__ import annotations

from basicchat import settings
from basicchat.adapters.split.langchain import RecursiveSplitter
from basicchat.bootstrap import parts
from basicchat.ingest.chunk import NaturalSplitter
from basicchat.settings import IngestSettings


def test_the_splitter_is_chosen_by_a_setting(tmp_path) -> None:
    chosen = settings.load(home=tmp_path)
    assert isinstance(parts.splitter(chosen), NaturalSplitter)
    chosen = chosen.model_copy(update={"ingest": IngestSettings(splitter="recursive")})
    assert isinstance(parts.splitter(chosen), RecursiveSplitter)
