"""A simulation of Stripe for local use: it stores state, moves no money, and injects faults on request.

A separate program, never imported by app/. The unmodified `stripe` library can use it:

    STRIPE_WEBHOOK_SECRETS=whsec_… python -m sandbox --port 12121 --database var/sandbox.sqlite \\
        --webhook-url http://127.0.0.1:5000/api/v1/payments/webhooks/stripe

    stripe.StripeClient("sk_test_any", base_addresses={"api": "http://127.0.0.1:12121"})

Covered: payment intents (create, retrieve, list, search by metadata and status, confirm, capture, cancel),
payment methods (create, retrieve), charges (retrieve), refunds (create, retrieve, list), disputes (retrieve, list),
events (retrieve, list), webhook endpoints (list), tax calculations and transactions (tax_calculations.py),
idempotency keys, and signed webhooks that are repeated until they get a 2xx. Any other call is refused with an error.
Every `sk_test_…` and `rk_test_…` key is accepted. All state is in one SQLite file and survives a kill -9.

The test cards are in cards.py: Stripe's own, and two that Stripe does not have. `pm_card_captureFails` authorises, but
its authorization has expired when it is captured (400 `charge_expired_for_capture`, the intent becomes canceled).
`pm_card_processing` stays in `processing` until the bank's decision is posted to /sandbox/authenticate.

Under /sandbox/ tests read and control it, without a key, from this machine only (door.py):

    GET    /sandbox/health                 {"ready": true}
    GET    /sandbox/state[?order_id=…]     intents, charges, refunds, events with deliveries; sums per order_id
    DELETE /sandbox/state                  delete all objects, idempotency keys and faults
    POST   /sandbox/faults                 {"kind": "lose_answer", "path": "/v1/payment_intents", "action": "capture"}
    GET    /sandbox/faults                 the faults that still apply
    DELETE /sandbox/faults                 remove all faults
    POST   /sandbox/dashboard/{what}       what people and banks do: capture, cancel, refund, fail_refund,
                                           settle_refund, dispute, answer_dispute, close_dispute, send_event
                                           (dashboard.py)
    POST   /sandbox/clock                  {"forward": 86400}: move the clock; banks release what has expired by then
    POST   /sandbox/webhooks/redeliver     {"event": "evt_…"} or {"event": "all"}
    GET    /sandbox/authenticate/{intent}  the bank's page; ?outcome=success or fail (GET or POST) decides

A bank holds an authorised amount for 7 days (`capture_before` of the charge's card); then a capture is refused.

Faults (faults.py) and the clock (clock.py) are in memory and end with a restart. The effects of faults on webhooks are
stored in the file.
"""
