"""Errors of rotas and escalations."""

from monitor.domain.errors import Conflict


class RotaNameTaken(Conflict):
    reason = "rota_name_taken"


class EscalationNameTaken(Conflict):
    reason = "escalation_name_taken"
