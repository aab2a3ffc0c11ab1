"""Move money out and between accounts: payouts, top-ups, transfers, their reversals, refunds of application fees.

In: create, update, cancel, reverse. Out: rows and bookings; nothing leaves that is not there.
"""

from __future__ import annotations

from stripesql.simulator import errors
from stripesql.simulator.business.dates import DAY, midnight
from stripesql.simulator.errors import ApiError
from stripesql.simulator.writes import books, plain
from stripesql.simulator.writes.hand import Hand, Object
from stripesql.simulator.writes.model import Handlers, Row, Write, wrong_state


def _positive(amount: int, param: str = "amount") -> None:
    if amount < 1:
        raise ApiError(400, "This value must be greater than or equal to 1.", code="parameter_invalid_integer", param=param)


def create_payout(write: Write) -> Row:
    """Send money to the bank; it arrives in two days."""
    hand, values = write.hand, write.values
    amount, currency = values["amount"], values["currency"]
    _positive(amount)
    banks = hand.having("account_external_accounts", "account", hand.account.id)
    bank = next((row for row in banks if row["id"] == values.get("destination")), None)
    if values.get("destination") is not None and bank is None:
        raise errors.no_such("external account", values["destination"], "destination")
    bank = bank or next((row for row in banks if row.get("currency") == currency), None)
    if bank is None:
        raise ApiError(400, f"Sorry, you don't have any external accounts in that currency ({currency}).", param="currency")
    books.demand_funds(hand, amount, currency)
    row_id = hand.id_of("payouts")
    txn = books.book(hand, "payout", -amount, row_id, currency=currency, description="STRIPE PAYOUT")
    fields = {
        "id": row_id,
        "amount": amount,
        "arrival_date": midnight(hand.now) + 2 * DAY,
        "automatic": False,
        "balance_transaction": txn,
        "currency": currency,
        "description": values.get("description"),
        "destination": bank["id"],
        "metadata": values.get("metadata") or {},
        "method": values.get("method") or "standard",
        "reconciliation_status": "not_applicable",
        "source_type": values.get("source_type") or "card",
        "statement_descriptor": values.get("statement_descriptor"),
        "status": "pending",
        "type": "bank_account",
    }
    return "payouts", hand.add("payouts", fields)["id"]


def cancel_payout(write: Write) -> Row:
    """Take a payout back that has not left."""
    hand = write.hand
    row = hand.get("payouts", write.id, "payout")
    if row["status"] != "pending":
        raise wrong_state(
            f"Payouts can only be canceled while they are pending; this one has status {row['status']}.", "payout_not_cancelable"
        )
    txn = books.book(hand, "payout_cancel", row["amount"], write.id, currency=row["currency"], description="Payout canceled")
    hand.change("payouts", write.id, {"status": "canceled", "failure_balance_transaction": txn}, event="canceled")
    return "payouts", write.id


def reverse_payout(write: Write) -> Row:
    """Get a payout back that has arrived, by a payout the other way."""
    hand = write.hand
    row = hand.get("payouts", write.id, "payout")
    if row["status"] != "paid" or row["reversed_by"] is not None:
        raise wrong_state("Only payouts that are paid and not reversed yet can be reversed.", "payout_reversal_not_possible")
    made_id = hand.id_of("payouts")
    txn = books.book(hand, "payout_reversal", row["amount"], made_id, currency=row["currency"])
    names = ("currency", "destination", "method", "source_type", "type")
    fields = {**{name: row[name] for name in names}, "id": made_id, "amount": -row["amount"], "arrival_date": hand.now, "automatic": False}
    hand.add(
        "payouts",
        {
            **fields,
            "balance_transaction": txn,
            "original_payout": write.id,
            "status": "pending",
            "metadata": write.values.get("metadata") or {},
        },
    )
    hand.change("payouts", write.id, {"reversed_by": made_id})
    return "payouts", made_id


def create_topup(write: Write) -> Row:
    """Bring money in; it is there at once."""
    hand, values = write.hand, write.values
    _positive(values["amount"])
    row_id = hand.id_of("topups")
    txn = books.book(hand, "topup", values["amount"], row_id, currency=values["currency"], description=values.get("description"))
    shown = plain.made(write)
    shown |= {"id": row_id, "balance_transaction": txn, "expected_availability_date": hand.now, "status": "succeeded"}
    return plain.add(write, shown)


def cancel_topup(write: Write) -> Row:
    """Cancel a top-up that has not arrived."""
    row = write.hand.get("topups", write.id, "topup")
    if row["status"] != "pending":
        raise wrong_state(
            f"Top-ups can only be canceled while they are pending; this one has status {row['status']}.", "topup_not_cancelable"
        )
    write.hand.change("topups", write.id, {"status": "canceled"}, event="canceled")
    return "topups", write.id


def create_transfer(write: Write) -> Row:
    """Send money to a connected account."""
    hand, values = write.hand, write.values
    destination = values["destination"]
    if hand.account.shelf("accounts").get(destination) is None or destination == hand.account.id:
        raise errors.no_such("destination", destination, "destination")
    amount = values.get("amount")
    charge = hand.named("charges", values["source_transaction"], "source_transaction") if values.get("source_transaction") else None
    if amount is None and charge is None:
        raise errors.missing_parameter("amount")
    amount = amount if amount is not None else charge["amount"] if charge else 0
    _positive(amount)
    if charge is None:
        books.demand_funds(hand, amount, values["currency"])
    elif amount > charge["amount"]:
        raise ApiError(400, "The transfer is larger than its source transaction.", param="amount")
    row_id = hand.id_of("transfers")
    txn = books.book(hand, "transfer", -amount, row_id, currency=values["currency"], description=values.get("description"))
    group = values.get("transfer_group") or (f"group_{charge['id']}" if charge else None)
    fields = {
        "id": row_id,
        "amount": amount,
        "amount_reversed": 0,
        "balance_transaction": txn,
        "currency": values["currency"],
        "description": values.get("description"),
        "destination": destination,
        "destination_payment": hand.new_id("py_1"),
        "metadata": values.get("metadata") or {},
        "reversed": False,
        "source_transaction": charge["id"] if charge else None,
        "source_type": values.get("source_type") or "card",
        "transfer_group": group,
    }
    return "transfers", hand.add("transfers", fields)["id"]


def create_reversal(write: Write) -> Row:
    """Take a transfer back, whole or in part."""
    hand, values = write.hand, write.values
    transfer = hand.get("transfers", write.route.arguments[0], "id")
    left = transfer["amount"] - transfer["amount_reversed"]
    amount = values.get("amount", left)
    if left == 0:
        raise wrong_state(f"Transfer {transfer['id']} is already reversed.", "transfer_already_reversed")
    _positive(amount)
    if amount > left:
        raise ApiError(400, f"Reversal amount ({amount}) is greater than what is left of the transfer ({left}).", param="amount")
    row_id = hand.id_of("transfer_reversals")
    txn = books.book(hand, "transfer_refund", amount, row_id, currency=transfer["currency"])
    fields = {
        "id": row_id,
        "amount": amount,
        "balance_transaction": txn,
        "currency": transfer["currency"],
        "metadata": values.get("metadata") or {},
    }
    hand.add("transfer_reversals", {**fields, "transfer": transfer["id"]}, event=False)
    gone = transfer["amount_reversed"] + amount
    hand.change("transfers", transfer["id"], {"amount_reversed": gone, "reversed": gone == transfer["amount"]}, event="reversed")
    return "transfer_reversals", row_id


def refund_fee(write: Write) -> Row:
    """Give an application fee back, whole or in part."""
    hand, values = write.hand, write.values
    fee = hand.get("application_fees", write.route.arguments[0], "id")
    left = fee["amount"] - fee["amount_refunded"]
    amount = values.get("amount", left)
    if left == 0:
        raise wrong_state("Application fee has already been refunded.", "application_fee_already_refunded")
    _positive(amount)
    if amount > left:
        raise ApiError(400, f"Refund amount ({amount}) is greater than the fee that is left ({left}).", param="amount")
    row_id = hand.id_of("application_fee_refunds")
    txn = books.book(hand, "application_fee_refund", -amount, row_id, currency=fee["currency"])
    fields: Object = {
        "id": row_id,
        "amount": amount,
        "balance_transaction": txn,
        "currency": fee["currency"],
        "fee": fee["id"],
        "metadata": values.get("metadata") or {},
    }
    hand.add("application_fee_refunds", fields, event=False)
    gone = fee["amount_refunded"] + amount
    hand.change("application_fees", fee["id"], {"amount_refunded": gone, "refunded": gone == fee["amount"]}, event="refunded")
    return "application_fee_refunds", row_id


def bank_of(hand: Hand) -> str | None:
    """Return the id of the first bank account of the own account."""
    banks = hand.having("account_external_accounts", "account", hand.account.id)
    return banks[0]["id"] if banks else None


CREATE: Handlers = {
    "payouts": create_payout,
    "topups": create_topup,
    "transfers": create_transfer,
    "transfer_reversals": create_reversal,
    "application_fee_refunds": refund_fee,
}
ACTIONS: Handlers = {"payouts.cancel": cancel_payout, "payouts.reverse": reverse_payout, "topups.cancel": cancel_topup}
