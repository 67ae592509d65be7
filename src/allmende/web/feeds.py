"""Atom feeds (RFC 4287). Entries keep their ids as long as what they tell of lasts, so a reader shows each once."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from allmende.core.clock import from_us
from allmende.core.texts import pick
from allmende.web import formats
from allmende.web.care_list import Row
from allmende.web.reasons import reason

_YEAR = 2026  # of tag URIs (RFC 4151): when our addresses began; it never changes
CONTENT_TYPE = "application/atom+xml; charset=utf-8"


def absolute(path: str) -> str:
    """The address under which the town publishes a path."""
    return settings.PUBLIC_URL.rstrip("/") + path


def tag(*parts: str) -> str:
    """A name that stays, whatever becomes of addresses."""
    host = urlsplit(settings.PUBLIC_URL).hostname or "localhost"
    return f"tag:{host},{_YEAR}:{get_language()}/{'/'.join(parts)}"


def care_feed(rows: Iterable[Row], query: str) -> str:
    """The care list. query: the part of the address that chose these rows, with its question mark, or empty."""
    feed = Atom1Feed(
        title=_("Sensors that need care") + (f" – {settings.TOWN_NAME}" if settings.TOWN_NAME else ""),
        link=absolute(reverse("care")) + query,
        description="",
        subtitle=_("What has fallen silent, comes late or cannot be right."),
        language=get_language() or "de",
        author_name=settings.TOWN_NAME or "Allmende",
        feed_url=absolute(reverse("care_feed")) + query,
        feed_guid=tag("care", query.lstrip("?")),
    )
    for row in rows:
        concern = row.concern
        words = reason(concern) + (" " + _("Simulated data") + "." if concern.simulated else "")
        moment = from_us(row.since)
        feed.add_item(
            title=f"{pick(concern.name)}: {row.words}",
            link=absolute(reverse("thing", args=[concern.code])),
            description=f"{words} {_('Since')}: {formats.moment(moment)}",
            unique_id=tag("care", concern.code, concern.need.value, str(row.since // 1_000_000)),
            pubdate=moment,
            updateddate=moment,
            categories=[row.words, pick(concern.dataset_title)],
        )
    return feed.writeString("utf-8")
