"""The keys that a backup brings."""

from collections.abc import Callable, Mapping

from monitor.adapters.security.cipher import parsed_keys
from monitor.cli.output import CommandFailed
from monitor.settings import Settings
from monitor.settings.kept_secrets import KEY_FILE, SECRET_FILE, generated_once, kept_keys


def usable_keys(settings: Settings, keys: Mapping[str, str]) -> Callable[[], object]:
    """Return a function that writes those *keys* of a backup that are neither set nor kept. Raises CommandFailed if
    the key that is does not read the backup's secrets; OSError."""
    here = kept_keys(settings)
    try:
        theirs, ours = (set(parsed_keys(each[KEY_FILE])) if KEY_FILE in each else None for each in (keys, here))
    except ValueError as error:
        raise CommandFailed(f"a key {error}") from None
    if theirs and ours is not None and not theirs <= ours:
        place = "MONITOR_SECRETS_KEY" if settings.secrets_keys else settings.data_dir / KEY_FILE
        raise CommandFailed(f"{place}: does not read the secrets of the backup, which has its own key: take this away")
    missing = sorted(keys.keys() & {SECRET_FILE, KEY_FILE} - here.keys())
    return lambda: [generated_once(settings.data_dir / name, keys[name]) for name in missing]
