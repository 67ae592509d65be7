"""What observations are about: the feature made of a Thing's Location, and which features a Datastream has (§ 8.2.8).

One feature is made of each Location, when the first observation asks for it. `Datastream.feature` is what all its
observations are about that name nothing, so it is set once; after a move they name the new place's feature instead.
"""

from collections.abc import Iterable, Sequence
from functools import partial
from time import monotonic
from typing import Any

from django.db import transaction

from allmende.accounts.actors import Actor
from allmende.core.texts import pick
from allmende.observations.models import Datastream, FeatureOfInterest, Location
from allmende.observations.streams import StreamInfo, changed, places_of

_LIFE_SECONDS = 30.0
_SIDES = ("west", "south", "east", "north")
_MOST_PAIRS = 500_000


class _Noted:
    """pairs: (Datastream, feature) that are known to be in the database; seen: the number of a feature that an actor
    named and may see, for seconds."""

    pairs: set[tuple[int, int]] = set()
    seen: dict[tuple[Actor, str], int] = {}
    since = 0.0


@transaction.atomic
def own_features(locations: Iterable[int]) -> dict[int, FeatureOfInterest]:
    """The features made of these Locations, by the Locations' internal numbers; made now where there are none."""
    found: dict[int, FeatureOfInterest] = {}
    rows = Location.objects.select_for_update(of=("self",)).select_related("own_feature").filter(pk__in=set(locations))
    for location in rows.order_by("pk"):
        if location.own_feature is None:
            location.own_feature = FeatureOfInterest.objects.create(
                dataset_id=location.dataset_id,
                name=pick(location.name, "de"),
                description=pick(location.description, "de"),
                encoding_type=location.encoding_type,
                feature=location.feature,
            )
            Location.objects.filter(pk=location.pk).update(own_feature=location.own_feature)
        found[location.pk] = location.own_feature
    return found


def settle(streams: Iterable[StreamInfo]) -> None:
    """Makes what the observations of these Datastreams are about that name nothing, where it is `due`. Blocks."""
    due = [info for info in streams if info.due]
    if not due:
        return
    with transaction.atomic():
        settle_rows(Datastream.objects.select_for_update().filter(pk__in=[info.id for info in due]).order_by("pk"))
        changed([info.code for info in due])


def settle_rows(rows: Iterable[Datastream]) -> None:
    """The same for rows, within a transaction."""
    rows = list(rows)
    places = places_of({row.thing_id for row in rows})
    made = own_features(location for location, _ in places.values())
    for row in rows:
        if row.thing_id in places:
            feature = made[places[row.thing_id][0]]
            if row.feature_id is not None:
                feature.datastreams.add(row)
            values = _wider(row, feature) | ({"feature": feature} if row.feature_id is None else {})
            if values:
                Datastream.objects.filter(pk=row.pk).update(**values)


def note(pairs: Sequence[tuple[int, int]]) -> None:
    """Keeps which features the Datastreams (internal numbers) have observations about, and their observed area.
    Blocks; costs nothing for pairs that are `noted`."""
    for stream, feature in dict.fromkeys(pairs):
        if (stream, feature) in _Noted.pairs:
            continue
        with transaction.atomic():
            row = Datastream.objects.select_for_update().filter(pk=stream).first()
            about = FeatureOfInterest.objects.filter(pk=feature).first()
            if row is None or about is None:
                continue
            about.datastreams.add(row)
            _widen(row, about)
            transaction.on_commit(partial(_keep_pair, (stream, feature)))


def _keep_pair(pair: tuple[int, int]) -> None:
    if len(_Noted.pairs) >= _MOST_PAIRS:
        _Noted.pairs = set()
    _Noted.pairs.add(pair)


def noted(stream: int, feature: int) -> bool:
    """Whether `note` would have nothing to do. Memory only."""
    return (stream, feature) in _Noted.pairs


def recall(actor: Actor, code: str) -> int | None:
    """The internal number of a feature that `remember` was told of. Memory only."""
    if monotonic() - _Noted.since > _LIFE_SECONDS:
        _Noted.seen, _Noted.since = {}, monotonic()
    return _Noted.seen.get((actor, code))


def remember(actor: Actor, code: str, number: int) -> None:
    """That the actor may see this feature."""
    if len(_Noted.seen) >= _MOST_PAIRS:
        _Noted.seen = {}
    _Noted.seen[actor, code] = number


def forget() -> None:
    """Forgets which pairs are noted; called when features or Datastreams go."""
    _Noted.pairs, _Noted.seen = set(), {}


def _widen(row: Datastream, feature: FeatureOfInterest) -> None:
    """Makes the observed area hold the feature's box."""
    box = _wider(row, feature)
    if box:
        Datastream.objects.filter(pk=row.pk).update(**box)


def _wider(row: Datastream, feature: FeatureOfInterest) -> dict[str, Any]:
    """What changes of the observed area when it is to hold the feature's box."""
    box = {side: getattr(feature, side) for side in _SIDES}
    if box["west"] is None:
        return {}
    if row.west is not None:
        box = {side: _PICK[side](getattr(row, side), box[side]) for side in _SIDES}
    return {side: value for side, value in box.items() if value != getattr(row, side)}


_PICK: dict[str, Any] = {"west": min, "south": min, "east": max, "north": max}


def measure_again(streams: Iterable[int]) -> None:
    """Makes the observed areas of these Datastreams anew from the features that they have."""
    rows = Datastream.objects.filter(pk__in=set(streams)).select_related("feature").prefetch_related("features")
    for row in rows:
        about = [*([row.feature] if row.feature else []), *row.features.all()]
        boxes = [[getattr(one, side) for side in _SIDES] for one in about if one.west is not None]
        sides = zip(_SIDES, zip(*boxes, strict=True), strict=True) if boxes else ()
        box: dict[str, float | None] = dict.fromkeys(_SIDES)
        box |= {side: _PICK[side](values) for side, values in sides}
        Datastream.objects.filter(pk=row.pk).update(**box)
