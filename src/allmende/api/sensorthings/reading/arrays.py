"""Observations as data arrays: one list of values a row, the names once (18-088 § 12.2)."""

from typing import Any

from allmende.api.sensorthings.language.options import Options
from allmende.api.sensorthings.reading.context import Reader
from allmende.api.sensorthings.reading.shapes import (
    Object,
    Observed,
    observations_as_objects,
    stream_names,
)

COMPONENTS = ("id", "phenomenonTime", "result", "resultTime", "resultQuality", "validTime", "parameters")


def data_arrays(reader: Reader, rows: list[Observed], options: Options) -> list[Object]:
    """One object per Datastream, in the order in which they appear: components, dataArray, its count."""
    names = stream_names(row.ds for row in rows)
    wanted = [one.item.name.replace("@iot.id", "id") for one in options.select]
    components = [name for name in COMPONENTS if not wanted or name in wanted]
    by_stream: dict[int, list[list[Any]]] = {}
    for row, made in zip(rows, observations_as_objects(reader, rows, (), names), strict=True):
        made["id"] = made["@iot.id"]
        by_stream.setdefault(row.ds, []).append([made.get(name) for name in components])
    arrays = []
    for ds, values in by_stream.items():
        code, multi = names[ds]
        stream = "MultiDatastream" if multi else "Datastream"
        arrays.append(
            {
                f"{stream}@iot.navigationLink": f"{reader.root}/{stream}s('{code}')",
                "components": components,
                "dataArray@iot.count": len(values),
                "dataArray": values,
            }
        )
    return arrays
