"""Checks that this host runs for a person: whether a site, a port, a host, a name or a certificate is as it should be.

`definitions` reads the file that `AGENT_CHECKS` names, `run` does one check; `datagrams` speaks DNS and ICMP.
"""
