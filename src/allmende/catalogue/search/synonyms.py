"""Words that mean the same: our own short list and the town's, both plain text files."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings

from allmende.core.words import fold, stem

_OURS = Path(__file__).with_name("synonyms.txt")


def synonyms(folded: str) -> frozenset[str]:
    """The other words (folded) of the groups that this one, or a form of it, stands in."""
    theirs = Path(settings.DATA_DIR) / "synonyms.txt"
    changed = theirs.stat().st_mtime if theirs.is_file() else 0.0
    return _groups(str(theirs) if changed else "", changed).get(stem(folded), frozenset()) - {folded}


@lru_cache(maxsize=2)
def _groups(theirs: str, changed: float) -> dict[str, frozenset[str]]:
    """By stem. changed: of the town's file, which is read again when it was edited."""
    found: dict[str, frozenset[str]] = {}
    for path in (_OURS, *([Path(theirs)] if theirs else [])):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            group = frozenset(fold(each) for each in line.partition("#")[0].split(",") if each.strip())
            for word in group:
                found[stem(word)] = found.get(stem(word), frozenset()) | group
    return found
