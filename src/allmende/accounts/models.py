"""Tables of accounts: people, organisations, roles and machine tokens. Private: others use `queries` and `services`."""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.utils.translation import gettext_lazy as _

from allmende.core.records import Record
from allmende.core.texts import LocalTextField, pick


class Role(models.TextChoices):
    """What a person may be in a town; a role is granted for the whole town or within one organisation."""

    RESIDENT = "resident", _("resident")
    CLERK = "clerk", _("clerk")
    STEWARD = "steward", _("data steward")
    MODERATOR = "moderator", _("moderator")
    STRATEGY_LEAD = "strategy_lead", _("strategy lead")
    COUNCIL = "council", _("council member")
    PROVIDER = "provider", _("provider")
    INTEGRATOR = "integrator", _("integrator")
    SCIENTIST = "scientist", _("scientist")
    ADMINISTRATOR = "administrator", _("administrator")


class PersonManager(BaseUserManager["Person"]):
    """Makes people; e-mail addresses are compared without regard to case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        person = self.model(email=self.normalize_email(email).lower(), **fields)
        person.set_password(password)
        person.save(using=self._db)
        return person

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Person":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email=(username or "").lower())


class Person(Record, AbstractBaseUser, PermissionsMixin):
    """A person with an account. Signs in by e-mail; shows a chosen name, never the address."""

    PREFIX: ClassVar[str] = "per"
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    email = models.EmailField(unique=True)
    display_name = models.CharField(max_length=80, blank=True)
    language = models.CharField(max_length=4, default="de")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False, help_text="May enter the administrator's back room")

    objects = PersonManager()

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.lower()  # whoever wrote it; the unique index then knows no case
        super().save(*args, **kwargs)

    def __str__(self) -> str:
        return self.display_name or self.code


class Organisation(Record):
    """An office, club, school or firm that owns datasets or offers something."""

    PREFIX = "org"

    name = LocalTextField()
    key = models.SlugField(max_length=80, blank=True, db_index=False, help_text="The name under which set-ups know it")
    sector = models.CharField(max_length=40, blank=True)
    homepage = models.URLField(blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=~models.Q(key=""), name="organisation_key_once")
        ]

    def __str__(self) -> str:
        return pick(self.name) or self.code


class RoleGrant(models.Model):
    """A role that a person holds, for the whole town (organisation empty) or within one organisation."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=20, choices=Role)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="grants"
    )
    since = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [  # two, because SQL holds no two NULLs for equal
            models.UniqueConstraint(
                fields=["person", "role", "organisation"],
                condition=models.Q(organisation__isnull=False),
                name="grant_once_within",
            ),
            models.UniqueConstraint(
                fields=["person", "role"], condition=models.Q(organisation=None), name="grant_once_town_wide"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person}: {self.get_role_display()}"


class Token(Record):
    """A machine's key: only the hash is kept, with scopes, an end, and the person or organisation answerable for it."""

    PREFIX = "tok"

    name = models.CharField(max_length=120)
    secret_hash = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.CASCADE, related_name="tokens"
    )
    datasets = models.JSONField(
        default=list, help_text="Codes of the only datasets it may touch; empty: all it may see"
    )
    created_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="tokens")
    expires = models.DateTimeField(null=True, blank=True)
    revoked = models.DateTimeField(null=True, blank=True)
    last_used = models.DateTimeField(null=True, blank=True)
