"""Writing a proposal into the settings, and taking it back."""

from __future__ import annotations

from pathlib import Path

import pytest

from basicchat.bootstrap import quality, settings_file
from basicchat.core.errors import NotFound
from basicchat.settings import Settings, load

TEXT = 'log_level = "info"\n\n[retrieve]\nlinks = false\ntop_k = 6\n'


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.delenv("BASICCHAT_RETRIEVE__FUSION", raising=False)
    (tmp_path / "settings.toml").write_text(TEXT, encoding="utf-8")
    return load(home=tmp_path)


def test_a_proposal_is_read_at_the_next_start_and_undone(settings: Settings) -> None:
    quality.apply(settings, {"fusion": "ranks", "links": True})
    changed = load(home=settings.home)
    assert (changed.retrieve.fusion, changed.retrieve.links, changed.retrieve.top_k) == ("ranks", True, 6)
    assert changed.log_level == "info"
    assert "links" not in settings_file.read(settings.home / "settings.toml")["retrieve"]
    assert quality.overruled(settings, {"fusion": "ranks"}) == ()
    quality.undo(settings)
    assert settings_file.read(settings.home / "settings.toml") == {
        "log_level": "info",
        "retrieve": {"links": False, "top_k": 6},
    }


def test_what_somebody_changed_since_stays(settings: Settings) -> None:
    quality.apply(settings, {"fusion": "ranks", "words": 0.5})
    settings_file.change(settings.home / "settings.toml", "retrieve", "words", 3.0)
    quality.undo(settings)
    kept = load(home=settings.home).retrieve
    assert (kept.fusion, kept.words) == ("scores", 3.0)


def test_there_is_nothing_to_undo_twice(settings: Settings) -> None:
    quality.apply(settings, {"fusion": "ranks"})
    quality.undo(settings)
    with pytest.raises(NotFound):
        quality.undo(settings)


def test_the_environment_has_the_last_word(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASICCHAT_RETRIEVE__FUSION", "meaning")
    quality.apply(settings, {"fusion": "ranks", "words": 2.0})
    assert quality.overruled(settings, {"fusion": "ranks", "words": 2.0}) == ("fusion",)
