"""The `monitor` command."""

import sys
from types import ModuleType
from typing import cast


def main() -> None:
    """Run the command that the arguments name.

    The agent starts before anything else is imported: it runs on every host and must stay small.
    """
    if sys.argv[1:2] == ["agent"]:
        from monitor.adapters.agent.main import main as agent

        sys.exit(agent(sys.argv[2:]))
    # Where it is installed, structlog loads it, for a quarter of a start, and we don't use it. See decision 13.
    sys.modules.setdefault("rich", cast(ModuleType, None))
    from monitor.cli.commands import monitor

    monitor()
