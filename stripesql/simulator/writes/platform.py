"""Keep what surrounds the business: accounts, files, webhooks, test clocks, settings.

In: creates, updates, deletes, actions. Out: rows.
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator import errors, shapes, singletons
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import plain
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.model import Handlers, Row, Write, wrong_state

PURPOSES = frozenset({
    "account_requirement", "additional_verification", "business_icon", "business_logo", "customer_signature", "dispute_evidence", "identity_document",
    "issuing_regulatory_reporting", "pci_document", "platform_terms_of_service", "tax_document_user_upload", "terminal_reader_splashscreen",
    "terminal_android_apk", "terminal_wifi_certificate", "terminal_wifi_private_key",
})  # fmt: skip
KINDS = {"png": "png", "jpg": "jpg", "jpeg": "jpg", "pdf": "pdf", "csv": "csv", "txt": "txt", "gif": "gif", "docx": "docx", "xlsx": "xlsx"}


def create_account(write: Write) -> Row:
    """Connect an account, which can do nothing yet."""
    hand, values = write.hand, write.values
    kind = values.get("type") or ("custom" if values.get("controller") else "standard")
    waiting = {
        "alternatives": [],
        "currently_due": ["business_type", "external_account", "tos_acceptance.date", "tos_acceptance.ip"],
        "disabled_reason": "requirements.past_due",
        "errors": [],
        "eventually_due": [],
        "past_due": [],
        "pending_verification": [],
    }
    asked = {name: "inactive" for name, wish in (values.get("capabilities") or {}).items() if (wish or {}).get("requested")}
    kept = {name: value for name, value in values.items() if name not in ("capabilities", "external_account", "controller", "type")}
    start: Object = {
        "capabilities": asked,
        "charges_enabled": False,
        "controller": {"type": "application", **(values.get("controller") or {})},
        "country": values.get("country") or "US",
        "default_currency": values.get("default_currency") or "usd",
        "details_submitted": False,
        "payouts_enabled": False,
        "requirements": waiting,
        "future_requirements": {**waiting, "currently_due": [], "disabled_reason": None},
        "type": kind,
    }
    made = plain.add(
        write, {**plain.overlaid("accounts", plain.made(Write(hand, write.route, {})), kept), **start, "id": hand.new_id("acct_1")[:21]}
    )
    if values.get("external_account") is not None:
        _bank(hand, made[1], values["external_account"], "external_account")
    return made


def update_account(write: Write) -> Row:
    """Change an account: a connected one, or the own one's settings."""
    asked = write.values.get("capabilities")
    kept = {name: value for name, value in write.values.items() if name not in ("capabilities", "external_account")}
    before = plain.target(write)
    fields: Object = plain.overlaid("accounts", before, kept)
    if isinstance(asked, dict):
        wishes = {name: "inactive" for name, wish in asked.items() if (wish or {}).get("requested")}
        fields["capabilities"] = {**wishes, **(before["capabilities"] or {})}
    if write.values.get("external_account") is not None:
        _bank(write.hand, write.id, write.values["external_account"], "external_account")
    return plain.change(write, fields)


def delete_account(write: Write) -> Object:
    """Let a connected account go."""
    plain.target(write)
    if write.id == write.hand.account.id:
        raise ApiError(400, "You cannot delete your own account.", param="account")
    return write.hand.remove("accounts", write.id, event=False)


def login_link(write: Write) -> Object:
    """Return a link to the dashboard of an Express account."""
    account = write.hand.get("accounts", write.route.arguments[0], "account")
    if account["type"] != "express":
        raise wrong_state("Cannot create a login link for an account that is not an Express account.", "account_invalid")
    return {"object": "login_link", "created": write.hand.now, "url": f"https://connect.stripe.com/express/{account['id'][-12:]}"}


def reject(write: Write) -> Row:
    """Reject an account."""
    account = write.hand.get("accounts", write.id, "account")
    waiting = {**(account["requirements"] or {}), "disabled_reason": f"rejected.{write.values['reason']}"}
    write.hand.change("accounts", write.id, {"charges_enabled": False, "payouts_enabled": False, "requirements": waiting})
    return "accounts", write.id


def _bank(hand: Hand, account_id: str, given: Any, param: str) -> Object:
    """Add a bank account to an account."""
    if isinstance(given, str) and given not in ("btok_us_verified", "btok_us", "tok_bank") and hand.account.cards.get(given) != "tok_bank":
        raise errors.no_such("token", given, param)
    details = (
        given
        if isinstance(given, dict)
        else {"country": "US", "currency": "usd", "account_number": "000123456789", "routing_number": "110000000"}
    )
    currency = details.get("currency") or "usd"
    others = [row for row in hand.having("account_external_accounts", "account", account_id) if row.get("currency") == currency]
    fields: Object = {
        "id": hand.new_id("ba_1"),
        "object": "bank_account",
        "account": account_id,
        "account_holder_name": details.get("account_holder_name"),
        "account_holder_type": details.get("account_holder_type"),
        "available_payout_methods": ["standard"],
        "bank_name": "STRIPE TEST BANK",
        "country": details.get("country") or "US",
        "currency": currency,
        "default_for_currency": not others,
        "last4": str(details.get("account_number") or "6789")[-4:],
        "metadata": {},
        "routing_number": details.get("routing_number") or "110000000",
        "status": "new",
    }
    return hand.add("account_external_accounts", fields)


def create_bank(write: Write) -> Row:
    """Add a bank account to the account of the path."""
    plain.known_parents(write, write.route.arguments)
    made = _bank(write.hand, write.route.arguments[0], write.values["external_account"], "external_account")
    if "metadata" in write.values:
        write.hand.change("account_external_accounts", made["id"], {"metadata": write.values["metadata"] or {}}, event=False)
    return "account_external_accounts", made["id"]


def upload(write: Write) -> Row:
    """Keep a file."""
    hand, values = write.hand, write.values
    assert write.upload is not None
    purpose = values["purpose"]
    if purpose not in PURPOSES:
        raise errors.invalid_choice("purpose", tuple(sorted(PURPOSES)))
    file_id = hand.id_of("files")
    kind = KINDS.get(write.upload.filename.rpartition(".")[2].lower())
    fields = {
        "id": file_id,
        "expires_at": None,
        "filename": write.upload.filename,
        "purpose": purpose,
        "size": len(write.upload.content),
        "title": None,
        "type": kind,
        "url": f"https://files.stripe.com/v1/files/{file_id}/contents",
    }
    hand.account.contents[file_id] = write.upload.content
    made = hand.add("files", fields)
    link = values.get("file_link_data")
    if isinstance(link, dict) and link.get("create"):
        _link(hand, file_id, link)
    return "files", made["id"]


def _link(hand: Hand, file_id: str, values: Object) -> Object:
    link_id = hand.id_of("file_links")
    fields = {
        "id": link_id,
        "expired": False,
        "expires_at": values.get("expires_at"),
        "file": file_id,
        "metadata": values.get("metadata") or {},
        "url": f"https://files.stripe.com/links/{link_id}",
    }
    return hand.add("file_links", fields, event=False)


def create_file_link(write: Write) -> Row:
    """Add a public link to a file."""
    return "file_links", _link(write.hand, write.values["file"], write.values)["id"]


def create_webhook(write: Write) -> Row | Object:
    """Add an endpoint; only this answer shows its secret."""
    if not write.values["enabled_events"]:
        raise errors.empty_parameter("enabled_events")
    fields = plain.made(write) | {"status": "enabled", "secret": None}
    _, row_id = plain.add(write, {name: value for name, value in fields.items() if name != "secret"})
    return {**write.hand.shown("webhook_endpoints", row_id), "secret": write.hand.new_id("whsec_")}


def update_webhook(write: Write) -> Row:
    """Change an endpoint; ``disabled`` switches it off."""
    fields = plain.overlaid("webhook_endpoints", plain.target(write), write.values)
    if "disabled" in write.values:
        fields["status"] = "disabled" if write.values["disabled"] else "enabled"
    return plain.change(write, fields)


def create_clock(write: Write) -> Row:
    """Add a test clock."""
    fields = plain.made(write) | {"deletes_after": write.hand.now + 30 * 86_400, "status": "ready", "status_details": {}}
    return plain.add(write, fields)


def advance_clock(write: Write) -> Row:
    """Move a test clock on; what is on it does not follow in the simulator."""
    hand = write.hand
    clock = hand.get("test_helpers_test_clocks", write.id, "test_clock")
    if write.values["frozen_time"] <= clock["frozen_time"]:
        raise ApiError(400, "A test clock can only be advanced into its future.", param="frozen_time")
    if hand.having("subscriptions", "test_clock", write.id):
        raise ApiError(400, "The simulator does not play subscriptions on a test clock that is advanced.", code="simulator_not_played")
    hand.change("test_helpers_test_clocks", write.id, {"frozen_time": write.values["frozen_time"]}, event="ready")
    return "test_helpers_test_clocks", write.id


def delete_clock(write: Write) -> Object:
    """Delete a test clock with its customers and their subscriptions."""
    hand = write.hand
    plain.target(write)
    for customer in hand.having("customers", "test_clock", write.id):
        for row in hand.having("subscriptions", "customer", customer["id"]):
            hand.remove("subscriptions", row["id"], event=False)
        hand.remove("customers", customer["id"], event=False)
    return hand.remove("test_helpers_test_clocks", write.id)


def update_settings(write: Write) -> Object:
    """Change an object that exists once."""
    name, account = write.table.name, write.hand.account
    before = singletons.document(account, write.table)
    account.settings[name] = {**plain.overlaid(name, before, write.values), "object": shapes.known(name).resource}
    return account.settings[name]


CREATE: Handlers = {
    "accounts": create_account,
    "account_external_accounts": create_bank,
    "files": upload,
    "file_links": create_file_link,
    "webhook_endpoints": create_webhook,
    "test_helpers_test_clocks": create_clock,
}
UPDATE: Handlers = {
    "accounts": update_account,
    "webhook_endpoints": update_webhook,
    "tax_settings": update_settings,
    "balance_settings": update_settings,
}
DELETE: Handlers = {"accounts": delete_account, "test_helpers_test_clocks": delete_clock}
ACTIONS: Handlers = {
    "accounts.login_links": login_link,
    "accounts.reject": reject,
    "test_helpers_test_clocks.advance": advance_clock,
}
