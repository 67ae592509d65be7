"""What the small commands say and return: keys, administrators, erasing. Loading and serving are tested elsewhere."""

import argparse
from collections.abc import Callable

import pytest
from django.utils import translation

from allmende.accounts import queries
from allmende.observations import services
from allmende.observations.queries import extents
from allmende.observations.rows import Row
from allmende.run import admins, erasing, tokens


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """Runs a command's module with arguments as typed; returns (exit code, what it printed)."""

    def run(module: object, *arguments: str) -> tuple[int, str]:
        translation.activate("en")  # as the command line does where the terminal is not German
        parser = argparse.ArgumentParser()
        module.add_arguments(parser)
        code = module.run(parser.parse_args(arguments))
        return code, capsys.readouterr().out

    return run


def test_a_key_is_shown_once_and_can_be_ended(call, town):
    code, said = call(
        tokens,
        "create",
        "--name",
        "roof",
        "--scopes",
        "observations:write, observations:read",
        "--datasets",
        "open-weather",
    )
    assert code == 0
    secret = said.splitlines()[-1]
    actor = queries.actor_of_token(secret)
    assert actor and actor.scopes == {"observations:write", "observations:read"}
    assert actor.datasets == {town.open_dataset.code}
    key = said.split()[0]
    code, listed = call(tokens, "list")
    assert code == 0 and key in listed and "roof" in listed and secret not in listed
    assert call(tokens, "revoke", key) == (0, "Revoked; it works nowhere any more within ten seconds.\n")
    assert queries.actor_of_token(secret) is None
    assert call(tokens, "revoke", key) == (0, f"{key} had been revoked already.\n")
    assert key not in call(tokens, "list")[1]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--scopes", "observations:fly"], "There is no such action: observations:fly."),
        (["--scopes", ","], "at least one scope"),
        (["--scopes", "observations:write", "--days", "0"], "between 1 and"),
        (["--scopes", "observations:write", "--datasets", "nowhere"], "There is no dataset 'nowhere'"),
    ],
)
def test_a_key_that_cannot_be_says_why(call, town, arguments, words):
    code, said = call(tokens, "create", "--name", "x", *arguments)
    assert code == 1 and words in said


def test_ending_a_key_that_is_not_there(call, db):
    assert call(tokens, "revoke", "tok-0000000000") == (1, "There is no key tok-0000000000.\n")


def test_an_administrator_gets_a_password_where_none_can_be_typed(call, db, monkeypatch):
    monkeypatch.delenv("ALLMENDE_ADMIN_PASSWORD", raising=False)
    code, said = call(admins, "create", "--email", "chief@example.org")
    assert code == 0 and "chief@example.org is an administrator now. Password: " in said


def test_a_password_that_is_too_weak_is_refused(call, db, monkeypatch):
    monkeypatch.setenv("ALLMENDE_ADMIN_PASSWORD", "short")
    assert call(admins, "create", "--email", "chief@example.org")[0] == 1


def test_erasing_takes_out_a_span_for_good(call, cast, town, steward):
    stream = town.open_stream
    services.append(steward.actor, [Row(stream.code, second * 1_000_000, 1.0) for second in range(10)])
    span = ["--from", "1970-01-01T00:00:02Z", "--to", "1970-01-01T00:00:05Z", "--yes"]
    code, said = call(erasing, stream.code, *span)
    assert code == 0 and said.startswith("3 observations are erased")
    assert extents([stream.pk])[stream.pk].count == 7


@pytest.mark.parametrize("wrong", [["dst-0000000000", "--yes"], ["dst-0000000000", "--from", "yesterday", "--yes"]])
def test_erasing_says_what_is_wrong(call, town, wrong):
    code, said = call(erasing, *wrong)
    assert code == 1 and ("There is no datastream" in said or "Nothing was erased" in said)


def test_erasing_asks(call, town, monkeypatch):
    monkeypatch.setattr("builtins.input", lambda question: "no")
    assert call(erasing, town.open_stream.code) == (1, "Nothing was erased.\n")
