"""The agent as one file, and the script that installs it."""
