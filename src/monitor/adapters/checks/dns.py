"""Checks whether a name has an address, and a certain one: by the system's resolver, or by a server that is named."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from ipaddress import ip_address
from typing import TYPE_CHECKING

from monitor.adapters.checks.outcomes import Answer, Failed, Run, Unexpected
from monitor.adapters.outbound.connections import resolve
from monitor.domain.checks.targets import Endpoint, question_of
from monitor.domain.fleet.servers import canonical_ip

if TYPE_CHECKING:
    from dns.message import Message, QueryMessage


def probe(run: Run) -> Answer:
    name, server = question_of(run.check.target)
    found = resolve(name, 0, run.deadline, run.outbound.resolver) if server is None else _asked(run, name, server)
    addresses = {canonical_ip(address) for address in found if _is_address(address)}
    if not addresses:
        raise Failed("the name has no address")
    if run.check.expect.record is not None and run.check.expect.record not in addresses:
        raise Unexpected(f"has {', '.join(sorted(addresses)[:5])}, expected {run.check.expect.record}")
    return Answer()


def _is_address(text: str) -> bool:
    with suppress(ValueError):
        return bool(ip_address(text))
    return False


def _asked(run: Run, name: str, server: Endpoint) -> list[str]:
    """Return the A and AAAA records that *server* has; no more than it takes to know that the name is up.

    Raises Failed, OSError.
    """
    import dns.exception  # 3 MB, only for those who check names
    import dns.message
    import dns.rcode
    import dns.rdatatype

    addresses = run.addresses(server.host, server.port)
    record, codes, found = run.check.expect.record, [], list[str]()
    for kind in ("AAAA", "A") if ":" in (record or "") else ("A", "AAAA"):
        try:
            answer = _answer(run, dns.message.make_query(name, kind), addresses, server.port)
        except dns.exception.Timeout:
            if found:  # some servers do not answer for kinds that they do not know
                break
            raise TimeoutError("timed out") from None
        except (dns.exception.DNSException, EOFError, ValueError) as error:
            raise Failed(f"not a DNS answer ({type(error).__name__})") from None
        codes.append(answer.rcode())
        wanted = dns.rdatatype.from_text(kind)
        for records in answer.answer:
            if records.rdtype == wanted:
                found += [each.to_text() for each in records]
        if found and record in (None, *found):
            break
    if all(code != dns.rcode.NOERROR for code in codes):
        raise Unexpected(f"the server answers {dns.rcode.to_text(codes[0])}")
    return found


def _answer(run: Run, question: QueryMessage, addresses: Sequence[str], port: int) -> Message:
    """Return the answer of the first of *addresses* that answers, by TCP if it is too long for UDP.

    Raises OSError and dns.exception.DNSException, those of the last address.
    """
    import dns.exception
    import dns.message
    import dns.query

    for place, address in enumerate(addresses, 1):
        share = run.deadline.left() / (len(addresses) - place + 1)
        try:
            return dns.query.udp(question, address, share, port, ignore_unexpected=True, raise_on_truncation=True)
        except dns.message.Truncated:
            return dns.query.tcp(question, address, run.deadline.left(), port)
        except (dns.exception.Timeout, OSError):
            if place == len(addresses):
                raise
    raise Failed("the server has no address")
