"""Post to a simulator as a client does: nested values become brackets."""

from typing import Any
from urllib.parse import urlencode

import httpx

from stripesql.simulator import Simulator

KEY = {"Authorization": "Bearer sk_test_unit"}


def pairs(values: dict[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []

    def walk(name: str, value: Any) -> None:
        if isinstance(value, dict):
            for key, inner in value.items():
                walk(f"{name}[{key}]", inner)
        elif isinstance(value, list):
            for place, inner in enumerate(value):
                walk(f"{name}[{place}]", inner)
        else:
            found.append((name, str(value).lower() if isinstance(value, bool) else str(value)))

    for name, value in values.items():
        walk(name, value)
    return found


class Api:
    """Send to one simulator; a refusal where none is expected fails the test with its text."""

    def __init__(self, sim: Simulator) -> None:
        self.sim = sim
        self.http = httpx.Client(transport=sim.transport(), base_url="https://api.stripe.com/v1/", headers=KEY)

    def send(self, method: str, path: str, values: dict[str, Any], **headers: str) -> httpx.Response:
        if method == "POST":
            form = {"Content-Type": "application/x-www-form-urlencoded", **headers}
            return self.http.post(path, content=urlencode(pairs(values)), headers=form)
        return self.http.request(method, path, params=urlencode(pairs(values)), headers=headers)

    def post(self, path: str, **values: Any) -> dict[str, Any]:
        return self._fine(self.send("POST", path, values))

    def get(self, path: str, **values: Any) -> dict[str, Any]:
        return self._fine(self.send("GET", path, values))

    def delete(self, path: str, **values: Any) -> dict[str, Any]:
        return self._fine(self.send("DELETE", path, values))

    def refused(self, path: str, *, method: str = "POST", status: int = 400, **values: Any) -> dict[str, Any]:
        answer = self.send(method, path, values)
        assert answer.status_code == status, answer.text
        error: dict[str, Any] = answer.json()["error"]
        return error

    @staticmethod
    def _fine(answer: httpx.Response) -> dict[str, Any]:
        assert answer.status_code == 200, answer.text
        document: dict[str, Any] = answer.json()
        return document

    def events(self) -> list[str]:
        return [event["type"] for event in self.sim.objects("events")]
