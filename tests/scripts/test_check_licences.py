"""Which licences may come in."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.mark.parametrize(
    ("licence", "family"),
    [
        ("MIT", "MIT"),
        ("Apache-2.0 AND MIT", "Apache"),
        ("BSD-3-Clause", "BSD"),
        ("MPL-2.0", "MPL"),
        ("MIT OR GPL-3.0-only", "MIT"),
        ("AGPL-3.0-only", ""),
        ("GNU Affero General Public License v3", ""),
        ("MIT AND AGPL-3.0", ""),
        ("Proprietary", ""),
        ("", ""),
    ],
)
def test_families(script: Any, licence: str, family: str) -> None:
    assert script("check_licences")["judge"]("package", licence) == family


def test_the_lesser_licence_is_allowed_by_name_alone(script: Any) -> None:
    judge = script("check_licences")["judge"]
    assert judge("psycopg", "LGPL-3.0-only") == "LGPL"
    assert judge("another", "LGPL-3.0-only") == ""
    assert judge("psycopg", "GPL-3.0-only") == ""


def test_everything_installed_is_allowed(script: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert script("check_licences")["main"]() == 0, capsys.readouterr().out
