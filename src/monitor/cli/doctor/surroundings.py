"""Checks of what surrounds the database: disk, mail, base URL, proxies, and backups."""

import shutil
import time
from datetime import UTC, datetime
from functools import partial

from msgspec import json

from monitor.adapters.cron import CronSchedules
from monitor.adapters.http.operations.living import HEALTH, HEALTHY
from monitor.adapters.notify.mail import server_of
from monitor.adapters.notify.mail.smtp import SmtpMailer
from monitor.adapters.outbound.connections import Outbound
from monitor.adapters.outbound.destinations import ANYWHERE, Destinations
from monitor.adapters.outbound.posts import DestinationRefused, Unreachable, fetch
from monitor.application.notifications.mail_settings import MailInForce
from monitor.application.notifications.sender_ports import SendStatus
from monitor.cli.doctor.examining import Answer, examined, judged
from monitor.cli.doctor.stored import agents
from monitor.cli.output import span
from monitor.container import Container

_GIGABYTE, _SOON, _AHEAD = 1e9, 4.0, 60.0  # bytes and seconds


def disk(container: Container) -> Answer:
    directory = container.settings.data_dir.absolute()
    usage = shutil.disk_usage(next(each for each in (directory, *directory.parents) if each.exists()))
    said = f"{usage.free / _GIGABYTE:.1f} of {usage.total / _GIGABYTE:.1f} GB are free in MONITOR_DATA_DIR"
    is_enough = usage.free >= max(0.2 * _GIGABYTE, 0.05 * usage.total)
    return judged(is_enough, said, "make room, or keep less of the history")


def _mail_in_force(container: Container) -> MailInForce:
    """Return the settings of mail, with those of the screen if the database answers soon."""
    examined({"": partial(agents, container)}, _SOON)  # reads the fleet, and these settings with it
    return container.get(MailInForce)


def smtp(container: Container) -> Answer:
    """Connect and log in, as for a mail."""
    in_force = _mail_in_force(container)
    mail, begun = in_force(), time.monotonic()
    if mail.host is None:
        return Answer(True, "not configured: no mail leaves until SMTP_HOST, or the mail settings, name a server")
    if (server := server_of(mail)) is None:
        return Answer(False, "1 of its settings is missing: complete SMTP_*, or the mail settings and their password")
    is_ours = mail.host == in_force.environment.host
    reach = ANYWHERE if is_ours else Destinations(container.settings.allowed_destinations)
    result = SmtpMailer(server, destinations=reach).log_in()
    if result.status is SendStatus.SENT:
        return Answer(True, f"the mail server takes the log-in, in {time.monotonic() - begun:.1f} s")
    return Answer(False, f"it fails at {result.failed!r}: correct SMTP_*, or the mail settings", result.error)


def base_url(container: Container) -> Answer:
    url, begun = _mail_in_force(container).base_url, time.monotonic()
    if url is None:
        return Answer(True, "not configured: mails have no links until MONITOR_BASE_URL is set")
    try:
        found = fetch(Outbound(destinations=ANYWHERE), f"{url}{HEALTH}")
    except (DestinationRefused, Unreachable) as error:
        return Answer(False, "it does not lead here: correct MONITOR_BASE_URL, its name or its proxy", str(error))
    is_ours = found.body.strip() == json.encode(HEALTHY)  # other programs answer every path with a page
    what = f"its answer has status {found.status}" + ("" if is_ours else ", and another program's text")
    said = f"{what}, in {time.monotonic() - begun:.1f} s"
    advice = "correct MONITOR_BASE_URL, or the proxy, so that it leads to this server"
    return judged(is_ours and found.status == 200, said, advice)


def proxies(container: Container) -> Answer:
    trusted = container.settings.trusted_proxies
    said = f"{len(trusted)} networks are trusted"
    if any(network.prefixlen == 0 for network in trusted):
        return Answer(False, f"{said}, one with everybody in it: name only your proxies in MONITOR_TRUSTED_PROXIES")
    is_behind_one = (container.settings.base_url or "").startswith("https:")
    why = "all clients share the limits of the proxy of MONITOR_BASE_URL; name it in MONITOR_TRUSTED_PROXIES"
    return judged(bool(trusted) or not is_behind_one, said, why)


def backup(container: Container) -> Answer:
    settings = container.settings
    if settings.backup_dir is None:
        return Answer(True, "not configured: with MONITOR_BACKUP_DIR backups are made by themselves")
    found = (each.stat() for each in settings.backup_dir.glob("*.backup"))
    soon = container.clock.now().timestamp() + _AHEAD  # later ones are of a clock that was wrong
    taken = [each.st_mtime for each in found if each.st_size and each.st_mtime <= soon]
    if not taken:
        return Answer(False, "0 backups are in MONITOR_BACKUP_DIR: run `monitor backup`, and read the server's log")
    newest, now = datetime.fromtimestamp(max(taken), UTC), container.clock.now()
    next_turn = partial(CronSchedules().next_after, settings.backup_at, "UTC")
    said = f"the newest of {len(taken)} backups is {span((now - newest).total_seconds())} old"
    return judged(next_turn(next_turn(newest)) > now, said, "run `monitor backup`, and read the server's log")
