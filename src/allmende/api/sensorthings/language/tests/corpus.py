"""Malformed requests without end: valid ones, broken in one certain way each. No parser says here what is malformed.

`malformed(seed)` yields cases as they would be sent, so that a running server can be asked too. The same seed yields
the same cases.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import quote

from allmende.api.sensorthings.entities import ENTITY_SETS, EntityType
from allmende.api.sensorthings.language.tests.broken import BROKEN, Dice, a_filter, word


class Case(NamedTuple):
    """fault: the name of what is wrong. path: after `/v1.1/`. query: after `?`. Both percent-encoded."""

    fault: str
    path: str
    query: str


TEXT_SAFE = ("", "$()',;/:@", "()'/")
KEYS = ("1", "%27a%2Fb%27", "'c'")


def malformed(seed: int) -> Iterator[Case]:
    """Cases, each kind of fault in turn."""
    dice = Dice(seed)
    while True:
        for fault, make in FAULTS.items():
            path, query = make(dice)
            yield Case(fault, path, query)


def ways_to(entity: EntityType, dice: Dice) -> str:
    """A path to a collection of that type."""
    link = dice.choice(list(entity.navigations.values()))
    if link.target.navigations[link.inverse].many and dice.random() < 0.4:
        return f"{link.target.set_name}({dice.choice(KEYS)})/{link.inverse}"
    return entity.set_name


def value_sent(text: str, dice: Dice) -> str:
    sent = quote(text, safe=dice.choice(TEXT_SAFE))
    return sent.replace("%20", "+") if dice.random() < 0.3 else sent


def sent(options: list[tuple[str, str]], dice: Dice) -> str:
    """The query string, with some good options around those that are given."""
    good = [
        ("$top", "5"),
        ("$skip", "10"),
        ("$count", "true"),
        ("$select", "id"),
        ("$orderby", "id desc"),
        ("lang", "de"),
    ]
    names = {name for name, _ in options}
    spare = [pair for pair in good if pair[0] not in names and dice.random() < 0.2]
    pairs = [*options, *spare]
    dice.shuffle(pairs)
    return "&".join(
        f"{name if dice.random() < 0.8 else quote(name, safe='')}={value_sent(text, dice)}" for name, text in pairs
    )


def in_filter(broken: Callable[[Dice], tuple[EntityType, str]]) -> Callable[[Dice], tuple[str, str]]:
    """Makes a request of a broken filter: alone, joined with a good one, or inside an expanded link."""

    def make(dice: Dice) -> tuple[str, str]:
        entity, text = broken(dice)
        if dice.random() < 0.3:
            text = dice.choice(("id ne 'z' and ({})", "({}) or true", "not ({})", "true and {}")).format(text)
        if dice.random() < 0.2:
            link = dice.choice(list(entity.navigations.values()))
            before = dice.choice(("", "$top=1;", "$select=id;$orderby=id;"))
            return ways_to(link.target, dice), sent([("$expand", f"{link.inverse}({before}$filter={text})")], dice)
        return ways_to(entity, dice), sent([("$filter", text)], dice)

    return make


def wrong_option(dice: Dice) -> tuple[str, str]:
    entity = dice.choice(list(ENTITY_SETS.values()))
    number = dice.choice(
        ("-1", "1.5", "ten", "1e3", "", " ", "1 2", "99999999999999999999", "+5", "0x5", "1,2", "null", "'5'")
    )
    link = dice.choice(list(entity.navigations))
    bad = [
        [(f"${word(dice)}", "1")],
        [("$" + dice.choice(("Filter", "TOP", "search", "apply", "format", "levels", "", "filter ")), "true")],
        [(dice.choice(("$top", "$skip")), number)],
        [("$count", dice.choice(("yes", "1", "tru", "", "true false", "null")))],
        [("$resultFormat", dice.choice(("", word(dice), "dataArray,dataArray", "'dataArray'")))],
        [(name := dice.choice(("$top", "$skip")), "1"), (name, dice.choice("12"))],
        [("$filter", "true"), ("$filter", "true")],
        [
            (
                "$select",
                dice.choice(("", "id,", ",id", "id,,id", "*", "id eq 5", word(dice), "id/x", f"{link}/id", "'id'")),
            )
        ],
        [
            (
                "$orderby",
                dice.choice(("", "id,", ",id", "id up", "desc", "id asc desc", "5", "'id'", word(dice), "id;id")),
            )
        ],
        [("$orderby", ",".join(["id"] * dice.randint(21, 99)))],
        [("$skiptoken", dice.choice(("", "a b", "ä")))],
    ]
    return ways_to(entity, dice), sent(dice.choice(bad), dice)


def wrong_expand(dice: Dice) -> tuple[str, str]:
    entity = dice.choice(list(ENTITY_SETS.values()))
    link = dice.choice(list(entity.navigations.values()))
    name, back = link.name, link.inverse
    inside = (
        "$top",
        "$top=",
        "$top=x",
        "top=1",
        "$top=1,$skip=1",
        "$top=1;",
        ";",
        "$resultFormat=dataArray",
        f"${word(dice)}=1",
    )
    inside += (
        "$top=1;$top=2",
        "$select=",
        "$filter=",
        "$orderby=",
        "$expand=",
        "$count=maybe",
        "$expand=id",
        "$skiptoken=a",
        "1",
    )
    bad = (
        f"{name}({dice.choice(inside)})",
        f"{name}(",
        f"{name})",
        f"{name},",
        f",{name}",
        f"{name};{name}",
        f"{name}/",
        f"{name}/{word(dice)}",
        word(dice),
        f"{name}/id",
        f"{name}[0]",
        f"{name} {name}",
        f"{name}($top=1),{name}($top=2)",
        "/".join([name, back] * dice.randint(6, 40)),
        f"{name}($expand={back}($expand=" * dice.randint(6, 30),
        ",".join([f"{name}/{back}"] * dice.randint(51, 200)),
        f"'{name}'",
    )
    return ways_to(entity, dice), sent([("$expand", dice.choice(bad))], dice)


def inserted(raw: str, piece: str, dice: Dice) -> str:
    """The raw text with the piece somewhere behind the first `=`, not inside %XX."""
    start = raw.index("=") + 1
    places = [
        at for at in range(start, len(raw) + 1) if "%" not in raw[max(start, at - 2) : at] and raw[at - 1] not in "&"
    ]
    value_places = [at for at in places if "=" in raw[raw.rfind("&", 0, at) + 1 : at]]
    at = dice.choice(value_places or [start])
    return raw[:at] + piece + raw[at:]


def wrong_bytes(pieces: tuple[str, ...]) -> Callable[[Dice], tuple[str, str]]:
    """Makes a request out of a good one by inserting one of the pieces into its query or its path."""

    def make(dice: Dice) -> tuple[str, str]:
        entity, text = a_filter(dice)
        piece, query = dice.choice(pieces), sent([("$filter", text)], dice)
        if dice.random() < 0.2:
            path = dice.choice(
                (f"{entity.set_name}('{piece}')", f"{entity.set_name}{piece}", f"{entity.set_name}(1)/{piece}")
            )
            return path, query
        return ways_to(entity, dice), inserted(query, piece, dice)

    return make


def wrong_path(dice: Dice) -> tuple[str, str]:
    entity = dice.choice(list(ENTITY_SETS.values()))
    name, link = entity.set_name, dice.choice(list(entity.navigations.values()))
    key, other = dice.choice(("1", "'a'", "%27b%2Fc%27")), word(dice)
    paths = [
        other,
        name.lower(),
        entity.name,
        f"{name}(",
        f"{name}('{other}",
        f"{name}({other})",
        f"{name}()",
        f"{name}(1.5)",
    ]
    paths += [
        f"{name}({key})({key})",
        f"{name}({key})x",
        f"{name}('a'b')",
        f"{name}(1,2)",
        f"{name}/id",
        f"{name}/{link.name}",
    ]
    paths += [
        f"{name}({key})/{other}",
        f"{name}({key})//id",
        f"//{name}",
        f"{name}({key})/$value",
        f"{name}({key})/$count",
    ]
    paths += [
        f"{name}({key})/id/{other}",
        f"{name}({key})/id/$ref",
        f"{name}/$ref/$ref",
        f"{name}/${other}",
        f"$batch/{other}",
    ]
    paths += [
        f"{name}({key})/{link.name}{'/id' if link.many else '(1)'}",
        f"CreateObservations({key})",
        f"{name}({'9' * 30})",
    ]
    paths += [f"{name}({key})/{link.name}(1)/{link.inverse}(1)" * 8, name + "x" * 4000]
    return dice.choice(paths), dice.choice(("", "$top=1", "$count=true"))


FAULTS: dict[str, Callable[[Dice], tuple[str, str]]] = {
    **{make.__name__: in_filter(make) for make in BROKEN},
    "wrong_option": wrong_option,
    "wrong_expand": wrong_expand,
    "control_character": wrong_bytes(tuple(f"%{code:02X}" for code in (*range(9), 11, 12, *range(14, 32), 127))),
    "not_utf8": wrong_bytes(
        ("%FF", "%C3%28", "%ED%A0%80", "%ED%BF%BF", "%C0%80", "%F5%80%80%80", "%E2%82%28", "%80%FE")
    ),
    "percent_sign": wrong_bytes(("%G1", "%zz", "%%", "%-1", "%u00e4", "%.", "%'")),
    "wrong_path": wrong_path,
}
