"""The agent: measures this host and reports to the server.

`probes` measures, `uplink` sends and keeps what could not be sent, `install` brings the agent to a host; `main` puts
them together. Runs on Python 3.9 and later, with the standard library alone (and psutil where the system is not Linux).

Values are NamedTuples, not dataclasses: `slots` and `kw_only` need Python 3.10, and importing dataclasses takes 0.7 MB
for the whole life of the agent.
"""

VERSION = "1.0.0"
"""The agent's own, reported with each sample. A test compares it with pyproject.toml; importlib.metadata takes 2 MB."""
