"""The test cards: Stripe's own names and numbers, and two that Stripe does not have."""

from dataclasses import dataclass
from enum import StrEnum


class Bank(StrEnum):
    """How the cardholder's bank answers an authorisation."""

    APPROVES = "approves"
    DECLINES = "declines"
    ASKS_CUSTOMER = "asks the customer"  # 3-D Secure
    TAKES_TIME = "takes time"


class Later(StrEnum):
    """What happens to a payment or a refund some time after it was made."""

    NOTHING = "nothing"
    REFUND_FAILS = "its refund fails"
    REFUND_SUCCEEDS = "its refund, pending at first, succeeds"
    DISPUTED = "its cardholder disputes it"


@dataclass(frozen=True)
class Card:
    """One test card. Its last four digits are unique, so that a saved payment method can be traced to its card."""

    name: str
    number: str
    brand: str = "visa"
    bank: Bank = Bank.APPROVES
    captures: bool = True
    code: str = ""
    decline_code: str = ""
    message: str = ""
    later: Later = Later.NOTHING

    @property
    def last4(self) -> str:
        """The last four digits of the number."""
        return self.number[-4:]


def _declining(name: str, number: str, code: str, decline_code: str, message: str) -> Card:
    return Card(name, number, "visa", Bank.DECLINES, True, code, decline_code, message)


DECLINED = "Your card was declined."
CARDS = (
    Card("visa", "4242424242424242"),
    Card("mastercard", "5555555555554444", "mastercard"),
    _declining("chargeDeclined", "4000000000000002", "card_declined", "generic_decline", DECLINED),
    _declining(
        "chargeDeclinedInsufficientFunds",
        "4000000000009995",
        "card_declined",
        "insufficient_funds",
        "Your card has insufficient funds.",
    ),
    _declining(
        "chargeDeclinedExpiredCard", "4000000000000069", "expired_card", "expired_card", "Your card has expired."
    ),
    _declining(
        "chargeDeclinedIncorrectCvc",
        "4000000000000127",
        "incorrect_cvc",
        "incorrect_cvc",
        "Your card's security code is incorrect.",
    ),
    _declining(
        "chargeDeclinedProcessingError",
        "4000000000000119",
        "processing_error",
        "processing_error",
        "An error occurred while processing your card. Try again in a little bit.",
    ),
    _declining("chargeDeclinedFraudulent", "4100000000000019", "card_declined", "fraudulent", DECLINED),
    _declining("chargeDeclinedLostCard", "4000000000009987", "card_declined", "lost_card", DECLINED),
    _declining("chargeDeclinedStolenCard", "4000000000009979", "card_declined", "stolen_card", DECLINED),
    Card("threeDSecure2Required", "4000000000003220", bank=Bank.ASKS_CUSTOMER),
    Card("authenticationRequired", "4000002760003184", bank=Bank.ASKS_CUSTOMER),
    Card("refundFail", "4000000000005126", later=Later.REFUND_FAILS),
    Card("pendingRefund", "4000000000007726", later=Later.REFUND_SUCCEEDS),
    Card("createDispute", "4000000000000259", later=Later.DISPUTED),
    Card("captureFails", "4000000000007001", captures=False),
    Card("processing", "4000000000007019", bank=Bank.TAKES_TIME),
)

_BY_NAME = {card.name: card for card in CARDS}
_BY_NUMBER = {card.number: card for card in CARDS}
_BY_LAST4 = {card.last4: card for card in CARDS}


def card_of_alias(identity: str) -> Card | None:
    """Find the card of `pm_card_…` or `tok_…`, in any of its usual spellings."""
    name = identity.removeprefix("pm_card_").removeprefix("tok_")
    return _BY_NAME.get(name) or _BY_NAME.get(name.removeprefix("visa_"))


def card_of_number(number: str) -> Card | None:
    return _BY_NUMBER.get(number.replace(" ", ""))


def card_with_last4(last4: str) -> Card:
    """Return the test card that a payment method was made from."""
    return _BY_LAST4[last4]
