"""Purpose and retention of a dataset, its pause, erased versions, and the register of processing activities."""

import csv
import io
from datetime import timedelta

import pytest

from allmende.accounts.actors import SYSTEM
from allmende.accounts.services import grant_role
from allmende.catalogue import retention
from allmende.catalogue.queries import get_dataset, newest_version
from allmende.catalogue.services import change_dataset, examine_version, publish_version, register_dataset, set_remedies
from allmende.catalogue.tests.contents import TREES, load, published
from allmende.core.clock import now
from tests.cast import Cast

pytestmark = pytest.mark.django_db
PEOPLE = "nr;vorname;schueler_alter;mail\n" + "".join(f"{n};Ida;{9 + n % 2};a{n}@post.example\n" for n in range(8))


@pytest.fixture(autouse=True)
def folder(tmp_path, settings):
    settings.DATA_DIR = tmp_path / "data"
    settings.DATA_DIR.mkdir()


@pytest.fixture
def pupils(tmp_path, cast: Cast):
    """A protected dataset of pupils, about which nothing is said."""
    dataset = register_dataset(
        SYSTEM, "pupils", {"de": "Schüler", "en": "Pupils"}, access_class="protected", legal_ground="§ 57 ThürSchulG",
        owner=cast.office.pk,
    )  # fmt: skip
    version = load(tmp_path, dataset, PEOPLE, "pupils.csv", withhold=("mail",))
    examine_version(SYSTEM, version)
    set_remedies(SYSTEM, version.parts.get().table, [{"kind": "bin", "column": "schueler_alter", "width": 10}])
    return dataset


def test_an_office_says_why_and_how_long(pupils, cast: Cast, signed_in):
    page = "/en/datasets/pupils/processing/"
    assert signed_in(cast.resident).get(page).status_code == 403
    assert signed_in(cast.steward).get(page).status_code == 404  # the town's steward does not see what is protected
    browser = signed_in(cast.administrator)
    assert "nobody has said how long" in browser.get(page).content.decode()
    said = {"do": "say", "purpose_de": "Schulpflicht", "purpose_en": "School", "legal_ground": "§ 57"}
    wrong = browser.post(page, {**said, "retention_days": "0"})
    assert wrong.status_code == 422 and "Schulpflicht" in wrong.content.decode()
    empty = browser.post(page, {**said, "legal_ground": ""})
    assert empty.status_code == 422 and "name the legal ground" in empty.content.decode()
    assert browser.post(page, {**said, "retention_days": "30"}).status_code == 302
    dataset = get_dataset(SYSTEM, "pupils")
    assert (dataset.retention_days, dataset.purpose) == (30, {"de": "Schulpflicht", "en": "School"})
    shown = browser.get(page).content.decode()
    assert f"{now() + timedelta(days=30):%Y-%m-%d}" in shown
    assert "/en/datasets/pupils/processing/#planned" in browser.get("/en/datasets/pupils/").content.decode()


def test_a_pause(pupils, cast: Cast, signed_in):
    page, browser = "/en/datasets/pupils/processing/", signed_in(cast.administrator)
    change_dataset(SYSTEM, pupils, retention_days=30)
    assert browser.post(page, {"do": "hold", "reason": " "}).status_code == 422
    assert browser.post(page, {"do": "hold", "reason": "Az. 4 K 17"}).status_code == 302
    assert "Az. 4 K 17" in browser.get(page).content.decode()
    assert retention.erase_due(now() + timedelta(days=31)).versions == 0
    browser.post(page, {"do": "end"})
    assert "Az. 4 K 17" not in browser.get(page).content.decode()
    assert retention.erase_due(now() + timedelta(days=31)).versions == 1


def test_an_erased_version_says_so(tmp_path, cast: Cast, signed_in, client):
    dataset = published(tmp_path)
    page = "/en/datasets/trees/versions/1/"
    browser = signed_in(cast.steward)
    assert "Erase for good" in browser.get(page).content.decode()
    browser.post(page, {"do": "erase", "reason": ""})
    assert newest_version(dataset).state == "published"
    browser.post(page, {"do": "erase", "reason": "Art. 17 GDPR"})
    client.logout()
    gone = client.get(page)
    assert gone.status_code == 410
    text = gone.content.decode()
    assert "Art. 17 GDPR" in text and f"{now():%Y-%m-%d}" in text and "do not exist here any more" in text
    assert "Linde" not in text and client.get("/en/datasets/trees/").status_code == 200
    assert client.get("/en/datasets/trees/versions/1/changes/").status_code == 200


def test_the_register_is_derived_and_shows_gaps(tmp_path, pupils, cast: Cast, signed_in):
    published(tmp_path)  # open, and of nobody: it does not stand there
    contacts = register_dataset(SYSTEM, "plans", "Plans", purpose={"de": "Planung"}, owner=cast.office.pk)
    load(tmp_path, contacts, "nr;ansprechpartner\n1;Amt 61\n2;Amt 66\n", "plans.csv")
    page = "/en/register-of-processing/"
    assert signed_in(cast.resident).get(page).status_code == 403
    grant_role(SYSTEM, cast.clerk.actor.code, "steward", cast.office)
    text = signed_in(cast.clerk).get(page).content.decode()
    assert "Pupils" in text and "No purpose is stated." in text and "/en/datasets/pupils/processing/" in text
    assert "Plans" in text and "People who answer for a matter" in text and "Trees" not in text
    assert "who somebody is (vorname)" in text and "mail addresses (mail)" in text
    assert "Never published: mail." in text and "into steps of 10" in text
    assert "Accounts" not in text
    listed = signed_in(cast.clerk).get(page + "activities.json").json()["activities"]
    gaps = {each["code"]: each["gaps"] for each in listed}
    assert "No legal ground is stated." in gaps[contacts.code] and "No purpose is stated." in gaps[pupils.code]
    rows = list(
        csv.DictReader(
            io.StringIO(signed_in(cast.administrator).get(page + "activities.csv").content.decode("utf-8-sig"))
        )
    )
    known = {row["code"]: row for row in rows}
    assert known[pupils.code]["legal_ground"] == "§ 57 ThürSchulG" and "platform-audit" in known
    assert "14 days" in known["platform-accounts"]["retention"] and "60 days" in known["platform-mails"]["retention"]
    german = signed_in(cast.administrator).get("/de/register-of-processing/").content.decode()
    assert "Verzeichnis der Verarbeitungs\u00adtätigkeiten" in german  # the soft hyphen lets it fit into 320 pixels


def test_what_was_said_leaves_no_gap(tmp_path, cast: Cast, signed_in):
    dataset = register_dataset(
        SYSTEM, "inner", "Inner", access_class="shared", legal_ground="§ 1", purpose="Work", owner=cast.office.pk,
        retention_days=730, contact_name="Office 1", shared_with=[cast.school.pk],
    )  # fmt: skip
    publish_version(SYSTEM, load(tmp_path, dataset, TREES))
    [found] = [
        each
        for each in signed_in(cast.administrator).get("/en/register-of-processing/activities.json").json()["activities"]
        if each["code"] == dataset.code
    ]
    assert found["gaps"] == [] and found["retention"] == "2 years" and "Volkshochschule" in found["recipients"]
