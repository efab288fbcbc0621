"""Samples from agents into storage, each exactly once."""
