"""What errors of MySQL, and of its driver, mean to the core."""

import re

import pymysql

from monitor.adapters.persistence.errors import KeyTaken
from monitor.domain.errors import ConstraintViolated, MonitorError, StorageUnavailable, TransactionConflict

# Lock wait timeout, deadlock, and MariaDB's "record has changed since last read".
_CONFLICTS = {1205, 1213, 1020}
# Of the server's codes those that an operator can do something about, and not a programmer: no room (1021, 1114), too
# many connections (1040, 1203, 1226), no access (1044, 1045, 1129, 1130, 1698), no such database (1049), a cluster's
# node that is not ready (1047), network (1152, 1158-1161, 1184), shutting down or killed (1053, 1317, 1927), read-only
# (1290, 1792, 1836), broken files (1015, 1016, 1026, 1030), a statement that took too long (1969, 3024).
_UNAVAILABLE_SERVER = {
    *(1015, 1016, 1021, 1026, 1030, 1040, 1044, 1045, 1047, 1049, 1053, 1114, 1129, 1130, 1152, 1158, 1159, 1160, 1161),
    *(1184, 1203, 1226, 1290, 1317, 1698, 1792, 1836, 1927, 1969, 3024),
}
_CLIENT_CODES = range(2000, 3000)  # the client library's: no connection, or a lost one

_KEY = re.compile(r"for key '(?:[^'.]*\.)?([^'.]+)'$")


def of_mysql(error: BaseException) -> MonitorError | None:
    """None for what is nobody's fault but ours."""
    code, message = error.args[0] if error.args else 0, str(error.args[-1]) if error.args else ""
    if code in _CONFLICTS:
        return TransactionConflict(message)
    if code in _UNAVAILABLE_SERVER or code in _CLIENT_CODES or isinstance(error, pymysql.err.InterfaceError):
        return StorageUnavailable(message)
    if isinstance(error, pymysql.err.IntegrityError):
        found = _KEY.search(message)
        return KeyTaken(found[1]) if found else ConstraintViolated(message)
    return None
