"""A stranger who reads everything: follows every address in every answer, and keeps book of canaries."""

import html
import json
import re
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, unquote, urldefrag, urljoin, urlsplit

import httpx

from tests.canary.birds import seen_in
from tests.canary.looking import texts_of

# Asked no more often than this with different queries: a calendar can be leafed through for ever, and filters can be
# put together in any number of ways. With the same names of parameters, and of a path in all.
MOST_QUERIES, MOST_OF_PATH = 8, 40
_ATTRIBUTES = re.compile(r"""[\w-]+\s*=\s*["']([^"'<>]+)["']""")
_ADDRESSES = re.compile(r"""https?://[^\s"'<>\\)\]}]+""")
_OUTSIDE = ("/static/", "/account/logout")


@dataclass
class Crawler:
    """client: of somebody without account; birds: what must not be seen, and where it was planted."""

    client: httpx.Client
    birds: dict[str, str]
    seen: set[str] = field(default_factory=set)
    leaks: list[str] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._others = [bird for bird in self.birds if not bird.startswith("qzvogel")]
        self._queries: Counter[str] = Counter()
        self._waiting: deque[str] = deque()

    def crawl(self, begin: Iterable[str]) -> None:
        """Asks for these and for everything that they lead to."""
        for address in begin:
            self._note(address)
        while self._waiting:
            answer = self.ask(self._waiting.popleft())
            for address in self._links(answer):
                self._note(address)

    def ask(self, path: str, method: str = "GET", **given: Any) -> httpx.Response:
        """One request; canaries in the answer that were not in the question are written down."""
        answer = self.client.request(method, path, **given)
        url = unquote(str(answer.request.url))
        self.answers[f"{method} {answer.status_code}"] += 1
        if answer.status_code >= 500:
            self.broken.append(f"{answer.status_code} {method} {url}: {answer.text[:200]}")
        asked = seen_in(f"{url} {answer.request.content.decode('utf-8', 'replace')}", self._others)
        # Cookies and forms of a stranger hold random letters, never what was planted; so all of it is looked at.
        found = set().union(*(seen_in(text, self._others) for text in texts_of(answer))) - asked
        for bird in sorted(found):
            self.leaks.append(f"{self.birds.get(bird, '?')} ({bird}) in {answer.status_code} {method} {url}")
        return answer

    def _note(self, address: str) -> None:
        address = urldefrag(urljoin(str(self.client.base_url), html.unescape(address)))[0]
        parts = urlsplit(address)
        ours = parts.netloc == urlsplit(str(self.client.base_url)).netloc
        if not ours or any(each in parts.path for each in _OUTSIDE) or "{" in address or address in self.seen:
            return
        if parts.query:
            names = "&".join(sorted({name for name, _ in parse_qsl(parts.query, keep_blank_values=True)}))
            if self._queries[parts.path] >= MOST_OF_PATH or self._queries[f"{parts.path}?{names}"] >= MOST_QUERIES:
                return
            self._queries[parts.path] += 1
            self._queries[f"{parts.path}?{names}"] += 1
        self.seen.add(address)
        self._waiting.append(address)

    def _links(self, answer: httpx.Response) -> set[str]:
        media = answer.headers.get("content-type", "")
        found = {answer.headers["location"]} if "location" in answer.headers else set()
        if "json" in media:
            return found | set(_strings(json.loads(answer.content or b"null")))
        if "html" in media or "xml" in media:
            # Of what stands as text only whole addresses are followed; those in attributes may be relative.
            inside = {each for each in _ATTRIBUTES.findall(answer.text) if each.startswith(("/", "?", "http", "./"))}
            base = str(answer.request.url)
            found |= {urljoin(base, html.unescape(each)) for each in inside}
        if "html" in media or "xml" in media or "turtle" in media or "text" in media:
            found |= set(_ADDRESSES.findall(answer.text))
        return found


def _strings(value: Any) -> Iterable[str]:
    """The addresses in JSON."""
    if isinstance(value, str):
        if value.startswith(("http://", "https://", "/api/", "/de/", "/en/")) and " " not in value:
            yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
