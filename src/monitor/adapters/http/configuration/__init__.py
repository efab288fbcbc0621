"""The configuration as a file."""
