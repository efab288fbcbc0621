"""What a first start makes: the data directory, the token secret, the first administrator."""

import os
import secrets
from pathlib import Path

from monitor.container import Container
from monitor.domain.errors import InvalidInput
from monitor.domain.users import DEFAULT_PASSWORD
from monitor.settings import Settings, SettingsError

_SECRET_FILE = "jwt-secret"  # noqa: S105 - the name of the file, not the secret


def prepare_data_dir(path: Path) -> None:
    """Raises SettingsError."""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not os.access(path, os.W_OK | os.X_OK):
            raise PermissionError(13, "not writable")
    except OSError as error:
        raise SettingsError(f"MONITOR_DATA_DIR: can't use {path}: {error.strerror}") from None


def jwt_secret(settings: Settings) -> str:
    """The configured one, or one generated once and kept in the data directory, readable by its owner alone."""
    if settings.jwt_secret is not None:
        return settings.jwt_secret
    prepare_data_dir(settings.data_dir)
    return kept_secret(settings.data_dir / _SECRET_FILE, secrets.token_urlsafe(48))


def kept_secret(path: Path, fresh: str) -> str:
    """What *path* holds; where there is none, it now holds *fresh*, with mode 0600, whole or not at all."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(fresh)
        try:
            os.link(draft, path)  # fails where another process was first, whose secret then counts
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


def ensure_first_admin(container: Container, *, default_password: bool) -> str | None:
    """The new administrator's password where one was created and the person starting can't know it, else None.

    Raises SettingsError for a MONITOR_ADMIN_PASSWORD that is not good enough.
    """
    configured = container.settings().admin_password
    password = configured or (DEFAULT_PASSWORD if default_password else secrets.token_urlsafe(12))
    if configured == DEFAULT_PASSWORD:
        raise SettingsError("MONITOR_ADMIN_PASSWORD: choose another one than the documented default")
    try:
        created = container.ensure_first_admin()(password)
    except InvalidInput:
        raise SettingsError(
            "MONITOR_ADMIN_PASSWORD: must be 8 to 128 characters, not a common password and not the user's name"
        ) from None
    return password if created and configured is None else None
