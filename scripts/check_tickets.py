"""Checks the tickets: their form, the tests that their finished criteria name, and the index in tickets/README.md.

A finished criterion reads ``- [x] What is true now. (test: tests/path/test_x.py::test_name)``; several tests are
separated by commas, a method is ``tests/path.py::Class::test_name``, and a class that takes a contract suite on stands
for the suite. The test must exist, and nothing may skip it
unconditionally or expect it to fail.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
NAME = re.compile(r"(\d{4})-[a-z0-9]+(?:-[a-z0-9]+)*\.md")
SECTIONS = ("Why", "What", "Out of scope", "Acceptance")
CRITERION = re.compile(r"^- \[([ x])\] (.+(?:\n  .+)*)", re.MULTILINE)
PROOF = re.compile(r"\(test: ([^)]+)\)\s*$")
INDEX_HEAD = """# Tickets

What BasicChat is to do, one capability a ticket: why, what, what is out of scope, and how to tell that it is done. A
finished criterion names the test that proves it; `make check` sees to it that the test exists and runs.

| ticket | finished criteria |
|---|---|
"""


@dataclass(frozen=True)
class Ticket:
    """A ticket as far as the checker looks at it."""

    path: Path
    title: str
    criteria: tuple[tuple[bool, str], ...]
    sections: tuple[str, ...]


def read_ticket(path: Path) -> Ticket:
    """Read one ticket file."""
    text = path.read_text(encoding="utf-8")
    title = re.match(r"# (.+)", text)
    criteria = tuple((mark == "x", " ".join(said.split())) for mark, said in CRITERION.findall(text))
    return Ticket(path, title.group(1) if title else "", criteria, tuple(re.findall(r"^## (.+)$", text, re.MULTILINE)))


def problems(ticket: Ticket, root: Path) -> Iterator[str]:
    """Sentences about what is wrong with a ticket."""
    match = NAME.fullmatch(ticket.path.name)
    if not match:
        yield "the file is not named NNNN-slug.md"
    if not ticket.title:
        yield "the first line is not a title"
    if ticket.sections != SECTIONS:
        yield f"the sections are not {', '.join(SECTIONS)}"
    if not ticket.criteria:
        yield "there is no criterion"
    for finished, text in ticket.criteria:
        if finished:
            yield from (f"{text[:60]}: {problem}" for problem in proof_problems(text, root))


def proof_problems(criterion: str, root: Path) -> Iterator[str]:
    """What is wrong with the proof of a finished criterion."""
    proof = PROOF.search(criterion)
    if not proof:
        yield "a finished criterion names no test"
        return
    for name in proof.group(1).split(","):
        if problem := test_problem(name.strip(), root):
            yield problem


def test_problem(name: str, root: Path) -> str:
    """Why a named test proves nothing; empty when it does."""
    file, *inside = name.split("::")
    path = root / file
    if not path.is_file():
        return f"{file} does not exist"
    node: ast.AST = ast.parse(path.read_text(encoding="utf-8"))
    if marks_skip(getattr(node, "body", []), "pytestmark"):
        return f"{file} is skipped as a whole"
    for part in inside:
        found = next((child for child in getattr(node, "body", []) if getattr(child, "name", None) == part), None)
        if found is None:
            return f"{name} does not exist"
        node = found
        if any(is_skip(decorator) for decorator in getattr(node, "decorator_list", [])) or skips_at_once(node):
            return f"{name} is skipped or expected to fail"
    return "" if is_test(node) else f"{name} is not a test"


def is_test(node: ast.AST) -> bool:
    """Whether pytest would run it: a test function, or a class that takes a contract suite on."""
    if isinstance(node, ast.ClassDef):
        return node.name.startswith("Test") and bool(node.bases)
    return isinstance(node, ast.FunctionDef) and node.name.startswith("test")


def is_skip(decorator: ast.expr) -> bool:
    """Whether a mark always skips or expects a failure (``skipif`` does not)."""
    return bool(re.match(r"pytest\.mark\.(skip|xfail)(\(|$)", ast.unparse(decorator)))


def skips_at_once(node: ast.AST) -> bool:
    """Whether a test's own body, outside any condition, calls ``pytest.skip`` or ``pytest.xfail``."""
    calls = [each.value for each in getattr(node, "body", []) if isinstance(each, ast.Expr)]
    return any(re.match(r"pytest\.(skip|xfail)\(", ast.unparse(call)) for call in calls)


def marks_skip(body: list[ast.stmt], name: str) -> bool:
    """Whether a module assigns a skipping mark to ``pytestmark``."""
    assigned = [each.value for each in body if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == name]
    return any(re.search(r"pytest\.mark\.(skip|xfail)\b(?!if)", ast.unparse(value)) for value in assigned)


def index(tickets: Sequence[Ticket]) -> str:
    """The text of tickets/README.md."""
    rows = [
        f"| [{ticket.path.stem[:4]} {ticket.title}]({ticket.path.name}) "
        f"| {sum(finished for finished, _ in ticket.criteria)} of {len(ticket.criteria)} |\n"
        for ticket in tickets
    ]
    return INDEX_HEAD + "".join(rows)


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Check everything; with --write-index, write the index first. 1 when something is wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write-index", action="store_true", help="write tickets/README.md")
    options = parser.parse_args(arguments)
    folder = root / "tickets"
    tickets = [read_ticket(path) for path in sorted(folder.glob("*.md")) if path.name != "README.md"]
    readme = folder / "README.md"
    if options.write_index:
        readme.write_text(index(tickets), encoding="utf-8")
    found = [f"{ticket.path.name}: {problem}" for ticket in tickets for problem in problems(ticket, root)]
    if not readme.is_file() or readme.read_text(encoding="utf-8") != index(tickets):
        found.append("tickets/README.md is not current: run `make docs`")
    finished = sum(done for ticket in tickets for done, _ in ticket.criteria)
    total = sum(len(ticket.criteria) for ticket in tickets)
    print(f"tickets: {len(tickets)}, {finished} of {total} criteria finished")
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
