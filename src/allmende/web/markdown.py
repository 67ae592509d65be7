"""The simple Markdown of editable texts as safe HTML: raw HTML is shown as text, links cannot run scripts."""

from functools import lru_cache

from django.utils.safestring import SafeString, mark_safe


@lru_cache(maxsize=64)
def to_html(text: str) -> SafeString:
    """Headings (of level 2 at least, below the page's title), paragraphs, lists, emphasis and links."""
    from markdown_it import MarkdownIt  # noqa: PLC0415 - 4 MB that a server without such pages never needs

    parser = MarkdownIt("zero", {"html": False}).enable(
        ["heading", "list", "emphasis", "link", "autolink", "newline", "escape", "backticks"]
    )
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{max(int(token.tag[1]), 2)}"
    # Safe: with html off the library escapes all text, and it refuses javascript:, vbscript:, file: and data: links.
    return mark_safe(parser.renderer.render(tokens, parser.options, {}))  # noqa: S308
