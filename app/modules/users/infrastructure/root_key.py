"""The private root key. Only users has it; it signs the announcements of the keys that sign tokens."""

import base64
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from app.config.parsers import key
from app.config.production import DEVELOPMENT_ROOT
from app.config.reading import SettingsError
from app.config.settings import Settings
from app.modules.users.settings import UsersSettings
from app.web.root_keys import DEVELOPMENT_PRIVATE, public_half

MISSING = (
    "ROOT_PRIVATE_KEY is missing: users needs it to sign its signing keys. Set it, or ROOT_PRIVATE_KEY_FILE; "
    "`QUARTET_ENV=development flask --app wsgi users make-root` makes a pair."
)


def root_key(settings: Settings, own: UsersSettings) -> Ed25519PrivateKey:
    """The key of the settings; in development, without one, a published key. Raises SettingsError."""
    private = _given(own)
    if not private and settings.root_public_keys == (DEVELOPMENT_ROOT,) and not settings.production:
        private = DEVELOPMENT_PRIVATE
    if not private:
        raise SettingsError(MISSING)
    root = Ed25519PrivateKey.from_private_bytes(base64.urlsafe_b64decode(private))
    if public_half(root) not in settings.root_public_keys:
        raise SettingsError(
            "ROOT_PRIVATE_KEY belongs to none of ROOT_PUBLIC_KEYS: no module would trust its signatures."
        )
    return root


def _given(own: UsersSettings) -> str:
    if not own.root_private_key_file:
        return own.root_private_key
    if own.root_private_key:
        raise SettingsError("ROOT_PRIVATE_KEY and ROOT_PRIVATE_KEY_FILE are both set: unset one.")
    try:
        return key(Path(own.root_private_key_file).read_text(encoding="ascii"))
    except (OSError, ValueError) as error:
        why = (
            error.strerror
            if isinstance(error, OSError)
            else "it does not contain a key as `flask users make-root` writes it"
        )
        raise SettingsError(f"ROOT_PRIVATE_KEY_FILE cannot be read: {why}.") from None
