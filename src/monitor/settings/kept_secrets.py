"""The data directory and the secrets that the first start generates in it."""

import os
import secrets
import tempfile
from base64 import b64encode
from pathlib import Path

from monitor.adapters.security.cipher import AesCipher, new_key, parsed_keys
from monitor.application.accounts.credentials import MIN_SECRET_BYTES
from monitor.application.ports import NO_KEY, Cipher
from monitor.settings import Settings, SettingsError

SECRET_FILE = "jwt-secret"  # noqa: S105 - the name of the file, not the secret
KEY_FILE = "secrets-key"


def prepare_data_dir(path: Path) -> None:
    """Create the directory if it is missing. Raises SettingsError if it can't be used."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(13, "not writable")
    except OSError as error:
        raise SettingsError(f"MONITOR_DATA_DIR: can't use {path}: {error.strerror}") from None


def jwt_secret(settings: Settings) -> str:
    """Return the configured secret, or the one that is generated once and kept in the data directory.

    Raises SettingsError.
    """
    if settings.jwt_secret is not None:
        return settings.jwt_secret
    path = settings.data_dir / SECRET_FILE
    try:
        secret = generated_once(path, secrets.token_urlsafe(48))
    except UnicodeDecodeError:
        secret = ""
    if len(secret.encode()) < MIN_SECRET_BYTES:
        raise SettingsError(
            f"MONITOR_DATA_DIR: {path} does not hold a secret: delete it to get a new one; all users must log in again"
        )
    return secret


def secrets_cipher(settings: Settings) -> AesCipher:
    """Return a cipher with the configured keys, or with the one that is generated once and kept in the data directory.

    Raises SettingsError.
    """
    if settings.secrets_keys:
        return AesCipher(settings.secrets_keys)
    path = settings.data_dir / KEY_FILE
    try:
        return AesCipher(parsed_keys(generated_once(path, new_key())))
    except ValueError:  # includes UnicodeDecodeError
        raise SettingsError(
            f"MONITOR_DATA_DIR: {path} does not hold a key: restore it, or delete it and enter the channels anew"
        ) from None


def kept_cipher(settings: Settings) -> Cipher:
    """Return `secrets_cipher` but generate no key: without one, the cipher reads nothing. Raises SettingsError."""
    is_kept = settings.secrets_keys or os.path.lexists(settings.data_dir / KEY_FILE)
    return secrets_cipher(settings) if is_kept else NO_KEY


def kept_keys(settings: Settings) -> dict[str, str]:
    """Return the secrets in force by the names of their files. Generates none. Raises OSError."""
    paths = {name: settings.data_dir / name for name in (SECRET_FILE, KEY_FILE)}
    kept = {name: path.read_text().strip() for name, path in paths.items() if path.exists()}
    keys = "\n".join(b64encode(key).decode() for key in settings.secrets_keys)
    configured = {SECRET_FILE: settings.jwt_secret, KEY_FILE: keys}
    return kept | {name: text for name, text in configured.items() if text}


def generated_once(path: Path, fresh: str) -> str:
    """Raises SettingsError, UnicodeDecodeError."""
    prepare_data_dir(path.parent)
    try:
        return kept_secret(path, fresh)
    except OSError as error:
        raise SettingsError(f"MONITOR_DATA_DIR: can't use {path}: {error.strerror}") from None


def kept_secret(path: Path, fresh: str) -> str:
    """Return the content of *path*. If the file is missing, write *fresh* to it with mode 0600, all or nothing.

    Raises OSError, UnicodeDecodeError.
    """
    if not path.exists():
        number, draft = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
        try:
            with open(number, "w") as file:
                file.write(fresh)
                file.flush()
                os.fsync(number)  # else a power cut could leave the name without the content
            os.link(draft, path)  # fails if another process was first; then its secret counts
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)
    return path.read_text().strip()
