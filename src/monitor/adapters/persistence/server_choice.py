"""Which servers a text or a tag chooses, and what else is compared as it was written."""

from sqlalchemy import ColumnElement, Connection, false, select

from monitor.adapters.persistence.tables import server_tags, servers


def is_exactly(column: ColumnElement[str], text: str) -> ColumnElement[bool]:
    """For names that never end in a space, which MySQL passes over when it compares."""
    return false() if text.endswith(" ") else column == text


def tagged(tag: str, server_id: ColumnElement[int]) -> ColumnElement[bool]:
    return server_id.in_(select(server_tags.c.server_id).where(is_exactly(server_tags.c.tag, tag)))


def mentioning(connection: Connection, condition: ColumnElement[bool], text: str) -> list[int]:
    """Ids in order. Compared here, because no two databases agree on what "without regard to case" means; the texts of
    ten thousand servers are read in a few hundredths of a second."""
    wanted = text.casefold()
    names = select(servers.c.id, servers.c.server_name, servers.c.ip_address).where(condition).order_by(servers.c.id)
    tags = select(server_tags.c.server_id, server_tags.c.tag).join(servers).where(condition)
    tagged = {server_id for server_id, tag in connection.execute(tags) if wanted in tag.casefold()}
    return [
        server_id
        for server_id, name, address in connection.execute(names)
        if server_id in tagged or wanted in name.casefold() or wanted in address.casefold()
    ]
