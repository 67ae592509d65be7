"""Reading and editing the texts about this site."""

from django.db import transaction

from allmende.accounts.actors import Actor
from allmende.accounts.permissions import require
from allmende.core import audit
from allmende.core.texts import pick
from allmende.web.models import Page, PageVersion


def get_page(slug: str) -> Page | None:
    """The page with this address, or None."""
    return Page.objects.filter(slug=slug).first()


def change_page(actor: Actor, page: Page, *, title: dict[str, str], body: dict[str, str]) -> bool:
    """Puts a new wording in place and keeps the old one; returns False when nothing changed. Raises Denied."""
    require(actor, "pages:edit", page)
    with transaction.atomic():
        held = Page.objects.select_for_update().get(pk=page.pk)
        if (held.title, held.body) == (title, body):
            return False
        PageVersion.objects.create(page=held, title=held.title, body=held.body, replaced_by=actor.code)
        held.title, held.body = title, body
        held.save()
        audit.record(actor.kind, actor.code, "page.changed", "page", held.code, {"slug": held.slug})
    return True


def matching(text: str, limit: int) -> list[Page]:
    """Pages whose title or body, in any language, holds the text; few enough to look through in memory."""
    wanted = text.casefold()
    found = [
        page
        for page in Page.objects.all()
        if any(wanted in value.casefold() for field in (page.title, page.body) for value in field.values())
    ]
    return sorted(found, key=lambda page: wanted not in pick(page.title).casefold())[:limit]
