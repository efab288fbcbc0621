"""Pushover: pushes to phones, with emergencies that ring until somebody confirms them."""
