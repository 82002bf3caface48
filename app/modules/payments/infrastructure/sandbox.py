"""The Stripe sandbox as a program that `flask serve` starts if no key is set."""

import sys

from app.config.settings import Settings
from app.modules.payments.infrastructure.webhook_endpoint import WEBHOOK_EVENTS
from app.modules.payments.settings import PaymentsSettings
from app.wiring import Program


def sandbox_program(settings: Settings, own: PaymentsSettings) -> Program:
    """Return how the sandbox is started. Its webhooks go to the address that the shop listens on."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104 — compared, not bound
    host = f"[{host}]" if ":" in host else host
    command = [
        *(sys.executable, "-Pm", "sandbox"),
        *("--port", str(own.sandbox_port)),
        *("--database", str(settings.data / "sandbox.sqlite")),
        *("--webhook-url", f"http://{host}:{settings.port}/api/v1/payments/webhooks/stripe"),
        *(part for type in WEBHOOK_EVENTS for part in ("--webhook-event", type)),
    ]
    secrets = {"STRIPE_WEBHOOK_SECRETS": own.stripe_webhook_secrets[0]}
    return Program(command, secrets, own.sandbox_port, "SANDBOX_PORT", "/sandbox/health")
