"""What the devices of the town report: history by the month, and the present row by row. Asked twice, it says the same.

Everything is computed in whole months, so that an instant has one value however it is asked for; months are kept while
they are likely to be asked again.
"""

import math
from collections import OrderedDict
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from allmende.run.demo import people
from allmende.run.demo.calendar import clock, grid, month_of
from allmende.run.demo.chance import DAY, HOUR, Floats, Seconds, hashed, key_of, normal, smooth
from allmende.run.demo.pollution import pollution
from allmende.run.demo.town import CITIZEN, DEVICES, LAYERS, QUANTITIES, TREES, Device
from allmende.run.demo.water import Waters, tension, waters
from allmende.run.demo.weather import air

_KEPT = 2 * len(DEVICES)  # this month and the last


class Values(NamedTuple):
    """times: (n,) seconds UTC, rising; values: (n,) in the unit of the quantity."""

    times: Seconds
    values: Floats


class Simulator:
    """The town under a seed. silent_since: the instant (seconds UTC) at which one tree's sensor stops reporting, and
    from which on others report too much, too seldom or that their battery is weak."""

    def __init__(self, seed: int = 7, silent_since: int | None = None) -> None:
        self.seed, self.silent_since = seed, silent_since
        self._months: OrderedDict[tuple[str, int], dict[str, Values]] = OrderedDict()

    def between(self, device: Device, since: int, until: int) -> dict[str, Values]:
        """What a device reports after since and up to until (seconds UTC), by quantity."""
        parts: dict[str, list[Values]] = {quantity: [] for quantity in device.quantities}
        for month in range(month_of(since), month_of(until) + 1):
            for quantity, (times, values) in self.month(device, month).items():
                begin, end = np.searchsorted(times, [since, until], side="right")
                parts[quantity].append(Values(times[begin:end], values[begin:end]))
        return {
            quantity: Values(
                np.concatenate([each.times for each in pieces]), np.concatenate([each.values for each in pieces])
            )
            for quantity, pieces in parts.items()
        }

    def month(self, device: Device, month: int) -> dict[str, Values]:
        """What a device reports in a month (see calendar.month_of), by quantity."""
        key = (device.key, month)
        if key not in self._months:
            self._months[key] = self._simulated(device, month)
            while len(self._months) > _KEPT:
                self._months.popitem(last=False)
        self._months.move_to_end(key)
        return self._months[key]

    def phase(self, device: Device) -> int:
        """Seconds after the full step at which a device reports: not all of them at once."""
        return int(hashed(key_of(self.seed, device.key, "phase"), np.array([0]))[0] * device.step)

    def _simulated(self, device: Device, month: int) -> dict[str, Values]:
        times = grid(month, device.step, self.phase(device))
        heard = self._heard(device, times)
        found = {}
        for quantity, values in self._computed(device, month, times).items():
            rounded = np.round(values, QUANTITIES[quantity.split("/")[0]].digits) + 0.0
            pair = Values(times[heard], rounded[heard])
            found[quantity] = Values(*people.only_changes(*pair)) if quantity == "free" else pair
        return found

    def _computed(self, device: Device, month: int, times: Seconds) -> dict[str, Floats]:
        how = device.how
        if device.holding == "wetter":
            return self._weather(device, times)
        if device.holding == "stadtbaeume-boden":
            return self._soil(device, month, times)
        if device.holding == "luft":
            found = pollution(self.seed, device.key, times, how["traffic"])
            return {"pm25": found.pm25, "pm10": found.pm10, "no2": found.no2}
        if device.holding == CITIZEN:
            over = air(self.seed, device.key, times, built=how["built"])
            dust = pollution(self.seed, device.key, times, how["traffic"]).pm25
            return {"temperature": over.temperature + 0.6, "humidity": over.humidity, "pm25": dust * 1.3}
        if device.holding == "pegel":
            hours = self._waters(month)
            ripple = 0.4 * normal(key_of(self.seed, device.key), times // 60)
            level = np.interp(times, hours.times, hours.river) + ripple
            river: dict[str, Floats] = {"level": level, "warmth": np.interp(times, hours.times, hours.warmth)}
            return river | self._reports(device, times)
        if device.quantities == ("free",):
            return {"free": self._spaces(device, times)}
        if device.quantities == ("bicycles",):
            return {"bicycles": people.cyclists(self.seed, device.key, times, device.step, how["busy"])}
        return {"people": people.passers(self.seed, device.key, times, device.step, how["busy"], how["market"])}

    def _weather(self, device: Device, times: Seconds) -> dict[str, Floats]:
        found = air(self.seed, device.key, times, **device.how)
        rain: Floats = np.diff(
            np.round(np.cumsum(found.rain * device.step / HOUR), 1), prepend=np.float64(0)
        )  # a bucket tips at 0.1 mm
        temperature = found.temperature
        if device.key == "wetter-ostkai":  # once a year in May the sensor is struck by the sun for a moment
            now = clock(times)
            struck = (now.month == 5) & (times // DAY % 31 == 17) & (np.abs(now.hour - 13) < device.step / HOUR / 2)
            temperature = np.where(struck, 77.7, temperature)
        every: dict[str, Floats] = {"temperature": temperature, "humidity": found.humidity, "rain": rain}
        every |= {"wind": found.wind, "pressure": found.pressure}
        return {quantity: every[quantity] for quantity in device.quantities}

    def _soil(self, device: Device, month: int, times: Seconds) -> dict[str, Floats]:
        hours = self._waters(month)
        tree = TREES.index(device)
        found = {}
        for layer, quantity in enumerate(device.quantities[:LAYERS]):
            water = np.interp(times, hours.times, hours.soil[:, tree, layer])
            noise = 1 + 0.01 * normal(key_of(self.seed, device.key, quantity), times // HOUR)
            found[quantity] = np.clip(tension(water) * noise, 0, 199)
        if device.how.get("loose"):  # since then the sensor has lost touch with the soil: it reports more than there is
            for values in found.values():
                values[times >= self._fault] = 239.0
        return found | self._reports(device, times)

    @property
    def _fault(self) -> float:
        """Since when (seconds UTC) devices with a fault have it; never where nobody says."""
        return math.inf if self.silent_since is None else self.silent_since

    def _reports(self, device: Device, times: Seconds) -> dict[str, Floats]:
        """What the device tells of itself: a battery that lasts for some two years, and how well it is heard."""
        found: dict[str, Floats] = {}
        if "battery" in device.quantities:
            changed = hashed(key_of(self.seed, device.key, "battery"), np.array([0]))[0]
            used = (times / (700 * DAY) + changed * 0.75) % 1.0
            level = 100 - 62 * used
            if device.how.get("weak"):
                level = np.where(times >= self._fault, 18 - 0.2 * (times - self._fault) / DAY, level)
            found["battery"] = np.clip(level, 3, 100)
        if "radio" in device.quantities:
            found["radio"] = -92 + 4 * smooth(key_of(self.seed, device.key, "radio"), times, 9 * HOUR)
        return found

    def _waters(self, month: int) -> Waters:
        return waters(self.seed, 1970 + month // 12, tuple(each.how["tree"] for each in TREES))

    def _spaces(self, device: Device, times: Seconds) -> Floats:
        free = people.free_spaces(self.seed, device.key, times, device.how["capacity"], device.how["use"])
        if "over" in device.how:  # this one counts wrongly at night: more free spaces than it has
            night = clock(times).hour < 4.5
            free = np.where(night & (times // DAY % 3 == 0), device.how["capacity"] + device.how["over"], free)
        return free

    def _heard(self, device: Device, times: Seconds) -> npt.NDArray[np.bool_]:
        """Which reports arrive: now and then one is lost, some days a device is out, one has fallen silent."""
        lost = hashed(key_of(self.seed, device.key, "lost"), times // 60) < 0.002
        week = times // (7 * DAY)
        begin = week * 7 * DAY + hashed(key_of(self.seed, device.key, "begin"), week) * 5 * DAY
        length = (hashed(key_of(self.seed, device.key, "length"), week) ** 3) * 50 * HOUR
        broken = hashed(key_of(self.seed, device.key, "broken"), week) < 0.06
        out = broken & (times >= begin) & (times < begin + length)
        faulty = np.asarray(times >= self._fault)
        if device.how.get("flaky"):  # since then it gets through for ten minutes every five hours
            out |= faulty & (times // 600 % 30 != 0)
        return ~(lost | out) & ~(faulty & bool(device.how.get("silent")))
