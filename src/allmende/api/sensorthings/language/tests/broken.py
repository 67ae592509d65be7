"""Filters that are broken in one certain way each: a valid one changed, or one put together wrongly.

Each function gives the entity type that the filter is asked of, and its text.
"""

import random
import re
import string
from collections.abc import Callable

from allmende.api.sensorthings.entities import ENTITY_SETS, EntityType, Kind
from allmende.api.sensorthings.language.tests.valid import FILTERS, POLYGON

Dice = random.Random
OPERATOR = re.compile(r"(?<= )(eq|ne|gt|ge|lt|le|and|or|add|sub|mul|div|mod|in) ", re.IGNORECASE)
BINARY = ("eq", "ne", "gt", "ge", "lt", "le", "and", "or", "add", "sub", "mul", "div", "mod")
ILLEGAL = '!"#^`{}\\<>*|?~&%´€\u00a0'


def outside(text: str, dice: Dice) -> int:
    """A place in the text that is not inside quotes."""
    places, quoted = [], False
    for index, letter in enumerate(text):
        if not quoted:
            places.append(index)
        quoted ^= letter == "'"
    return dice.choice([*places, len(text)])


def a_filter(dice: Dice, fits: Callable[[str], object] = lambda text: True) -> tuple[EntityType, str]:
    while True:
        name = dice.choice(list(FILTERS))
        text = dice.choice(FILTERS[name])
        if fits(text):
            return ENTITY_SETS[name], text


def bare_operators(text: str) -> list[re.Match[str]]:
    return [match for match in OPERATOR.finditer(text) if text.count("'", 0, match.start()) % 2 == 0]


def cut(dice: Dice) -> tuple[EntityType, str]:
    entity, text = a_filter(dice, bare_operators)
    return entity, text[: dice.choice(bare_operators(text)).end()]


def doubled_operator(dice: Dice) -> tuple[EntityType, str]:
    entity, text = a_filter(dice, bare_operators)
    end = dice.choice(bare_operators(text)).end()
    return entity, f"{text[:end]}{dice.choice(BINARY)} {text[end:]}"


def missing_operator(dice: Dice) -> tuple[EntityType, str]:
    entity, text = a_filter(dice, bare_operators)
    match = dice.choice(bare_operators(text))
    return (
        entity,
        f"{text[: match.start()]}{dice.choice(('equals', '=', 'is', '==', '>', ';', '$'))} {text[match.end() :]}",
    )


def brackets(dice: Dice) -> tuple[EntityType, str]:
    entity, text = a_filter(dice)
    at = outside(text, dice)
    if text[at : at + 1] in ("(", ")"):
        return entity, text[:at] + text[at + 1 :]
    return entity, text[:at] + dice.choice("()") + text[at:]


def quotes(dice: Dice) -> tuple[EntityType, str]:
    entity, text = a_filter(dice)
    places = [index for index, letter in enumerate(text) if letter == "'"]
    if places and dice.random() < 0.5:
        at = dice.choice(places)
        return entity, text[:at] + text[at + 1 :]
    at = dice.randint(0, len(text))
    return entity, text[:at] + "'" + text[at:]


def illegal_character(dice: Dice) -> tuple[EntityType, str]:
    entity, text = a_filter(dice)
    at = outside(text, dice)
    return entity, text[:at] + dice.choice(ILLEGAL) + text[at:]


def word(dice: Dice) -> str:
    """A name that nothing has."""
    return "q" + "".join(dice.choices(string.ascii_letters + string.digits + "_", k=dice.randint(3, 12)))


def unknown_name(dice: Dice) -> tuple[EntityType, str]:
    entity = dice.choice(list(ENTITY_SETS.values()))
    link = dice.choice(list(entity.navigations))
    name = word(dice)
    return entity, dice.choice(
        (
            f"{name} eq 1",
            f"{link}/{name} eq 1",
            f"{name}/id eq 1",
            f"{link}/{name}/id eq 1",
            f"{link} eq 1",
            f"{name}(id) eq 1",
            f"{name}()",
            f"length({name}) eq 1",
            f"id {name} 1",
            f"id/{name} eq 1",
            f"{name}'1' eq id",
            f"{link}(id eq 1)",
        )
    )


def wrong_type(dice: Dice) -> tuple[EntityType, str]:
    entity = dice.choice(list(ENTITY_SETS.values()))
    leaf = dice.choice([found for found in entity.properties.values() if found.kind != Kind.ANY])
    name, number = leaf.name, dice.randint(-99, 99)
    texts = [
        name,
        f"not {name}",
        f"{name} and true",
        f"false or {name}",
        f"{name} eq {number}",
        f"{name} lt duration'PT{dice.randint(1, 9)}H'",
        f"{name} eq {POLYGON}",
        f"{name} mul {number} eq 1",
        f"{name} add {name} eq 1",
        f"-{name} eq 1",
        f"{name} in ({number}, {number})",
        f"round({name}) eq {number}",
        f"length({number}) eq {number}",
        f"st_within({name}, 'POINT(1 2)')",
        f"st_relate({POLYGON}, {POLYGON}, {name})",
        f"during({name}, 2026-01-01T00:00:00Z)",
        f"substring({name}, 'a') eq 'b'",
        f"{number} div 0 eq 1",
    ]
    if leaf.kind != Kind.STRING:
        texts += [f"{name} eq 'a'", f"startswith({name}, 'a')", f"{name} in ('a', 'b')"]
    if leaf.kind != Kind.GEOMETRY:
        texts += [f"geo.length({name}) gt 1", f"st_equals({name}, {POLYGON})"]
    if leaf.kind in (Kind.STRING, Kind.OBJECT, Kind.GEOMETRY):
        texts += [f"{name} ge now()", f"year({name}) eq 2026", f"before({name}, now())", f"{name} gt 2026-01-01"]
    return entity, dice.choice(texts)


def argument_count(dice: Dice) -> tuple[EntityType, str]:
    least = {"now": 0, "length": 1, "tolower": 1, "year": 1, "round": 1, "startswith": 2, "concat": 2, "indexof": 2}
    name, right = dice.choice([*least.items(), ("substring", 2), ("geo.distance", 2), ("st_relate", 3), ("during", 2)])
    wrong = dice.choice([n for n in range(6) if n != right and not (name == "substring" and n == 3)])
    argument = dice.choice(("id", "'a'", "result", "5"))
    return ENTITY_SETS["Observations"], f"{name}({','.join([argument] * wrong)}) eq 1"


def bad_number(dice: Dice) -> str:
    digits = "".join(dice.choices(string.digits, k=dice.randint(1, 5)))
    ends = (".", ".1.2", "x", "e", "_0", "e1e1", "-1", "/2", ":")
    whole = ("0x1F", "1e400", "-1e999", "-", "--", "1" * 500, "٣", f".{digits}", f"#{digits}", f"1e+{digits}9999")
    return digits + dice.choice(ends) if dice.random() < 0.5 else dice.choice(whole)


def bad_time(dice: Dice) -> str:
    d = dice.randint
    return dice.choice(
        (
            f"2026-{d(13, 99)}-01T00:00:00Z",
            f"2026-01-{d(32, 99)}T00:00:00Z",
            f"2026-02-{d(29, 31)}T00:00:00Z",
            f"2026-01-01T{d(24, 99)}:00:00Z",
            f"2026-01-01T00:{d(60, 99)}:00Z",
            f"2026-01-01T00:00:{d(60, 99)}Z",
            f"2026-01-01T00:00:00+{d(24, 99)}:00",
            f"2026-01-01T00:00:00+01:{d(60, 99)}",
            f"2026-01-01T00:00:0{d(0, 9)}",
            f"2026-01-01T0{d(0, 9)}Z",
            f"26-01-0{d(1, 9)}T00:00:00Z",
            f"2026-01-01T00:00:00Z/2025-01-0{d(1, 9)}T00:00:00Z",
            f"2026-01-01T00:00:00Z/P{d(1, 9)}",
            f"P{d(1, 9)}D/PT{d(1, 9)}H",
            f"2026-01-01/2026-01-0{d(2, 9)}",
            f"2026-0{d(1, 9)}",
            f"2026-01-01 0{d(0, 9)}:00:00Z",
            f"datetime'2026-01-0{d(1, 9)}T00:00:00'",
            f"2026-01-01T00:00:00Z[Europe/Berlin{d(0, 9)}]",
        )
    )


def bad_duration(dice: Dice) -> str:
    n = dice.randint(1, 99)
    inside = (
        f"{n}D",
        f"P{n}",
        f"P{n}H",
        f"PT{n}D",
        "P",
        "PT",
        "",
        f"P{n}D{n}Y",
        f"P{n}.5D",
        f"P{n}DT",
        f"one day {n}",
        f"P{n}99999999D",
    )
    return f"duration'{dice.choice(inside)}'"


def bad_literal(dice: Dice) -> tuple[EntityType, str]:
    literal = dice.choice((bad_number, bad_time, bad_duration))(dice)
    text = dice.choice(
        ("phenomenonTime gt {}", "result eq {}", "during(resultTime, {})", "{} lt result", "result in ({}, 1)")
    )
    return ENTITY_SETS["Observations"], text.format(literal)


def bad_geometry(dice: Dice) -> str:
    a, b = dice.randint(-90, 90), round(dice.uniform(-90, 90), 3)
    good = (
        f"POINT({a} {b})",
        f"LINESTRING({a} {b},1 2,3 4)",
        f"POLYGON(({a} {b},1 2,3 4,{a} {b}))",
        f"MULTIPOINT(({a} {b}),(1 2))",
    )
    text = dice.choice(good)
    match dice.randrange(5):
        case 0:
            places = [index for index, letter in enumerate(text) if letter in "()"]
            at = dice.choice(places)
            return text[:at] + dice.choice(("", "((", "[")) + text[at + 1 :]
        case 1:
            return (
                text.replace("1 2", dice.choice(("1", "1 2 3 4", "1;2", "1 x", "", "1.2.3 4")), 1)
                if "1 2" in text
                else "POINT"
            )
        case 2:
            return f"POLYGON(({a} {b},1 2,3 4,{a} {b + 1}))"
        case 3:
            return dice.choice((word(dice).upper(), "POINT EMPTY", "", "TRIANGLE", "POINT M")) + dice.choice(
                ("(1 2)", "", "((")
            )
    return dice.choice(
        (f"SRID={dice.randint(1, 4325)};{text}", f"LINESTRING({a} {b})", f"POINT({a})", f"{text} {a}", "POINT(NaN 1)")
    )


def bad_wkt(dice: Dice) -> tuple[EntityType, str]:
    name = dice.choice(("st_within", "st_intersects", "geo.intersects", "st_equals"))
    return ENTITY_SETS["Locations"], f"{name}(location, geography'{bad_geometry(dice)}')"


def deep(dice: Dice) -> tuple[EntityType, str]:
    levels = dice.randint(51, 900)
    opening, closing = dice.choice(
        (("(", ")"), ("not ", ""), ("not (", ")"), ("tolower(", ")"), ("-(", ")"), ("- ", ""))
    )
    inside = dice.choice(("true", "id", "5", "now()"))
    return ENTITY_SETS["Things"], opening * levels + inside + (closing * levels if dice.random() < 0.5 else "")


def too_much(dice: Dice) -> tuple[EntityType, str]:
    n = dice.randint(0, 500)
    texts = (
        f"name eq '{'x' * (16_000 + n)}'",
        f"id in ({'1,' * (1000 + n)}1)",
        f"{'1 add ' * (51 + n)}1 eq 1",
        f"{'Datastreams/Thing/' * (5 + n // 10)}name eq 'a'",
        f"properties{'/a' * (21 + n)} eq 1",
    )
    return ENTITY_SETS["Things"], dice.choice(texts)


BROKEN = (
    *(cut, doubled_operator, missing_operator, brackets, quotes, illegal_character, unknown_name, wrong_type),
    *(argument_count, bad_literal, bad_wkt, deep, too_much),
)
