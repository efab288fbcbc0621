"""Channels, recipients, and the delivery of the outbox."""
