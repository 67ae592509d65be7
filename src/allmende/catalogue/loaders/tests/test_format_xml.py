"""XML as offices export it: rows found by what repeats, attributes and texts as columns, bombs refused."""

import gzip
import json
import os
import random
import time
from io import BytesIO

import pytest

from allmende.catalogue.loaders.formats.rowwise import LONGEST
from allmende.catalogue.loaders.tests.tabled import Tabled, survives

ROWS = [(1, "Größer Platz", "12.5"), (2, "Mühlweg", "7.25"), (3, "Am Ufer", "")]
ROW = '<stelle nr="{}"><name>{}</name><wert einheit="m">{}</wert></stelle>'
LIST = "".join(ROW.format(*row) for row in ROWS)
PLAIN = f'<?xml version="1.0" encoding="UTF-8"?>\n<stellen stand="2026-05-01"><amt>Umwelt</amt>{LIST}</stellen>'
SHAPES = {
    "plain": PLAIN.encode(),
    "with a mark before it": b"\xef\xbb\xbf" + PLAIN.encode(),
    "latin-1": PLAIN.replace("UTF-8", "ISO-8859-1").encode("latin-1"),
    "Windows-1252 that says UTF-8": PLAIN.encode("cp1252"),
    "UTF-16": PLAIN.replace("UTF-8", "UTF-16").encode("utf-16"),
    "without a declaration": PLAIN.partition("\n")[2].encode(),
    "packed": gzip.compress(PLAIN.encode()),
    "with a document type": PLAIN.replace("\n", '<!DOCTYPE stellen SYSTEM "stellen.dtd">').encode(),
    "with namespaces": PLAIN.replace("<stellen ", '<a:stellen xmlns:a="urn:a" xmlns="urn:b" ')
    .replace("</stellen>", "</a:stellen>")
    .encode(),
    "with a stylesheet and comments": PLAIN.replace("\n", '<?xml-stylesheet href="x"?><!-- <html> -->').encode(),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_table_in_many_shapes(shape: str):
    table = Tabled(SHAPES[shape])
    assert not table.refused, table.words
    assert table.recipe.format == "xml" and table.of("rows") == [("stellen/stelle", "xml_rows")]
    assert {each.source: each.type for each in table.recipe.fields} == {
        "nr": "integer",
        "name": "text",
        "wert.einheit": "text",
        "wert": "number",
        "stellen.stand": "date",
        "stellen.amt": "text",
    }
    assert table.column("name") == [name for _, name, _ in ROWS] and table.column("wert") == [12.5, 7.25, None]
    assert table.column("stellen_amt") == ["Umwelt"] * 3 and table.recipe.key == ("nr",)
    assert table.proposal["rows"] == table.done["kept"] == 3


NESTED = "<netz>" + "".join(
    f'<station id="s{n}"><ort><lat>50.9{n}</lat><lon>11.5{n}</lon></ort><art>Pegel</art><art>Regen</art>'
    + "".join(f'<mess zeit="2026-05-0{k} 08:00" wert="{n + k}"/>' for k in range(1, 6))
    + "</station>"
    for n in range(3)
)
NESTED += "</netz>"


def test_rows_within_rows_are_the_other_choice():
    table = Tabled(NESTED.encode())
    assert table.of("rows") == [("netz/station", "xml_rows")] and "netz/station/mess" in table.instead("rows")
    assert table.types["mess"] == table.types["art"] == "json" and table.done["kept"] == 3
    assert json.loads(table.column("art")[0]) == ["Pegel", "Regen"]
    assert json.loads(table.column("mess")[0])[0] == {"zeit": "2026-05-01 08:00", "wert": "1"}
    assert table.recipe.where.columns == ("ort.lon", "ort.lat")
    inner = Tabled(NESTED.encode(), path="netz/station/mess")
    assert inner.types == {"zeit": "datetime", "wert": "integer", "station_id": "text"} and inner.done["kept"] == 15
    assert inner.column("station_id")[4:6] == ["s0", "s1"] and inner.of("rows")[0][1] == "told"


@pytest.mark.parametrize("path", ["mess", "//mess", "station/mess", "netz.station.mess", "/netz/station/mess"])
def test_ways_to_name_a_path(path: str):
    assert Tabled(NESTED.encode(), path=path).done["kept"] == 15


def test_a_path_that_is_not_there():
    assert Tabled(NESTED.encode(), path="gibt/es/nicht").refused == "xml_no_path"


def test_a_single_record_and_attributes_beside_children_of_the_same_name():
    table = Tabled(b'<e id="7"><id>x</id><a xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"/>Text</e>')
    assert table.of("rows") == [("e", "xml_one")] and table.done["kept"] == 1
    row = table.table.to_pylist()[0]
    assert (row["id"], row["id_2"], row["e"]) == (7, "x", "Text")


def test_elements_with_texts_only():
    table = Tabled("<orte><ort>Jägerberg</ort><ort>Süd</ort></orte>".encode())
    assert table.column("ort") == ["Jägerberg", "Süd"]


def test_a_text_that_is_no_utf_8_further_down():
    content = "<a>" + "<b><c>xxxxxxxxxxxxxxxxxxxxxxxxx</c></b>" * 20_000 + "<b><c>ü</c></b></a>"
    assert survives(content.encode("cp1252"), "x") == "wrong_encoding"
    assert Tabled(content.encode("cp1252"), encoding="cp1252").column("c")[-1] == "ü"


def test_another_file_with_the_recipe_of_this_one():
    table = Tabled(PLAIN.encode())
    table.read(BytesIO(PLAIN.replace("7.25", "viel").encode()), table.recipe)
    assert [(each["row"], each["field"]) for each in table.aside] == [(2, "wert")]
    table.read(BytesIO(b"<stellen><punkt a='1'/></stellen>"), table.recipe)
    assert table.refused == "xml_no_path"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ('<!DOCTYPE a [<!ENTITY x "ha"><!ENTITY y "&x;&x;&x;">]><a>&y;</a>', "xml_entities"),
        ('<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "xml_entities"),
        ('<!DOCTYPE a [<!ENTITY % x SYSTEM "http://town.example/x.dtd">%x;]><a/>', "xml_entities"),
        (PLAIN[:-30], "xml_cut_off"),
        (PLAIN.replace("</name>", "</nam>"), "xml_broken"),
        ("<a>" * 300 + "</a>" * 300, "xml_deep"),
        ("<a/>", "xml_no_rows"),
        ('<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script><g/><g/></svg>', "not_data"),
        ('<?xml version="1.0"?><svg:svg xmlns:svg="http://www.w3.org/2000/svg"><svg:g/></svg:svg>', "not_data"),
        ("<!DOCTYPE html><p>404", "not_data"),
        ('<html xmlns="http://www.w3.org/1999/xhtml"><table><tr><td>1</td></tr></table></html>', "not_data"),
        (
            '<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"><a/></Workbook>',
            "excel_xml",
        ),
        ("<a><b>" + "x" * (LONGEST + 100) + "</b><b>1</b></a>", "row_too_long"),
        ("<a><b c='" + "x" * (LONGEST + 2**20) + "'/><b>1</b></a>", "row_too_long"),
        ("<a><b>" + "".join(f"<c{n}>1</c{n}>" for n in range(3000)) + "</b><b/></a>", "too_many_columns"),
    ],
)
def test_what_cannot_be_read_is_told(content: str, code: str):
    table = Tabled(content.encode(), name="daten.xml")
    assert table.refused == code and table.words


def test_many_rows_come_in_a_flow():
    content = "<a>" + "".join(f'<b n="{n}"><c>{n}.5</c></b>' for n in range(60_000)) + "</a>"
    begun = time.monotonic()
    table = Tabled(content.encode())
    assert table.done["kept"] == 60_000 and table.frames > 5 and table.column("c")[-1] == 59_999.5
    assert time.monotonic() - begun < 30


@pytest.mark.parametrize("shape", SHAPES)
def test_broken_files_are_refused_in_words(shape: str):
    content, chance = SHAPES[shape], random.Random(5)
    for share in (0.1, 0.5, 0.9):
        survives(content[: int(len(content) * share)], "x.xml")
    for _ in range(2000 if os.environ.get("ALLMENDE_LONG") else 20):
        broken = bytearray(content)
        for _ in range(chance.randint(1, 8)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        survives(bytes(broken), "x.xml")
