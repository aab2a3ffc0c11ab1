"""Issue credit notes: take something off an invoice that is final.

In: create, update, void. Out: rows. On an open invoice a note lowers what is due; on a paid one its amount is refunded, goes
to the customer's balance, or was paid back elsewhere, and the three add up to the note.
"""

from __future__ import annotations

from typing import Any

from stripesql.simulator import errors
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import collecting, plain, refunds
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.model import Handlers, Row, Write, wrong_state


def create(write: Write) -> Row:
    """Add a credit note."""
    hand, values = write.hand, write.values
    invoice = hand.named("invoices", values["invoice"], "invoice")
    if invoice["status"] not in ("open", "paid"):
        raise wrong_state(
            f"You can only create credit notes for open or paid invoices; this one has status {invoice['status']}.",
            "invoice_not_creditable",
            "invoice",
        )
    amount, rows = _amount(hand, invoice, values)
    credited = sum(note["amount"] for note in hand.having("credit_notes", "invoice", invoice["id"]) if note["status"] != "void")
    if amount < 1:
        raise ApiError(400, "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param="amount")
    if credited + amount > invoice["total"]:
        raise ApiError(
            400,
            f"The amount of the credit note ({amount}) is more than what is left of the invoice ({invoice['total'] - credited}).",
            param="amount",
        )
    note_id = hand.id_of("credit_notes")
    paid = invoice["status"] == "paid"
    shares = _shares(values, amount) if paid else (0, 0, 0)
    if not paid and amount > invoice["amount_remaining"]:
        raise ApiError(400, f"The amount ({amount}) is more than what remains due ({invoice['amount_remaining']}).", param="amount")
    count = len(hand.having("credit_notes", "invoice", invoice["id"])) + 1
    fields: Object = {
        "id": note_id,
        "amount": amount,
        "amount_shipping": 0,
        "currency": invoice["currency"],
        "customer": invoice["customer"],
        "discount_amount": 0,
        "effective_at": values.get("effective_at") or hand.now,
        "invoice": invoice["id"],
        "memo": values.get("memo"),
        "metadata": values.get("metadata") or {},
        "number": f"{invoice['number']}-CN-{count:02d}",
        "out_of_band_amount": shares[2] or None,
        "pdf": f"https://pay.stripe.com/credit_notes/{note_id}/pdf",
        "post_payment_amount": amount if paid else 0,
        "pre_payment_amount": 0 if paid else amount,
        "reason": values.get("reason"),
        "refunds": _refund(hand, invoice, shares[0]) if shares[0] else [],
        "status": "issued",
        "subtotal": amount,
        "subtotal_excluding_tax": amount,
        "total": amount,
        "total_excluding_tax": amount,
        "type": "mixed" if sum(1 for share in shares if share) > 1 else "post_payment" if paid else "pre_payment",
    }
    if shares[1]:
        fields["customer_balance_transaction"] = _to_balance(hand, invoice, shares[1], note_id)
    hand.add("credit_notes", fields)
    for row in rows:
        hand.add("credit_note_line_items", {**row, "object": "credit_note_line_item"}, {"credit_note": note_id}, event=False)
    key = "post_payment_credit_notes_amount" if paid else "pre_payment_credit_notes_amount"
    changed: Object = {key: (invoice[key] or 0) + amount}
    if not paid:
        left = invoice["amount_remaining"] - amount
        changed |= {"amount_due": invoice["amount_due"] - amount, "amount_remaining": left}
        if left == 0:
            changed |= {"status": "paid", "status_transitions": {**invoice["status_transitions"], "paid_at": hand.now}}
    hand.change("invoices", invoice["id"], changed, event="paid" if changed.get("status") == "paid" else True)
    if not paid:
        collecting.realign(hand, invoice["id"])
    return "credit_notes", note_id


def preview(write: Write) -> Object:
    """Return the note that would come; it is really made, shown, and taken back."""
    made = create(write)
    shown = write.hand.shown(*made)
    write.hand.undo()
    return shown


def _amount(hand: Hand, invoice: Object, values: dict[str, Any]) -> tuple[int, list[Object]]:
    """Return the amount of a note and its lines."""
    if values.get("amount") is not None and values.get("lines"):
        raise ApiError(400, "You may only specify one of these parameters: amount, lines.", param="amount")
    if values.get("amount") is not None:
        row = {
            "amount": values["amount"],
            "description": "Credit",
            "quantity": 1,
            "type": "custom_line_item",
            "unit_amount": values["amount"],
            "unit_amount_decimal": str(values["amount"]),
        }
        return values["amount"], [row]
    if not values.get("lines"):
        raise errors.missing_parameter("amount")
    return _from_lines(hand, invoice, values["lines"])


def _from_lines(hand: Hand, invoice: Object, entries: list[Object]) -> tuple[int, list[Object]]:
    total, rows = 0, []
    for place, entry in enumerate(entries):
        line = None
        if entry["type"] == "invoice_line_item":
            line = hand.find("invoice_line_items", entry.get("invoice_line_item"))
            if line is None or line["invoice"] != invoice["id"]:
                raise errors.no_such("line item", str(entry.get("invoice_line_item")), f"lines[{place}][invoice_line_item]")
        quantity = entry.get("quantity") or 1
        unit = entry.get("unit_amount") if entry.get("unit_amount") is not None else None
        amount = entry.get("amount")
        if amount is None and line is not None and line["quantity"]:
            amount = line["amount"] * (entry.get("quantity") or line["quantity"]) // line["quantity"]
        elif amount is None and unit is not None:
            amount = unit * quantity
        if amount is None:
            raise errors.missing_parameter(f"lines[{place}][amount]")
        total += amount
        rows.append(
            {
                "amount": amount,
                "description": entry.get("description") or (line or {}).get("description"),
                "invoice_line_item": line["id"] if line else None,
                "quantity": quantity,
                "type": entry["type"],
                "unit_amount": unit,
            }
        )
    return total, rows


def _shares(values: dict[str, Any], amount: int) -> tuple[int, int, int]:
    """Return what is refunded, credited to the balance, and paid elsewhere."""
    shares = (values.get("refund_amount") or 0, values.get("credit_amount") or 0, values.get("out_of_band_amount") or 0)
    if sum(shares) != amount:
        message = f"The sum of credit_amount, refund_amount and out_of_band_amount ({sum(shares)}) must be the amount of the credit note ({amount})."
        raise ApiError(400, message, param="refund_amount")
    return shares


def _refund(hand: Hand, invoice: Object, amount: int) -> list[Object]:
    tie = next((row for row in hand.having("invoice_payments", "invoice", invoice["id"]) if row["status"] == "paid"), None)
    intent = hand.find("payment_intents", tie["payment"]["payment_intent"]) if tie is not None else None
    if intent is None or intent["latest_charge"] is None:
        raise ApiError(400, "The invoice was not paid by a charge that could be refunded.", param="refund_amount")
    made = refunds.give_back(hand, hand.get("charges", intent["latest_charge"]), amount, None)
    return [{"amount_refunded": amount, "payment_record_refund": None, "refund": made["id"], "type": "refund"}]


def _to_balance(hand: Hand, invoice: Object, amount: int, note_id: str) -> str:
    customer = hand.get("customers", invoice["customer"])
    ending = customer["balance"] - amount
    fields = {
        "amount": -amount,
        "credit_note": note_id,
        "currency": invoice["currency"],
        "customer": customer["id"],
        "ending_balance": ending,
        "invoice": invoice["id"],
        "type": "credit_note",
    }
    made = hand.add("customer_balance_transactions", fields, event=False)
    hand.change("customers", customer["id"], {"balance": ending})
    return str(made["id"])


def void(write: Write) -> Row:
    """Void a note on an open invoice: what it took off is due again."""
    hand = write.hand
    note = hand.get("credit_notes", write.id, "id")
    invoice = hand.get("invoices", note["invoice"])
    if note["status"] == "void" or invoice["status"] != "open":
        raise wrong_state("You can only void credit notes of open invoices.", "credit_note_not_voidable")
    hand.change("credit_notes", write.id, {"status": "void", "voided_at": hand.now}, event="voided")
    amount = note["amount"]
    key = "pre_payment_credit_notes_amount"
    fields = {
        "amount_due": invoice["amount_due"] + amount,
        "amount_remaining": invoice["amount_remaining"] + amount,
        key: invoice[key] - amount,
    }
    hand.change("invoices", invoice["id"], fields)
    collecting.realign(hand, invoice["id"])
    return "credit_notes", write.id


def update(write: Write) -> Row:
    """Change memo and metadata."""
    return plain.change(write, plain.overlaid("credit_notes", plain.target(write), write.values))


CREATE: Handlers = {"credit_notes": create}
UPDATE: Handlers = {"credit_notes": update}
ACTIONS: Handlers = {"credit_notes.preview": preview, "credit_notes.void": void}
