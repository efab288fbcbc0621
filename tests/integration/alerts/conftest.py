"""What looks into databases and mailboxes says what it found there."""

import pytest

pytest.register_assert_rewrite("tests.integration.alerts.evidence")
