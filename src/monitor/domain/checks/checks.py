"""Checks: what this server asks of an address again and again."""

from enum import StrEnum


class CheckKind(StrEnum):
    HTTP = "http"
    TCP = "tcp"
    PING = "ping"
    DNS = "dns"
    TLS = "tls"
