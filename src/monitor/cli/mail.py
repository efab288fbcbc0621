"""`monitor mail`"""

import click

from monitor.adapters.system import SystemClock, SystemSecrets
from monitor.application.notifications.channels import test_message
from monitor.application.notifications.ports import Verdict
from monitor.cli.failures import CommandFailed
from monitor.container import mailer
from monitor.domain.accounts.users import LOCALES
from monitor.domain.text import checked_email
from monitor.settings import SettingsError, load


@click.group()
def mail() -> None:
    """E-mail."""


@mail.command()
@click.argument("address")
@click.option("--locale", type=click.Choice(LOCALES), default="en", show_default=True, help="Its language.")
def test(address: str, locale: str) -> None:
    """Send a test mail to ADDRESS with the SMTP settings of the environment, and say how that went."""
    settings = load()
    if settings.smtp is None:
        raise SettingsError("SMTP_HOST: not set, so no mail can be sent")
    to = checked_email(address)
    sending = mailer(settings).send(to or "", test_message(SystemClock(), SystemSecrets(), locale))
    if sending.verdict is not Verdict.SENT:
        raise CommandFailed(f"{settings.smtp.host}:{settings.smtp.port}: {sending.error}")
    click.echo(f"sent to {to} through {settings.smtp.host}:{settings.smtp.port}")
