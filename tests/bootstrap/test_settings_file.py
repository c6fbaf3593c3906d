import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from basicchat.bootstrap import settings_file
from basicchat.core.errors import InvalidInput
from basicchat.settings import load

SCALARS = st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | st.text()
NAMES = st.text(alphabet="abcdefghijklmnopqrstuvwxyz_", min_size=1)
GROUPS = st.dictionaries(NAMES, SCALARS | st.lists(st.text()), min_size=1)


@settings(deadline=None)
@given(st.dictionaries(NAMES, SCALARS | GROUPS))
def test_what_is_written_is_read(tree):
    assert tomllib.loads(settings_file.toml(tree)) == tree


def test_a_change_is_what_the_program_reads_next_time(tmp_path):
    settings_file.change(tmp_path / "settings.toml", "answer", "mode", "extractive")
    assert load(home=tmp_path).answer.mode == "extractive"


def test_a_change_leaves_the_others_alone(tmp_path):
    path = tmp_path / "settings.toml"
    path.write_text('log_level = "info"\n[ollama]\nenabled = false\n')
    settings_file.change(path, "answer", "max_tokens", 64)
    assert settings_file.read(path) == {
        "log_level": "info",
        "ollama": {"enabled": False},
        "answer": {"max_tokens": 64},
    }


def test_going_back_to_the_default_takes_it_out(tmp_path):
    path = tmp_path / "settings.toml"
    settings_file.change(path, "answer", "max_tokens", 64)
    settings_file.change(path, "answer", "max_tokens", None)
    assert settings_file.read(path) == {}


def test_a_file_that_is_not_toml_is_said_so_and_left_alone(tmp_path):
    path = tmp_path / "settings.toml"
    path.write_text("not toml at all")
    with pytest.raises(InvalidInput):
        settings_file.change(path, "answer", "max_tokens", 64)
    assert path.read_text() == "not toml at all"


def test_several_changes_are_one(tmp_path):
    path = tmp_path / "settings.toml"
    settings_file.change_all(path, "retrieve", {"links": False, "rerank_top": 24})
    settings_file.change_all(path, "retrieve", {"links": None, "top_k": 6})
    assert settings_file.read(path) == {"retrieve": {"rerank_top": 24, "top_k": 6}}
