"""`python -m monitor.cli.agent_process`: an agent that ends with the process that started it, however that ends.

It imports the agent alone, and so stays small.
"""

import os
import signal
import sys
import threading


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    from monitor.adapters.agent.main import main

    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.exit(main([]))
