"""Reads the licences of everything that requirements.txt brings, and fails on one that is not on the list.

Run in the environment where the requirements are installed. Pins for other platforms are named, not judged.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PERMISSIVE = {
    "Apache": r"apache",
    "MIT": r"\bmit\b|mit license|mit-cmu|\bhpnd\b",
    "BSD": r"\bbsd\b|bsd-|0bsd",
    "ISC": r"\bisc\b",
    "MPL": r"\bmpl|mozilla public",
    "PSF": r"\bpsf\b|python software foundation|python-2",
    "Unlicense": r"unlicense|public domain|cc0",
    "Zlib": r"\bzlib\b",
}
FORBIDDEN = re.compile(
    r"\bA?GPL|GNU (?:Affero )?General Public|Affero|SSPL|Business Source|Commons Clause", re.IGNORECASE
)
LESSER = re.compile(r"\bLGPL|Lesser General Public", re.IGNORECASE)
LESSER_ALLOWED = {
    "psycopg": "imported by dbos, whose jobs may lie in PostgreSQL; unchanged, and a module of its own",
    "psycopg-binary": "as psycopg",
}
"""Packages under the LGPL that are used as they are, as a library of their own, which that licence allows."""

KNOWN: dict[str, str] = {}
"""Packages whose metadata names no licence, read by hand in their repositories."""


def pinned() -> list[str]:
    """Names in requirements.txt, once each, in order."""
    text = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    return list(dict.fromkeys(re.findall(r"^([A-Za-z0-9._-]+)==", text, flags=re.MULTILINE)))


def stated(found: Distribution) -> str:
    """What the metadata says: the licence expression, else the classifiers, else the first line of the text."""
    classifiers = [
        line.split("::")[-1].strip() for line in found.metadata.get_all("Classifier") or [] if "License ::" in line
    ]
    expression = "".join(found.metadata.get_all("License-Expression") or [])
    text = "".join(found.metadata.get_all("License") or []).strip().splitlines()
    return expression or ", ".join(name for name in classifiers if name != "OSI Approved") or (text[0] if text else "")


def judge(name: str, licence: str) -> str:
    """The family of a licence; empty for one that may not be used or is not known.

    Of a choice ("MIT OR GPL") one that is allowed is enough.
    """
    licence = KNOWN.get(name, licence)
    if name in LESSER_ALLOWED and LESSER.search(licence):
        return "LGPL"
    for choice in re.split(r"\s+OR\s+", licence):
        if not FORBIDDEN.search(LESSER.sub("", choice)):
            for family, pattern in PERMISSIVE.items():
                if re.search(pattern, choice, re.IGNORECASE):
                    return family
    return ""


def main() -> int:
    """Print the families and whatever is not allowed; 1 if there is any."""
    families: Counter[str] = Counter()
    bad, absent = [], []
    for name in pinned():
        try:
            licence = stated(distribution(name))
        except PackageNotFoundError:
            absent.append(name)
            continue
        family = judge(name, licence)
        families[family or "not allowed"] += 1
        if not family:
            bad.append(f"{name}: {licence[:80] or 'no licence named'}")
    print("licences: " + ", ".join(f"{family} {count}" for family, count in families.most_common()))
    if absent:
        print(f"for other platforms: {', '.join(absent)}")
    print("\n".join(bad), end="\n" if bad else "")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
