"""Ask a provider for the tax of a quote."""

from app.kernel.errors import Unavailable
from app.kernel.transaction import Transaction
from app.modules.orders.domain.carts.quote import Quote
from app.modules.orders.domain.tax.question import AWAY, STORED_FOR, TaxAnswer, TaxProvider, answer_by_rates
from app.modules.orders.domain.tax.rules import WhenAway
from app.modules.orders.ports import UnitOfWork


def estimate_tax(transaction: Transaction[UnitOfWork], provider: TaxProvider, quote: Quote) -> Quote:
    """The quote with its tax. The provider is asked outside of any transaction, and its answer kept for the order.

    While it is away, and if the shop wants it, the answer is that of the table of rates, and kept in the same way.

    Raises Unavailable(tax_unavailable, tax_answer_inconsistent), Invalid(tax_place_unknown, total_too_small,
    total_too_large, total_not_payable), Conflict(tax_rate_missing).
    """
    question, answer = quote.question, None
    if question is None:
        return quote
    try:
        answer = provider.estimate(question)
    except Unavailable as away:
        with transaction() as uow:
            if away.code != AWAY or uow.policies.tax.when_away is WhenAway.REFUSE:
                raise
            return _with_answer(uow, quote, answer_by_rates(question, uow.tax.rules_by_rates(question.place)))
    with transaction() as uow:
        return _with_answer(uow, quote, answer)


def _with_answer(uow: UnitOfWork, quote: Quote, answer: TaxAnswer) -> Quote:
    answered = quote.answered(answer)
    assert quote.question, "it was asked"
    uow.tax_quotes.keep(quote.question.fingerprint, answer, uow.now + STORED_FOR)
    return answered
