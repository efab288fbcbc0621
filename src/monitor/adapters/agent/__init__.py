"""The agent: measures this host and reports it.

It runs on every host, so it imports nothing but the standard library, psutil and itself, and works on the Python that
old hosts have (3.9 and later). Values are NamedTuples here and not dataclasses for both reasons: `slots` and `kw_only`
need Python 3.10, and importing dataclasses costs 0.7 MB of the memory that the agent keeps for good.
"""
