"""Words as search sees them: folded, so that «Bäume», «Baeume» and «BÄUME» are one, and reduced to their stems.

Pure functions over texts; which texts are searched, and by whom, the rooms decide. Stems are Snowball's.
"""

import re
import threading
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from snowballstemmer import stemmer

LONGEST = 40  # letters of a word that are kept
_WORD = re.compile(r"[^\W_]+(?:[-‐‑–][^\W_]+)*", re.UNICODE)
_HYPHEN = re.compile(r"[-‐‑–]")
_HUMP = re.compile(r"(?<=[a-zäöüß])(?=[A-ZÄÖÜ])")
# ae, oe, ue stand for umlauts, but not the ue of Mauer, Feuer and Quelle.
_DIGRAPH = re.compile(r"(?<![aeoq])([aou])e")
_SAYS_NOTHING = """
    aber alle aller alles als am an auch auf aus bei beim bis bzw da das dass dem den der des die diese dieser dieses
    doch durch ein eine einem einen einer eines er es etc fuer haben hat ich ihr ihre im in ist je kann kein keine man
    mit mittels nach nicht noch nur ob oder ohne pro sehr sein seine sich sie sind sowie ueber um und uns unter vom von
    vor was welche wenn werden wie wird wo wurde wurden zu zum zur zwischen
    about all an and are as at be by for from has have how in into is it its of on or per that the their there these
    this to was were what where which who with"""
_local = threading.local()


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text. shown: as it stands there, from start to end; folded: as search compares it."""

    shown: str
    folded: str
    start: int
    end: int


def fold(word: str) -> str:
    """Small letters, without accents; ä and ae become a, ß becomes ss. At most LONGEST letters."""
    plain = unicodedata.normalize("NFKD", word.casefold())
    plain = "".join(each for each in plain if each.isalnum())
    return _DIGRAPH.sub(r"\1", plain)[:LONGEST]


def words(text: str, names: bool = False) -> list[Word]:
    """The words of a text in their order, without those that say nothing. One with hyphens is its parts and the whole.

    names: the text is a name in a program, such as stammUmfang, whose humps part words as well.
    """
    found = []
    for match in _WORD.finditer(text):
        whole, start = match.group(), match.start()
        parts = _HYPHEN.split(whole)
        place = start
        for part in parts:
            if len(parts) > 1 or not names:
                found.append(Word(part, fold(part), place, place + len(part)))
            place += len(part) + 1
        if len(parts) > 1:
            found.append(Word(whole, fold(whole), start, match.end()))
        elif names:
            found += [Word(hump, fold(hump), start, match.end()) for hump in _HUMP.split(whole)]
    return [each for each in found if len(each.folded) > 1 and each.folded not in STOP_WORDS]


STOP_WORDS = frozenset(fold(each) for each in _SAYS_NOTHING.split())


@lru_cache(maxsize=50_000)
def stem(folded: str, language: str = "de") -> str:
    """What the forms of a word have in common: baume → baum. language: de or en. Never shorter than two letters."""
    if not folded.isalpha():
        return folded
    name = "english" if language == "en" else "german"
    made = getattr(_local, name, None)
    if made is None:  # a stemmer remembers the word it works on, so each thread has its own
        made = stemmer(name)
        setattr(_local, name, made)
    found: str = made.stemWord(folded)
    return found if len(found) > 1 else folded


def stems(folded: str) -> tuple[str, ...]:
    """The German and the English stem, each once: nobody says in which language they search."""
    return tuple(dict.fromkeys((stem(folded, "de"), stem(folded, "en"))))
