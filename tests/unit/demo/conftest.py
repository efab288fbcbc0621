from tests.unit.application.conftest import ann, core, root

__all__ = ["ann", "core", "root"]
