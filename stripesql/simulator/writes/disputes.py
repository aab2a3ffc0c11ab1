"""Dispute charges, answer disputes, give them up; approve reviews.

In: update, close, approve. Out: rows. Disputes are opened by test cards only.
"""

from __future__ import annotations

from stripesql.simulator.business import money
from stripesql.simulator.business.dates import DAY
from stripesql.simulator.business.render_payments import EVIDENCE
from stripesql.simulator.writes import books, plain
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.model import Handlers, Row, Write, wrong_state

ANSWERABLE = ("needs_response", "warning_needs_response")


def open_one(hand: Hand, charge: Object, reason: str) -> Object:
    """Add a dispute of a charge; its amount and a fee leave the balance."""
    row_id = hand.new_id("du_1")
    amount, currency, rate = money.settled(charge["amount"], charge["currency"])
    fee = money.dispute_fee(currency) if currency in money.CURRENCIES and currency != "cad" else 1500
    words = f"Chargeback withdrawal for {charge['id']}"
    books.book(hand, "adjustment", -amount, row_id, currency=currency, fee=fee, description=words, rate=rate, category="dispute")
    details = {"due_by": hand.now + 14 * DAY, "enhanced_eligibility": {}, "has_evidence": False, "past_due": False, "submission_count": 0}
    made = hand.add(
        "disputes",
        {
            "id": row_id,
            "amount": charge["amount"],
            "charge": charge["id"],
            "currency": charge["currency"],
            "enhanced_eligibility_types": [],
            "evidence": {**dict.fromkeys(EVIDENCE), "enhanced_evidence": {}},
            "evidence_details": details,
            "is_charge_refundable": False,
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "status": "needs_response",
        },
    )
    hand.change("charges", charge["id"], {"disputed": True}, event=False)
    return made


def update(write: Write) -> Row:
    """Give evidence; ``submit`` (the default) hands it to the bank."""
    hand, values = write.hand, write.values
    row = plain.target(write)
    if row["status"] not in ANSWERABLE and "evidence" in values:
        raise wrong_state(f"This dispute cannot be answered: its status is {row['status']}.", "dispute_not_editable")
    fields: Object = {}
    if "metadata" in values:
        fields["metadata"] = plain.overlaid("disputes", row, {"metadata": values["metadata"]})["metadata"]
    if isinstance(values.get("evidence"), dict):
        fields["evidence"] = {**row["evidence"], **values["evidence"]}
        details = {**row["evidence_details"], "has_evidence": True}
        if values.get("submit") is not False:
            fields["status"] = "under_review"
            details["submission_count"] += 1
        fields["evidence_details"] = details
    hand.change("disputes", write.id, fields)
    return "disputes", write.id


def close(write: Write) -> Row:
    """Give a dispute up."""
    row = write.hand.get("disputes", write.id, "dispute")
    if row["status"] not in (*ANSWERABLE, "under_review"):
        raise wrong_state(f"This dispute is already closed: its status is {row['status']}.", "dispute_not_editable")
    write.hand.change("disputes", write.id, {"status": "lost"}, event="closed")
    return "disputes", write.id


def approve(write: Write) -> Row:
    """Close a review by approving the payment."""
    row = write.hand.get("reviews", write.id, "review")
    if not row["open"]:
        raise wrong_state("This review is already closed.", "review_closed")
    write.hand.change("reviews", write.id, {"open": False, "closed_reason": "approved", "reason": "approved"}, event="closed")
    return "reviews", write.id


UPDATE: Handlers = {"disputes": update}
ACTIONS: Handlers = {"disputes.close": close, "reviews.approve": approve}
