"""The checks of secrets and passwords in production: those that are published, too short, or easy to guess."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from app.config.reading import Declared

UNSAFE = "quartet-development-only-not-a-secret"
DEVELOPMENT_ROOT = (
    "KY8Xs1JhzFEbCa45D3yqnou7n3Zng5Mx9O_SE--1StU="  # its private key is public too: see app/web/root_keys.py
)
LENGTH, VARIETY = 32, 10  # minimum of characters in a secret, and of different ones among them
OWN = "set your own, for example the output of python -c 'import secrets; print(secrets.token_urlsafe(48))'"
KNOWN = (  # parts of secrets that appear in examples; the last three are from Stripe's documentation
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
    """Yield a sentence for each of these secrets that somebody else may know or guess."""
    for secret in secrets:
        if not secret or secret == UNSAFE:
            yield f"{name} is missing: {OWN}."
        elif len(secret) < LENGTH:
            yield f"{name} is shorter than {LENGTH} characters: {OWN}."
        elif len(set(secret)) < VARIETY:
            yield f"{name} has fewer than {VARIETY} different characters: {OWN}."
        elif any(known in secret.lower() for known in KNOWN):
            yield f"{name} appears in published examples: {OWN}."


def guessable(settings: Declared) -> Iterator[str]:
    """Yield a sentence for each URL or option that has a password which is easy to guess."""
    for each in (field for field in fields(settings) if field.metadata):  # type: ignore[arg-type]
        for user, password in _accounts(getattr(settings, each.name)):
            if password and password.lower() in {user.lower(), *PASSWORDS}:
                name = each.metadata["name"]
                yield f"{name} has a password that equals the user's name or is a common one: set another."


def _accounts(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):  # options of librdkafka
        yield value.get("sasl.username", ""), value.get("sasl.password", "")
    elif isinstance(value, str) and "://" in value:
        parts = urlsplit(value)
        yield unquote(parts.username or ""), unquote(parts.password or "")
        query = parse_qs(parts.query)  # PostgreSQL accepts user and password there as well
        user = query.get("user", [unquote(parts.username or "")])[-1]
        yield user, query.get("password", [""])[-1]
