"""Percent-encoding of query strings and paths, and which characters may be in them at all.

A plus sign in a query string: forms (and with them requests, java.net.URLEncoder and jQuery) write a space so, while
RFC 3986 lets it be a plus, and clients that write URLs by hand leave it as it is in `2010-12-23T10:20:00+01:00`. Both
are read as meant: a plus that stands between a time of day and an offset is a plus, since a space there would have no
meaning; everywhere else it is a space. `%2B` is always a plus.
"""

import re

from allmende.api.sensorthings.language.faults import QueryError

_BROKEN = re.compile(r"%(?![0-9A-Fa-f]{2})")
_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_CLOCK = re.compile(r"[0-9]T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]*)?)?$")
_OFFSET = re.compile(r"[0-9]{2}(?::?[0-9]{2})?(?![\w:])")


def decoded(text: str, option: str, *, plus: bool = True) -> str:
    """The text with its percent-encoding undone; with `plus`, also the spaces of forms. Raises QueryError."""
    if plus and "+" in text:
        first, *others = [_unquoted(part, text, option) for part in text.split("+")]
        pieces = [first]
        for part in others:
            pieces += ("+" if _CLOCK.search(pieces[-1][-40:]) and _OFFSET.match(part) else " ", part)
        text = "".join(pieces)
    else:
        text = _unquoted(text, text, option)
    return allowed(text, option)


def allowed(text: str, option: str) -> str:
    """The text, if it holds no control characters and no halves of characters. Raises QueryError."""
    if wrong := _FORBIDDEN.search(text):
        raise QueryError("This character is not allowed.", option, wrong.start(), text)
    return text


def _unquoted(part: str, text: str, option: str) -> str:
    if "%" not in part:
        return part
    if broken := _BROKEN.search(part):
        reason = "A percent sign is followed by two hexadecimal digits; itself it is written %25."
        raise QueryError(reason, option, _place(part, text, broken.start()), text)

    def bytes_of(match: re.Match[str]) -> str:
        try:
            return bytes.fromhex(match[0].replace("%", "")).decode()
        except UnicodeDecodeError as error:
            at = _place(part, text, match.start() + 3 * error.start)
            raise QueryError("What is percent-encoded here is not UTF-8.", option, at, text) from None

    return _ENCODED.sub(bytes_of, part)


def _place(part: str, text: str, at: int) -> int:
    return text.find(part) + at
