"""SQL of functions that Django has not, or not alike in SQLite and PostgreSQL: JSON values by type, times as µs."""

from collections.abc import Sequence
from typing import Any

from django.db.models import BigIntegerField, BooleanField, Expression, FloatField, Func, JSONField, TextField
from django.db.models.sql.compiler import SQLCompiler

Sql = tuple[str, Sequence[Any]]
_SCALARS = "('NULL', 'null', 'object', 'array')"


class InJson(Func):
    """A value inside a JSON column. path: names and places; wanted: json, number, text, boolean, scalar or present."""

    def __init__(self, column: Any, path: tuple[str | int, ...] = (), wanted: str = "text", **extra: Any) -> None:
        fields = {"number": FloatField, "boolean": BooleanField, "present": BooleanField, "json": JSONField}
        super().__init__(column, output_field=fields.get(wanted, TextField)(), **extra)
        self.path, self.wanted = path, wanted

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Sql:  # type: ignore[override]
        column, values = compiler.compile(self.source_expressions[0])
        texts, all_values = [], []
        for path in _sqlite_paths(self.path):
            text, times = {
                "json": ("json_extract({0}, %s)", 1),
                "number": ("CASE WHEN json_type({0}, %s) IN ('integer', 'real') THEN json_extract({0}, %s) END", 2),
                "text": ("CASE WHEN json_type({0}, %s) = 'text' THEN json_extract({0}, %s) END", 2),
                "boolean": (
                    "CASE WHEN json_type({0}, %s) IN ('true', 'false') THEN json_extract({0}, %s) = 1 END",
                    2,
                ),
                "scalar": (
                    "CASE json_type({0}, %s) WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' WHEN 'object' THEN NULL "
                    "WHEN 'array' THEN NULL ELSE CAST(json_extract({0}, %s) AS TEXT) END",
                    2,
                ),
                "present": ("nullif(json_type({0}, %s), 'null') IS NOT NULL", 1),
            }[self.wanted]
            texts.append(text.format(column))
            all_values += [*values, path] * times
        if self.wanted == "present" or len(texts) == 1:
            return f"({' OR '.join(texts)})", all_values
        return f"coalesce({', '.join(texts)})", all_values

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Sql:
        column, values = compiler.compile(self.source_expressions[0])
        text, times = {
            "json": ("({0} #> %s::text[])", 1),
            "number": (
                "CASE WHEN jsonb_typeof({0} #> %s::text[]) = 'number' THEN ({0} #>> %s::text[])::double precision END",
                2,
            ),
            "text": ("CASE WHEN jsonb_typeof({0} #> %s::text[]) = 'string' THEN {0} #>> %s::text[] END", 2),
            "boolean": (
                "CASE WHEN jsonb_typeof({0} #> %s::text[]) = 'boolean' THEN ({0} #>> %s::text[])::boolean END",
                2,
            ),
            "scalar": (
                "CASE WHEN jsonb_typeof({0} #> %s::text[]) NOT IN ('object', 'array') THEN {0} #>> %s::text[] END",
                2,
            ),
            "present": ("coalesce(jsonb_typeof({0} #> %s::text[]), 'null') <> 'null'", 1),
        }[self.wanted]
        path = [str(step) for step in self.path]
        return f"({text.format(column)})", [*values, path] * times


def _sqlite_paths(path: tuple[str | int, ...]) -> list[str]:
    """The path; a second one where a name of digits may be a place in an array."""
    plain = "$" + "".join(f"[{step}]" if isinstance(step, int) else f'."{_escaped(step)}"' for step in path)
    digits = [int(step) if isinstance(step, str) and step.isascii() and step.isdigit() else step for step in path]
    if digits == list(path):
        return [plain]
    return [plain, "$" + "".join(f"[{step}]" if isinstance(step, int) else f'."{_escaped(step)}"' for step in digits)]


def _escaped(name: str) -> str:
    return name.replace("\\", "\\\\").replace('"', '\\"')


class Microseconds(Func):
    """A moment column as µs UTC since 1970."""

    output_field = BigIntegerField()

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Sql:  # type: ignore[override]
        column, values = compiler.compile(self.source_expressions[0])
        fraction = f"CAST(substr(substr({column}, 21) || '000000', 1, 6) AS INTEGER)"
        return f"(CAST(strftime('%%s', {column}) AS INTEGER) * 1000000 + {fraction})", [*values, *values]

    def as_postgresql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Sql:
        column, values = compiler.compile(self.source_expressions[0])
        return f"(extract(epoch FROM {column}) * 1000000)::bigint", values


class Template(Func):
    """SQL from a template with {0}, {1}, …; one for both databases or one each. Never from outside."""

    def __init__(self, *parts: Any, sqlite: str, postgresql: str = "", field: Any, **extra: Any) -> None:
        super().__init__(*parts, output_field=field, **extra)
        self.sqlite, self.postgresql = sqlite, postgresql or sqlite

    def as_sql(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Sql:  # type: ignore[override]
        template = self.postgresql if connection.vendor == "postgresql" else self.sqlite
        compiled = [compiler.compile(part) for part in self.source_expressions]
        pieces: list[str] = []
        values: list[Any] = []
        rest = template
        while "{" in rest:
            literal, _, after = rest.partition("{")
            number, _, rest = after.partition("}")
            text, bound = compiled[int(number)]
            pieces += [literal, text]
            values += bound
        return "".join([*pieces, rest]), values

    def as_sqlite(self, compiler: SQLCompiler, connection: Any, **context: Any) -> Sql:  # type: ignore[override]
        return self.as_sql(compiler, connection, **context)


def clock_part(name: str, moment: Any) -> Expression:
    """A part of the date or the time of day of a moment (µs UTC), as a whole number."""
    letter = {"year": "Y", "month": "m", "day": "d", "hour": "H", "minute": "M", "second": "S"}[name]
    seconds = "CAST(floor({0} / 1000000.0) AS INTEGER)"
    return Template(
        moment,
        sqlite=f"CAST(strftime('%%{letter}', {seconds}, 'unixepoch') AS INTEGER)",
        postgresql=f"floor(extract({name} FROM to_timestamp({{0}} / 1000000.0) AT TIME ZONE 'UTC'))::bigint",
        field=BigIntegerField(),
    )


def months_later(moment: Any, months: Any) -> Expression:
    """A moment (µs UTC) so many months later, at the same time of day."""
    seconds = "CAST(floor({0} / 1000000.0) AS INTEGER)"
    return Template(
        moment,
        months,
        sqlite=f"(CAST(strftime('%%s', {seconds}, 'unixepoch', {{1}} || ' months') AS INTEGER) * 1000000 "
        "+ (({0} %% 1000000) + 1000000) %% 1000000)",
        postgresql="(extract(epoch FROM (to_timestamp({0} / 1000000.0) AT TIME ZONE 'UTC') "
        "+ make_interval(months => {1}::int)) * 1000000)::bigint",
        field=BigIntegerField(),
    )
