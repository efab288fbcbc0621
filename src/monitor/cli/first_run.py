"""What a first start makes: the data directory, the token secret, the first administrator."""

import os
import secrets
import tempfile
from pathlib import Path

from monitor.adapters.security.cipher import AesCipher, new_key, parsed_keys
from monitor.application.ports import NO_KEY, Cipher
from monitor.container import Container
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.users import DEFAULT_PASSWORD
from monitor.domain.errors import InvalidInput
from monitor.settings import MIN_SECRET_BYTES, Settings, SettingsError

_SECRET_FILE = "jwt-secret"  # noqa: S105 - the name of the file, not the secret
_KEY_FILE = "secrets-key"


def prepare_data_dir(path: Path) -> None:
    """Raises SettingsError."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(13, "not writable")
    except OSError as error:
        raise SettingsError(f"MONITOR_DATA_DIR: can't use {path}: {error.strerror}") from None


def jwt_secret(settings: Settings) -> str:
    """The configured one, or one generated once and kept in the data directory, readable by its owner alone.

    Raises SettingsError.
    """
    if settings.jwt_secret is not None:
        return settings.jwt_secret
    prepare_data_dir(settings.data_dir)
    path = settings.data_dir / _SECRET_FILE
    try:
        secret = kept_secret(path, secrets.token_urlsafe(48))
    except OSError as error:
        raise SettingsError(f"MONITOR_DATA_DIR: can't use {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        secret = ""
    if len(secret.encode()) < MIN_SECRET_BYTES:
        raise SettingsError(
            f"MONITOR_DATA_DIR: {path} does not hold a secret: delete it, and all log in anew with another one"
        )
    return secret


def secrets_cipher(settings: Settings) -> AesCipher:
    """Over the configured keys, or one generated once and kept in the data directory, readable by its owner alone.

    Raises SettingsError.
    """
    if settings.secrets_keys:
        return AesCipher(settings.secrets_keys)
    prepare_data_dir(settings.data_dir)
    path = settings.data_dir / _KEY_FILE
    try:
        return AesCipher(parsed_keys(kept_secret(path, new_key())))
    except OSError as error:
        raise SettingsError(f"MONITOR_DATA_DIR: can't use {path}: {error.strerror}") from None
    except ValueError:  # UnicodeDecodeError is one
        raise SettingsError(
            f"MONITOR_DATA_DIR: {path} does not hold a key: restore it, or delete it and enter the channels anew"
        ) from None


def kept_cipher(settings: Settings) -> Cipher:
    """The same, but nothing is generated: where there is no key it reads nothing. Raises SettingsError."""
    is_kept = settings.secrets_keys or os.path.lexists(settings.data_dir / _KEY_FILE)
    return secrets_cipher(settings) if is_kept else NO_KEY


def kept_secret(path: Path, fresh: str) -> str:
    """What *path* holds; where there is none, it now holds *fresh*, with mode 0600, whole or not at all.

    Raises OSError, UnicodeDecodeError.
    """
    if not path.exists():
        number, draft = tempfile.mkstemp(prefix=f"{path.name}.", dir=path.parent)
        try:
            with open(number, "w") as file:
                file.write(fresh)
                file.flush()
                os.fsync(number)  # or a power cut could leave the name and not the contents
            os.link(draft, path)  # fails where another process was first, whose secret then counts
        except FileExistsError:
            pass
        finally:
            os.unlink(draft)
    return path.read_text().strip()


def ensure_first_admin(container: Container, *, default_password: bool) -> str | None:
    """The new administrator's password where one was created and the person starting can't know it, else None.

    Raises SettingsError.
    """
    configured = container.settings().admin_password
    password = configured or (DEFAULT_PASSWORD if default_password else secrets.token_urlsafe(12))
    try:
        created = container.ensure_first_admin()(password)
    except InvalidInput:
        raise SettingsError("MONITOR_ADMIN_PASSWORD: must not be a common password") from None
    return password if created and configured is None else None


def first_admin(container: Container, name: str) -> Actor:
    """The first administrator there is, called *name* in the audit log."""
    everyone = Actor(user_id=UserId(0), username=name, role=Role.ADMIN)
    admin = next(user for user in container.queries().users.all(everyone) if user.role is Role.ADMIN)
    return Actor(user_id=admin.id, username=name, role=Role.ADMIN)
