"""What set a change of an order off."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cause:
    """`module`: whose word it was. `reason`: why an order ended, as customers and staff read it. `detail`: what
    else the timeline keeps of it."""

    module: str
    reason: str | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
