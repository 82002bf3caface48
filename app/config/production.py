"""What production refuses: tools that open a shop up, test money, and secrets that others know or can guess."""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

UNSAFE = "quartet-development-only-not-a-secret"
DEVELOPMENT_ROOT = (
    "KY8Xs1JhzFEbCa45D3yqnou7n3Zng5Mx9O_SE--1StU="  # its private half is as public: see app/web/root_keys.py
)
LENGTH, VARIETY = 32, 10  # characters that a secret has, and how many of them differ
OWN = "set one of your own, as python -c 'import secrets; print(secrets.token_urlsafe(48))' makes them"
KNOWN = (  # parts of secrets that stand in examples; Stripe's own pages have the last three
    UNSAFE,
    "example",
    "changeme",
    "change-me",
    "change_me",
    "replace",
    "your-",
    "your_",
    "placeholder",
    "not-a-secret",
    "do_not_show",
    "0123456789",
    "abcdefgh",
    "4ec39hqlyjwdarjtt1zdp7dc",
    "bqokikjovbii2hlwgh4olfq2",
    "tr35zbjtl9kijiwyxiy0hqnz",
)
PASSWORDS = frozenset(
    {"admin", "changeme", "change-me", "default", "elastic", "elasticsearch", "example", "guest", "kafka", "password"}
    | {"postgres", "postgresql", "quartet", "redis", "root", "secret", "test", "123456", "12345678"}
)


def unsafe(values: Mapping[str, Any]) -> Iterator[str]:
    """Why these do not do for production, a sentence each that begins with the variable."""
    if values["QUARTET_DEBUG"]:
        yield "QUARTET_DEBUG is true in production: unset it."
    if values["CRASH_AT"]:
        yield "CRASH_AT is set in production: unset it."
    yield from _weak("SIGNING_KEY_SECRET", [values["SIGNING_KEY_SECRET"]])
    if DEVELOPMENT_ROOT in values["ROOT_PUBLIC_KEYS"]:
        yield (
            "ROOT_PUBLIC_KEYS is missing, or has development's key, which everyone knows: make a pair with "
            "`QUARTET_ENV=development flask --app wsgi users make-root`."
        )
    yield from _stripe(values)
    yield from _weak("STRIPE_WEBHOOK_SECRETS", values["STRIPE_WEBHOOK_SECRETS"])
    yield from _guessable(values)


def _stripe(values: Mapping[str, Any]) -> Iterator[str]:
    key = values["STRIPE_API_KEY"]
    if not key:
        yield "STRIPE_API_KEY is missing: set your Stripe secret key; the sandbox is not for production."
        return
    if "_test_" in key and not values["STRIPE_TEST_MODE"]:
        yield "STRIPE_API_KEY is of test mode: no money would move; set that of live mode, or STRIPE_TEST_MODE=allowed."
    if (base := values["STRIPE_API_BASE"]) and not base.startswith("https://"):
        yield "STRIPE_API_BASE is not https: the secret key would travel in the clear; leave it out."
    yield from _weak("STRIPE_API_KEY", [key])


def _weak(name: str, secrets: list[str]) -> Iterator[str]:
    for secret in secrets:
        if not secret or secret == UNSAFE:
            yield f"{name} is missing: {OWN}."
        elif len(secret) < LENGTH:
            yield f"{name} is shorter than {LENGTH} characters: {OWN}."
        elif len(set(secret)) < VARIETY:
            yield f"{name} has fewer than {VARIETY} different characters: {OWN}."
        elif any(known in secret.lower() for known in KNOWN):
            yield f"{name} is known from examples: {OWN}."


def _guessable(values: Mapping[str, Any]) -> Iterator[str]:
    """Of addresses with a password in them, and of options that have one."""
    for name, value in values.items():
        for user, password in _accounts(value):
            if password and password.lower() in {user.lower(), *PASSWORDS}:
                yield f"{name} has a password that is its user's name or known to everybody: set another."


def _accounts(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):  # librdkafka's
        yield value.get("sasl.username", ""), value.get("sasl.password", "")
    elif isinstance(value, str) and "://" in value:
        parts = urlsplit(value)
        yield unquote(parts.username or ""), unquote(parts.password or "")
        asked = parse_qs(parts.query)  # PostgreSQL takes them there as well
        user = asked.get("user", [unquote(parts.username or "")])[-1]
        yield user, asked.get("password", [""])[-1]
