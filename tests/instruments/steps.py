"""Reading the metrics as Prometheus would."""

import re
from collections.abc import Mapping
from typing import Any

from tests.shop import Caller

LINE = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)$", re.MULTILINE)
TECHNICAL = ("quartet_http_", "quartet_bus_", "quartet_limits_", "quartet_work_", "quartet_database_")
DERIVED = ("_bucket", "_sum", "_created")

Series = dict[str, float]


def read(text: str) -> Series:
    """Parse a page of metrics: name{labels} and its value."""
    return {f"{name}{{{labels}}}" if labels else name: float(value) for name, labels, value in LINE.findall(text)}


def page(caller: Caller) -> Series:
    """The current metrics."""
    answer = caller.get("/metrics")
    assert answer.status_code == 200, answer.text
    return read(answer.text)


def ours(series: Mapping[str, float]) -> Series:
    """The series of the shop, without derived ones."""
    return {
        name: value
        for name, value in series.items()
        if name.startswith("quartet_") and not name.partition("{")[0].endswith(DERIVED)
    }


def moved(before: Mapping[str, float], after: Mapping[str, float]) -> Series:
    """The differences of all series that have changed."""
    differences = {name: value - before.get(name, 0) for name, value in ours(after).items()}
    return {name: by for name, by in differences.items() if by}


def business(changes: Mapping[str, float]) -> Series:
    """Only the series about the business."""
    return {name: by for name, by in changes.items() if not name.startswith(TECHNICAL)}


def only(name: str, series: Mapping[str, Any]) -> Series:
    """The series of one metric."""
    return {each: value for each, value in series.items() if each.partition("{")[0] == name}
