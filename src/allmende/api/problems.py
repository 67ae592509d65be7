"""Errors as RFC 9457 problem details: what happened, where, what was kept, what to do next."""

from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.responses import Response

_encode = msgspec.json.Encoder().encode


class Problem(Exception):
    """An answer that is an error. errors: one entry per fault, with row and field where there are such."""

    def __init__(
        self,
        status: int,
        code: str,
        title: str,
        detail: str = "",
        *,
        errors: list[Any] | None = None,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(detail or title)
        self.status, self.headers = status, dict(headers or {})
        self.body = {"type": f"urn:allmende:error:{code}", "title": title, "status": status, "code": code}
        if detail:
            self.body["detail"] = detail
        if errors is not None:
            self.body["errors"] = errors
        self.body |= more

    def encoded(self) -> bytes:
        """The body as JSON."""
        return _encode(self.body)

    def response(self) -> Response:
        """The whole answer."""
        return Response(self.encoded(), self.status, self.headers, "application/problem+json")


def not_found(detail: str) -> Problem:
    """404 for a thing that does not exist or that the reader may not see."""
    return Problem(404, "not_found", "Not found", detail)


def bad_parameter(name: str, detail: str) -> Problem:
    """400 for a query parameter."""
    return Problem(400, "bad_parameter", "A query parameter cannot be used", detail, parameter=name)
