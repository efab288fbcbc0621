"""All mutants by concept, in the order in which they are tried."""

from mutants import (
    accounts,
    agents,
    alerting,
    checking,
    configuring,
    engine,
    grouping,
    guarding,
    hindsight,
    history,
    intake,
    notifying,
    storage,
    visibility,
)
from mutants.mutant import Mutants

_GROUPS = (
    visibility,
    accounts,
    guarding,
    intake,
    history,
    engine,
    alerting,
    grouping,
    notifying,
    checking,
    configuring,
    hindsight,
    agents,
    storage,
)
MUTANTS: Mutants = {concept: some for group in _GROUPS for concept, some in group.MUTANTS.items()}
