"""Play subscription schedules: plans for what a subscription will be.

In: create, update, cancel, release. Out: rows. A schedule that starts now begins its subscription with its first phase; later
phases do not come by themselves, since no time passes here.

    not_started | active -> canceled | released
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator import errors
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import billing, plain, subscribing, subscriptions
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.model import Handlers, Row, Write, wrong_state


def create(write: Write) -> Row:
    """Add a schedule, of a subscription that exists or of one that it begins."""
    hand, values = write.hand, write.values
    if values.get("from_subscription") is not None:
        if set(values) & {"customer", "phases", "start_date"}:
            raise ApiError(400, "You cannot set other parameters when creating from a subscription.", param="from_subscription")
        return _from_subscription(hand, values)
    for name in ("customer", "phases"):
        if not values.get(name):
            raise errors.missing_parameter(name)
    start = values.get("start_date") or hand.now
    now = start <= hand.now
    phases = [_phase(phase, start) for phase in values["phases"]]
    made = hand.add("subscription_schedules", _fields(values, values["customer"], phases, "active" if now else "not_started"))
    if now:
        first = values["phases"][0]
        sub = subscribing.begin(
            hand, {"customer": values["customer"], "items": first.get("items") or [], "payment_behavior": "default_incomplete"}
        )
        _tie(hand, made["id"], sub)
    return "subscription_schedules", made["id"]


def _from_subscription(hand: Hand, values: dict[str, Any]) -> Row:
    sub = hand.named("subscriptions", values["from_subscription"], "from_subscription")
    if sub["schedule"] is not None:
        raise wrong_state(
            "You cannot migrate a subscription that is already attached to a schedule.",
            "subscription_schedule_attached",
            "from_subscription",
        )
    items = [
        {"price": item["price"]["id"], "quantity": item["quantity"]}
        for item in hand.having("subscription_items", "subscription", sub["id"])
    ]
    phases = [_phase({"items": items}, billing.period_of(hand, sub["id"])[0])]
    made = hand.add("subscription_schedules", _fields(values, sub["customer"], phases, "active"))
    _tie(hand, made["id"], sub)
    return "subscription_schedules", made["id"]


def _tie(hand: Hand, schedule_id: str, sub: Object) -> None:
    start, end = billing.period_of(hand, sub["id"])
    hand.change(
        "subscription_schedules",
        schedule_id,
        {"subscription": sub["id"], "current_phase": {"end_date": end, "start_date": start}},
        event=False,
    )
    hand.change("subscriptions", sub["id"], {"schedule": schedule_id})


def _fields(values: dict[str, Any], customer: str, phases: list[Object], status: str) -> Object:
    defaults = {"billing_cycle_anchor": "automatic", "collection_method": "charge_automatically", "default_payment_method": None}
    return {
        "billing_mode": {"flexible": None, "type": "flexible"},
        "customer": customer,
        "default_settings": {**defaults, **(values.get("default_settings") or {})},
        "end_behavior": values.get("end_behavior") or "release",
        "metadata": values.get("metadata") or {},
        "phases": phases,
        "status": status,
    }


def _phase(given: Object, start: int) -> Object:
    return {"start_date": start, "end_date": None, "proration_behavior": "create_prorations", "metadata": {}, **given}


def update(write: Write) -> Row:
    """Change a schedule that runs or waits."""
    row = _open(write.hand, write.id, "update")
    kept = {name: value for name, value in write.values.items() if name != "phases"}
    fields = plain.overlaid("subscription_schedules", row, kept)
    if write.values.get("phases"):
        fields["phases"] = [_phase(phase, write.hand.now) for phase in write.values["phases"]]
    return plain.change(write, fields)


def _open(hand: Hand, row_id: str, what: str) -> Object:
    row = hand.get("subscription_schedules", row_id, "schedule")
    if row["status"] not in ("active", "not_started"):
        message = f"You cannot {what} a subscription schedule that is currently in the `{row['status']}` status."
        raise wrong_state(message, "subscription_schedule_not_active")
    return row


def cancel(write: Write) -> Row:
    """Cancel a schedule, and its subscription."""
    hand = write.hand
    row = _open(hand, write.id, "cancel")
    hand.change(
        "subscription_schedules", write.id, {"status": "canceled", "canceled_at": hand.now, "current_phase": None}, event="canceled"
    )
    sub = hand.find("subscriptions", row["subscription"])
    if sub is not None and sub["status"] not in subscriptions.ENDED:
        subscriptions.end(hand, sub["id"], "cancellation_requested")
    return "subscription_schedules", write.id


def release(write: Write) -> Row:
    """Let the subscription of a schedule go on by itself."""
    hand = write.hand
    row = _open(hand, write.id, "release")
    fields = {
        "status": "released",
        "released_at": hand.now,
        "released_subscription": row["subscription"],
        "subscription": None,
        "current_phase": None,
    }
    hand.change("subscription_schedules", write.id, fields, event="released")
    if hand.find("subscriptions", row["subscription"]) is not None:
        hand.change("subscriptions", row["subscription"], {"schedule": None})
    return "subscription_schedules", write.id


CREATE: Handlers = {"subscription_schedules": create}
UPDATE: Handlers = {"subscription_schedules": update}
ACTIONS: Handlers = {"subscription_schedules.cancel": cancel, "subscription_schedules.release": release}
