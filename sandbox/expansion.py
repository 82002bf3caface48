"""The parameter expand[]: replaces an id by its object."""

from typing import Any

from .call import Call
from .refusals import Record, invalid

KINDS = {"latest_charge": "charge", "charge": "charge", "payment_intent": "payment_intent"}
METHOD = "payment_method"


def expanded(call: Call, answer: Record, paths: list[str]) -> Record:
    """Expand every path in the answer. Raises Refused for a property that cannot be expanded."""
    for path in paths:
        _follow(call, answer, path.split("."), path)
    return answer


def _follow(call: Call, record: Record, path: list[str], whole: str) -> None:
    name, *rest = path
    if record.get("object") in ("list", "search_result") and name == "data" and rest:
        for item in record["data"]:
            _follow(call, item, rest, whole)
        return
    expandable = name in KINDS or (name == METHOD and record["object"] == "payment_intent")
    if not expandable or name not in record:
        raise invalid(f"This property cannot be expanded ({whole}).", param="expand")
    target: Any = record[name]
    if isinstance(target, str):
        target = record[name] = call.rows.find(KINDS.get(name, METHOD), target)
    if rest and isinstance(target, dict):
        _follow(call, target, rest, whole)
