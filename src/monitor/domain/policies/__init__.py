"""What is watched: policies, the servers that they cover, silences, and the kinds of policies."""
