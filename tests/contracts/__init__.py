"""What every implementation of a port must do: one body of tests per port, subclassed once per implementation.

No module here is collected by itself. `storage.py` says which fixtures the suites of the store ask for.
"""

import pkgutil

import pytest

# Not test modules by name, and yet their assertions are to explain themselves.
pytest.register_assert_rewrite(*(f"{__name__}.{module.name}" for module in pkgutil.iter_modules(__path__)))
