"""`python -m monitor.cli.agent_process`: an agent that ends with the process that started it, even after kill -9.

It imports only the agent, to stay small.
"""

import os
import signal
import sys
import threading


def _end_with_parent() -> None:
    # Not sys.stdin: a thread must not hold its lock when the interpreter ends.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    from monitor.adapters.agent.main import main

    threading.Thread(target=_end_with_parent, daemon=True).start()
    sys.exit(main([]))
