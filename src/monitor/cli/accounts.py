"""`monitor user` and `monitor key`: administration without a browser, on the server's own machine."""

import secrets
import sys

import click

from monitor.adapters.agent.install.script import install_command
from monitor.cli.core import opened
from monitor.cli.failures import CommandFailed
from monitor.container import Container
from monitor.domain.accounts.actors import Actor, Role, UserId
from monitor.domain.accounts.users import check_password
from monitor.domain.errors import NotFound
from monitor.domain.fleet.api_keys import ApiKeyId
from monitor.domain.fleet.servers import ServerId, canonical_ip
from monitor.settings import load


def _operator() -> Actor:
    """Who may use the command line on the server's machine may do everything."""
    return Actor(user_id=UserId(0), username="command line", role=Role.ADMIN)


def _password(from_stdin: bool) -> tuple[str, bool]:
    """The new password, and whether it was made up."""
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n"), False
    if sys.stdin.isatty():
        return click.prompt("New password", hide_input=True, confirmation_prompt=True), False
    return secrets.token_urlsafe(12), True


_password_option = click.option(
    "--password-stdin", is_flag=True, help="Read the password from standard input (else: a prompt, or a random one)."
)


_permanent_option = click.option(
    "--permanent", is_flag=True, help="The password need not be changed at its first use, for accounts of scripts."
)


@click.group()
def user() -> None:
    """Accounts."""


@user.command("create")
@click.argument("username")
@click.option("--admin", is_flag=True, help="Make it an administrator.")
@click.option("--email", help="Where alerts go.")
@_password_option
@_permanent_option
def create_user(username: str, admin: bool, email: str | None, password_stdin: bool, permanent: bool) -> None:
    """Create the account USERNAME."""
    password, made_up = _password(password_stdin)
    role = Role.ADMIN if admin else Role.USER
    _check(password, username, permanent)
    with opened(load()) as container:
        made = container.create_user()(
            _operator(), username=username, password=password, role=role, email=email, is_temporary=not permanent
        )
    click.echo(f"created {made.username} ({made.role})" + (f" with the password {password}" if made_up else ""))


@user.command("reset-password")
@click.argument("username")
@_password_option
@_permanent_option
def reset_password(username: str, password_stdin: bool, permanent: bool) -> None:
    """Give USERNAME a new password; it is logged out everywhere."""
    password, made_up = _password(password_stdin)
    _check(password, username, permanent)
    with opened(load()) as container:
        try:
            container.reset_password()(_operator(), username=username, password=password, is_temporary=not permanent)
        except NotFound:
            raise CommandFailed(f"there is no user {username!r}") from None
    click.echo(f"{username} has a new password" + (f": {password}" if made_up else ""))


def _check(password: str, username: str, permanent: bool) -> None:
    """The documented examples are for those alone who have to change them. Raises InvalidInput."""
    if permanent:
        check_password(password, username=username, role=Role.USER)


@click.group()
def key() -> None:
    """Agents' keys."""


@key.command("create")
@click.argument("name")
@click.option("--server", "address", help="The server's IP address; without it, a key for the whole fleet.")
@click.option("--owner", default="admin", show_default=True, help="Whose servers a fleet key reaches.")
def create_key(name: str, address: str | None, owner: str) -> None:
    """Create a key called NAME and print it: it can't be shown again."""
    with opened(load()) as container:
        server_id = None if address is None else _server(container, address)
        with container.uow() as uow:
            account = uow.users.by_username(owner)
        if account is None:
            raise CommandFailed(f"there is no user {owner!r}")
        actor = Actor(user_id=account.id, username="command line", role=account.role)
        made, text = container.create_api_key()(actor, name=name, server_id=server_id)
        base_url = container.settings().base_url
    click.echo(text)
    click.echo(f"id {made.id}: revoke it with `monitor key revoke {made.id}`", err=True)
    if base_url is not None:
        click.echo(f"on the host, this installs the agent and asks for the key:\n{install_command(base_url)}", err=True)


@key.command("revoke")
@click.argument("key_id", type=click.IntRange(1))
def revoke_key(key_id: int) -> None:
    """Revoke the key with the id KEY_ID, at once."""
    with opened(load()) as container:
        try:
            container.revoke_api_key()(_operator(), ApiKeyId(key_id))
        except NotFound:
            raise CommandFailed(f"there is no key with the id {key_id}") from None
    click.echo("revoked")


def _server(container: Container, address: str) -> ServerId:
    with container.uow() as uow:
        servers = uow.servers.by_addresses([canonical_ip(address)])
    if not servers:
        raise CommandFailed(f"no server has the address {address}")
    return servers[0].id
