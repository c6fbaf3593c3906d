"""A setting that makes no sense is told by its name."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from basicchat.core.errors import InvalidInput
from basicchat.settings import load


@pytest.fixture(autouse=True)
def _bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("BASICCHAT_")]:
        monkeypatch.delenv(name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("BASICCHAT_ANSWER__MODE", "odd"),
        ("BASICCHAT_INGEST__CHUNK_TOKENS", "many"),
        ("BASICCHAT_INGEST__CHUNK_TOKENS", "5"),
        ("BASICCHAT_OLLAMA__NO_SUCH", "1"),
        ("BASICCHAT_MODELS__CHAT", "not-json"),
        ("BASICCHAT_MODELS", "not-json"),
        ("BASICCHAT_PROFILE", "odd"),
        ("BASICCHAT_SERVER__HOST", "0.0.0.0"),  # noqa: S104 - refused is the point
        ("BASICCHAT_HOME", __file__),
        ("BASICCHAT_HOME", "~no-such-user-here/home"),
    ],
)
def test_a_bad_value_of_the_environment_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(InvalidInput, match=rf"\b{name}\b") as caught:
        load()
    assert caught.value.hint


def test_a_bad_value_of_the_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("[retrieve]\ntop_k = 0\n", encoding="utf-8")
    with pytest.raises(InvalidInput, match=r"retrieve\.top_k"):
        load(home=tmp_path)


@pytest.mark.parametrize("content", [b"this is not toml", b"[open\n", b"\xff\xfe\x00"])
def test_a_file_that_is_not_toml_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "settings.toml").write_bytes(content)
    with pytest.raises(InvalidInput, match=r"settings\.toml cannot be read") as caught:
        load(home=tmp_path)
    assert "Mend it" in caught.value.hint


def test_an_empty_home_is_the_default_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BASICCHAT_HOME", "")
    assert load().home == Path("~/.basicchat").expanduser()
