"""The `monitor` command."""

import sys
from types import ModuleType
from typing import cast


def main() -> None:
    """The agent starts before anything else of the product is imported: it runs on every host and must stay small."""
    if sys.argv[1:2] == ["agent"]:
        from monitor.adapters.agent.main import main as agent

        sys.exit(agent(sys.argv[2:]))
    # structlog loads rich where it finds it (litestar brings it along), to draw tracebacks that we don't ask for:
    # a tenth of the time that a start takes.
    sys.modules.setdefault("rich", cast(ModuleType, None))
    from monitor.cli.commands import monitor

    monitor()
