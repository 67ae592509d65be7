"""Who asks on the data plane: a bearer token, or the browser's session for reading.

A session cookie may only read: the data plane has no CSRF check, so a foreign page must not be able to write with it.
"""

from http.cookies import CookieError, SimpleCookie

from django.conf import settings

from allmende.accounts import queries
from allmende.accounts.actors import ANONYMOUS, Actor
from allmende.api.bodies import Headers, text
from allmende.api.problems import Problem
from allmende.api.threads import in_thread


def remembered(headers: Headers) -> Actor | None:
    """The Actor of a bearer token that was seen seconds ago; memory only, for the hot endpoints."""
    authorization = headers.get(b"authorization", b"")
    return queries.remembered_actor(authorization[7:].decode("latin-1")) if authorization[:7] == b"Bearer " else None


async def actor_of(method: str, headers: Headers) -> Actor:
    """The Actor of a request. Raises Problem 401 for a token that is unknown, expired or revoked."""
    authorization = text(headers, b"authorization")
    if authorization:
        return await _of_token(authorization)
    if method in ("GET", "HEAD"):
        return await _of_session(text(headers, b"cookie"))
    return ANONYMOUS


async def _of_token(authorization: str) -> Actor:
    kind, _, secret = authorization.partition(" ")
    if kind.lower() != "bearer":
        detail = "Send «Authorization: Bearer alm_…»; other kinds of Authorization are not read here."
        raise Problem(401, "unknown_authorization", "Who are you?", detail, headers={"WWW-Authenticate": "Bearer"})
    actor = queries.remembered_actor(secret) or await in_thread(queries.actor_of_token, secret)
    if actor is None:
        detail = "The token is unknown, expired or revoked."
        raise Problem(401, "bad_token", "The token is not valid", detail, headers={"WWW-Authenticate": "Bearer"})
    return actor


async def _of_session(cookies: str) -> Actor:
    if settings.SESSION_COOKIE_NAME not in cookies:
        return ANONYMOUS
    try:
        morsel = SimpleCookie(cookies).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return ANONYMOUS
    if morsel is None:
        return ANONYMOUS
    remembered = queries.remembered_actor_of_session(morsel.value)
    if remembered is not None:
        return remembered
    return await in_thread(queries.actor_of_session, morsel.value)
