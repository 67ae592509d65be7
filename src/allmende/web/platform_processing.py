"""What the platform itself does with data of people: the fixed entries of the register, with the times that are set."""

import logging
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from allmende.catalogue.uploads import KEPT
from allmende.observations.care.notices import KEEP


def _days(count: int) -> str:
    return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}


def platform_activities() -> list[dict[str, Any]]:
    """The fields of `processing.Activity`, one after another."""
    account = reverse("account_login")
    level = logging.getLevelName(logging.getLogger("allmende").getEffectiveLevel())
    return [
        _fixed(
            "platform-accounts",
            _("Accounts"),
            account,
            _("Signing in, and knowing who may do what"),
            _("Art. 6 (1) (e) GDPR; for residents also Art. 6 (1) (b) GDPR"),
            (_("People with an account"),),
            (_("mail address, chosen name, language"), _("password as a hash, second factors"), _("roles, sessions")),
            _("Until the account is removed; sessions for %(time)s")
            % {"time": _days(settings.SESSION_COOKIE_AGE // 86_400)},
            (_("Five wrong passwords, then five minutes' rest."), _("Passkeys and second factors are offered.")),
        ),
        _fixed(
            "platform-audit",
            _("Audit trail"),
            "",
            _("Proof of who changed what"),
            _("Art. 5 (2) and Art. 32 GDPR"),
            (_("People with an account"),),
            (_("code of the account, time, deed and its details"),),
            _("Without an end; details with personal data can be erased without breaking the chain"),
            (_("Entries cannot be changed or removed; a chain of hashes shows if they were."),),
        ),
        _fixed(
            "platform-logs",
            _("Logs of the server"),
            "",
            _("Finding faults"),
            _("Art. 6 (1) (e) and Art. 32 GDPR"),
            (_("Visitors"),),
            (_("messages about faults (level %(level)s), no list of visits") % {"level": level},),
            _("As the service manager of this machine keeps its journal: the program writes no file of its own"),
            (_("Pages load nothing from elsewhere and count nobody with cookies."),),
        ),
        _fixed(
            "platform-mails",
            _("Mails about sensors"),
            reverse("care_mail"),
            _("Telling those who asked for it when a sensor is silent"),
            _("Art. 6 (1) (a) GDPR"),
            (_("People with an account who asked for mails"),),
            (_("mail address, what was asked for, mails that were made"),),
            _days(KEEP.days),
            (_("Each mail has a link that ends them."),),
        ),
        _fixed(
            "platform-feedback",
            _("Reports by readers"),
            reverse("feedback"),
            _("Mending barriers and mistakes, and answering"),
            _("Art. 6 (1) (e) GDPR"),
            (_("Readers who write"),),
            (_("the message, and a mail address where an answer is wanted"),),
            _("Until an administrator removes it"),
            (),
        ),
        _fixed(
            "platform-uploads",
            _("Files on their way in"),
            reverse("loading"),
            _("Loading files into datasets"),
            _("That of the dataset"),
            (_("People with an account"), _("People whom the rows are about")),
            (_("the file, its name, who sent it, rows that were set aside"),),
            _("%(time)s, or as long as the dataset keeps data where that is less") % {"time": _days(KEPT.days)},
            (_("Only who sent a file sees it; it is read in a sandbox without network."),),
        ),
    ]


def _fixed(
    code: str,
    title: str,
    url: str,
    purpose: str,
    ground: str,
    subjects: tuple[str, ...],
    data: tuple[str, ...],
    kept: str,
    measures: tuple[str, ...],
) -> dict[str, Any]:
    return {
        "code": code,
        "title": title,
        "url": url,
        "access": _("the platform itself"),
        "purpose": purpose,
        "legal_ground": ground,
        "office": settings.TOWN_NAME,
        "contact": settings.DEFAULT_FROM_EMAIL,
        "subjects": subjects,
        "data": data,
        "sources": (_("People themselves"),),
        "recipients": (_("Administrators of the platform"),),
        "retention": kept,
        "measures": measures,
    }
