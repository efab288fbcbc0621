"""Exports of other monitoring programs, as servers and entries of a configuration file."""
