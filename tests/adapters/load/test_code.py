from __future__ import annotations

from pathlib import Path

import pytest

from basicchat.adapters.load.code import CodeLoader, definitions

PYTHON = '''"""Ports."""
import os


@cache
class Ship:
    def sail(self):
        """def not_this"""
        async def inner(): ...

if True:
    def later(): pass
'''

SAMPLES = {
    "TypeScript": (
        "/**\n * Returns the depth (in metres)\n */\nexport default class Ship extends Boat {\n"
        "  private sail(speed: number): void {\n    if (speed) {\n    }\n  }\n}\n"
        "export const go = async (x) => { return 1 }\nfunction* gen() {\n}\n",
        [(1, "class Ship"), (2, "function sail"), (1, "function go"), (1, "function gen")],
    ),
    "Go": ("func (s *Ship) Sail(x int) error {\n}\ntype Ship struct {\n}\n", [(1, "func Sail"), (1, "struct Ship")]),
    "Rust": (
        "pub(crate) struct Ship;\nimpl<T> Sail for Ship<T> {\n    pub async fn go(&self) {}\n}\n",
        [(1, "struct Ship"), (1, "impl Sail"), (2, "fn go")],
    ),
    "C": ("static int *find(const char *name)\n{\n  return f(name);\n}\n", [(1, "function find")]),
    "Java": (
        "public final class Ship {\n  public int sail(int a) {\n    for (int i : x) {\n    }\n  }\n}\n",
        [(1, "class Ship"), (2, "function sail")],
    ),
    "Ruby": (
        "module Port\n  class Ship < Boat\n    def sail?\n",
        [(1, "module Port"), (2, "class Ship < Boat"), (3, "def sail?")],
    ),
    "SQL": ("create table if not exists ships (id int);\n", [(1, "table ships")]),
    "Shell": ("sail() {\n  echo x\n}\n", [(1, "sail")]),
    "TOML": ("[tool.ship]\nname = 1\n", [(1, "tool.ship")]),
    "YAML": ("class Ship:\n", []),
    "Kotlin": ("data class Ship(val a: Int)\nfun sail() {\n", [(1, "class Ship"), (1, "fun sail")]),
    "PHP": ("<?php\nfunction sail($a) {\n", [(1, "function sail")]),
}


def test_python_is_read_by_its_syntax() -> None:
    assert definitions(PYTHON, "Python") == [
        (4, 1, "class Ship"),
        (6, 2, "def sail"),
        (8, 3, "def inner"),
        (11, 1, "def later"),
    ]


def test_python_that_does_not_parse_is_looked_through() -> None:
    assert definitions("print 'old'\nclass Ship:\n    def sail(self):\n", "Python") == [
        (1, 1, "class Ship"),
        (2, 2, "def sail"),
    ]


@pytest.mark.parametrize("language", SAMPLES)
def test_other_languages_are_read_by_how_lines_begin(language: str) -> None:
    text, expected = SAMPLES[language]
    assert [(level, words) for _, level, words in definitions(text, language)] == expected


def test_definitions_are_headings_and_lines_are_places(tmp_path: Path) -> None:
    (tmp_path / "stored").write_bytes(PYTHON.replace("\n", "\r\n").encode())
    loaded = next(CodeLoader().load(tmp_path / "stored", name="ship.py"))
    (page,) = loaded.pages
    assert page.text == PYTHON.rstrip()
    assert loaded.title == "ship.py"
    assert loaded.metadata == {"language": "Python"}
    assert [page.text[heading.start :].split("\n")[0].strip() for heading in page.headings][:2] == [
        "@cache",
        "def sail(self):",
    ]
    assert page.anchors[6].name == "line 7"
    assert page.text[page.anchors[6].start :].startswith("    def sail")


def test_very_deep_code_is_looked_through() -> None:
    assert definitions("x = " + "(" * 50_000 + ")" * 50_000 + "\ndef sail(): pass\n", "Python") == [(1, 1, "def sail")]


def test_a_long_file_is_in_parts_and_knows_every_tenth_line(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("\n".join(f"value_{number} = {number}" for number in range(1, 30_001)))
    pages = next(CodeLoader().load(tmp_path / "a.py")).pages
    assert len(pages) > 10
    names = [anchor.name for page in pages for anchor in page.anchors]
    assert {"line 1", "line 11", "line 29991"} <= set(names)
