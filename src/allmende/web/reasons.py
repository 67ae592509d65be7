"""Why a sensor needs care, in words: for the list, its file, its feed, mails, and the page of a thing."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, npgettext, pgettext_lazy

from allmende.core.clock import from_us
from allmende.core.texts import pick
from allmende.observations.care.concerns import Ailing, Concern, Need, Weak
from allmende.observations.quality import words
from allmende.web import formats
from allmende.web.quantities import decimals

NEEDS = {
    Need.SILENT: pgettext_lazy("what a sensor needs care for", "silent"),
    Need.IMPLAUSIBLE: pgettext_lazy("what a sensor needs care for", "implausible"),
    Need.WEAK: pgettext_lazy("what a sensor needs care for", "weak battery or signal"),
    Need.LATE: pgettext_lazy("what a sensor needs care for", "late"),
}


def span(seconds: float) -> str:
    """A length of time in the largest unit that fits: «10 minutes», «3 days»."""
    if seconds < 60:
        count = max(round(seconds), 1)
        return ngettext("%(count)s second", "%(count)s seconds", count) % {"count": count}
    if seconds < 5400 and round(seconds / 60) != 60:
        count = round(seconds / 60)
        return ngettext("%(count)s minute", "%(count)s minutes", count) % {"count": count}
    if seconds < 36 * 3600 and round(seconds / 3600) != 24:
        count = round(seconds / 3600)
        return ngettext("%(count)s hour", "%(count)s hours", count) % {"count": count}
    count = round(seconds / 86_400)
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}


def lasting(seconds: float) -> str:
    """The same after «for», which other languages inflect: «for 3 days», «seit 3 Tagen»."""
    count = round(seconds / 86_400)
    if span(seconds) != span(count * 86_400):
        return span(seconds)
    return npgettext("after «for»", "%(count)s day", "%(count)s days", count) % {"count": count}


def every(seconds: int) -> str:
    """How often: «every 10 minutes»."""
    if seconds == 60:
        return _("every minute")
    if seconds == 3600:
        return _("every hour")
    if seconds == 86_400:
        return _("every day")
    return _("every %(span)s") % {"span": span(seconds)}


def reason(concern: Concern, now: int | None = None) -> str:
    """One or two sentences: what is the matter, with which datastreams, and what was expected.

    now: µs UTC; with it silence is given as a length of time, without it by the last value, which stays the same.
    """
    parts = []
    for need in (Need.SILENT, Need.IMPLAUSIBLE, Need.LATE):
        ailing = [stream for stream in concern.streams if stream.state.value == need.value]
        if ailing:
            parts.append(_streams(need, ailing, now))
    parts += [_weak(weak) for weak in concern.weak]
    return " ".join(parts)


def _streams(need: Need, streams: list[Ailing], now: int | None) -> str:
    names = ", ".join(pick(stream.name) for stream in streams)
    if len(streams) > 2:
        names = _("%(count)s datastreams") % {"count": len(streams)}
    newest = max(streams, key=lambda stream: stream.last or 0)
    if need is Need.IMPLAUSIBLE:
        why = ", ".join(words(newest.quality))
        text = (
            _("%(names)s: the last values cannot be right (%(why)s).")
            if why
            else _("%(names)s: the last values cannot be right.")
        )
        return text % {"names": names, "why": why}
    if newest.last is None:
        return _("%(names)s: no value has ever come.") % {"names": names}
    values = {"names": names, "every": every(newest.interval) if newest.interval else ""}
    if now is None:
        text = _("%(names)s: last value %(moment)s; expected %(every)s.")
        text = text if newest.interval else _("%(names)s: last value %(moment)s.")
        return text % {**values, "moment": formats.moment(newest.last)}
    text = _("%(names)s: no value for %(span)s; expected %(every)s.")
    text = text if newest.interval else _("%(names)s: no value for %(span)s.")
    return text % {**values, "span": lasting(max(now - newest.last, 0) / 1_000_000)}


def _weak(weak: Weak) -> str:
    value = formats.with_unit(weak.value, weak.unit, decimals(weak.unit, weak.value))
    return _("%(signal)s only %(value)s.") % {"signal": pick(weak.signal.name), "value": value}


def since(concern: Concern) -> int:
    """From when on one should count (µs UTC): the last value where values stopped, else when the state began."""
    newest = [stream.last for stream in concern.streams if stream.last is not None]
    if concern.need in (Need.SILENT, Need.LATE) and newest:
        return max(newest)
    return concern.since


def since_words(concern: Concern) -> str:
    """The same for people."""
    return formats.moment(from_us(since(concern)))
