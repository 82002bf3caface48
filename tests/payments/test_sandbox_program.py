"""The sandbox beside the shop: its webhooks must reach the shop at whatever address it listens on."""

import pytest

from app.config.settings import Settings
from app.modules.payments.infrastructure.sandbox import sandbox_program
from app.modules.payments.settings import payments_settings
from app.wiring import Program


def program_with(**environment: str) -> Program:
    """Return the program that these settings produce."""
    settings = Settings.from_environment(environment)
    return sandbox_program(settings, payments_settings(settings))


@pytest.mark.parametrize(
    ("host", "received_at"),
    [
        ("127.0.0.1", "http://127.0.0.1:5000/"),
        ("0.0.0.0", "http://127.0.0.1:5000/"),
        ("192.168.1.5", "http://192.168.1.5:5000/"),
        ("::", "http://[::1]:5000/"),
        ("::1", "http://[::1]:5000/"),
    ],
)
def test_webhooks_go_to_where_the_shop_listens(host: str, received_at: str) -> None:
    program = program_with(HOST=host).command

    assert program[program.index("--webhook-url") + 1] == f"{received_at}api/v1/payments/webhooks/stripe"


def test_no_secret_is_on_its_command_line() -> None:
    program = program_with(STRIPE_WEBHOOK_SECRETS="whsec_hunter22,whsec_before")

    assert not [word for word in program.command if "whsec" in word]
    assert program.variables == {"STRIPE_WEBHOOK_SECRETS": "whsec_hunter22"}
    assert "whsec" not in repr(program)
