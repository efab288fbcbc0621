"""What is known to hurt a server, done to a real one, as large as it was found: `make drills`."""
