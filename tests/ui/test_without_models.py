"""The page of somebody who has no model yet and may not fetch one."""

import pytest
from streamlit.testing.v1 import AppTest

from basicchat.core.types import JobState
from basicchat.settings import EmbeddedSettings, ModelSettings, OllamaSettings, load
from basicchat.ui import state


@pytest.fixture
def assistant(tmp_path):
    real = load(home=tmp_path / "home", profile="default")
    state.use(
        real.model_copy(
            update={
                "models": ModelSettings(folder=tmp_path / "models", fetch=False),
                "ollama": OllamaSettings(enabled=False),
                "embedded": EmbeddedSettings(enabled=False),
            }
        )
    )
    yield state.assistant()
    state.close()


def library() -> AppTest:
    def script() -> None:
        from basicchat.ui.pages import navigation

        navigation("library").run()

    return AppTest.from_function(script, default_timeout=60)


def test_an_upload_is_answered_with_what_is_missing_and_how_it_comes(assistant):
    job = assistant.library.submit_uploads([("note.txt", b"The ferry leaves at seven.")])
    assert assistant.jobs.wait(job.id, 60).state is JobState.DONE
    at = library().run()
    assert not at.exception
    told = "\n".join(caption.value for caption in at.caption).replace("\\", "")
    assert "bge-small-en-v1.5-int8 is not installed" in told
    assert "basicchat models pull bge-small-en-v1.5-int8" in told
    assert assistant.library.documents() == []
