"""W3C Trace Context: one header, `traceparent`, that holds a purchase together from the request to the last module.

00-<id of the trace>-<id of the step before>-<flags>, all in lower-case hex; https://www.w3.org/TR/trace-context/.
"""

import random
import re

FORM = re.compile(
    "(?!ff)(?P<version>[0-9a-f]{2})-(?P<trace>(?!0{32})[0-9a-f]{32})-(?P<step>(?!0{16})[0-9a-f]{16})"
    "-(?P<flags>[0-9a-f]{2})(?P<more>-.*)?",
    re.DOTALL,
)
NEITHER_ZERO = 1 << 64 | 1  # an id of only zeros is none
SAMPLED = 1  # the one flag that we know: whoever asks may have recorded the trace


def read(given: str | None) -> str | None:
    """A traceparent to go on with, in the version that we speak; None where what is given is none.

    A later version may have more behind the flags, and begins as ours does.
    """
    found = FORM.fullmatch(given) if given else None
    if found is None or (found["version"] == "00" and found["more"]):
        return None
    return f"00-{found['trace']}-{found['step']}-{int(found['flags'], 16) & SAMPLED:02x}"


def begun() -> str:
    """A new one, for what came without: nobody has decided against recording it."""
    ids = f"{random.getrandbits(192) | NEITHER_ZERO:048x}"
    return f"00-{ids[:32]}-{ids[32:]}-01"
