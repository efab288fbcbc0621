"""Policies, alerts, their states, and silences in SQL."""
