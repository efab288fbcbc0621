"""The outbox and the channels in SQL."""
