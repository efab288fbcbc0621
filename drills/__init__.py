"""`make drills`: known attacks on a real server, at full size."""
