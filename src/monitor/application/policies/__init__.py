"""Change what is watched: policies and silences."""
