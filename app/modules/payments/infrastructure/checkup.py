"""What `flask doctor` looks at for payments: whether Stripe is there, and whether the key is one for here."""

from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from app.config.production import UNSAFE
from app.config.settings import Settings
from app.kernel.check_result import CheckResult, ok, warn, wrong
from app.kernel.skew import compared
from app.modules.payments.infrastructure.webhook_endpoint import subscription_check
from app.modules.payments.settings import PaymentsSettings

STRIPE = "https://api.stripe.com"
QUICK = 4.0  # seconds
TRUNCATED = 1.0  # seconds: a Date header has whole ones


def stripe_check(settings: Settings, own: PaymentsSettings) -> Iterator[CheckResult]:
    """Whether it answers, its clock, our key, and what its endpoint tells us."""
    if own.sandboxed and not own.stripe_api_base:
        yield ok("stripe", "", "no STRIPE_API_KEY: our sandbox stands in, and no real money moves")
        return
    yield from _key(settings, own)
    base = own.stripe_base or STRIPE
    where = urlsplit(base).netloc.rpartition("@")[2]
    try:
        yield compared("Stripe", lambda: _their_time(base), TRUNCATED)
    except TimeoutError:
        hangs = f"{where} takes the connection and says nothing: it hangs"
        yield wrong("stripe", "", hangs, "see status.stripe.com, and what is between it and here")
    except OSError as error:
        why = error.reason if isinstance(error, URLError) else error
        if isinstance(why, TimeoutError):
            why = "no answer in time"
        advice = "let this machine reach it, or set STRIPE_API_BASE"
        yield wrong("stripe", "", f"{where} cannot be reached: {getattr(why, 'strerror', None) or why}", advice)
    except LookupError:
        yield ok("stripe", "", f"{where} answers")  # and does not tell the time
        yield from subscription_check(own)
    else:
        yield ok("stripe", "", f"{where} answers")
        yield from subscription_check(own)


def _key(settings: Settings, own: PaymentsSettings) -> Iterator[CheckResult]:
    if settings.production and not own.stripe_livemode:
        sentence = "STRIPE_API_KEY is of test mode in production: no money moves"
        yield warn("stripe", "", sentence, "set the key of live mode")
    if own.stripe_api_key and UNSAFE in own.stripe_webhook_secrets and not own.stripe_api_base:
        sentence = "there is a key and no signing secret: every webhook of Stripe's is refused"
        yield wrong("stripe", "", sentence, "set STRIPE_WEBHOOK_SECRETS to that of your endpoint")


def _their_time(base: str) -> datetime:
    """From the Date of any answer, a refusal too. Raises OSError, or LookupError where it has none."""
    try:
        with urlopen(Request(base, method="HEAD"), timeout=QUICK) as answer:  # noqa: S310 — the base that is set
            date = answer.headers["Date"]
    except HTTPError as refused:
        with refused:
            date = refused.headers["Date"]
    if not date:
        raise LookupError("no Date")
    return parsedate_to_datetime(date)
