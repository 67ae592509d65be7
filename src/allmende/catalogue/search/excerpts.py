"""The part of a description in which the words stand that somebody asked for, with those words apart, to be marked."""

from collections.abc import Collection
from dataclasses import dataclass

from allmende.core.words import words

_LENGTH = 220


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text; marked: it is what was asked for."""

    text: str
    marked: bool = False


def marked(text: str, sought: Collection[str]) -> list[Piece]:
    """The whole text in pieces. sought: words as search folds them."""
    pieces, place = [], 0
    for word in words(text):
        if word.folded in sought and word.start >= place:
            if word.start > place:
                pieces.append(Piece(text[place : word.start]))
            pieces.append(Piece(text[word.start : word.end], True))
            place = word.end
    return [*pieces, Piece(text[place:])] if place < len(text) else pieces


def excerpt(text: str, sought: Collection[str]) -> list[Piece]:
    """Some two lines around the first of the words, else the beginning of the text."""
    if len(text) > _LENGTH:
        first = next((word.start for word in words(text) if word.folded in sought), 0)
        begin = max(first - _LENGTH // 3, 0)
        begin = text.find(" ", begin, first) + 1 or begin if begin else 0
        end = text.rfind(" ", begin, begin + _LENGTH)
        end = end if end > first else begin + _LENGTH
        text = ("… " if begin else "") + text[begin:end] + (" …" if end < len(text) else "")
    return marked(text, sought)
