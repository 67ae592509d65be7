"""What the devices of the town report: history by the month, and the present row by row. Asked twice, it says the same.

Everything is computed in whole months, so that an instant has one value however it is asked for; months are kept while
they are likely to be asked again.
"""

from collections import OrderedDict
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from allmende.run.demo import people
from allmende.run.demo.calendar import clock, grid, month_of
from allmende.run.demo.chance import DAY, HOUR, Floats, Seconds, hashed, key_of, normal
from allmende.run.demo.pollution import pollution
from allmende.run.demo.town import DEVICES, QUANTITIES, TREES, Device
from allmende.run.demo.water import Waters, tension, waters
from allmende.run.demo.weather import air

_KEPT = 2 * len(DEVICES)  # this month and the last


class Values(NamedTuple):
    """times: (n,) seconds UTC, rising; values: (n,) in the unit of the quantity."""

    times: Seconds
    values: Floats


class Simulator:
    """The town under a seed. silent_since: the instant (seconds UTC) at which one tree's sensor stops reporting."""

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
        if device.holding == "pegel":
            hours = self._waters(month)
            ripple = 0.4 * normal(key_of(self.seed, device.key), times // 60)
            level = np.interp(times, hours.times, hours.river) + ripple
            return {"level": level, "warmth": np.interp(times, hours.times, hours.warmth)}
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
        for layer, quantity in enumerate(device.quantities):
            water = np.interp(times, hours.times, hours.soil[:, tree, layer])
            noise = 1 + 0.01 * normal(key_of(self.seed, device.key, quantity), times // HOUR)
            found[quantity] = np.clip(tension(water) * noise, 0, 199)
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
        silent = device.how.get("silent") and self.silent_since is not None
        return ~(lost | out) & ~(np.asarray(times >= (self.silent_since or 0)) & bool(silent))
