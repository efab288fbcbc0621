"""Checks, which this server runs, and check-ins, which jobs make: what is watched besides hosts.

Each has a row among the servers (`Kind`), under whose id its results, alerts, policies and silences are stored.
"""
