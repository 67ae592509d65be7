"""What the indicators of metadata quality are called, what was found, and how to earn what is missing."""

from dataclasses import dataclass, field

from allmende.catalogue.dcat.facts import LocalText


def _both(german: str, english: str) -> LocalText:
    return {"de": german, "en": english}


@dataclass(frozen=True, slots=True)
class Words:
    """name: of the indicator; there, missing: what was found; gain: how to earn it; of_distributions: whether it asks
    the ways to get at the data; public: whether it asks if strangers get there."""

    name: LocalText
    there: LocalText = field(default_factory=dict)
    missing: LocalText = field(default_factory=dict)
    gain: LocalText = field(default_factory=dict)
    of_distributions: bool = False
    public: bool = False


DIMENSIONS = {
    "findability": _both("Auffindbarkeit", "Findability"),
    "accessibility": _both("Zugänglichkeit", "Accessibility"),
    "interoperability": _both("Interoperabilität", "Interoperability"),
    "reusability": _both("Weiterverwendbarkeit", "Reusability"),
    "contextuality": _both("Kontext", "Contextuality"),
}
_BY_ITSELF = _both("Das macht Allmende von selbst.", "Allmende does this by itself.")

WORDS = {
    # Reasons that take the place of an indicator's own.
    "distributions": Words(
        _both("Daten", "Data"),
        missing=_both("Es gibt noch keine Daten, die man bekommen könnte.", "There are no data to be had yet."),
        gain=_both("Laden Sie eine Datei und veröffentlichen Sie die Fassung.", "Load a file and publish the version."),
    ),
    "public": Words(
        _both("Öffentlich", "Public"),
        missing=_both("Der Datensatz ist nicht offen, Fremde bekommen ihn nicht.", "The dataset is not open."),
        gain=_both(
            "Wenn kein Grund mehr dagegen spricht: die Klasse auf «offen» setzen.",
            "Where no ground speaks against it any more: set its class to «open».",
        ),
    ),
    "keywords": Words(
        _both("Schlagwörter", "Keywords"),
        _both("Es gibt Schlagwörter.", "There are keywords."),
        _both("Es gibt keine Schlagwörter.", "There are no keywords."),
        _both(
            "Nennen Sie zwei oder drei Wörter, nach denen jemand suchen würde.",
            "Name two or three words that somebody would search for.",
        ),
    ),
    "themes": Words(
        _both("Thema", "Category"),
        _both("Ein Thema der europäischen Liste ist gewählt.", "A theme of the European list is chosen."),
        _both("Es ist kein Thema gewählt.", "No theme is chosen."),
        _both("Wählen Sie mindestens ein Thema.", "Choose at least one theme."),
    ),
    "place": Words(
        _both("Ort", "Place"),
        _both("Es ist gesagt, um welches Gebiet es geht.", "It is said which area the data are about."),
        _both("Es ist nicht gesagt, um welches Gebiet es geht.", "It is not said which area the data are about."),
        _both(
            "Nennen Sie das Gebiet, am besten mit dem amtlichen Schlüssel; Daten mit Koordinaten sagen es selbst.",
            "Name the area, best by its official key; data with coordinates say it themselves.",
        ),
    ),
    "time": Words(
        _both("Zeitraum", "Time span"),
        _both("Es ist gesagt, welche Zeit die Daten abdecken.", "It is said what time the data cover."),
        _both("Es ist nicht gesagt, welche Zeit die Daten abdecken.", "It is not said what time the data cover."),
        _both("Nennen Sie den ersten oder den letzten Tag.", "Name the first or the last day."),
    ),
    "access_url": Words(
        _both("Zugangsadresse erreichbar", "Access address answers"),
        _both("Alle Zugangsadressen antworten.", "All access addresses answer."),
        _both("Nicht alle Zugangsadressen antworten.", "Not all access addresses answer."),
        _BY_ITSELF,
        of_distributions=True,
        public=True,
    ),
    "download_url": Words(
        _both("Adresse zum Herunterladen", "Download address"),
        _both("Alles kann heruntergeladen werden.", "All of it can be downloaded."),
        _both(
            "Neben Dateien gibt es Schnittstellen, die man fragt statt herunterlädt.",
            "Beside files there are interfaces, which are asked rather than downloaded.",
        ),
        _both(
            "Daran fehlt nichts: Die Dateien sind vollständig. Das Verfahren zählt Schnittstellen mit.",
            "Nothing is amiss: the files are complete. The assessment counts interfaces along with them.",
        ),
        of_distributions=True,
    ),
    "download_reached": Words(
        _both("Herunterladen gelingt", "Downloads work"),
        _both("Alle Dateien können heruntergeladen werden.", "All files can be downloaded."),
        _both(
            "Alle Dateien können heruntergeladen werden; Schnittstellen zählen mit.",
            "All files can be downloaded; interfaces are counted along with them.",
        ),
        _both(
            "Daran fehlt nichts: Die Dateien sind vollständig. Das Verfahren zählt Schnittstellen mit.",
            "Nothing is amiss: the files are complete. The assessment counts interfaces along with them.",
        ),
        of_distributions=True,
        public=True,
    ),
    "format": Words(
        _both("Dateiformat", "File format"),
        _both("Das Dateiformat ist überall genannt.", "The file format is named everywhere."),
        _both("Das Dateiformat ist nicht überall genannt.", "The file format is not named everywhere."),
        _BY_ITSELF,
        of_distributions=True,
    ),
    "media_type": Words(
        _both("Medientyp", "Media type"),
        _both("Der Medientyp ist überall genannt.", "The media type is named everywhere."),
        _both("Der Medientyp ist nicht überall genannt.", "The media type is not named everywhere."),
        _BY_ITSELF,
        of_distributions=True,
    ),
    "format_listed": Words(
        _both("Format aus der amtlichen Liste", "Format of the official list"),
        _both("Formate und Medientypen stehen in den amtlichen Listen.", "Formats and media types are listed."),
        _both("Nicht alle Formate stehen in den amtlichen Listen.", "Not all formats are listed."),
        _BY_ITSELF,
        of_distributions=True,
    ),
    "non_proprietary": Words(
        _both("Offenes Format", "Non-proprietary format"),
        _both("Alle Formate sind offen.", "All formats are open."),
        _both("Nicht alle Formate sind offen.", "Not all formats are open."),
        _BY_ITSELF,
        of_distributions=True,
    ),
    "machine_readable": Words(
        _both("Maschinenlesbar", "Machine-readable"),
        _both("Alle Formate sind maschinenlesbar.", "All formats are machine-readable."),
        _both("Nicht alle Formate sind maschinenlesbar.", "Not all formats are machine-readable."),
        _BY_ITSELF,
        of_distributions=True,
    ),
    "valid": Words(
        _both("Gültig nach DCAT-AP", "Valid DCAT-AP"),
        _both("Die Beschreibung hält die Regeln von DCAT-AP.de ein.", "The description keeps to DCAT-AP.de."),
        _both("Die Beschreibung hält die Regeln nicht ein.", "The description breaks the rules."),
        _BY_ITSELF,
    ),
    "licence": Words(
        _both("Lizenz", "Licence"),
        _both("Eine Lizenz ist genannt.", "A licence is stated."),
        _both(
            "Es ist keine Lizenz genannt; dann darf niemand die Daten nutzen.", "No licence: nobody may use the data."
        ),
        _both(
            "Wählen Sie eine Lizenz; für amtliche Daten meist die Datenlizenz Deutschland.",
            "Choose a licence; for official data mostly the Datenlizenz Deutschland.",
        ),
        of_distributions=True,
    ),
    "licence_listed": Words(
        _both("Lizenz aus der amtlichen Liste", "Licence of the official list"),
        _both("Die Lizenz steht auf der Liste von GovData.", "The licence is on GovData's list."),
        _both("Die Lizenz steht nicht auf der Liste von GovData.", "The licence is not on GovData's list."),
        _both("Wählen Sie eine Lizenz aus der Liste.", "Choose a licence of the list."),
        of_distributions=True,
    ),
    "access_rights": Words(
        _both("Zugangsrechte", "Access rights"),
        _both("Es ist gesagt, wer Zugang hat.", "It is said who has access."),
    ),
    "access_rights_listed": Words(
        _both("Zugangsrechte aus der amtlichen Liste", "Access rights of the official list"),
        _both("Die Angabe stammt aus der amtlichen Liste.", "The statement is of the official list."),
    ),
    "contact": Words(
        _both("Ansprechstelle", "Contact point"),
        _both("Eine Ansprechstelle ist genannt.", "A contact is named."),
        _both("Es ist keine Ansprechstelle genannt.", "No contact is named."),
        _both(
            "Nennen Sie eine Stelle mit E-Mail-Adresse, am besten ein Postfach statt einer Person.",
            "Name an office with an e-mail address, best a letterbox rather than a person.",
        ),
    ),
    "publisher": Words(
        _both("Herausgeber", "Publisher"),
        _both("Der Herausgeber ist genannt.", "The publisher is named."),
        _both("Der Herausgeber hat keinen Namen.", "The publisher has no name."),
        _both(
            "Nennen Sie die Stelle, der die Daten gehören, oder stellen Sie ALLMENDE_TOWN ein.",
            "Name the office that owns the data, or set ALLMENDE_TOWN.",
        ),
    ),
    "rights": Words(
        _both("Nutzungshinweis", "Rights"),
        _both("Es ist gesagt, wie die Quelle zu nennen ist.", "It is said how to name the source."),
        _both("Es ist nicht gesagt, wie die Quelle zu nennen ist.", "It is not said how to name the source."),
        _both("Füllen Sie das Feld «Namensnennung» aus.", "Fill in the field «attribution»."),
        of_distributions=True,
    ),
    "size": Words(
        _both("Dateigröße", "File size"),
        _both("Die Größe ist überall genannt.", "The size is named everywhere."),
        _both(
            "Die Größe ist nur für Parquet bekannt: Die anderen Dateien werden erst beim Herunterladen geschrieben.",
            "The size is known for Parquet only: the other files are written when they are downloaded.",
        ),
        _both("Daran lässt sich nichts verbessern.", "Nothing can be done about it."),
        of_distributions=True,
    ),
    "issued": Words(
        _both("Veröffentlichungsdatum", "Date of issue"),
        _both("Es ist gesagt, seit wann es die Daten gibt.", "It is said since when the data are there."),
    ),
    "modified": Words(
        _both("Änderungsdatum", "Date of modification"),
        _both("Es ist gesagt, wann sie zuletzt geändert wurden.", "It is said when they were changed last."),
    ),
}
