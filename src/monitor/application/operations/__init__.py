"""What keeps an installation in order: its processes, maintenance and settings."""
