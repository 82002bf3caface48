"""The verifier of the EU: VIES, by its REST interface."""

import json
import time
from http.client import HTTPException
from urllib.request import Request, urlopen

from app.kernel.crash import crash_point
from app.kernel.errors import Unavailable
from app.modules.orders.domain.tax.numbers import MAX_EVIDENCE_LENGTH, Answer
from app.modules.orders.infrastructure.slow_answers import read_until

TIMEOUT = 10  # seconds; the lease of a job is longer
DECIDED = {"VALID": True, "INVALID": False}  # any other `userError`: there is no answer now


class Vies:
    """It never repeats a call, and no failure names the number."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")

    def verify(self, country: str, number: str) -> Answer:
        url = f"{self._url}/ms/{'EL' if country == 'GR' else country}/vat/{number}"
        request = Request(url, headers={"Accept": "application/json"})  # noqa: S310 — a setting, which begins with http
        crash_point("before_tax_number_check")
        try:
            until = time.monotonic() + TIMEOUT
            with urlopen(request, timeout=TIMEOUT) as response:  # noqa: S310
                raw = read_until(response, MAX_EVIDENCE_LENGTH, until).decode()
            crash_point("after_tax_number_check")
            answer = json.loads(raw)
            is_valid = DECIDED[answer["userError"]]
            if answer["isValid"] is not is_valid:
                raise ValueError("it contradicts itself")
            return Answer(is_valid, str(answer.get("name") or "")[:200], raw)
        except (OSError, HTTPException, ValueError, KeyError, TypeError):
            sentence = "the verifier of tax numbers gives no answer now: it is asked again"
            raise Unavailable("tax_verifier_unavailable", sentence) from None
