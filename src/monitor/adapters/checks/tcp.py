"""Checks whether a port accepts connections, and whether TLS with it works."""

from contextlib import closing

from monitor.adapters.checks.outcomes import Answer, Run
from monitor.domain.checks.targets import endpoint_of


def probe_tcp(run: Run) -> Answer:
    host, port = endpoint_of(run.check.target)
    run.connect(run.addresses(host, port), port).close()
    return Answer()


def probe_tls(run: Run) -> Answer:
    host, port = endpoint_of(run.check.target)
    addresses = run.addresses(host, port)
    with closing(run.connect(addresses, port)) as connection:
        return Answer(cert_ends=run.secured(connection, addresses, host, port))
