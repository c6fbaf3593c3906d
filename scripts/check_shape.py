"""Prints the shape of our own tree beside what we aim at; with --check, fails where a limit is broken.

Modules are those of `basicchat`; tests are those under `tests`. A function's length counts its lines from ``def`` to
the last; nesting counts the blocks (if, for, while, with, try, match) round a statement inside one function.
"""

from __future__ import annotations

import argparse
import ast
import math
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "basicchat"
TESTS = ROOT / "tests"
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.TryStar, ast.Match)
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
MOCKS = re.compile(r"monkeypatch\.(?:setattr|setitem|delattr)|\bMagicMock\(|\bMock\(|\bpatch\(|mocker\.")
TRIVIAL_LINES = 5
"""A module this short (an ``__init__`` with a docstring) needs no test of its own."""


@dataclass(frozen=True)
class Row:
    """A measure, what it is, what we aim at, and whether the limit that must hold does hold."""

    measure: str
    found: str
    aim: str
    holds: bool = True


@dataclass(frozen=True)
class Module:
    """A source file, its dotted name and its syntax tree."""

    path: Path
    name: str
    lines: int
    tree: ast.Module


def read_modules(folder: Path) -> list[Module]:
    """Every Python file under the folder."""
    found = []
    for path in sorted(folder.rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        parts = path.relative_to(folder.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found.append(Module(path, name, len(text.splitlines()), ast.parse(text)))
    return found


def percentile(values: Sequence[int], share: float) -> int:
    """The nearest-rank percentile; 0 of nothing."""
    ordered = sorted(values)
    return ordered[max(math.ceil(share / 100 * len(ordered)), 1) - 1] if ordered else 0


def functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method."""
    return (node for node in ast.walk(tree) if isinstance(node, FUNCTIONS))


def length(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines from ``def`` to the end."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def nesting(node: ast.AST, depth: int = 0) -> int:
    """The deepest nesting of blocks inside a function; an ``elif`` is as deep as its ``if``."""
    deepest = depth
    for name, value in ast.iter_fields(node):
        for child in value if isinstance(value, list) else [value]:
            if not isinstance(child, ast.AST) or isinstance(child, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
                continue
            chained = name == "orelse" and isinstance(node, ast.If) and isinstance(child, ast.If) and len(value) == 1
            inner = depth + 1 if isinstance(child, BLOCKS) and not chained else depth
            deepest = max(deepest, nesting(child, inner))
    return deepest


def imports_at_start(module: Module, known: set[str]) -> set[str]:
    """Modules of the package that are imported when this one is: not inside functions, not for type checking."""
    found: set[str] = set()
    waiting: list[ast.AST] = list(module.tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {f"{node.module}.{alias.name}" for alias in node.names} & known
            found |= {node.module} & known
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names} & known
        elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            waiting.extend(node.orelse)
        elif not isinstance(node, FUNCTIONS):
            waiting.extend(ast.iter_child_nodes(node))
    return found - {module.name}


def cycles(modules: Sequence[Module]) -> int:
    """How many modules take part in an import cycle that does not merely pass through a package's ``__init__``."""
    packages = {module.name for module in modules if module.path.name == "__init__.py"}
    known = {module.name for module in modules}
    graph = {module.name: imports_at_start(module, known) - packages for module in modules}
    return sum(1 for name in graph if name in reachable(graph, name))


def reachable(graph: dict[str, set[str]], start: str) -> set[str]:
    """Every module that can be reached from ``start`` by one import or more."""
    seen: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(graph.get(name, ()))
    return seen


def public(node: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    """Public functions and classes of a module or a class, methods included, but nothing inside functions."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (*FUNCTIONS, ast.ClassDef)) and not child.name.startswith("_"):
            yield child
            if isinstance(child, ast.ClassDef):
                yield from public(child)


def swallowed(tree: ast.AST) -> int:
    """Broad excepts whose body neither raises nor uses the error nor logs."""
    count = 0
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler) and is_broad(node):
            names = {child.id for child in ast.walk(node) if isinstance(child, ast.Name)}
            raises = any(isinstance(child, ast.Raise) for child in ast.walk(node))
            count += not (raises or (node.name and node.name in names) or names & {"log", "logger"})
    return count


def is_broad(handler: ast.ExceptHandler) -> bool:
    """Whether it catches everything."""
    return handler.type is None or ast.unparse(handler.type) in {"Exception", "BaseException"}


def mirrored(modules: Sequence[Module]) -> tuple[int, int]:
    """Modules that have a test of the same name in the mirrored folder, and modules that should have one."""
    wanted = [module for module in modules if module.lines > TRIVIAL_LINES and "testing" not in module.path.parts]
    tests = {path.relative_to(TESTS).as_posix() for path in TESTS.rglob("test_*.py")}
    return sum(any(name in tests for name in mirror_names(module)) for module in wanted), len(wanted)


def mirror_names(module: Module) -> list[str]:
    """Where the tests of a module may lie: ``test_<module>.py``, or ``test_<package>.py`` for the package's code."""
    path = module.path.relative_to(PACKAGE)
    if path.name == "__init__.py":
        return [(path.parent / f"test_{path.parent.name}.py").as_posix(), (path.parent / "test_init.py").as_posix()]
    return [(path.parent / f"test_{path.name}").as_posix()]


def mock_rate() -> tuple[float, int]:
    """Patches and mocks per 100 tests, and the number of test functions."""
    sources = [path.read_text(encoding="utf-8") for path in TESTS.rglob("*.py")] if TESTS.is_dir() else []
    tests = sum(len(re.findall(r"^\s*def test_", source, flags=re.MULTILINE)) for source in sources)
    return 100 * sum(len(MOCKS.findall(source)) for source in sources) / max(tests, 1), tests


def measure(modules: Sequence[Module]) -> list[Row]:
    """The table."""
    lines = [module.lines for module in modules if module.lines > 1]
    found = [function for module in modules for function in functions(module.tree)]
    lengths, depths = [length(each) for each in found], [nesting(each) for each in found]
    open_to_all = [node for module in modules if not is_suite(module) for node in public(module.tree)]
    callables = [node for node in open_to_all if not isinstance(node, ast.ClassDef)]
    typed = sum(node.returns is not None for node in callables)
    told = sum(ast.get_docstring(node) is not None or is_overload(node) for node in open_to_all)
    broad = sum(swallowed(module.tree) for module in modules)
    circles = cycles(modules)
    mirror, wanted = mirrored(modules)
    mocks, tests = mock_rate()
    return [
        Row("modules", f"{len(modules)}, {sum(lines)} lines", ""),
        Row("lines a module, median / p90 / max", triple(lines), "80 / 250 / 450", max(lines, default=0) <= 450),
        Row("function lines, p90 / p99", f"{percentile(lengths, 90)} / {percentile(lengths, 99)}", "25 / 50"),
        Row("nesting, p90 / max", f"{percentile(depths, 90)} / {max(depths, default=0)}", "2 / 4", max(depths) <= 4),
        Row("modules in import cycles", str(circles), "0", circles == 0),
        Row("public functions with a return type", share(typed, len(callables)), "100 %", typed == len(callables)),
        Row("public names with a docstring", share(told, len(open_to_all)), "100 %", told == len(open_to_all)),
        Row("swallowed broad excepts per 1,000 lines", f"{1000 * broad / max(sum(lines), 1):.2f}", "0", broad == 0),
        Row(f"patches and mocks per 100 of {tests} tests", f"{mocks:.1f}", "3 or fewer"),
        Row("modules with a mirrored test", share(mirror, wanted), "80 %"),
    ]


def is_suite(module: Module) -> bool:
    """Whether it is a contract suite: its names are sentences already, as in any test."""
    return module.name.startswith("basicchat.testing.contracts")


def is_overload(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> bool:
    """Whether it is a signature of a function that is told elsewhere."""
    return any(ast.unparse(decorator).split(".")[-1] in {"overload", "setter"} for decorator in node.decorator_list)


def triple(values: Sequence[int]) -> str:
    """Median, 90th percentile and maximum."""
    return f"{percentile(values, 50)} / {percentile(values, 90)} / {max(values, default=0)}"


def share(part: int, whole: int) -> str:
    """A percentage with its counts."""
    return f"{100 * part / max(whole, 1):.0f} % ({part} of {whole})"


def longest(modules: Sequence[Module]) -> Iterator[str]:
    """Places that break a limit, for whoever has to mend them."""
    for module in modules:
        where = module.path.relative_to(ROOT)
        if module.lines > 450:
            yield f"{where}: {module.lines} lines"
        for function in functions(module.tree):
            if nesting(function) > 4:
                yield f"{where}:{function.lineno}: {function.name} nests {nesting(function)} deep"
        for node in [] if is_suite(module) else public(module.tree):
            if ast.get_docstring(node) is None and not is_overload(node):
                yield f"{where}:{node.lineno}: {node.name} has no docstring"
            if not isinstance(node, ast.ClassDef) and node.returns is None:
                yield f"{where}:{node.lineno}: {node.name} has no return type"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; with --check, 1 when a limit is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="fail when a limit is broken")
    options = parser.parse_args(arguments)
    modules = read_modules(PACKAGE)
    rows = measure(modules)
    print(f"{'measure':<44} {'found':<26} {'aim':<16}")
    for row in rows:
        print(f"{row.measure:<44} {row.found:<26} {row.aim:<16}{'' if row.holds else '  broken'}")
    broken = [] if all(row.holds for row in rows) else list(longest(modules))
    print("\n".join(broken), end="\n" if broken else "")
    return 1 if options.check and not all(row.holds for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
