"""Margins that nothing could clear become the default: alerts of these policies never resolved."""

import sqlalchemy as sa
from alembic import op

from monitor.domain.intake.metrics import is_percent
from monitor.domain.policies.comparing import can_clear, default_clear_margin

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
HALF = "expand"

POLICIES = sa.table(
    "alert_policies",
    *(sa.column(name) for name in ("id", "metric", "warning", "critical", "direction", "clear_margin")),
)


def upgrade() -> None:
    connection = op.get_bind()
    for row in connection.execute(sa.select(POLICIES)).all():
        thresholds = [value for value in (row.warning, row.critical) if value is not None]
        above = row.direction == "above"
        if thresholds and _is_too_wide(row.metric, thresholds, row.clear_margin, above):
            margin = default_clear_margin(row.metric, thresholds, above=above)
            connection.execute(sa.update(POLICIES).where(POLICIES.c.id == row.id).values(clear_margin=margin))


def downgrade() -> None:
    """Nothing is lost.

    What was stored before is not known any more, and the defaults suit the code before as well.
    """


def _is_too_wide(metric: str, thresholds: list[float], margin: float, above: bool) -> bool:
    if margin > 0 and not can_clear(metric, thresholds, margin, above=above):
        return True
    # 5 was the default of every metric, and hardly any that nobody knows is ever negative.
    return margin == 5 and not is_percent(metric) and above and 0 < min(thresholds) <= margin
