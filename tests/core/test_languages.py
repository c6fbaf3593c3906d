from __future__ import annotations

import pytest

from basicchat.core.languages import SOURCE_ENDINGS, language_of


@pytest.mark.parametrize(
    ("name", "first", "language"),
    [
        ("a/ship.PY", "", "Python"),
        ("Dockerfile", "", "Dockerfile"),
        ("CMakeLists.txt", "", "CMake"),
        ("run", "#!/usr/bin/env -S python3.11 -u", "Python"),
        ("run", "#!/bin/bash", "Shell"),
        ("run", "#!", ""),
        ("run", "#!/usr/bin/env", ""),
        ("run", "#!/opt/unknown", ""),
        ("notes.txt", "", ""),
    ],
)
def test_languages(name: str, first: str, language: str) -> None:
    assert language_of(name, first_line=first) == language


def test_endings_begin_with_a_dot() -> None:
    assert all(ending.startswith(".") for ending in SOURCE_ENDINGS)
