"""`monitor user`, `monitor key` and `monitor mail`: administration without a browser, on the server's own machine."""

import secrets
import sys

import click

from monitor.adapters.agent.install.bundle import install_command
from monitor.adapters.system import SystemClock, SystemSecrets
from monitor.application.accounts.factors import ResetFactors
from monitor.application.accounts.log_in import IssueLoginLink
from monitor.application.accounts.users import CreateUser, ResetPassword
from monitor.application.fleet.api_keys import CreateApiKey, RevokeApiKey
from monitor.application.notifications.channels import test_message
from monitor.application.notifications.sender_ports import SendStatus
from monitor.cli.chosen import chosen_settings
from monitor.cli.core import opened, operator
from monitor.cli.output import CommandFailed, shown_address
from monitor.container import Container
from monitor.domain.accounts.actors import Actor, Role
from monitor.domain.accounts.users import LOCALES, check_password
from monitor.domain.errors import NotFound
from monitor.domain.fleet.api_keys import ApiKeyId
from monitor.domain.fleet.servers import ServerId, canonical_ip
from monitor.domain.text import checked_email
from monitor.settings import SettingsError

_password_option = click.option(
    "--password-stdin",
    is_flag=True,
    help="Read the password from standard input. Without it, a terminal asks for one, else a random one is printed.",
)
_permanent_option = click.option(
    "--permanent", is_flag=True, help="Don't ask for a new password at the first log-in, for accounts of scripts."
)


@click.group()
def user() -> None:
    """Manage accounts."""


@user.command("create")
@click.argument("username")
@click.option("--admin", is_flag=True, help="Make it an administrator.")
@click.option("--email", help="Address for mails about alerts.")
@click.option("--locale", type=click.Choice(LOCALES), help="Language of the mails; else that of their browser.")
@_password_option
@_permanent_option
def create_user(
    username: str, admin: bool, email: str | None, locale: str | None, password_stdin: bool, permanent: bool
) -> None:
    """Create the account USERNAME."""
    password, is_random = _new_password(username, password_stdin, permanent)
    role = Role.ADMIN if admin else Role.USER
    with opened() as container:
        created = container.get(CreateUser)(
            operator(),
            username=username,
            password=password,
            role=role,
            email=email,
            locale=locale,
            is_temporary=not permanent,
        )
    click.echo(f"created {created.username} ({created.role})" + (f" with the password {password}" if is_random else ""))


@user.command("reset-password")
@click.argument("username")
@_password_option
@_permanent_option
def reset_password(username: str, password_stdin: bool, permanent: bool) -> None:
    """Give USERNAME a new password. This ends all sessions of the account."""
    password, is_random = _new_password(username, password_stdin, permanent)
    with opened() as container:
        try:
            container.get(ResetPassword)(operator(), username=username, password=password, is_temporary=not permanent)
        except NotFound:
            raise CommandFailed(f"there is no user {username!r}") from None
    click.echo(f"{username} has a new password" + (f": {password}" if is_random else ""))


@user.command("login-link")
@click.argument("username")
def login_link(username: str) -> None:
    """Print a link that logs USERNAME in, once and within 10 minutes."""
    with opened() as container:
        try:
            token = container.get(IssueLoginLink)(operator(), username)
        except NotFound:
            raise CommandFailed(f"there is no user {username!r}") from None
        click.echo(f"{shown_address(container.settings)}/login#link={token}")


@user.command("reset-factors")
@click.argument("username")
def reset_factors(username: str) -> None:
    """Take all second factors from USERNAME, who lost them. This ends all sessions of the account."""
    with opened() as container:
        with container.uow() as uow:
            account = uow.users.by_username(username)
        if account is None:
            raise CommandFailed(f"there is no user {username!r}")
        container.get(ResetFactors)(operator(), account.id)
    click.echo(f"{account.username} logs in without a second factor")


def _new_password(username: str, from_stdin: bool, permanent: bool) -> tuple[str, bool]:
    """Return the password and whether it is a random one. Raises InvalidInput."""
    if from_stdin:
        password = sys.stdin.readline().rstrip("\r\n")
    elif sys.stdin.isatty():
        password = click.prompt("New password", hide_input=True, confirmation_prompt=True)
    else:
        return secrets.token_urlsafe(12), True
    if permanent:  # The documented examples are only for users who must change them.
        check_password(password, username=username, role=Role.USER)
    return password, False


@click.group()
def key() -> None:
    """Manage API keys of agents."""


@key.command("create")
@click.argument("name")
@click.option("--server", "address", help="IP address of the server. Without it, the key is for the whole fleet.")
@click.option("--owner", default="admin", show_default=True, help="User whose servers a key for the fleet reaches.")
def create_key(name: str, address: str | None, owner: str) -> None:
    """Create a key called NAME and print it. It can't be shown again."""
    with opened() as container:
        server_id = None if address is None else _server(container, address)
        with container.uow() as uow:
            account = uow.users.by_username(owner)
        if account is None:
            raise CommandFailed(f"there is no user {owner!r}")
        actor = Actor(user_id=account.id, username="command line", role=account.role)
        created, text = container.get(CreateApiKey)(actor, name=name, server_id=server_id)
        base_url = container.settings.base_url
    click.echo(text)
    click.echo(f"id {created.id}: revoke it with `monitor key revoke {created.id}`", err=True)
    if base_url is not None:
        click.echo(
            f"to install the agent, run this on the host; it asks for the key:\n{install_command(base_url)}", err=True
        )


@key.command("revoke")
@click.argument("key_id", type=click.IntRange(1))
def revoke_key(key_id: int) -> None:
    """Revoke the key with the id KEY_ID, at once."""
    with opened() as container:
        try:
            container.get(RevokeApiKey)(operator(), ApiKeyId(key_id))
        except NotFound:
            raise CommandFailed(f"there is no key with the id {key_id}") from None
    click.echo("revoked")


def _server(container: Container, address: str) -> ServerId:
    with container.uow() as uow:
        servers = uow.servers.by_addresses([canonical_ip(address)])
    if not servers:
        raise CommandFailed(f"no server has the address {address}")
    return servers[0].id


@click.group()
def mail() -> None:
    """Check the mail settings."""


@mail.command()
@click.argument("address")
@click.option("--locale", type=click.Choice(LOCALES), default="en", show_default=True, help="Language of the mail.")
def test(address: str, locale: str) -> None:
    """Send a test mail to ADDRESS with the SMTP settings of the environment, and print the result."""
    settings = chosen_settings()
    if settings.smtp is None:
        raise SettingsError("SMTP_HOST: not set; mail settings of the screen are tested there")
    to = checked_email(address)
    from monitor.adapters.notify.mail.smtp import SmtpMailer  # 3 MB that no other command needs

    sending = SmtpMailer(settings.smtp).send(to or "", test_message(SystemClock(), SystemSecrets(), locale))
    if sending.status is not SendStatus.SENT:
        raise CommandFailed(f"{settings.smtp.host}:{settings.smtp.port}: {sending.error}")
    click.echo(f"sent to {to} through {settings.smtp.host}:{settings.smtp.port}")
