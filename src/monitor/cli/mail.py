"""`monitor mail`"""

import click

from monitor.adapters.clock import SystemClock
from monitor.adapters.secrets import SystemSecrets
from monitor.application.channels import test_message
from monitor.application.ports.notifier import Verdict
from monitor.cli.failures import CommandFailed
from monitor.container import mailer
from monitor.domain.text import checked_email
from monitor.domain.users import LOCALES
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
