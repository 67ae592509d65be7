"""What web itself registers with search and links: its pages."""

from django.utils.translation import gettext_lazy as _

from allmende.accounts.actors import Actor
from allmende.core import kinds
from allmende.core.texts import pick
from allmende.web.models import Page
from allmende.web.pages import matching


def _title(code: str, actor: Actor) -> str | None:
    page = Page.objects.filter(code=code).first()
    return pick(page.title) if page else None


def _url(code: str) -> str:
    page = Page.objects.filter(code=code).first()
    return f"pages/{page.slug}/" if page else "pages/"


def _search(text: str, actor: Actor, limit: int) -> list[kinds.Hit]:
    return [kinds.Hit("page", page.code, pick(page.title), weight=0.3) for page in matching(text, limit)]


def register() -> None:
    """Called once when the app is ready."""
    kinds.register(kinds.Kind(name="page", label=_("Page"), url=_url, title=_title, search=_search))
