from __future__ import annotations

import pytest

from basicchat.adapters.load.formula import latex_of
from basicchat.adapters.load.package import parse_xml, simplify

_SPACE = "http://schemas.openxmlformats.org/officeDocument/2006/math"


def run(text: str) -> str:
    return f"<m:r><m:t>{text}</m:t></m:r>"


@pytest.mark.parametrize(
    ("omml", "latex"),
    [
        (run("a=b"), "a=b"),
        (f"<m:f><m:num>{run('1')}</m:num><m:den>{run('2')}</m:den></m:f>", r"\frac{1}{2}"),
        (f"<m:sSup><m:e>{run('x')}</m:e><m:sup>{run('2')}</m:sup></m:sSup>", "x^{2}"),
        (f"<m:sSub><m:e>{run('x')}</m:e><m:sub>{run('i')}</m:sub></m:sSub>", "x_{i}"),
        (f"<m:rad><m:deg/><m:e>{run('x')}</m:e></m:rad>", r"\sqrt{x}"),
        (f"<m:func><m:fName>{run('log')}</m:fName><m:e>{run('x')}</m:e></m:func>", r"\log(x)"),
        (f"<m:d><m:e>{run('x')}</m:e></m:d>", r"\left(x\right)"),
        (run("πr"), r"\pi r"),
        (
            f'<m:nary><m:naryPr><m:chr m:val="∑"/></m:naryPr><m:sub>{run("1")}</m:sub><m:sup>{run("n")}</m:sup>'
            f"<m:e>{run('k')}</m:e></m:nary>",
            r"\sum_{1}^{n} k",
        ),
        (f"<m:m><m:mr><m:e>{run('a')}</m:e><m:e>{run('b')}</m:e></m:mr></m:m>", r"\begin{matrix}a & b\end{matrix}"),
        (f"<m:unknown><m:e>{run('x')}</m:e></m:unknown>", "x"),
    ],
)
def test_formulas(omml: str, latex: str) -> None:
    root = simplify(parse_xml(f'<m:oMath xmlns:m="{_SPACE}">{omml}</m:oMath>'.encode()))
    assert latex_of(root) == latex
