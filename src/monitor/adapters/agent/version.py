"""The agent's own version, which it reports with each sample: that of the server that it was downloaded from."""

VERSION = "0.1.0"
"""As in pyproject.toml, which a test compares. importlib.metadata would take 2 MB, and knows nothing of a bundle."""
