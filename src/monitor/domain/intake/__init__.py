"""Samples as agents send them: metrics, intervals, and what is known of a host now."""
