"""Rotas, escalations, and who is on call."""
