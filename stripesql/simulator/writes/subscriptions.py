"""Play subscriptions: begin, change, pause, end.

In: create, update, cancel, resume. Out: rows, and the invoices that follow from them.

    charged automatically: incomplete -> active (paid)          sent: active at once, its first invoice a draft
    a trial: trialing         paused -> active (resume)         every state -> canceled
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator import errors
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import billing, collecting, discounts, plain, subscribing, subscription_items
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.model import Handlers, Row, Write, wrong_state

ENDED = ("canceled", "incomplete_expired")


def create(write: Write) -> Row:
    """Add a subscription, bill its first period, and try to collect."""
    return "subscriptions", subscribing.begin(write.hand, write.values)["id"]


def update(write: Write) -> Row:
    """Change a subscription: items, trial, cancellation, what it is paid with."""
    hand, values = write.hand, dict(write.values)
    sub = plain.target(write)
    if sub["status"] in ENDED and set(values) - {"metadata", "cancellation_details"}:
        raise wrong_state("A canceled subscription can only update its cancellation_details and metadata.", "subscription_canceled")
    fields = plain.overlaid("subscriptions", sub, {name: value for name, value in values.items() if name not in _APART})
    fields |= _ending(hand, sub, values)
    if "default_payment_method" in values:
        given = values["default_payment_method"]
        fields["default_payment_method"] = subscribing.owned(hand, given, sub["customer"]) if given else None
    if "discounts" in values:
        fields["discounts"] = discounts.made(hand, values["discounts"], {"customer": sub["customer"], "subscription": sub["id"]})
    if fields["collection_method"] == "send_invoice" and fields["days_until_due"] is None:
        raise errors.missing_parameter("days_until_due")
    hand.change("subscriptions", sub["id"], fields)
    if "trial_end" in values:
        _move_trial(hand, sub["id"], values["trial_end"])
    if values.get("items"):
        subscription_items.change_all(hand, hand.get("subscriptions", sub["id"]), values["items"], values)
    for place, entry in enumerate(values.get("add_invoice_items") or []):
        billing.extra_item(hand, sub, entry, f"add_invoice_items[{place}]")
    return "subscriptions", sub["id"]


_APART = frozenset({"items", "add_invoice_items", "default_payment_method", "discounts", "trial_end", "cancel_at", "cancel_at_period_end", "billing_cycle_anchor", "cancellation_details", "proration_behavior", "proration_date"})  # fmt: skip


def _ending(hand: Hand, sub: Object, values: dict[str, Any]) -> Object:
    """Return the fields that say when and why a subscription is to end."""
    details = {**sub["cancellation_details"], **(values.get("cancellation_details") or {})}
    fields: Object = {"cancellation_details": details}
    if values.get("cancel_at_period_end") and values.get("cancel_at") is not None:
        raise ApiError(400, "You may only specify one of these parameters: cancel_at, cancel_at_period_end.", param="cancel_at")
    if values.get("cancel_at_period_end") is True:
        fields |= {"cancel_at_period_end": True, "cancel_at": billing.period_of(hand, sub["id"])[1], "canceled_at": hand.now}
        details["reason"] = "cancellation_requested"
    elif values.get("cancel_at_period_end") is False or ("cancel_at" in values and values["cancel_at"] is None):
        fields |= {"cancel_at_period_end": False, "cancel_at": None, "canceled_at": None}
        details["reason"] = None
    if values.get("cancel_at") is not None:
        at = values["cancel_at"] if isinstance(values["cancel_at"], int) else billing.period_of(hand, sub["id"])[1]
        if at <= hand.now:
            raise ApiError(400, "cancel_at must be in the future.", param="cancel_at")
        fields |= {"cancel_at": at, "cancel_at_period_end": False, "canceled_at": hand.now}
        details["reason"] = "cancellation_requested"
    return fields


def _move_trial(hand: Hand, sub_id: str, end: int | None) -> None:
    """End a trial, or move its end; when it ends the first period is billed."""
    sub = hand.get("subscriptions", sub_id)
    if end is not None and end > hand.now:
        fields: Object = {
            "trial_end": end,
            "trial_start": sub["trial_start"] or hand.now,
            "billing_cycle_anchor": end,
            "status": "trialing",
        }
        hand.change("subscriptions", sub_id, fields)
        billing.move_period(hand, sub_id, (hand.now, end))
        return
    if sub["status"] != "trialing":
        return
    hand.change("subscriptions", sub_id, {"trial_end": hand.now, "billing_cycle_anchor": hand.now, "status": "active"})
    period = billing.next_period(hand, sub_id, hand.now)
    billing.move_period(hand, sub_id, period)
    invoice = billing.invoice(hand, sub_id, "subscription_update", period)
    hand.change("subscriptions", sub_id, {"latest_invoice": invoice["id"]}, event=False)
    if sub["collection_method"] == "charge_automatically":
        billing.try_to_collect(hand, sub_id, invoice["id"])


def end(hand: Hand, sub_id: str, reason: str, details: Object | None = None) -> Object:
    """End a subscription now."""
    sub = hand.get("subscriptions", sub_id)
    known = {**sub["cancellation_details"], **(details or {}), "reason": reason}
    fields = {
        "status": "canceled",
        "canceled_at": hand.now,
        "ended_at": hand.now,
        "cancel_at": sub["cancel_at"],
        "cancellation_details": known,
    }
    return hand.change("subscriptions", sub_id, fields, event="deleted")


def cancel(write: Write) -> Row:
    """Cancel a subscription at once; ``prorate`` gives the unused time back, ``invoice_now`` bills what is pending."""
    hand, values = write.hand, write.values
    sub = hand.get("subscriptions", write.id, "id")
    if sub["status"] in ENDED:
        raise errors.no_such("subscription", write.id, "id", 404)
    if values.get("prorate"):
        subscription_items.credit_all(hand, sub)
    end(hand, write.id, "cancellation_requested", values.get("cancellation_details"))
    if sub["status"] == "incomplete" and sub["latest_invoice"]:
        invoice = hand.find("invoices", sub["latest_invoice"])
        if invoice is not None and invoice["status"] == "open":
            collecting.void(hand, invoice["id"])
    if values.get("invoice_now"):
        final = billing.pending_invoice(hand, hand.get("subscriptions", write.id), "subscription_cycle")
        if final is not None:
            hand.change("subscriptions", write.id, {"latest_invoice": final["id"]}, event=False)
            billing.try_to_collect(hand, write.id, final["id"])
    return "subscriptions", write.id


def resume(write: Write) -> Row:
    """Let a paused subscription run again, from now on."""
    hand = write.hand
    sub = hand.get("subscriptions", write.id, "subscription")
    if sub["status"] != "paused":
        raise wrong_state(
            f"You can only resume subscriptions that are paused; this one has status {sub['status']}.", "subscription_not_paused"
        )
    period = billing.next_period(hand, write.id, hand.now)
    billing.move_period(hand, write.id, period)
    hand.change("subscriptions", write.id, {"status": "active", "billing_cycle_anchor": hand.now}, event="resumed")
    invoice = billing.invoice(hand, write.id, "subscription_update", period)
    hand.change("subscriptions", write.id, {"latest_invoice": invoice["id"]}, event=False)
    if sub["collection_method"] == "charge_automatically":
        billing.try_to_collect(hand, write.id, invoice["id"])
    return "subscriptions", write.id


def pause(write: Write) -> Row:
    """Pause a subscription."""
    hand = write.hand
    sub = hand.get("subscriptions", write.id, "subscription")
    if sub["status"] not in ("active", "trialing", "past_due"):
        raise wrong_state(
            f"You can only pause subscriptions that are active; this one has status {sub['status']}.", "subscription_not_active"
        )
    hand.change("subscriptions", write.id, {"status": "paused"}, event="paused")
    return "subscriptions", write.id


def migrate(write: Write) -> Row:
    """Change the billing mode to flexible."""
    hand = write.hand
    sub = hand.get("subscriptions", write.id, "subscription")
    if sub["billing_mode"]["type"] == "flexible":
        raise wrong_state("This subscription is already in flexible billing mode.", "subscription_already_flexible")
    hand.change(
        "subscriptions",
        write.id,
        {"billing_mode": {"flexible": {"proration_discounts": "included"}, "type": "flexible", "updated_at": hand.now}},
    )
    return "subscriptions", write.id


def delete_discount(write: Write) -> Object:
    """Take the discounts from a subscription."""
    sub = write.hand.get("subscriptions", write.route.arguments[0], "subscription")
    if not sub["discounts"]:
        raise errors.no_such("discount", "", "subscription", 404)
    write.hand.change("subscriptions", sub["id"], {"discounts": []})
    return {"id": sub["discounts"][0], "object": "discount", "deleted": True, "customer": sub["customer"], "subscription": sub["id"]}


CREATE: Handlers = {"subscriptions": create}
UPDATE: Handlers = {"subscriptions": update}
ACTIONS: Handlers = {
    "subscriptions.cancel": cancel,
    "subscriptions.delete_discount": delete_discount,
    "subscriptions.migrate": migrate,
    "subscriptions.pause": pause,
    "subscriptions.resume": resume,
}
