"""A client of the API with one kept connection."""

import json
from dataclasses import dataclass
from http.client import HTTPConnection
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: dict[str, str]
    body: Any

    @property
    def data(self) -> Any:
        """Return the data of a success; fail for anything else."""
        assert self.status == 200, f"{self.status}: {self.body}"
        return self.body["data"]

    @property
    def reason(self) -> str:
        """Return the body of an error."""
        reason: str = self.body["data"]["reason"]
        return reason


class Client:
    """*timeout*: seconds for each response. *key*: an agent's key."""

    def __init__(self, port: int, *, key: str | None = None, host: str = "127.0.0.1", timeout: float = 30.0) -> None:
        self._connection = HTTPConnection(host, port, timeout=timeout)
        self._headers = {"Accept-Language": "en"} | ({"X-API-Key": key} if key else {})
        self.token: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, exc: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    @property
    def port(self) -> int:
        return self._connection.port

    def close(self) -> None:
        self._connection.close()

    def log_in(self, username: str, password: str) -> None:
        self.use(self.post("/api/auth/login", {"username": username, "password": password}).data["token"])

    def use(self, token: str) -> None:
        self.token = token
        self._headers["Authorization"] = f"Bearer {token}"

    def get(self, path: str) -> Answer:
        return self._ask("GET", path, None)

    def post(self, path: str, body: object) -> Answer:
        return self._ask("POST", path, body)

    def put(self, path: str, body: object) -> Answer:
        return self._ask("PUT", path, body)

    def delete(self, path: str) -> Answer:
        return self._ask("DELETE", path, None)

    def make_user(self, username: str, password: str, role: str = "user") -> int:
        """Create a user, change the temporary password, and return the user's id."""
        given = f"given: {password}"
        user_id: int = self.post("/api/users", {"username": username, "password": given, "role": role}).data["id"]
        with Client(self._connection.port, host=self._connection.host) as theirs:
            theirs.log_in(username, given)
            changed = theirs.post("/api/auth/change-password", {"old_password": given, "new_password": password})
            assert changed.status == 200, changed.body
        return user_id

    def pages(self, path: str) -> list[Any]:
        """Return all items of a list, page by page."""
        items: list[Any] = []
        separator, cursor = "&" if "?" in path else "?", ""
        while True:
            answer = self.get(f"{path}{cursor}")
            items += answer.data
            if (following := answer.headers.get("x-next-cursor")) is None:
                return items
            cursor = f"{separator}cursor={quote(following)}"

    def _ask(self, method: str, path: str, body: object) -> Answer:
        content = None if body is None else json.dumps(body).encode()
        headers = self._headers | ({} if content is None else {"Content-Type": "application/json"})
        try:
            self._connection.request(method, path, content, headers)
            response = self._connection.getresponse()
            read = response.read()
        except BaseException:
            self._connection.close()  # the next request opens another
            raise
        named = {name.lower(): value for name, value in response.getheaders()}
        is_json = named.get("content-type", "").startswith("application/json")
        return Answer(status=response.status, headers=named, body=json.loads(read) if is_json else read)
