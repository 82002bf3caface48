"""The checks of `flask doctor` for payments: whether Stripe can be reached, and whether the key fits."""

from collections.abc import Iterator
from datetime import datetime
from email.utils import parsedate_to_datetime
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

from app.config.production import UNSAFE
from app.config.settings import Settings
from app.kernel.check_result import HANGS, CheckResult, ok, warn, wrong
from app.kernel.skew import compared
from app.modules.payments.infrastructure.webhook_endpoint import subscription_check
from app.modules.payments.settings import PaymentsSettings

STRIPE = "https://api.stripe.com"
QUICK = 4.0  # seconds
TRUNCATED = 1.0  # seconds: a Date header has no fractions of a second


def stripe_check(settings: Settings, own: PaymentsSettings) -> Iterator[CheckResult]:
    """Check that Stripe answers, and check its clock, our key and the events that its webhook endpoint sends."""
    if own.sandboxed and not own.stripe_api_base:
        yield ok("stripe", "", "no STRIPE_API_KEY: the sandbox is used, and no real money moves")
        return
    yield from _key(settings, own)
    base = own.stripe_base or STRIPE
    where = urlsplit(base).netloc.rpartition("@")[2]
    try:
        yield compared("Stripe", lambda: _their_time(base), TRUNCATED)
    except TimeoutError:
        hangs = f"{where} {HANGS}"
        yield wrong("stripe", "", hangs, "check status.stripe.com, and the network and proxies on the way to it")
    except OSError as error:
        why = error.reason if isinstance(error, URLError) else error
        if isinstance(why, TimeoutError):
            why = "no answer in time"
        advice = "open the network to it, or set STRIPE_API_BASE"
        yield wrong("stripe", "", f"{where} cannot be reached: {getattr(why, 'strerror', None) or why}", advice)
    except LookupError:
        yield ok("stripe", "", f"{where} answers")  # its response has no Date
        yield from subscription_check(own)
    else:
        yield ok("stripe", "", f"{where} answers")
        yield from subscription_check(own)


def _key(settings: Settings, own: PaymentsSettings) -> Iterator[CheckResult]:
    if settings.production and not own.stripe_livemode:
        sentence = "STRIPE_API_KEY is a key of test mode in production: no real money moves"
        yield warn("stripe", "", sentence, "set a key of live mode")
    if own.stripe_api_key and UNSAFE in own.stripe_webhook_secrets and not own.stripe_api_base:
        sentence = "STRIPE_API_KEY is set but no signing secret: every webhook of Stripe is refused"
        yield wrong("stripe", "", sentence, "set STRIPE_WEBHOOK_SECRETS to the signing secret of your endpoint")


def _their_time(base: str) -> datetime:
    """Read the Date of any response, also of an error. Raises OSError, or LookupError if there is none."""
    try:
        with urlopen(Request(base, method="HEAD"), timeout=QUICK) as response:  # noqa: S310 — the base comes from the settings
            date = response.headers["Date"]
    except HTTPError as refused:
        with refused:
            date = refused.headers["Date"]
    if not date:
        raise LookupError("no Date")
    return parsedate_to_datetime(date)
