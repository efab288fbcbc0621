"""Configuration as a file: export it, plan what another file would change and whom it would page, and apply it."""
