"""Whether a question is in English, told by its function words: an English embedder knows little of other languages."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W\d_]+")
_ENGLISH_WORDS = """
    a after an and are as at be been before between by can could did do does for from had has have how if in into is
    it its many me much my of on or our over please should show tell than that the their them there these they this to
    under until was we were what when where which while who whom whose why will with would you your
"""
_OTHER_WORDS = """
    aan aber al als am ao aos as au auch auf aus aux avec bei beim bij ce ces cette che chi com come comment como con
    cosa cuál cuáles cuándo cuánta cuántas cuánto cuántos cómo da dal dalla dans das dass dat de dei del della delle
    dem den der des desde deze di die dit do door dos dove du durch dónde e een ein eine einem einen einer eines el
    ella elle em en entre er era es est esta este está et foi foram fue fueron für gli ha había hanno hat hatte het
    hoe hoeveel ich ihr ik il ils im in is ist je kan kann la las le les leur lo los ma mais met mit más na naar nach
    nas ne nel nella nicht niet no non nos nous não o oder of ogni om onder op os ou où par para pas pela pelo per
    perché pero più por porque pour pourquoi quais qual quale quali quand quando quanti quanto quantos que quel quelle
    quelles quels quem qui quién quiénes quoi qué sa se sein ses seu sich sie sin sind sobre son sono sont su sua sul
    sulla sur sus são te toen tra uit um uma un una und une uno unter van vom von voor vor vous waar waarom wann
    wanneer war waren warum was wat welche welchem welchen welcher welches welke wem wen wer werd wie wird wo wordt
    wurde wurden y zijn zu zum zur über
"""
_ENGLISH = frozenset(_ENGLISH_WORDS.split())
_OTHERS = frozenset(_OTHER_WORDS.split())
"""Function words of German, Spanish, French, Italian, Dutch and Portuguese."""


def in_english(text: str) -> bool:
    """Whether a text is in English, or nothing tells: names and numbers alone belong to no language.

    It is not where most letters are not Latin, or where it has more function words of German, Spanish, French,
    Italian, Dutch or Portuguese than of English; words that are both count for neither.
    """
    letters = [letter for letter in text if letter.isalpha()]
    if sum(letter > "\u024f" for letter in letters) * 2 > len(letters):
        return False
    words = [word.lower() for word in _WORD.findall(text)]
    english = sum(word in _ENGLISH and word not in _OTHERS for word in words)
    return sum(word in _OTHERS and word not in _ENGLISH for word in words) <= english
