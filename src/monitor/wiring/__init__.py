"""The parts of the container."""
