"""Fills a data folder with a small town in which every protected place holds a canary: `python -m tests.canary.planting
DIR 0` prints which is where, the names that a stranger might guess, and keys for planting more through the interfaces.

baeume: open, with a withheld key, every remedy, rows set aside, and a draft; rest, weg: open, their first version
withdrawn or erased; guarded, inner: protected; partners: shared; wetter: open measurements, with what is not for
everybody beside them.
"""

import contextlib
import json
import os
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from tests.canary.birds import Aviary

HEAD = "Kennung;Art;Nr;Gruppe;Alter;Gepflanzt;Code;Notiz;Geprüft;lon;lat\n"
TIMES = [f"2026-03-01T{hour:02}:00:00Z" for hour in range(6)]


def main(folder: str) -> None:
    os.environ["ALLMENDE_DATA"] = folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allmende.run.settings")
    os.makedirs(folder, exist_ok=True)
    import django

    django.setup()
    from allmende.core import outbox
    from allmende.observations.store import runtime
    from allmende.run.databases import prepare

    prepare()
    birds = Aviary()
    with contextlib.redirect_stdout(sys.stderr):
        planter = Planter(Path(folder), birds)
        planter.plant()
        while outbox.deliver_pending():
            continue
        runtime.release()
    print(json.dumps({"birds": birds.places, "guesses": planter.guesses, **planter.keys}))


class Planter:
    """guesses: names and codes of hidden things, by kind; keys: what the test needs to go on."""

    def __init__(self, folder: Path, birds: Aviary) -> None:
        from allmende.accounts.actors import SYSTEM

        self.folder, self.birds, self.system = folder, birds, SYSTEM
        self.guesses: dict[str, list[str]] = {}
        self.keys: dict[str, Any] = {}

    def plant(self) -> None:
        from allmende.accounts.services import create_organisation

        word = self.birds.word
        self.office = create_organisation(self.system, {"de": "Grünamt", "en": "Parks office"}, key="parks")
        owner = create_organisation(
            self.system,
            {"de": word("office that owns nothing open"), "en": word("the same in English")},
            key=word("its key"),
            homepage=f"https://{word('its homepage')}.example/",
        )
        partner = create_organisation(self.system, word("partner of a shared dataset"), key=word("its key"))
        self.guess("organisation", owner.code, partner.code)
        # Whose the hidden sensors are is told in the register, so this office is no secret.
        social = create_organisation(self.system, {"de": "Sozialamt", "en": "Welfare office"}, key="welfare")
        guarded = self.hidden("guarded", social, access_class="protected")
        partners = self.hidden("partners", social, access_class="shared", shared_with=[partner.pk])
        self.hidden("inner", owner, access_class="protected")
        self.people()
        self.open_trees(guarded)
        self.withdrawn()
        self.measured(guarded, partners)

    def guess(self, kind: str, *names: str) -> None:
        self.guesses.setdefault(kind, []).extend(names)

    def text(self, place: str) -> dict[str, str]:
        """A text with a canary in each language."""
        return {variant: self.birds.word(f"{place}, {variant}") for variant in ("de", "en", "easy")}

    def hidden(self, slug: str, owner: Any, **access: Any) -> Any:
        """A dataset that no stranger sees, with a canary in every field, a published version and a draft."""
        from allmende.catalogue.services import publish_version, register_dataset

        word = self.birds.word
        dataset = register_dataset(
            self.system,
            f"{slug}-{word(f'{slug}: slug')}",
            self.text(f"{slug}: title"),
            description=self.text(f"{slug}: description"),
            purpose=self.text(f"{slug}: purpose"),
            legal_ground=word(f"{slug}: legal ground"),
            licence=f"https://{word(f'{slug}: licence')}.example/",
            owner=owner.pk,
            contact_name=word(f"{slug}: contact"),
            contact_email=f"{word(f'{slug}: mail')}@musterstadt.example",
            themes=["ENVI"],
            keywords=[word(f"{slug}: keyword")],
            place=word(f"{slug}: place"),
            place_uri=f"https://{word(f'{slug}: place URI')}.example/",
            begins=date(1911, 1, 1),
            attribution=word(f"{slug}: attribution"),
            source_url=f"https://{word(f'{slug}: source')}.example/",
            **access,
        )
        column = word(f"{slug}: column")
        rows = [
            f"{n};{word(f'{slug}: cell')};{self.birds.number(f'{slug}: number')};11,5{n};50,9{n}" for n in range(1, 7)
        ]
        table = word(f"{slug}: table")
        text = "\n".join([f"nr;{column};Zahl;lon;lat", *rows, ""])
        for note in ("version", "draft"):
            version = self.load(dataset, table, text, note=word(f"{slug}: note of the {note}"))
            if note == "version":
                publish_version(self.system, version)
            self.guess("version", version.code)
            text = text.replace("1;", "8;", 1).replace("\n8;", f"\n9;{word(f'{slug}: cell of the draft')};1;11;50\n8;")
        self.guess("dataset", dataset.slug, dataset.code)
        self.guess("table", table)
        self.guess("column", column)
        return dataset

    def load(self, dataset: Any, name: str, text: str, note: str = "", **hints: Any) -> Any:
        """The next version from a text, with the recipe kept, from a file and with headings that have canaries."""
        from allmende.catalogue.loaders.recipes import keep_tables
        from allmende.catalogue.loaders.tabling import Tabling
        from allmende.catalogue.loaders.tabular.recipe import TableHints
        from allmende.catalogue.services import add_version, built_from

        path = self.folder / f"{name}.csv"
        path.write_text(text)
        with Tabling(path, self.folder / "loading") as tabling:
            recipe = tabling.propose(TableHints(**hints))[0].recipe
            loaded = tabling.read(recipe)
            source = {
                "name": self.birds.word(f"{dataset.slug.partition('-')[0]}: name of the file"),
                "size": 1,
                "sha256": "",
            }
            version = add_version(self.system, dataset, [built_from(loaded, source)], note)
            loaded.close()
        kept = replace(recipe, title=self.birds.word(f"{dataset.slug.partition('-')[0]}: recipe"))
        keep_tables(
            self.system, dataset, self.birds.word(f"{dataset.slug.partition('-')[0]}: name of the recipe"), [kept]
        )
        path.unlink()
        return version

    def people(self) -> None:
        """Accounts, keys, and what readers wrote to the town."""
        from allmende.accounts.services import grant_role, register_person
        from allmende.accounts.tokens import create_token
        from allmende.web.models import Feedback

        word = self.birds.word
        person = register_person(
            self.system,
            f"{word('mail of a person')}@b.example",
            "nine lives of a cat",
            display_name=word("name of a person"),
        )
        self.steward = grant_role(self.system, person.code, "steward")
        self.administrator = grant_role(self.system, person.code, "administrator")
        self.guess("person", person.code)
        create_token(self.system, word("name of a key"), ["catalogue:read"])
        Feedback.objects.create(kind="idea", message=word("message"), email=f"{word('its sender')}@b.example")

    def open_trees(self, guarded: Any) -> None:
        """The open dataset: what is withheld, treated, set aside or not published yet is in it, and not in what
        readers get."""
        from allmende.catalogue import uploads
        from allmende.catalogue.services import (
            ask_override,
            change_dataset,
            describe_column,
            examine_version,
            publish_version,
            register_dataset,
        )
        from allmende.core.links import link

        word = self.birds.word
        trees = register_dataset(self.system, "baeume", {"de": "Bäume", "en": "Trees"}, owner=self.office.pk)
        change_dataset(self.system, trees, themes=["ENVI"], keywords=["Baum"], place="Musterstadt")
        column = word("heading of a withheld column")
        text = HEAD.replace("Kennung", column) + "".join(self.tree(n) for n in range(12))
        text += f"{word('cell set aside')};Linde;98;A;30;31.02.2019;07x;{word('cell set aside')};;11,58;50,92\n"
        text += f"{word('key of a left-out row')};{word('cell of a left-out row')};99;"
        text += f"{word('group of a left-out row')};30;01.03.2019;07x;;;11,58;50,92\n"
        first = self.load(trees, "baeume", text, key=(column,), withhold=(column, "Notiz", "Geprüft", "lon", "lat"))
        self.treat(trees, column)
        for entry in trees.tables.get().dictionary.filter(withheld=True):
            describe_column(
                self.system,
                entry,
                title=word("title of a withheld column"),
                description=word("description of a withheld column"),
                unit=word("unit of a withheld column"),
            )
        publish_version(self.system, first)
        fresh = HEAD.replace("Art", f"Art;{word('column of a draft')}").replace("Kennung", column)
        fresh += "".join(
            f"{word('key of a draft')};{word('cell of a draft')};{word('cell of a draft')};{n};A;30;01.03.2019;0;"
            f"{word('cell of a draft')}@post.example;;11,5{n};50,9{n}\n"
            for n in range(5)
        )
        draft = self.load(trees, "baeume", fresh, word("note of a draft"), withhold=(column, "lon", "lat"))
        examine_version(self.system, draft)
        ask_override(self.steward, draft, word("reason for publishing all the same"))
        self.load(trees, word("table of a draft"), "a;b\n1;2\n2;3\n")
        upload = uploads.begin_upload(self.steward, word("name of an upload"), [b"a;b\n1;2\n"], trees)
        link("dataset", trees.code, "about", "dataset", guarded.code, stated_by=word("who stated a link"))
        self.guess("column", column.lower(), "notiz", "geprueft", "lon", "lat")
        self.guess("version", draft.code)
        self.guess("upload", upload.code)

    def tree(self, n: int) -> str:
        word, number = self.birds.word, self.birds.number
        day = f"17{n + 10}-03-17"
        self.birds.places[day] = "date that became a year"
        east, north = number("longitude finer than the grid"), number("latitude finer than the grid")
        return (
            f"{word('withheld key')};Linde;{n};A;{number('number put into steps')};{day};"
            f"07{word('end of a code')};{word('withheld cell')};{number('withheld number')};11,{east};50,{north}\n"
        )

    def treat(self, dataset: Any, column: str) -> None:
        from allmende.catalogue.services import say_people, set_remedies

        table = dataset.tables.get()
        say_people(self.system, table, False)
        remedies: list[dict[str, Any]] = [
            {"kind": "digits", "column": "code", "keep": 2},
            {"kind": "bin", "column": "alter", "width": 10},
            {"kind": "year", "column": "gepflanzt"},
            {"kind": "suppress", "columns": ["gruppe"]},
            {"kind": "grid", "metres": 500},
        ]
        set_remedies(self.system, table, remedies)

    def withdrawn(self) -> None:
        """Datasets whose first version was taken back or erased, and whose second one may be read."""
        from allmende.catalogue.retention import erase_version
        from allmende.catalogue.services import publish_version, register_dataset, withdraw_version

        word = self.birds.word
        rest = register_dataset(self.system, "rest", {"de": "Rest", "en": "Rest"}, owner=self.office.pk)
        rows = "".join(f"{n};{word('cell of a withdrawn version')}\n" for n in range(1, 4))
        first = self.load(rest, "rest", f"nr;{word('column of a withdrawn version')}\n{rows}", word("its note"))
        publish_version(self.system, first)
        publish_version(self.system, self.load(rest, "rest", "nr;art\n1;Linde\n2;Eiche\n", key=("nr",)))
        withdraw_version(self.system, first, "Falsche Datei")
        gone = register_dataset(self.system, "weg", {"de": "Weg", "en": "Gone"}, owner=self.office.pk)
        rows = "".join(f"{n};{word('cell of an erased version')}\n" for n in range(1, 4))
        erased = self.load(gone, "weg", f"nr;{word('column of an erased version')}\n{rows}", word("its note"))
        publish_version(self.system, erased)
        publish_version(self.system, self.load(gone, "weg", "nr;art\n1;Linde\n2;Eiche\n", key=("nr",)))
        erase_version(self.system, erased, "Art. 17 DSGVO")
        self.guess("version", first.code, erased.code)

    def measured(self, guarded: Any, partners: Any) -> None:
        """Things and datastreams with observations; those of the hidden datasets are canaries throughout."""
        from allmende.accounts.tokens import create_token
        from allmende.catalogue.services import register_dataset
        from allmende.observations.care import noting, register

        weather = register_dataset(self.system, "wetter", {"de": "Wetter", "en": "Weather"}, owner=self.office.pk)
        thing = self.station(weather, lambda place: place, lambda place: 12.5)
        noting.set_aside(self.administrator, thing, self.birds.word("note on the care list"))
        for dataset in (guarded, partners):
            self.station(dataset, self.birds.word, self.birds.number)
            purpose = self.text("purpose in the register, not to be named")
            register.describe(self.system, register.said(dataset=dataset), purpose=purpose)
        self.connectors(weather, guarded)
        scopes = ["observations:write", "observations:manage", "observations:read", "catalogue:read"]
        kept = {"datasets": [guarded.code], "organisation": guarded.owner}
        _, self.keys["inside"] = create_token(self.system, "inside", scopes, **kept)
        self.keys["guarded"] = guarded.code

    def station(self, dataset: Any, word: Any, number: Any) -> Any:
        from allmende.core.clock import parse_instant
        from allmende.observations.rows import Row
        from allmende.observations.services import append, register_datastream, register_thing

        name = dataset.slug.partition("-")[0]
        thing = register_thing(
            self.system,
            dataset=dataset,
            name=word(f"{name}: thing"),
            external_key=word(f"{name}: key of a thing"),
            description=word(f"{name}: description of a thing"),
            properties={word(f"{name}: property"): word(f"{name}: value of a property")},
            point=(11.58, 50.92),
        )
        stream = register_datastream(
            self.system,
            thing=thing,
            name=word(f"{name}: datastream"),
            description=word(f"{name}: description of a datastream"),
            observed_property=(f"https://{word(f'{name}-definition')}.example/", word(f"{name}: observed property")),
            sensor=word(f"{name}: sensor"),
            external_key=word(f"{name}: key of a datastream"),
            properties={word(f"{name}: property of a stream"): word(f"{name}: its value")},
            expected_interval=600,
        )
        extra = json.dumps({word(f"{name}: parameter"): word(f"{name}: value of a parameter")})
        rows = [Row(stream.code, parse_instant(time), number(f"{name}: observation"), extra) for time in TIMES]
        append(self.system, rows)
        if dataset.access_class != "open":
            self.guess("thing", thing.code)
            self.guess("datastream", stream.code)
        return thing

    def connectors(self, weather: Any, guarded: Any) -> None:
        from allmende.connectors.services import add, switch

        word = self.birds.word
        for dataset in (weather, guarded):
            config = {
                "url": f"https://{word('address of a connector')}.example/",
                "token": word("key of a connector"),
                "every": 600,
                "mapping": self.mapping(),
            }
            poll = add(self.system, "http_poll", word("name of a connector"), dataset.slug, config)
            switch(self.system, poll.connector.code, False)
            hook = add(self.system, "webhook", word("name of a hook"), dataset.slug, {"mapping": self.mapping()})
            self.birds.places[hook.secret] = "secret of a hook"
            self.keys.setdefault("hooks", []).append((hook.connector.code, hook.secret))
            self.guess("connector", poll.connector.code, hook.connector.code)

    def mapping(self) -> dict[str, Any]:
        word = self.birds.word
        return {
            "time": word("path of a mapping"),
            "names": {"station": word("path of a mapping")},
            "values": [{"key": word("key of a mapping"), "path": word("path of a mapping")}],
        }


if __name__ == "__main__":
    main(sys.argv[1])
