"""Answers of third parties that come slowly."""

import time
from http.client import HTTPResponse

PIECE = 65_536  # bytes


def read_until(response: HTTPResponse, maximum: int, until: float) -> bytes:
    """At most so many bytes of the body, by this time of the monotonic clock. The timeout of a connection begins anew
    with each piece, so an answer that trickles in would hold its job, or its customer, for hours. Raises TimeoutError.
    """
    parts, left = list[bytes](), maximum
    while left and (part := response.read1(min(PIECE, left))):
        parts.append(part)
        left -= len(part)
        if time.monotonic() > until:
            raise TimeoutError("the answer does not end in time")
    return b"".join(parts)
