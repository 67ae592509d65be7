"""How well things are found: word forms, compounds, typing errors, synonyms."""

from allmende.accounts.actors import ANONYMOUS
from allmende.catalogue.search.finding import find
from allmende.catalogue.search.tests.town import ASKED, found_town


def test_what_people_type_leads_where_they_mean(db):
    town = found_town()
    missed = []
    for text, slug in ASKED:
        found = [town[number] for number in find(ANONYMOUS, text).numbers]
        if slug not in found[:3]:
            missed.append((text, slug, found[:6]))
    assert not missed, f"recall {1 - len(missed) / len(ASKED):.2f}: " + "; ".join(map(str, missed))
