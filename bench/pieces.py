"""Samples on their way to whoever is to know them."""

from typing import NamedTuple

from monitor.domain.history.frames import Frame
from monitor.domain.servers import Server


class Piece(NamedTuple):
    """Some hours of one server: the three percentages of each sample."""

    server: Server
    frame: Frame
