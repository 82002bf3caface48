"""W3C Trace Context: the header `traceparent` connects all spans of a purchase, from the request to the last module.

00-<id of the trace>-<id of the parent span>-<flags>, all in lower-case hex; https://www.w3.org/TR/trace-context/.
"""

import random
import re

FORM = re.compile(
    "(?!ff)(?P<version>[0-9a-f]{2})-(?P<trace>(?!0{32})[0-9a-f]{32})-(?P<step>(?!0{16})[0-9a-f]{16})"
    "-(?P<flags>[0-9a-f]{2})(?P<more>-.*)?",
    re.DOTALL,
)
NEITHER_ZERO = 1 << 64 | 1  # an id of only zeros is invalid
SAMPLED = 1  # the only flag that we use: the caller may have recorded the trace


def read(given: str | None) -> str | None:
    """Convert a traceparent to version 00, to continue its trace; None if it is not valid.

    A later version may have more after the flags, and begins like version 00.
    """
    match = FORM.fullmatch(given) if given else None
    if match is None or (match["version"] == "00" and match["more"]):
        return None
    return f"00-{match['trace']}-{match['step']}-{int(match['flags'], 16) & SAMPLED:02x}"


def begun() -> str:
    """The traceparent of a new trace. It is sampled, as no caller has decided against recording it."""
    ids = f"{random.getrandbits(192) | NEITHER_ZERO:048x}"
    return f"00-{ids[:32]}-{ids[32:]}-01"
