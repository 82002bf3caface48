"""The cause of a change of an order."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cause:
    """`module`: the module that reported the change. `reason`: the reason code of a cancellation or refund, as shown to
    customers and staff. `detail`: further fields stored in the timeline.
    """

    module: str
    reason: str | None = None
    detail: Mapping[str, object] = field(default_factory=dict)
