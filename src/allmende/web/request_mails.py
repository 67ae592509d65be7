"""Mails to those who asked for data: each step of the town, once."""

import logging
from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import override

from allmende.catalogue.queries.requests import note_mailed, steps_to_mail
from allmende.web.feeds import absolute

_log = logging.getLogger("allmende.web.mails")
_AT_ONCE = 100


def send_answers() -> int:
    """Sends what is due; returns how many mails went. A mail server that refuses is tried again later."""
    gone = 0
    for step in steps_to_mail(_AT_ONCE):
        asked = step.request
        with override(asked.language):
            context = {"step": step, "asked": asked, "url": absolute(reverse("request", args=[asked.code]))}
            subject = _("Your request: %(title)s") % {"title": " ".join(asked.title.split())}
            mail = EmailMessage(
                subject=f"[{settings.TOWN_NAME or 'Allmende'}] {subject}",
                body=render_to_string("web/mails/request.txt", context),
                to=[asked.email] if asked.email else [],
                headers={"Auto-Submitted": "auto-generated"},
            )
        try:
            gone += mail.send()
        except (SMTPException, OSError) as error:
            _log.warning("A mail about a request could not be sent (%s); it is tried again.", error)
            return gone
        note_mailed(step)
    return gone
