"""Samples on their way to the compared systems."""

from typing import NamedTuple

from monitor.domain.fleet.servers import Server
from monitor.domain.history.frames import Frame


class Piece(NamedTuple):
    """Some hours of one server, with the three percentages of each sample."""

    server: Server
    frame: Frame
