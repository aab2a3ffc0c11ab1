"""Play the actions that change nothing but one field.

In: a table of them, stated by hand. Out: rows, or the refusal that the state does not allow it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from stripesql.simulator.writes.model import Handler, Handlers, Row, Write, wrong_state


@dataclass(frozen=True, slots=True)
class Toggle:
    """Say one action.

    Attributes:
        before: values of the field with which it is allowed; empty is any.
        after: the value afterwards.
        field: that changes.
        verb: last part of the event.
    """

    before: tuple[Any, ...]
    after: Any
    field: str = "status"
    verb: str = "updated"


TOGGLES: dict[str, Toggle] = {
    "billing_alerts.activate": Toggle(("inactive",), "active"),
    "billing_alerts.archive": Toggle(("active", "inactive"), "archived"),
    "billing_alerts.deactivate": Toggle(("active",), "inactive"),
    "billing_feedback_options.deactivate": Toggle(("active",), "inactive"),
    "billing_meters.deactivate": Toggle(("active",), "inactive", verb="deactivated"),
    "billing_meters.reactivate": Toggle(("inactive",), "active", verb="reactivated"),
    "climate_orders.cancel": Toggle(("open", "awaiting_funds"), "canceled"),
    "financial_connections_accounts.disconnect": Toggle(("active", "inactive"), "disconnected"),
    "identity_verification_sessions.cancel": Toggle(("requires_input",), "canceled"),
    "invoice_rendering_templates.archive": Toggle(("active",), "archived"),
    "invoice_rendering_templates.unarchive": Toggle(("archived",), "active"),
    "issuing_disputes.submit": Toggle(("unsubmitted",), "submitted"),
    "treasury_financial_accounts.close": Toggle(("open",), "closed"),
    "treasury_inbound_transfers.cancel": Toggle(("processing",), "canceled"),
    "treasury_outbound_payments.cancel": Toggle(("processing",), "canceled"),
    "treasury_outbound_transfers.cancel": Toggle(("processing",), "canceled"),
    "v2_core_accounts.close": Toggle((False, None), True, "closed"),
    "v2_core_event_destinations.disable": Toggle(("enabled",), "disabled"),
    "v2_core_event_destinations.enable": Toggle(("disabled",), "enabled"),
    "v2_money_management_outbound_payments.cancel": Toggle(("processing",), "canceled"),
    "v2_money_management_payout_intents.cancel": Toggle(("pending",), "canceled"),
}


def handler(name: str, toggle: Toggle) -> Handler:
    """Return what plays one of them."""

    def act(write: Write) -> Row:
        row = write.hand.get(name, write.id)
        if toggle.before and row.get(toggle.field) not in toggle.before:
            raise wrong_state(f"This is not possible while {toggle.field} is {row.get(toggle.field)}.", "resource_unexpected_state")
        write.hand.change(name, write.id, {toggle.field: toggle.after}, event=toggle.verb)
        return name, write.id

    return act


ACTIONS: Handlers = {action: handler(action.partition(".")[0], toggle) for action, toggle in TOGGLES.items()}
