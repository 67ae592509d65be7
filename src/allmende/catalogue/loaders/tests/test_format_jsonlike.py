"""JSON in all the shapes in which tables come, and broken in the ways in which files break."""

import datetime as dt
import gzip
import json
import random
from io import BytesIO

import pytest

from allmende.catalogue.loaders.formats import jsonlike
from allmende.catalogue.loaders.tests.tabled import Tabled, survives

ROWS = [
    {"nr": 1, "name": "Größer Platz", "lage": {"lat": 50.92, "lon": 11.58}, "arten": ["Acer", "Tilia"], "frei": True},
    {"nr": 2, "name": "Mühlweg", "lage": {"lat": 50.93, "lon": 11.59}, "arten": [], "frei": False, "neu": "2024-03-31"},
]


def made(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()


LINES = b"\n".join(map(made, ROWS)) + b"\n"
PRETTY = "\n".join(json.dumps(row, indent=2) for row in ROWS).encode()
SHAPES = {
    "list": made(ROWS),
    "with a mark before it": b"\xef\xbb\xbf" + made(ROWS),
    "in an object": made({"version": "1", "daten": {"baeume": ROWS}, "next": None}),
    "lines": LINES,
    "lines with blank ones": LINES.replace(b"\n", b"\r\n\r\n"),
    "records": b"".join(b"\x1e" + made(row) + b"\n" for row in ROWS),
    "one after another": PRETTY,
    "one after another, not even a blank between": b"".join(map(made, ROWS)),
    "keyed": made({str(row["nr"]): row for row in ROWS}),
    "script": b"// trees\nvar daten = " + made(ROWS) + b";\n",
    "export": b"export default " + made(ROWS) + b";",
    "call": b"callback(" + made(ROWS) + b");\n",
    "packed": gzip.compress(made(ROWS)),
    "cp1252": json.dumps(ROWS, ensure_ascii=False).encode("cp1252"),
    "utf-16": json.dumps(ROWS, ensure_ascii=False).encode("utf-16"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_table_in_many_shapes(shape: str):
    table = Tabled(SHAPES[shape])
    types = {each.source: each.type for each in table.recipe.fields}
    types.pop("key", None)
    assert types == {
        "nr": "integer",
        "name": "text",
        "lage.lat": "number",
        "lage.lon": "number",
        "arten": "json",
        "frei": "boolean",
        "neu": "date",
    }
    assert table.column("name") == ["Größer Platz", "Mühlweg"]
    assert [json.loads(cell) for cell in table.column("arten")] == [["Acer", "Tilia"], []]
    assert table.column("neu") == [None, dt.date(2024, 3, 31)]
    assert table.recipe.where.columns == ("lage.lon", "lage.lat")
    assert table.column("_line") == [1, 2]
    assert table.proposal["rows"] == table.done["kept"] == 2


def test_what_is_assumed_is_told():
    assert Tabled(SHAPES["in an object"]).of("rows") == [("daten.baeume", "json_list")]
    assert Tabled(SHAPES["lines"]).of("rows") == [("–", "json_lines")]
    assert Tabled(SHAPES["one after another"]).of("rows") == [("–", "json_several")]
    assert Tabled(SHAPES["keyed"]).of("rows") == [("*", "json_keyed")]
    assert Tabled(SHAPES["script"]).of("ignored") == [("JavaScript", "json_script")]
    assert Tabled(SHAPES["cp1252"]).of("encoding") == [("cp1252", "encoding_cp1252")]
    assert Tabled(SHAPES["packed"]).of("compression") == [("gzip", "gzip")]


def test_another_path_may_be_taken():
    content = made(
        {"stadt": "Musterstadt", "amt": [{"id": n, "stellen": [{"nr": 10 * n + k} for k in range(3)]} for n in (1, 2)]}
    )
    table = Tabled(content)
    assert table.of("rows") == [("amt", "json_list")] and "amt.stellen" in table.instead("rows")
    inner = Tabled(content, path="amt.stellen")
    assert inner.column("nr") == [10, 11, 12, 20, 21, 22]
    assert inner.column("amt_id") == [1, 1, 1, 2, 2, 2]
    assert Tabled(content, path="$.amt[*].stellen").column("nr") == inner.column("nr")
    assert Tabled(content, path="gibt.es.nicht").refused == "json_no_path"


def test_a_path_beyond_the_beginning():
    content = made({"kopf": ["x" * 100] * 10_000, "daten": ROWS, "a": {"b": {"1": ROWS[0], "2": ROWS[1]}}})
    assert Tabled(content, path="daten").column("nr") == [1, 2]
    assert Tabled(content, path="a.b.*").column("key") == [1, 2]


def test_lists_side_by_side():
    hourly = {"time": ["2024-01-01T00:00", "2024-01-01T01:00", "2024-01-01T02:00"], "temp": [1.5, None, 2]}
    table = Tabled(made({"latitude": 50.9, "hourly_units": {"temp": "°C"}, "hourly": hourly}))
    assert table.of("rows") == [("hourly", "json_columns")]
    assert table.types == {"time": "datetime", "temp": "number"} and table.column("temp") == [1.5, None, 2.0]
    frame = {"name": {"0": "a", "1": "b"}, "wert": {"0": 1, "1": 2}}
    assert Tabled(made(frame)).column("wert") == [1, 2]


def test_series_of_numbers_within_rows_come_first_and_texts_among_them_are_no_numbers():
    """As some statistics are published: a text `"0"` where a figure was too small to be shown."""
    indicators = [
        {"id": f"I{n}", "date": "2007", "values": [*range(3 + n, 20), *["0"] * n], "comparison": [1, "NaN"]}
        for n in (5, 6)
    ]
    series = Tabled(made({"id": "t1", "indicators": indicators}))
    assert series.of("rows") == [("indicators.values", "json_series")]
    assert series.types["values"] == "integer"
    assert series.column("values") == [*range(8, 20), *[None] * 5, *range(9, 20), *[None] * 6]
    assert series.column("position")[:3] == [1, 2, 3]
    assert series.column("indicators_id")[0] == "I5" and series.column("indicators_id")[-1] == "I6"
    assert series.of("sentinel") == [('values: "0"', "json_text")]
    assert series.done["nothing"] == {"values": 11}
    rows = Tabled(made({"id": "t1", "indicators": indicators}), number=1)
    assert rows.column("id") == ["I5", "I6"] and rows.types["values"] == "json"


def test_a_zero_as_text_among_numbers_is_no_zero_and_later_others_are_told():
    rows = [{"n": n, "wert": n + 3} for n in range(30)]
    rows[4]["wert"] = "0"
    table = Tabled(made(rows))
    assert table.column("wert")[4] is None and table.done["nothing"] == {"wert": 1}
    table.read(BytesIO(made([*rows, {"n": 99, "wert": "7"}])), table.recipe)
    assert [(each["row"], each["field"]) for each in table.aside] == [(31, "wert")]


def test_words_among_numbers_mean_no_value_but_many_texts_are_numbers_written_so():
    words = Tabled(made([{"n": n, "wert": n if n % 5 else "unbekannt"} for n in range(30)]))
    assert words.types["wert"] == "integer" and words.column("wert")[5] is None
    assert words.of("sentinel") == [("wert: unbekannt", "json_text")]
    mixed = Tabled(made([{"n": n, "wert": n if n % 2 else str(n)} for n in range(30)]))
    assert mixed.column("wert") == [*range(30)] and ("wert", "json_texts") in mixed.of("type")


def test_one_object_is_one_row():
    event = {
        "id": "x",
        "time": "2024-06-20T08:48:38.86+00:00",
        "device": {"name": "LST1", "eui": "a840", "tags": {}},
        "rssi": -90,
    }
    table = Tabled(made({**event, "gateways": [{"id": "g1"}, {"id": "g2"}]}))
    assert table.of("rows") == [("–", "json_one")] and table.done["kept"] == 1
    assert table.column("device_eui") == ["a840"] and table.instead("rows") == ["gateways"]
    assert Tabled(made({**event, "gateways": [{"id": "g1"}, {"id": "g2"}]}), path="gateways").column("id") == [
        "g1",
        "g2",
    ]


def test_lists_within_lists():
    content = made({"messages": [[{"a": 1}, {"a": 2}], [{"a": 3}]]})
    assert Tabled(content, path="messages").column("a") == [1, 2, 3]


def test_columns_that_come_late():
    rows = [{"n": n} for n in range(40_000)]
    rows[-1] |= {"wort": "x", "zahl": 1, "bruch": 1.5, "frei": True, "liste": [1]}
    late = {"wort": "text", "zahl": "integer", "bruch": "number", "frei": "boolean", "liste": "json"}
    table = Tabled(made(rows))
    assert table.types == {"n": "integer", **late}
    assert [table.column(name)[-1] for name in late] == ["x", 1, 1.5, True, "[1]"]


def test_columns_beyond_the_glance_are_counted(monkeypatch: pytest.MonkeyPatch):
    rows = [{"n": n, "text": "x" * 50} for n in range(30_000)]
    recipe = Tabled(made(rows)).recipe
    rows[-1]["spät"] = 1
    monkeypatch.setattr(jsonlike, "_GLANCED", 100_000)
    table = Tabled(made(rows))
    assert "spaet" in table.types
    table.read(BytesIO(made(rows)), recipe)
    assert table.done["late"] == {"spät": 1} and table.done["kept"] == 30_000


def test_another_file_with_the_recipe_of_this_one():
    table = Tabled(made(ROWS))
    table.read(BytesIO(made([{"nr": 7, "name": "Neu"}])), table.recipe)
    assert table.column("nr") == [7] and table.column("arten") == [None]
    table.read(BytesIO(made([{"ganz": 1, "anders": 2}])), table.recipe)
    assert table.refused == "header_differs"


def test_names_that_come_twice_and_keys_with_points():
    table = Tabled(made([{"a.b": 1, "a": {"b": 2}, "": 3}, {"a.b": 4, "a": {"b": 5}, "": 6}]))
    assert {each.source for each in table.recipe.fields} == {"a.b", "a.b 2", "column"}
    assert table.column("a_b") == [1, 4] and table.column("a_b_2") == [2, 5]


def test_objects_with_ever_other_keys_stay_whole():
    table = Tabled(made([{"n": n, "werte": {f"k{n}-{k}": k for k in range(20)}} for n in range(60)]))
    assert table.types == {"n": "integer", "werte": "json"}
    assert table.column("werte")[0].startswith('{"k0-0":0')


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"[]", "json_no_rows"),
        (b"{}", "json_no_rows"),
        (b'[{"a": 1}, {"a": 2', "json_cut_off"),
        (b'[{"a": 1}, {"a": x}]', "json_broken"),
        (b'{"a": [1,2}', "json_broken"),
        (b'[{"a": 1}] rubbish', "json_broken"),
        (b"[" * 100_000, "json_deep"),
        (b"[" * 50_000 + b"]" * 50_000, "json_deep"),
        (b'[{"a":' * 20_000 + b"1" + b"}]" * 20_000, "json_deep"),
        ((b"[" * 100_000 + b"\n") * 3, "json_deep"),
        (b'{"a":1}\n' + b"[" * 100_000 + b"\n" + b'{"a":1}\n', "json_deep"),
        (b'[{"a":"' + b"x" * 20_000_000 + b'"}]', "row_too_long"),
        (b'[{"a":"' + b"\\" * 20_000_000 + b'"}]', "row_too_long"),
        (b'[{"a":1' + b"0" * 20_000_000 + b"}]", "row_too_long"),
    ],
)
def test_what_cannot_be_read_is_told(content: bytes, code: str):
    table = Tabled(content)
    assert table.refused == code and table.words


def test_lines_that_are_broken_are_set_aside():
    lines = [made({"n": n}) for n in range(50)]
    lines[10] = b'{"n": 10'
    table = Tabled(b"\n".join(lines))
    assert [(each["row"], each["code"]) for each in table.aside] == [(11, "json_line")]
    assert table.column("_line")[9:11] == [10, 12] and table.done["kept"] == 49


def test_halves_of_characters_and_numbers_without_end():
    content = b'[{"a": "\\ud800x", "b": 123456789012345678901234567890, "c": 1e400}, {"a": "y", "b": 1, "c": 2}]'
    assert survives(content, "x") in ("read", "json_broken")
    assert survives(content.replace(b"}, {", b"}\n{").strip(b"[]"), "x") == "read"


@pytest.mark.parametrize("shape", SHAPES)
def test_broken_files_are_refused_in_words(shape: str):
    content, chance = SHAPES[shape], random.Random(5)
    for share in (0.1, 0.5, 0.9):
        survives(content[: int(len(content) * share)], "x")
    for _ in range(40):
        broken = bytearray(content)
        for _ in range(chance.randint(1, 8)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        survives(bytes(broken), "x")
