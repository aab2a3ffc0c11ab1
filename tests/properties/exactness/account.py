"""Fill one account by hand with the rows that each rule is about; for the pinned examples."""

from exactness.tables import NOW, TIMES, at
from stripesql.simulator import Simulator

NOON = at("2024-11-01 12:00")
BACK = at("2024-10-27 01:00")
"""Berlin's clock goes back from 03:00 to 02:00 at this second."""
TABLES = (
    *(
        "customers",
        "charges",
        "subscriptions",
        "subscription_items",
        "products",
        "prices",
        "invoice_items",
        "invoices",
        "promotion_codes",
        "events",
    ),
    *("topups", "payment_intents", "checkout_sessions", "coupons", "invoice_line_items"),
)


def small_account() -> Simulator:
    """Return the account."""
    account = Simulator(empty=True, now=NOW)

    def insert(table: str, *rows: dict) -> None:
        for row in rows:
            account.insert(table, row)

    insert(
        "customers",
        *(
            {"id": f"cus_{n}", "created": NOON + n, "email": email, "name": name, "delinquent": late, "metadata": _NOTES[n]}
            for n, (email, name, late) in enumerate(_PEOPLE)
        ),
        {"id": "cus_berlin1", "created": BACK - 1800, "email": "b1@example.com"},
        {"id": "cus_berlin2", "created": BACK + 1800, "email": "b2@example.com"},
        {"id": "cus_katmandu", "created": at("2024-11-05 01:00", "Asia/Kathmandu"), "email": "k@example.com"},
        *({"id": f"cus_tie{n}", "created": NOON + 60, "email": f"tie{n}@example.com"} for n in range(5)),
    )
    insert("payment_intents", *({"id": f"pi_{n}", "created": NOON + n, "amount": n, "customer": f"cus_{n % 3}"} for n in range(4)))
    insert(
        "charges",
        *(
            {
                "id": f"ch_{n}",
                "created": NOON + n,
                "amount": n,
                "customer": (f"cus_{n % 5}" if n % 6 else None),
                "payment_intent": f"pi_{n % 4}",
            }
            for n in range(12)
        ),
        *(
            {"id": f"ch_many{n}", "created": NOON - 10_000 - n, "amount": n, "transfer_group": "many", "customer": "cus_1"}
            for n in range(130)
        ),
    )
    statuses = ("active", "canceled", "past_due")
    insert(
        "subscriptions", *({"id": f"sub_{n}", "created": NOON + n, "status": statuses[n % 3], "customer": f"cus_{n % 4}"} for n in range(6))
    )
    insert(
        "subscription_items",
        *({"id": f"si_{n}", "created": NOON + n, "subscription": "sub_0" if n < 13 else "sub_2", "quantity": n} for n in range(15)),
    )
    insert(
        "products",
        *(
            {"id": name, "created": NOON, "name": name, "active": name != "prod_off", "shippable": None}
            for name in ("prod_on", "prod_off", "search", "a/b")
        ),
    )
    insert(
        "prices",
        *({"id": f"price_{n}", "created": NOON + n, "active": n % 2 == 0, "product": "prod_on", "lookup_key": f"k{n}"} for n in range(4)),
    )
    insert("prices", {"id": "price_search", "created": NOON - 1, "active": True, "product": "search", "lookup_key": None})
    insert(
        "invoices",
        *(
            {"id": f"in_{n}", "created": NOON + n, "customer": f"cus_{n}", "status": "open", "due_date": None if n else NOON}
            for n in range(3)
        ),
    )
    insert(
        "invoice_items",
        *(
            {"id": f"ii_{n}", "date": NOON + n, "customer": f"cus_{n}", "invoice": None if n == 2 else "in_0", "amount": n}
            for n in range(3)
        ),
    )
    insert("invoice_line_items", *({"id": f"il_{n}", "invoice": "in_0" if n < 12 else "in_1", "amount": n} for n in range(14)))
    insert(
        "promotion_codes",
        *({"id": f"promo_{n}", "created": NOON + n, "code": code} for n, code in enumerate(("SPRING", "spring", "Spring", "FALL"))),
    )
    insert(
        "events",
        *(
            {"id": f"evt_{n}", "created": NOW - n, "type": kind}
            for n, kind in enumerate(("invoice.paid", "invoice.created", "invoiceitem.created", "invoice", "ping"))
        ),
    )
    named = ("prod_on", "a/b", "search", "nope")
    insert("topups", *({"id": f"tu_{n}", "created": NOON + n, "amount": n * 10, "description": named[n]} for n in range(4)))
    insert(
        "checkout_sessions",
        {"id": "cs_1", "created": TIMES[0], "customer": "cus_0", "status": "open"},
        {"id": "cs_2", "created": TIMES[1], "status": None},
    )
    insert("coupons", {"id": "25OFF", "created": NOON, "percent_off": 7.5})
    account.delete("customers", "cus_4")
    return account


_NOTES = ({"note": "a\\b"}, {"Note": "x"}, {"note": "X"}, {}, {}, {"note": "x", "other": "y"})
_PEOPLE = (
    ("a@example.com", "a", True),
    ("A@example.com", "b", False),
    ("c@example.com", None, None),
    (None, "d", False),
    ("gone@example.com", "e", True),
    ("a@example.com", "a", None),
)
