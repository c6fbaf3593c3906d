"""Pairs of questions that ask the same, and pairs that nearly do, made from the evaluation sets by rules.

Nothing is picked by hand. Same questions ("paraphrase") are:

- `people, same sentence`: SQuAD2 and XQuAD (en), two answerable questions of one passage whose first answers are the
  same characters of the passage. Their authors did not mean to ask the same; some really ask different things that
  have one answer, so a hit on them is never a false one, and a miss often no loss.
- `people, rewritten`: MTRAG, the last turn of a conversation and what a human made of it, where the two differ and the
  human added no word with a capital letter or digit, so that the turn stands alone.
- `wrapped`, `lower case`, `fronted`, `which for what`, `year for when`, `other word`, `no contraction`: the questions
  of SQuAD2 and XQuAD changed by one rule each, named in `PARAPHRASES`.

Near misses are:

- `same passage`: a question of SQuAD2 or XQuAD with the question of its passage that shares most of its words and has
  another answer, or none: SQuAD2's unanswerable questions were written by people to look like answerable ones.
- `name`: the last name of a question replaced by another name of its article.
- `number`, `negation`, `opposite`, `question word`, `roles`, `tense`, `unit`, `small word`: questions changed by one
  rule each, named in `NEAR_MISSES`.

Articles (conversations for MTRAG) are dealt into a half to fit on and a half to report. The pairs may be written to a
folder outside of the repository; they stay under the licences of their sets.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from basicchat.retrieve.terms import terms
from benchmarks.table import REPOSITORY, evaluation_set, print_table

HALVES = ("fitting", "reporting")
EACH = 60  # pairs that one rule gives from one article, at most: the sets are uneven

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Pair:
    """Two questions, whether they ask the same, and the rule and article they come from."""

    rule: str
    same: bool
    article: str
    first: str
    second: str

    @property
    def half(self) -> str:
        """The half that its article was dealt to."""
        return HALVES[hashlib.sha256(self.article.encode()).digest()[0] % 2]


def wrapped(question: str) -> str | None:
    """``Could you tell me`` before a question that stays as it is when it is asked so."""
    if not re.match(r"(?:Who|What|Which) (?!is|are|was|were|do|does|did|has|have|had|can|could)", question):
        return None
    return f"Could you please tell me {question[0].lower()}{question[1:]}"


def lower_case(question: str) -> str | None:
    """As many type: no capitals, no mark at the end."""
    return question.lower().rstrip(" ?")


def fronted(question: str) -> str | None:
    """A last phrase of time or place put first: ``What began in 1974?``, ``In 1974, what began?``"""
    found = re.fullmatch(r"(\w.* )((?:in|on|during|after|before|by|since|until) (?:the )?[\w' ]{2,30})\?", question)
    if not found or len(found[1].split()) < 4 or len(found[2].split()) > 4:
        return None
    return f"{found[2][0].upper()}{found[2][1:]}, {found[1][0].lower()}{found[1].strip()[1:]}?"


def which_for_what(question: str) -> str | None:
    """``Which`` for ``What`` before a noun, and the other way round."""
    found = re.match(r"(What|Which) (?!is|are|was|were|do|does|did|has|have|had|can|could|would|of|percent)", question)
    if not found:
        return None
    return f"{'Which' if found[1] == 'What' else 'What'} {question[found.end() :]}"


def year_for_when(question: str) -> str | None:
    """``When`` for ``In what year``."""
    found = re.match(r"(?:In|During) (?:what|which) year ", question)
    return f"When {question[found.end() :]}" if found else None


OTHER_WORDS = {
    "begin": "start", "start": "begin", "end": "finish", "built": "constructed", "large": "big", "largest": "biggest",
    "buy": "purchase", "United States": "USA", "U.S.": "United States", "percent": "%", "percentage": "share",
    "called": "named", "created": "made", "located": "situated", "main": "principal", "important": "significant",
    "happened": "occurred", "number of": "amount of", "kind": "type", "type": "kind", "live": "reside",
    "two": "2", "three": "3", "EU": "European Union", "European Union": "EU", "help": "aid", "name": "title",
}  # fmt: skip
"""Words for other words of the same meaning, also ones that the program does not know to be the same."""


def other_word(question: str) -> str | None:
    """The first word of `OTHER_WORDS` replaced."""
    return _exchanged(question, OTHER_WORDS)


def no_contraction(question: str) -> str | None:
    """``wasn't`` for ``was not``, ``What's`` for ``What is``."""
    shorter = re.sub(r"\b(did|was|were|is|are|do|does) not\b", r"\1n't", question)
    shorter = re.sub(r"^(What|Who|Where) is (?=the |a )", r"\1's ", shorter)
    return shorter if shorter != question else None


def number(question: str) -> str | None:
    """The last number one higher, or a number in words another one."""
    digits = list(re.finditer(r"\d+(?:,\d{3})*", question))
    if digits:
        last = digits[-1]
        return f"{question[: last.start()]}{int(last[0].replace(',', '')) + 1}{question[last.end() :]}"
    return _exchanged(question, {"two": "three", "three": "four", "one": "two", "first": "second", "second": "third",
                                 "century": "decade", "four": "five", "half": "third", "once": "twice"})  # fmt: skip


def negation(question: str) -> str | None:
    """``not`` put in behind the auxiliary, or taken out."""
    if re.search(r"\bnot\b", question):
        return re.sub(r"\bnot ", "", question, count=1)
    found = re.search(r"\b(?:did|was|were|is|are|do|does|can|could|would|has|have)\b(?: the)? \w+", question)
    return f"{question[: found.end()]} not{question[found.end() :]}" if found else None


OPPOSITES = {
    "highest": "lowest", "largest": "smallest", "first": "last", "before": "after", "after": "before", "more": "less",
    "most": "least", "increase": "decrease", "north": "south", "northern": "southern", "east": "west", "west": "east",
    "eastern": "western", "western": "eastern", "southern": "northern", "best": "worst", "begin": "end", "start": "end",
    "win": "lose", "won": "lost", "early": "late", "old": "young", "oldest": "youngest", "new": "old", "good": "bad",
    "high": "low", "large": "small", "long": "short", "longest": "shortest", "above": "below", "over": "under",
    "with": "without", "support": "oppose", "supported": "opposed", "ended": "began", "started": "ended",
    "began": "ended", "maximum": "minimum", "upper": "lower", "public": "private", "son": "daughter", "to": "from",
    "from": "to", "he": "she", "his": "her", "major": "minor", "common": "rare", "allowed": "forbidden", "buy": "sell",
    "father": "mother", "king": "queen", "major party": "minor party", "positive": "negative", "inside": "outside",
}  # fmt: skip


def opposite(question: str) -> str | None:
    """The first word of `OPPOSITES` replaced."""
    return _exchanged(question, OPPOSITES)


QUESTION_WORDS = {
    "When": "Where", "Where": "When", "Who": "What", "How many": "How much", "How much": "How often",
    "What year": "What month", "Why": "How", "How": "Why", "What country": "What city", "What city": "What country",
    "Which": "How many", "In what year": "In what place",
}  # fmt: skip


def question_word(question: str) -> str | None:
    """Another question word at the beginning."""
    for word, another in QUESTION_WORDS.items():
        if question.startswith(f"{word} "):
            return another + question[len(word) :]
    return None


def roles(question: str) -> str | None:
    """The first two names change places: who did it to whom."""
    names = [found for found in _NAME.finditer(question) if found.start()]
    if len(names) < 2 or names[0][0] == names[1][0] or question[names[0].end() : names[1].start()] == " and ":
        return None
    one, two = names[:2]
    between = question[one.end() : two.start()]
    return f"{question[: one.start()]}{two[0]}{between}{one[0]}{question[two.end() :]}"


TENSES = {"is": "was", "was": "is", "are": "were", "were": "are", "does": "did", "do": "did", "did": "does",
          "has": "had", "will": "did"}  # fmt: skip


def tense(question: str) -> str | None:
    """The first auxiliary in another tense."""
    return _exchanged(question, TENSES)


UNITS = {"percent": "million", "percentage": "number", "million": "billion", "billion": "million",
         "miles": "kilometres", "km": "miles",
         "kilometers": "miles", "years": "months", "days": "weeks", "dollars": "euros", "feet": "metres",
         "century": "year", "square": "cubic", "hours": "minutes", "year": "day", "people": "families",
         "men": "women", "acres": "hectares", "per cent": "million"}  # fmt: skip


def unit(question: str) -> str | None:
    """The first unit replaced by another."""
    return _exchanged(question, UNITS)


SMALL_WORDS = {"by": "for", "for": "against", "of": "without", "and": "or", "or": "and", "all": "some", "some": "all",
               "only": "also", "other": "same", "between": "outside", "in": "outside", "their": "our", "on": "under",
               "any": "every", "until": "since", "since": "until", "during": "after"}  # fmt: skip


def small_word(question: str) -> str | None:
    """The first small word that carries meaning replaced: ``by`` the Normans is not ``for`` them."""
    return _exchanged(question, SMALL_WORDS)


Rule = Callable[[str], str | None]

PARAPHRASES: dict[str, Rule] = {
    "wrapped": wrapped,
    "lower case": lower_case,
    "fronted": fronted,
    "which for what": which_for_what,
    "year for when": year_for_when,
    "other word": other_word,
    "no contraction": no_contraction,
}
NEAR_MISSES: dict[str, Rule] = {
    "number": number,
    "negation": negation,
    "opposite": opposite,
    "question word": question_word,
    "roles": roles,
    "tense": tense,
    "unit": unit,
    "small word": small_word,
}

_NAME = re.compile(r"\b[A-Z][\w'-]+(?: (?:of |the )*[A-Z][\w'-]+)*")


def pairs() -> list[Pair]:
    """Every pair, in the order of the rules. Ends the command where a set is absent."""
    found: list[Pair] = []
    for rows, title in (
        _questions(evaluation_set("squad2")),
        _questions(evaluation_set("xquad") / "en"),
    ):
        found += _same_answer(rows, title)
        found += _same_passage(rows, title)
        found += _names(rows, title)
        found += _by_rules(rows, title)
    found += _rewritten(evaluation_set("mtrag"))
    return _few(found)


def _questions(folder: Path) -> tuple[list[Row], Mapping[str, str]]:
    """Questions without those whose text another of the same passage has, and the article of each passage."""
    title = {row["_id"]: row["title"].replace("_", " ") for row in _rows(folder / "passages.jsonl.gz")}
    rows: list[Row] = []
    seen: set[tuple[str, str]] = set()
    for row in _rows(folder / "questions.jsonl.gz"):
        text = " ".join(row["question"].split())
        if (row["passage_id"], _plain(text)) not in seen:
            seen.add((row["passage_id"], _plain(text)))
            rows.append({**row, "question": text})
    return rows, title


def _same_answer(rows: Sequence[Row], title: Mapping[str, str]) -> Iterator[Pair]:
    groups: dict[tuple[str, int, str], list[str]] = defaultdict(list)
    for row in rows:
        if row["answers"]:
            answer = row["answers"][0]
            groups[row["passage_id"], answer["answer_start"], answer["text"]].append(row["question"])
    for (passage, _, _), questions in groups.items():
        for first, second in combinations(questions, 2):
            yield Pair("people, same sentence", True, title[passage], first, second)


def _same_passage(rows: Sequence[Row], title: Mapping[str, str]) -> Iterator[Pair]:
    by_passage: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_passage[row["passage_id"]].append(row)
    for row in rows:
        others = [other for other in by_passage[row["passage_id"]] if row["answers"] and not _one_answer(row, other)]
        if others:
            nearest = max(others, key=lambda other: (_shared(row["question"], other["question"]), other["_id"]))
            yield Pair("same passage", False, title[row["passage_id"]], row["question"], nearest["question"])


def _names(rows: Sequence[Row], title: Mapping[str, str]) -> Iterator[Pair]:
    """A question with its last name replaced by the next name of the same article, in the order of the alphabet."""
    held: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        held[title[row["passage_id"]]] |= {name[0] for name in _NAME.finditer(row["question"]) if name.start()}
    for row in rows:
        article, question = title[row["passage_id"]], row["question"]
        names, known = (
            [name for name in _NAME.finditer(question) if name.start()],
            sorted(held[title[row["passage_id"]]]),
        )
        if names and len(known) > 1:
            last = names[-1]
            another = next(
                (name for name in _after(known, last[0]) if set(terms(name)) != set(terms(last[0]))), last[0]
            )
            yield Pair("name", False, article, question, question[: last.start()] + another + question[last.end() :])


def _after(known: Sequence[str], name: str) -> list[str]:
    """The other names, from the one behind ``name`` round to the one before it."""
    at = known.index(name)
    return [*known[at + 1 :], *known[:at]]


def _by_rules(rows: Sequence[Row], title: Mapping[str, str]) -> Iterator[Pair]:
    for rules, same in ((PARAPHRASES, True), (NEAR_MISSES, False)):
        for name, rule in rules.items():
            for row in rows:
                changed = rule(row["question"])
                if changed and changed != row["question"]:
                    yield Pair(name, same, title[row["passage_id"]], row["question"], changed)


def _rewritten(folder: Path) -> Iterator[Pair]:
    for file in sorted(folder.glob("rewrite_*.jsonl.gz")):
        for row in _rows(file):
            turn, rewrite = row["last_turn"], row["human_rewrite"]
            added = {word for word in re.findall(r"\w+", rewrite)[1:] if not word.islower()} - set(
                re.findall(r"\w+", turn.title() + " " + turn.upper() + " " + turn)
            )
            if _plain(turn) != _plain(rewrite) and not added:
                yield Pair("people, rewritten", True, f"mtrag: {row['_id'].partition('<')[0]}", turn, rewrite)


def _few(found: Sequence[Pair]) -> list[Pair]:
    """At most `EACH` pairs of a rule and an article, those with the smallest digests; no pair of one text twice."""
    groups: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for pair in dict.fromkeys(found):
        if pair.same or _plain(pair.first) != _plain(pair.second):
            groups[pair.rule, pair.article].append(pair)
    return [pair for group in groups.values() for pair in sorted(group, key=_digest)[:EACH]]


def _digest(pair: Pair) -> str:
    return hashlib.sha256(f"{pair.first}\n{pair.second}".encode()).hexdigest()


def _one_answer(row: Row, other: Row) -> bool:
    """Whether two questions have an answer in common, or are one."""
    mine, its = ({_plain(answer["text"]) for answer in each["answers"]} for each in (row, other))
    return row is other or bool(mine & its)


def _shared(first: str, second: str) -> float:
    one, two = set(terms(first)), set(terms(second))
    return len(one & two) / (len(one | two) or 1)


def _exchanged(question: str, words: Mapping[str, str]) -> str | None:
    found = re.search(rf"\b(?:{'|'.join(map(re.escape, sorted(words, key=len, reverse=True)))})(?!\w)", question)
    return f"{question[: found.start()]}{words[found[0]]}{question[found.end() :]}" if found else None


def _plain(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _rows(file: Path) -> Iterator[Row]:
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines)


def main() -> None:
    """Print how many pairs each rule gives; with ``--out``, write them to a folder as JSON lines."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--out", type=Path, help="Folder to write fitting.jsonl and reporting.jsonl to.")
    out: Path | None = parser.parse_args().out
    found = pairs()
    counted = Counter((pair.same, pair.rule, pair.half) for pair in found)
    rules = sorted({(pair.same, pair.rule) for pair in found}, reverse=True)
    rows = [
        ("paraphrase" if same else "near miss", rule, *(counted[same, rule, half] for half in HALVES))
        for same, rule in rules
    ]
    for same, kind in ((True, "paraphrase"), (False, "near miss")):
        rows.append((kind, "all", *(sum(pair.same is same and pair.half == half for pair in found) for half in HALVES)))
    print_table("Pairs of questions", ("kind", "rule", *HALVES), rows)
    if out is not None:
        if out.resolve().is_relative_to(REPOSITORY):
            parser.error("the pairs stay outside of the repository")
        out.mkdir(parents=True, exist_ok=True)
        for half in HALVES:
            lines = (json.dumps(asdict(pair), ensure_ascii=False) for pair in found if pair.half == half)
            (out / f"{half}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
