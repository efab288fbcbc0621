"""How severe an alert is, as the API names it."""

from typing import Literal

from monitor.domain.alert_engine import Level

LevelName = Literal["warning", "critical"]
LEVELS: dict[Level, LevelName] = {Level.WARNING: "warning", Level.CRITICAL: "critical"}
LEVEL_OF = {name: level for level, name in LEVELS.items()}
