"""Failed assertions about databases and mailboxes show what was found there."""

import pytest

pytest.register_assert_rewrite("tests.integration.alerts.evidence")
