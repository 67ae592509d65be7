"""What rows about people give away together: k-anonymity, l-diversity, uniqueness, small counts.

Sweeney, k-anonymity: a model for protecting privacy (2002); Machanavajjhala et al., l-diversity (2007).
"""

from dataclasses import dataclass

from allmende.catalogue.holdings.engine import cursor, quoted

K = 5  # the least number of people that must look alike
L = 2  # the least number of different values of what is sensitive among them


@dataclass(frozen=True, slots=True)
class Alike:
    """groups: combinations that occur; least: size of the smallest; rows: in groups smaller than k; unique: rows that
    nobody else is like; poor: groups of at least k in which all share one sensitive value."""

    groups: int
    least: int
    rows: int
    unique: int
    poor: int


def alike(source: str, quasi: tuple[str, ...], sensitive: tuple[str, ...], k: int = K) -> Alike:
    """How many rows share each combination of these columns. source: what stands behind FROM."""
    names = ", ".join(quoted(name) for name in quasi)
    # «Nothing» is a value of its own, but who knows nothing of anybody learns nothing.
    kinds = ", ".join(
        f"CASE WHEN count({name}) = 0 THEN {L:d} ELSE count(DISTINCT {name}) + (count({name}) < count(*))::INTEGER END"
        for name in map(quoted, sensitive)
    )
    diverse = f"least({kinds})" if len(sensitive) > 1 else kinds or str(L)
    with cursor() as connection:
        row = connection.execute(
            f"SELECT count(*), min(c), coalesce(sum(c) FILTER (c < {k:d}), 0), count(*) FILTER (c = 1), "
            f"count(*) FILTER (c >= {k:d} AND d < {L:d}) "
            f"FROM (SELECT count(*) AS c, {diverse} AS d FROM {source} GROUP BY {names})"
        ).fetchone()
    assert row is not None
    return Alike(int(row[0]), int(row[1] or 0), int(row[2]), int(row[3]), int(row[4]))


def lonely_places(source: str, k: int = K) -> int:
    """Rows at a place that fewer than k of them have: who knows where somebody is finds the row."""
    with cursor() as connection:
        row = connection.execute(
            f"SELECT coalesce(sum(c), 0) FROM (SELECT count(*) AS c FROM {source} WHERE _xmin IS NOT NULL "
            f"GROUP BY _xmin, _ymin, _xmax, _ymax HAVING count(*) < {k:d})"
        ).fetchone()
    return int(row[0]) if row else 0


def precise(source: str, column: str, k: int = K) -> int:
    """Rows with a coordinate (a number in a column) that fewer than k rows have."""
    name = quoted(column)
    with cursor() as connection:
        row = connection.execute(
            f"SELECT coalesce(sum(c), 0) FROM (SELECT count(*) AS c FROM {source} WHERE {name} IS NOT NULL "
            f"GROUP BY {name} HAVING count(*) < {k:d})"
        ).fetchone()
    return int(row[0]) if row else 0


def small_counts(source: str, column: str, k: int = K) -> int:
    """Cells of a column of counts that are neither zero nor at least k."""
    with cursor() as connection:
        row = connection.execute(
            f"SELECT count(*) FROM {source} WHERE {quoted(column)} > 0 AND {quoted(column)} < {k:d}"
        ).fetchone()
    return int(row[0]) if row else 0
