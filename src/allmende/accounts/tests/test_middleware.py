"""`request.actor` costs a query only when asked for; views of others are held to their declared action."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import include, path

from allmende.accounts.actors import ANONYMOUS
from allmende.accounts.declared import declared_action
from allmende.accounts.endpoints import declares
from allmende.accounts.middleware import ActorMiddleware, actor_of
from allmende.accounts.permissions import Denied
from tests.cast import Cast, Member


@declares("pages:read")
def public(request: HttpRequest) -> HttpResponse:
    """A page that asks for nobody."""
    return HttpResponse("public")


@declares("accounts:self")
def own(request: HttpRequest, word: str = "own") -> HttpResponse:
    """A page about oneself."""
    return HttpResponse(f"{word} {request.actor.code}")


def undeclared(request: HttpRequest) -> HttpResponse:
    """A view that somebody forgot to declare."""
    return HttpResponse("open to all by mistake")


urlpatterns = [
    path("public/", public),
    path("own/<str:word>/", own),
    path("undeclared/", undeclared, name="undeclared"),
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
pytestmark = pytest.mark.urls(__name__)


def test_a_page_that_asks_for_nobody_costs_no_query(client: Client, django_assert_num_queries, db: None):
    with django_assert_num_queries(0):
        assert client.get("/public/").content == b"public"


def test_the_actor_is_looked_up_once(steward: Member, signed_in, django_assert_num_queries):
    browser = signed_in(steward)
    with django_assert_num_queries(3):  # session, person, roles
        assert browser.get("/own/my/").content.decode() == f"my {steward.person.code}"


def test_strangers_and_requests_without_sign_in_are_anonymous(rf: RequestFactory):
    request = rf.get("/")
    assert actor_of(request) == ANONYMOUS
    request.user = AnonymousUser()
    assert actor_of(request) == ANONYMOUS


def test_the_lazy_actor_is_as_good_as_the_real_one(rf: RequestFactory, steward: Member):
    request = rf.get("/")
    request.user = steward.person
    ActorMiddleware(lambda request: HttpResponse())(request)
    assert request.actor == steward.actor
    assert steward.actor == request.actor
    assert hash(request.actor) == hash(steward.actor)
    assert request.actor.holds("steward")


def test_declares_refuses_who_may_not_even_try(rf: RequestFactory, cast: Cast):
    request = rf.get("/")
    for member in (cast.anonymous, cast.sensor):
        request.actor = member.actor
        with pytest.raises(Denied) as caught:
            own(request)
        assert caught.value.action == "accounts:self"
    request.actor = cast.resident.actor
    assert own(request, word="mine").status_code == 200


def test_a_request_without_actor_is_a_strangers(rf: RequestFactory):
    with pytest.raises(Denied):
        own(rf.get("/"))


def test_declares_keeps_what_it_wraps():
    assert own.__name__ == "own"
    assert own.__doc__ == "A page about oneself."
    assert own.allmende_action == "accounts:self"


def test_a_view_that_declares_nothing_is_not_served(client: Client, db: None):
    with pytest.raises(ImproperlyConfigured, match=r"undeclared declares no action"):
        client.get("/undeclared/")


@pytest.mark.parametrize("address", ["/admin/", "/admin/login/", "/admin/accounts/person/", "/admin/nothing/at/all/"])
def test_strangers_at_the_back_room_are_led_to_our_own_sign_in(client: Client, db: None, address: str):
    answer = client.get(address)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/?next=%2Fadmin%2F")


def test_the_back_rooms_own_sign_in_takes_no_password(client: Client, administrator: Member):
    credentials = {"username": administrator.person.email, "password": "correct horse battery staple"}
    assert client.post("/admin/login/", credentials)["Location"].startswith("/account/login/")
    assert "_auth_user_id" not in client.session


def test_pages_of_ones_account_lead_strangers_to_sign_in(client: Client, db: None):
    for address in ("/account/email/", "/account/password/change/", "/account/2fa/", "/account/3rdparty/"):
        answer = client.get(address)
        assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/account/login/"), address


@pytest.mark.parametrize(
    ("view", "action"),
    [
        ("account_login", "pages:read"),
        ("account_logout", "pages:read"),
        ("account_reset_password_from_key_done", "pages:read"),
        ("account_email", "accounts:self"),
        ("account_change_password", "accounts:self"),
        ("mfa_authenticate", "pages:read"),
        ("mfa_activate_totp", "accounts:self"),
        ("mfa_login_webauthn", "pages:read"),
        ("mfa_remove_webauthn", "accounts:self"),
        ("socialaccount_connections", "accounts:self"),
        ("openid_connect_callback", "pages:read"),
        ("admin:index", "admin:enter"),
        ("home", None),
        ("", None),
    ],
)
def test_the_table_of_declared_actions(view: str, action: str | None):
    assert declared_action(view) == action
