"""Rotas, escalations, ways and pagings in SQL."""
