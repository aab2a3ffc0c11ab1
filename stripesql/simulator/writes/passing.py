"""Hand out what is no row of any table: links, sessions, tokens, meter events, secrets.

In: actions of namespaces. Out: documents. Nothing stands behind a link, and no event is metered.
"""

from __future__ import annotations

from stripesql.simulator import errors
from stripesql.simulator.writes.hand import Object
from stripesql.simulator.writes.model import Handlers, Write


def account_link(write: Write) -> Object:
    """Return a link to the onboarding of an account."""
    hand, account = write.hand, write.values["account"]
    hand.named("accounts", account, "account")
    return {
        "object": "account_link",
        "created": hand.now,
        "expires_at": hand.now + 300,
        "url": f"https://connect.stripe.com/setup/c/{account}/{hand.new_id('')[-12:]}",
    }


def portal_session(write: Write) -> Object:
    """Return a link to the customer's portal."""
    hand, values = write.hand, write.values
    if values.get("customer") is None:
        raise errors.missing_parameter("customer")
    session_id = hand.new_id("bps_1")
    return {
        "id": session_id,
        "object": "billing_portal.session",
        "configuration": values.get("configuration"),
        "created": hand.now,
        "customer": values["customer"],
        "customer_account": None,
        "flow": None,
        "livemode": False,
        "locale": values.get("locale"),
        "on_behalf_of": values.get("on_behalf_of"),
        "return_url": values.get("return_url"),
        "url": f"https://billing.stripe.com/p/session/{session_id}",
    }


def customer_session(write: Write) -> Object:
    """Return the secret with which a page may act for a customer."""
    hand, values = write.hand, write.values
    if values.get("customer") is None:
        raise errors.missing_parameter("customer")
    fields = {
        "client_secret": hand.new_id("cuss_secret_"),
        "components": values["components"],
        "created": hand.now,
        "customer": values["customer"],
    }
    return {"object": "customer_session", **fields, "expires_at": hand.now + 1800, "livemode": False}


def connection_token(write: Write) -> Object:
    """Return the secret with which a terminal connects."""
    return {
        "object": "terminal.connection_token",
        "secret": write.hand.new_id("pst_test_"),
        **({"location": write.values["location"]} if write.values.get("location") else {}),
    }


def meter_event(write: Write) -> Object:
    """Take a meter event of an active meter."""
    hand, values = write.hand, write.values
    meters = hand.having("billing_meters", "event_name", values["event_name"])
    if not any(meter["status"] == "active" for meter in meters):
        raise errors.invalid_value("event_name", f"No active meter found for the event name '{values['event_name']}'.")
    at = values.get("timestamp") or hand.now
    identifier = values.get("identifier") or hand.new_id("evt_")
    return {
        "object": "billing.meter_event",
        "created": hand.now,
        "event_name": values["event_name"],
        "identifier": identifier,
        "livemode": False,
        "payload": values["payload"],
        "timestamp": at,
    }


ACTIONS: Handlers = {
    "account_links.create": account_link,
    "billing_meter_events.create": meter_event,
    "billing_portal_sessions.create": portal_session,
    "customer_sessions.create": customer_session,
    "terminal_connection_tokens.create": connection_token,
}
