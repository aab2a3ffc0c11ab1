"""Keep the secrets of apps: by name and scope, one each.

In: create, find, delete. Out: rows; the payload is shown only where it is expanded.
"""

from __future__ import annotations

from stripesql.simulator import errors
from stripesql.simulator.writes import plain
from stripesql.simulator.writes.hand import Object
from stripesql.simulator.writes.model import Handlers, Row, Write


def _known(write: Write) -> Object | None:
    scope = write.values["scope"]
    for row in write.hand.having("apps_secrets", "name", write.values["name"]):
        if row["scope"]["type"] == scope["type"] and row["scope"].get("user") == scope.get("user"):
            return row
    return None


def create(write: Write) -> Row:
    """Add a secret, or replace the one of this name and scope."""
    known = _known(write)
    if known is not None:
        write.hand.remove("apps_secrets", known["id"], event=False)
    if write.values["scope"]["type"] == "user" and write.values["scope"].get("user") is None:
        raise errors.missing_parameter("scope[user]")
    return plain.create(write)


def find(write: Write) -> Row:
    """Return the secret of a name and scope."""
    known = _known(write)
    if known is None:
        raise errors.no_such("secret", write.values["name"], "name", 404)
    return "apps_secrets", known["id"]


def delete(write: Write) -> Object:
    """Delete the secret of a name and scope."""
    known = _known(write)
    if known is None:
        raise errors.no_such("secret", write.values["name"], "name", 404)
    shown = write.hand.shown("apps_secrets", known["id"])
    write.hand.remove("apps_secrets", known["id"], event=False)
    return {**shown, "deleted": True}


CREATE: Handlers = {"apps_secrets": create}
ACTIONS: Handlers = {"apps_secrets.delete": delete, "apps_secrets.find": find}
