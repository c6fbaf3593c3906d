"""Formulas of Office (OMML) as LaTeX."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from xml.etree.ElementTree import Element

_FUNCTIONS = frozenset(
    (  # noqa: SIM905 - a list of names
        "arccos arcsin arctan arg cos cosh cot coth csc deg det dim exp gcd hom inf ker lg lim liminf limsup ln log "
        "max min Pr sec sin sinh sup tan tanh"
    ).split()
)
_SIGNS = (  # noqa: SIM905 - a list of names
    "∑ sum ∏ prod ∐ coprod ∫ int ∬ iint ∭ iiint ∮ oint ∞ infty × times ÷ div ± pm ∓ mp ⋅ cdot ∙ cdot ∗ ast "  # noqa: RUF001
    "≤ leq ≥ geq ≠ neq ≈ approx ≡ equiv ∼ sim ∝ propto ≪ ll ≫ gg → rightarrow ← leftarrow ⇒ Rightarrow "  # noqa: RUF001
    "⇔ Leftrightarrow ↔ leftrightarrow ∂ partial ∇ nabla √ sqrt ∈ in ∉ notin ⊂ subset ⊆ subseteq ∪ cup ∩ cap "  # noqa: RUF001
    "∅ emptyset ∀ forall ∃ exists ¬ neg ∧ wedge ∨ vee ⋃ bigcup ⋂ bigcap ⋁ bigvee ⋀ bigwedge … dots ⋯ cdots "  # noqa: RUF001
    "⋮ vdots ⋱ ddots ∘ circ ° circ · cdot"
).split()
_SYMBOLS = dict(zip(_SIGNS[::2], _SIGNS[1::2], strict=True))
_ACCENTS = {"\u0302": "hat", "\u0303": "tilde", "\u0304": "bar", "\u0305": "bar", "\u0307": "dot", "\u0308": "ddot"}
_ACCENTS |= {"\u20d7": "vec", "\u030c": "check", "\u0306": "breve"}
_ROW_END = r" \\ "
_GREEK = re.compile(r"GREEK (SMALL|CAPITAL) LETTER (\w+)$")


def latex_of(element: Element) -> str:
    """LaTeX of an ``m-`` element and what is in it; parts that are not known give their content."""
    return re.sub(r" {2,}", " ", _latex(element)).strip()


def _latex(element: Element) -> str:
    write = _WRITERS.get(element.tag)
    return write(element) if write else _inside(element)


def _inside(element: Element | None) -> str:
    return "" if element is None else "".join(_latex(child) for child in element)


def _part(element: Element, name: str) -> str:
    return _inside(element.find(f"m-{name}"))


def _text(element: Element) -> str:
    return "".join(_character(character) for character in element.text or "")


def _character(character: str) -> str:
    character = unicodedata.normalize("NFKC", character)  # letters of the mathematical alphabets
    if character in _SYMBOLS:
        return f" \\{_SYMBOLS[character]} "
    if greek := _GREEK.match(unicodedata.name(character, "") if len(character) == 1 else ""):
        name = greek[2].lower()
        return f" \\{name.capitalize() if greek[1] == 'CAPITAL' else name} "
    return {"\u2212": "-", "\u2013": "-"}.get(character, character)


def _value(element: Element, properties: str, name: str, default: str) -> str:
    found = element.find(f"m-{properties}/m-{name}")
    return default if found is None else next(iter(found.attrib.values()), "")


def _fraction(element: Element) -> str:
    top, bottom = _part(element, "num"), _part(element, "den")
    if _value(element, "fPr", "type", "bar") == "noBar":
        return rf"\genfrac{{}}{{}}{{0pt}}{{}}{{{top}}}{{{bottom}}}"
    return rf"\frac{{{top}}}{{{bottom}}}"


def _scripts(element: Element) -> str:
    base, below, above = (_part(element, name) for name in ("e", "sub", "sup"))
    base = f"{{{base}}}" if base.startswith("\\") else base
    return base + (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")


def _scripts_before(element: Element) -> str:
    return f"{{}}_{{{_part(element, 'sub')}}}^{{{_part(element, 'sup')}}}{_part(element, 'e')}"


def _root(element: Element) -> str:
    degree = _part(element, "deg")
    return rf"\sqrt{f'[{degree}]' if degree else ''}{{{_part(element, 'e')}}}"


def _large(element: Element) -> str:
    sign = _character(_value(element, "naryPr", "chr", "∫")).strip()
    below, above = _part(element, "sub"), _part(element, "sup")
    return f"{sign}{f'_{{{below}}}' if below else ''}{f'^{{{above}}}' if above else ''} {_part(element, 'e')}"


def _between(element: Element) -> str:
    left, right = _value(element, "dPr", "begChr", "("), _value(element, "dPr", "endChr", ")")
    middle = _value(element, "dPr", "sepChr", "|").join(_inside(part) for part in element.findall("m-e"))
    return rf"\left{_fence(left)}{middle}\right{_fence(right)}"


def _fence(character: str) -> str:
    return f"\\{character}" if character in {"{", "}"} else character or "."


def _function(element: Element) -> str:
    name = _part(element, "fName").strip()
    word = re.match(r"[A-Za-z]*", name)
    known = "\\" if word and word[0] in _FUNCTIONS else ""
    return f"{known}{name}({_part(element, 'e')})"


def _accent(element: Element) -> str:
    return rf"\{_ACCENTS.get(_value(element, 'accPr', 'chr', chr(0x302)), 'hat')}{{{_part(element, 'e')}}}"


def _limit(element: Element) -> str:
    mark = "_" if element.tag == "m-limLow" else "^"
    name = _part(element, "e").strip()
    known = "\\" if name in _FUNCTIONS else ""
    return f"{known}{name}{mark}{{{_part(element, 'lim')}}}"


def _matrix(element: Element) -> str:
    rows = (" & ".join(_inside(cell) for cell in row.findall("m-e")) for row in element.findall("m-mr"))
    return rf"\begin{{matrix}}{_ROW_END.join(rows)}\end{{matrix}}"


def _lines(element: Element) -> str:
    return _ROW_END.join(_inside(line) for line in element.findall("m-e"))


def _nothing(_: Element) -> str:
    return ""


_WRITERS: dict[str, Callable[[Element], str]] = {
    "m-t": _text,
    "m-f": _fraction,
    **dict.fromkeys(("m-sSup", "m-sSub", "m-sSubSup"), _scripts),
    "m-sPre": _scripts_before,
    "m-rad": _root,
    "m-nary": _large,
    "m-d": _between,
    "m-func": _function,
    "m-acc": _accent,
    "m-bar": lambda element: rf"\overline{{{_part(element, 'e')}}}",
    **dict.fromkeys(("m-limLow", "m-limUpp"), _limit),
    "m-m": _matrix,
    "m-eqArr": _lines,
    **dict.fromkeys(("m-degHide", "m-ctrlPr", "m-rPr"), _nothing),
}
