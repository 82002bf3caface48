"""What production refuses: tools that open a shop up, test money, and secrets that others know or can guess."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from app.config.reading import Declared

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


def weak(name: str, secrets: Iterable[str]) -> Iterator[str]:
    """Why others may know or guess one of these, which are the shop's own."""
    for secret in secrets:
        if not secret or secret == UNSAFE:
            yield f"{name} is missing: {OWN}."
        elif len(secret) < LENGTH:
            yield f"{name} is shorter than {LENGTH} characters: {OWN}."
        elif len(set(secret)) < VARIETY:
            yield f"{name} has fewer than {VARIETY} different characters: {OWN}."
        elif any(known in secret.lower() for known in KNOWN):
            yield f"{name} is known from examples: {OWN}."


def guessable(settings: Declared) -> Iterator[str]:
    """Of addresses with a password in them, and of options that have one: whether it is one that others guess."""
    for each in (field for field in fields(settings) if field.metadata):  # type: ignore[arg-type]
        for user, password in _accounts(getattr(settings, each.name)):
            if password and password.lower() in {user.lower(), *PASSWORDS}:
                name = each.metadata["name"]
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
