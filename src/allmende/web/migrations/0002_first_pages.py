"""The texts that every site needs from its first day, with gaps marked […] for what only the town knows."""

import secrets

from django.db import migrations

IMPRINT = {
    "de": """## Anbieter

[… Name der Stadt oder Gemeinde]
[… Straße und Hausnummer]
[… Postleitzahl und Ort]

Vertreten durch: [… Amt der vertretungsberechtigten Person]

## Kontakt

Telefon: [… Nummer]
E-Mail: [… Adresse]

## Umsatzsteuer-Identifikationsnummer

[… Nummer, falls vorhanden]

## Verantwortlich für den Inhalt

[… Stelle, nach § 18 Absatz 2 MStV]

## Software

Diese Seite läuft mit Allmende, freier Software unter der EUPL-1.2.
""",
    "en": """## Provider

[… name of the town]
[… street and number]
[… postcode and place]

Represented by: [… office of the authorised person]

## Contact

Telephone: [… number]
E-mail: [… address]

## VAT identification number

[… number, if there is one]

## Responsible for the content

[… office, under § 18 (2) MStV]

## Software

This site runs on Allmende, free software under the EUPL-1.2.
""",
}

PRIVACY = {
    "de": """## Kurz gesagt

- Sie können diese Seite lesen, ohne etwas über sich preiszugeben.
- Es gibt keine Werbung, keine Zählpixel und keine Dienste Dritter. Alles kommt von diesem Server.
- Cookies setzen wir nur, wenn Sie etwas tun, das eines braucht: sich anmelden, ein Formular öffnen, das Aussehen wählen.

## Wer verantwortlich ist

[… Name und Anschrift der Stadt]

Datenschutzbeauftragte Stelle: [… Anschrift und E-Mail]

## Welche Daten wir verarbeiten

**Beim Lesen.** Ihr Browser überträgt technisch bedingt Ihre IP-Adresse und die gewünschte Seite. Wir speichern [… nichts davon / für wie viele Tage]. Grundlage ist Artikel 6 Absatz 1 Buchstabe e DSGVO.

**Mit einem Konto.** Wir speichern Ihre E-Mail-Adresse, einen Anzeigenamen, wenn Sie einen wählen, und ein nicht umkehrbar gesichertes Passwort oder den öffentlichen Teil Ihres Passkeys. Sie können das Konto jederzeit schließen.

**Bei einer Rückmeldung.** Wir speichern Ihren Text und, wenn Sie sie angeben, Ihre E-Mail-Adresse, bis die Sache erledigt ist. Gegen Missbrauch hält der Server für eine Stunde einen Prüfwert Ihrer IP-Adresse im Arbeitsspeicher.

**Messwerte.** Die gezeigten Messwerte stammen von Sensoren und Ämtern. Personenbezogene Daten werden nicht veröffentlicht.

## Cookies

- allmende_theme: das gewählte Aussehen, ein Jahr
- csrftoken: schützt Formulare, ein Jahr
- sessionid: Ihre Anmeldung, zwei Wochen

## Ihre Rechte

Sie haben das Recht auf Auskunft, Berichtigung, Löschung, Einschränkung, Widerspruch und Übertragbarkeit (Artikel 15 bis 21 DSGVO). Sie können sich bei der Aufsichtsbehörde beschweren: [… Name und Anschrift].
""",
    "en": """## In short

- You can read this site without revealing anything about yourself.
- There is no advertising, no tracking and no service of a third party. Everything comes from this server.
- We set cookies only when you do something that needs one: sign in, open a form, choose the appearance.

## Who is responsible

[… name and address of the town]

Data protection officer: [… address and e-mail]

## Which data we process

**When you read.** Your browser necessarily sends your IP address and the page you want. We store [… none of it / for how many days]. The basis is Article 6 (1) (e) GDPR.

**With an account.** We store your e-mail address, a display name if you choose one, and an irreversibly secured password or the public part of your passkey. You can close the account at any time.

**When you report something.** We store your text and, if you give it, your e-mail address until the matter is dealt with. Against abuse, the server keeps a check value of your IP address in memory for an hour.

**Measurements.** The values shown come from sensors and offices. Personal data is not published.

## Cookies

- allmende_theme: the chosen appearance, one year
- csrftoken: protects forms, one year
- sessionid: your sign-in, two weeks

## Your rights

You have the right of access, rectification, erasure, restriction, objection and portability (Articles 15 to 21 GDPR). You may complain to the supervisory authority: [… name and address].
""",
}

ACCESSIBILITY = {
    "de": """Diese Erklärung gilt für diese Website. [… Stelle, die sie betreibt]

## Wie barrierefrei ist die Seite?

Die Seite ist nach den Richtlinien für barrierefreie Webinhalte (WCAG 2.2, Stufe AA) und der EN 301 549 gebaut. Jede Seite wird bei jeder Änderung der Software selbsttätig geprüft: in beiden Sprachen, hell und dunkel, auch auf schmalen Bildschirmen. Eine Prüfung durch Menschen mit Behinderungen steht aus: [… Datum, sobald erfolgt].

## Was noch nicht gut geht

- Die Karte ist eine Zeichenfläche, die Vorleseprogramme nicht lesen können. Neben jeder Karte steht eine Liste mit denselben Orten.
- Diagramme haben eine Beschreibung in Worten und eine Tabelle mit denselben Zahlen.
- Gebärdensprache gibt es bisher nicht. [… bis wann]

## Eine Barriere melden

Schreiben Sie uns über das Formular unter dieser Erklärung oder: [… Telefon, E-Mail, Anschrift]. Wir antworten innerhalb von zwei Wochen.

## Wenn wir nicht helfen

Dann können Sie sich an die Durchsetzungs- oder Schlichtungsstelle Ihres Landes wenden: [… Name und Anschrift].

Diese Erklärung wurde am [… Datum] erstellt und wird jedes Jahr überprüft.
""",
    "en": """This statement is about this website. [… office that runs it]

## How accessible is the site?

The site is built to the Web Content Accessibility Guidelines (WCAG 2.2, level AA) and EN 301 549. Every page is checked automatically with every change of the software: in both languages, light and dark, also on narrow screens. A check by people with disabilities has not been made yet: [… date, once done].

## What does not work well yet

- The map is a drawing that screen readers cannot read. Beside every map there is a list of the same places.
- Charts have a description in words and a table of the same numbers.
- There is no sign language yet. [… until when]

## Report a barrier

Write to us by the form below this statement or: [… telephone, e-mail, address]. We answer within two weeks.

## If we do not help

Then you can turn to the enforcement or arbitration body of your state: [… name and address].

This statement was made on [… date] and is reviewed every year.
""",
    "easy": """Diese Seite soll für alle Menschen gut sein.

## Was gut geht

- Sie können die Seite ohne Maus benutzen.
- Ein Programm kann Ihnen die Seite vorlesen.
- Sie können die Schrift groß machen.
- Sie können die Seite dunkel machen.

## Was noch nicht gut geht

- Ein Vorlese-Programm kann die Karte nicht lesen.
  Darum gibt es neben der Karte eine Liste.
- Es gibt noch keine Gebärden-Sprache.

## Geht etwas nicht?

Bitte schreiben Sie uns.
Unter diesem Text ist ein Knopf.
Auf dem Knopf steht: Barriere melden.
Wir antworten in 2 Wochen.
""",
}

PAGES = {
    "imprint": ({"de": "Impressum", "en": "Imprint"}, IMPRINT),
    "privacy": ({"de": "Datenschutz", "en": "Privacy"}, PRIVACY),
    "accessibility": ({"de": "Erklärung zur Barrierefreiheit", "en": "Accessibility statement"}, ACCESSIBILITY),
}


def new_code():
    return "pag-" + "".join(secrets.choice("0123456789abcdefghjkmnpqrstvwxyz") for _ in range(10))


def write(apps, schema_editor):
    page = apps.get_model("web", "Page")
    for slug, (title, body) in PAGES.items():
        page.objects.get_or_create(slug=slug, defaults={"code": new_code(), "title": title, "body": body})


class Migration(migrations.Migration):
    dependencies = [("web", "0001_initial")]
    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
