"""People, how they get in, what they may do, and what they did."""
