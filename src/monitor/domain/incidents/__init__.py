"""What begins together: incidents, their cause, and what depends on what."""
