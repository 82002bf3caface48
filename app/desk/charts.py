"""Pictures made here, as SVG: bars over time, of one part or of several, and lanes of what happened where."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Bar:
    """One bar, from `y` down by `height`. `label` is shown below it, `title` when it is pointed at.

    `kind`: how it is drawn, for a part of a column (good, wait, bad).
    """

    x: float
    y: float
    width: float
    height: float
    label: str
    title: str
    is_last: bool
    kind: str = ""


@dataclass(frozen=True)
class Bars:
    """A bar chart; `top` is the value at its upper end."""

    width: int
    height: int
    base: float
    top: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True)
class Stop:
    """One entry in its lane. Its label is above it, or below where it would touch the one before it in this lane.

    `at` is its time, empty where it is the same as before it.
    """

    x: float
    y: float
    lane: str
    label: str
    at: str
    label_y: float
    at_y: float


@dataclass(frozen=True)
class Lanes:
    width: int
    height: int
    lanes: tuple[tuple[str, float], ...]
    stops: tuple[Stop, ...]

    @property
    def path(self) -> str:
        """The line from stop to stop."""
        return " ".join(f"{each.x:.0f},{each.y:.0f}" for each in self.stops)


LANE_HEIGHT, FIRST_STOP, STEP = 52, 112, 100  # of the widest label and a time beside it


def bars(values: Sequence[tuple[str, str, int]], top: str, width: int = 640, height: int = 150) -> Bars:
    """A chart of (label, title, value)."""
    base, head = height - 22.0, 16.0
    highest = max((value for _, _, value in values), default=0) or 1
    step = width / max(len(values), 1)
    made = []
    for index, (label, title, value) in enumerate(values):
        tall = (base - head) * value / highest
        made.append(Bar(index * step + 1, base - tall, max(step - 3, 1), tall, label, title, index == len(values) - 1))
    return Bars(width, height, base, top, tuple(made))


def stacked(
    columns: Sequence[tuple[str, Sequence[tuple[str, str, int]]]], top: str, width: int = 640, height: int = 150
) -> Bars:
    """A chart of (label, parts from below); a part is (kind, title, value)."""
    base, head = height - 22.0, 16.0
    highest = max((sum(value for *_, value in parts) for _, parts in columns), default=0) or 1
    step = width / max(len(columns), 1)
    made = []
    for index, (label, parts) in enumerate(columns):
        y = base
        for nth, (kind, title, value) in enumerate(parts):
            tall = (base - head) * value / highest
            y -= tall
            made.append(Bar(index * step + 1, y, max(step - 3, 1), tall, "" if nth else label, title, False, kind))
    return Bars(width, height, base, top, tuple(made))


def lanes(names: Sequence[str], entries: Sequence[tuple[str, str, str]]) -> Lanes:
    """A picture of (lane, label, time), in their order, one lane for each name."""
    heights = {name: 24.0 + index * LANE_HEIGHT for index, name in enumerate(names)}
    stops, before, is_below = list[Stop](), "", False
    for index, (lane, label, at) in enumerate(entries):
        y = heights.get(lane, next(iter(heights.values())))
        is_below = bool(stops) and stops[-1].y == y and not is_below
        label_y, at_y = (y + 19, y - 10) if is_below else (y - 10, y + 19)
        stops.append(Stop(FIRST_STOP + index * STEP, y, lane, label, at if at != before else "", label_y, at_y))
        before = at
    width = FIRST_STOP + max(len(stops), 1) * STEP
    return Lanes(width, len(names) * LANE_HEIGHT + 20, tuple(heights.items()), tuple(stops))
