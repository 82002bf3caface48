"""What a run does not count as a failure, and why."""

CODES = {  # a request that the document allows may be refused with these: no schema knows what the shop has
    "bad_amount": "a refund of nothing: amounts are from 0 on wherever else they stand",
    "bad_attribute": "more values of one attribute than the search takes: each of them is a parameter of its own",
    "bad_cursor": "only the cursors that the shop has given are any",
    "bad_price": "how much may be charged, and in which units, is the currency's",
    "bad_signature": "nobody but Stripe can sign",
    "card_declined": "by its bank",
    "cart_full": "by what was put in before",
    "empty_order": "of a cart with nothing in it",
    "idempotency_key_reused": "the key of another request",
    "mixed_currencies": "of goods in several",
    "not_a_projection": "what an event is for is the module's to say",
    "not_on_sale": "any longer",
    "precondition_required": "`*` names no version",
    "slug_is_an_id": "no slug reads as an id",
    "stale_version": "If-Match names another version than the one there is",
    "too_many": "of one sku, in two lines of one order",
    "total_not_payable": "how much may be charged, and in which units, is the currency's",
    "total_too_large": "how much may be charged, and in which units, is the currency's",
    "total_too_small": "how much may be charged, and in which units, is the currency's",
    "too_much_stock": "with what is there already",
    "unknown_category": "there is none of that slug",
    "unknown_payment_method": "Stripe knows none of that name",
    "unknown_sku": "there is none",
    "unknown_type": "the module has no such event",
    "weak_password": "what is guessed soon is on lists of 90,000 words",
}
MESSAGES = {  # and of a body as a whole, or of a text, with these
    "A name is given twice.": "names of attributes that differ in case, or in what is cut off them, are one",
    "Nothing of it can be seen.": "combining marks alone: which characters are marks grows with Unicode",
}
OF_ADDRESSES = (  # and of an address, with messages that begin so: what it needs depends on its country (decision 58)
    "Give a name or a company.",
    "Give the city",
    "Give the postal code",
    "Give the region: ",
    "This is no postal code of ",
    "Use the code of a region of ",
)
WARNINGS = {
    "missing_auth": "a guest may do little, and a customer nothing that is for staff",
    "missing_test_data": "nothing is parked in three of the modules, and what staff delete is gone",
    "validation_mismatch": "what was made up is refused for one of CODES",
}
