"""POST /api/monitor/data: what agents send."""
