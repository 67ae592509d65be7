"""Mails about sensors: puts into words what `observations.care.notices` says is due, and sends it."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from allmende.core.clock import now, to_us
from allmende.core.texts import pick
from allmende.observations.care import notices
from allmende.observations.care.following import farewell
from allmende.web.care_list import row
from allmende.web.feeds import absolute

_log = logging.getLogger("allmende.web.mails")
MOST_SHOWN = 30
MOST_AT_ONCE = 200  # mails in one round, so that the next look at the sensors is not late


def send_due() -> int:
    """Sends the mails that are due; returns how many went. A mail server that refuses is tried again later."""
    gone = 0
    while gone < MOST_AT_ONCE and (due := notices.claim()):
        try:
            message(due).send()
        except (SMTPException, OSError) as error:
            _log.warning("A mail about sensors could not be sent (%s); it is tried again.", error)
            notices.failed(due.number)
            return gone
        notices.sent(due.number)
        gone += 1
    return gone


def message(due: notices.Due) -> EmailMessage:
    """The mail in the language of its reader, with a way out that mail programs understand (RFC 8058)."""
    with override(due.to.language):
        present = to_us(now())
        rows = [row(concern, present) for concern in due.concerns]
        goodbye = absolute(reverse("care_farewell", args=[farewell(due.person)]))
        shown = rows[:MOST_SHOWN]
        context = {
            "kind": due.kind,
            "rows": rows,
            "shown": shown,
            "more": len(rows) - len(shown),
            "site": settings.PUBLIC_URL.rstrip("/"),
            "farewell": goodbye,
        }
        return EmailMessage(
            subject=f"[{settings.TOWN_NAME or 'Allmende'}] {_subject(due)}",
            body=render_to_string("web/mails/care.txt", context),
            to=[due.to.email],
            headers={
                "List-Unsubscribe": f"<{goodbye}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
                "Auto-Submitted": "auto-generated",
            },
        )


def _subject(due: notices.Due) -> str:
    count = len(due.concerns)
    if due.kind == "silent" and count == 1:
        return _("%(name)s has fallen silent") % {"name": " ".join(pick(due.concerns[0].name).split())}
    if due.kind == "silent":
        return _("%(count)s sensors have fallen silent") % {"count": count}
    return ngettext("One place needs care", "%(count)s places need care", count) % {"count": count}
