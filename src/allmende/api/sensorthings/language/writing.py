"""Trees and options as text again: the way back of the parser, with brackets around whatever is put together."""

from typing import Any
from urllib.parse import quote

from allmende.api.sensorthings.entities import Kind
from allmende.api.sensorthings.language.names import Below
from allmende.api.sensorthings.language.options import Options
from allmende.api.sensorthings.language.tree import (
    Arithmetic,
    Call,
    Comparison,
    Duration,
    Literal,
    Logic,
    Membership,
    Negation,
    Node,
    Not,
    Path,
)
from allmende.core.clock import from_us


def written(node: Node) -> str:
    """The text of a tree."""
    match node:
        case Literal():
            return literal(node)
        case Path():
            return "/".join([*(hop.name for hop in node.hops), node.leaf.name]) + below(node.below)
        case Comparison() | Arithmetic():
            return f"({written(node.left)} {node.operator} {written(node.right)})"
        case Logic():
            return "(" + f" {node.operator} ".join(map(written, node.operands)) + ")"
        case Membership():
            return f"({written(node.item)} in ({','.join(map(written, node.members))}))"
        case Not():
            return f"(not {written(node.operand)})"
        case Negation():
            return f"(-({written(node.operand)}))"
        case Call():
            return f"{node.name}({','.join(map(written, node.arguments))})"


def below(steps: Below) -> str:
    """The steps into a JSON value."""
    return "".join(f"[{step}]" if isinstance(step, int) else f"/{step}" for step in steps)


def literal(node: Literal) -> str:
    """A constant as the language writes it."""
    value: Any = node.value
    match node.kind:
        case Kind.NULL | Kind.BOOLEAN:
            return {None: "null", True: "true", False: "false"}[value]
        case Kind.STRING:
            return "'" + value.replace("'", "''") + "'"
        case Kind.INSTANT:
            return instant(value)
        case Kind.INTERVAL:
            return f"{instant(value.start)}/{instant(value.end)}"
        case Kind.DURATION:
            return f"duration'{duration(value)}'"
        case Kind.DATE | Kind.TIME_OF_DAY:
            return value.isoformat()
        case Kind.GEOMETRY:
            return f"geography'{value.wkt}'"
    return repr(value)


def instant(us: int) -> str:
    """A time, in UTC."""
    return from_us(us).isoformat()


def duration(value: Duration) -> str:
    """An ISO 8601 duration."""
    sign = "-" if value.months < 0 or value.us < 0 else ""
    seconds, us = divmod(abs(value.us), 1_000_000)
    return f"{sign}P{abs(value.months)}M{seconds // 86400}DT{seconds % 86400}.{us:06}S"


def query(given: Options) -> str:
    """The query string of options."""
    return "&".join(f"${name}={quote(text)}" for name, text in pairs(given).items())


def pairs(given: Options) -> dict[str, str]:
    """The options that are given, each with its text."""
    texts = {
        "filter": written(given.filter) if given.filter is not None else None,
        "orderby": ",".join(f"{written(key.expression)}{' desc' * key.descending}" for key in given.orderby),
        "expand": ",".join(f"{one.navigation.name}({inside(one.options)})" for one in given.expand),
        "select": ",".join(one.item.name + below(one.below) for one in given.select),
        "top": given.top,
        "skip": given.skip,
        "count": {None: None, True: "true", False: "false"}[given.count],
        "resultFormat": given.result_format,
        "skiptoken": given.skiptoken,
    }
    return {name: str(text) for name, text in texts.items() if text not in (None, "")}


def inside(given: Options) -> str:
    """What stands in the brackets of an expanded link."""
    return ";".join(f"${name}={text}" for name, text in pairs(given).items())
