from dataclasses import dataclass

from monitor.domain.errors import ConstraintViolated

DOOMED = "doomed"
"""The key in `Connection.info` of the error after which its transaction can't be trusted to be whole."""


@dataclass(eq=False)
class KeyTaken(ConstraintViolated):
    """A row with this key is there already; *key* is the constraint's name, "PRIMARY" or "uq_<table>_<column>…"."""

    key: str
