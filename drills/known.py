"""All drills, by name and in order. A new one is one file and one line here."""

from drills import endless_header
from drills.drill import Drill

DRILLS: dict[str, Drill] = {
    "endless-header": endless_header.DRILL,
}
