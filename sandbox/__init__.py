"""A Stripe for this machine: keeps state, takes no money, and breaks on request.

A program of its own, never imported by app/. The unchanged `stripe` library talks to it:

    STRIPE_WEBHOOK_SECRETS=whsec_… python -m sandbox --port 12121 --database var/sandbox.sqlite \\
        --webhook-url http://127.0.0.1:5000/api/v1/payments/webhooks/stripe

    stripe.StripeClient("sk_test_any", base_addresses={"api": "http://127.0.0.1:12121"})

Covered: payment intents (create, retrieve, list, search by metadata and status, confirm, capture, cancel),
payment methods (create, retrieve), charges (retrieve), refunds (create, retrieve, list), disputes (retrieve, list),
events (retrieve, list), webhook endpoints (list), idempotency keys, and signed webhooks repeated until they get a
2xx. Anything else is refused, never guessed at.
Any `sk_test_…` or `rk_test_…` key is let in. Everything is in one SQLite file: a kill -9 forgets nothing.

Cards are in cards.py. Besides Stripe's own there are two of ours: `pm_card_captureFails` authorises, but by the time
of the capture its authorization has expired (400 `charge_expired_for_capture`, the intent ends as canceled), and
`pm_card_processing` stays in `processing` until the bank's answer is given at /sandbox/authenticate.

Under /sandbox/ (no key needed, loopback only, and no other site: door.py) tests read and steer it:

    GET    /sandbox/health                 {"ready": true}
    GET    /sandbox/state[?order_id=…]     intents, charges, refunds, events with deliveries; sums per order_id
    DELETE /sandbox/state                  as new: no object, no key, no fault is left
    POST   /sandbox/faults                 {"kind": "lose_answer", "path": "/v1/payment_intents", "action": "capture"}
    GET    /sandbox/faults                 the faults still waiting
    DELETE /sandbox/faults                 no more faults
    POST   /sandbox/dashboard/{what}       what people do by hand, and banks: capture, cancel, refund, fail_refund,
                                           settle_refund, dispute, answer_dispute, close_dispute, tell (dashboard.py)
    POST   /sandbox/webhooks/redeliver     {"event": "evt_…"} or {"event": "all"}
    GET    /sandbox/authenticate/{intent}  a page with two buttons; with ?outcome=success or fail (GET or POST), done

Faults (faults.py) live in memory: a restart heals them. What they did to webhooks is in the file and stays.
"""
