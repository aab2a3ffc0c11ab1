"""What connectors do with invoices and their items."""

from __future__ import annotations

from connector_operations import INSERTED, UPDATED, Day, Deletes, Field, Gives, OnDay, Operation, Reads, Resource, Writes, set_by

INVOICES = Resource(
    "Invoices",
    path="/v1/invoices/",
    operations=(
        Operation("list invoices", "SELECT * FROM invoices", Reads("invoices", lambda row, known: True)),
        Operation(
            "list by customer",
            "SELECT id, status FROM invoices WHERE customer = 'cus_123'",
            Reads("invoices", lambda row, known: row["customer"] == known["cus_123"], {"customer": "cus_123"}),
            ("in_open",),
        ),
        Operation(
            "list by status",
            "SELECT id, status FROM invoices WHERE status = 'open'",
            Reads("invoices", lambda row, known: row["status"] == "open", {"status": "open"}),
            ("in_open",),
        ),
        Operation(
            "list by subscription",
            "SELECT id, status FROM invoices WHERE subscription = 'sub_123'",
            Reads(
                "invoices",
                lambda row, known: ((row["parent"] or {}).get("subscription_details") or {}).get("subscription") == known["sub_123"],
                {"subscription": "sub_123"},
            ),
        ),
        Operation(
            "list by collection method",
            "SELECT id, status FROM invoices WHERE collection_method = 'send_invoice'",
            Reads("invoices", lambda row, known: row["collection_method"] == "send_invoice", {"collection_method": "send_invoice"}),
        ),
        Operation(
            "list by created",
            "SELECT id, status FROM invoices WHERE created >= 'monthstart-1m' AND created < 'monthstart'",
            Reads(
                "invoices",
                lambda row, known: known.day("monthstart-1m") <= row["created"] < known.day("monthstart"),
                {"created[gte]": Day("monthstart-1m"), "created[lt]": Day("monthstart")},
            ),
        ),
        Operation(
            "list by due date",
            "SELECT id, status FROM invoices WHERE due_date > 'yearstart' AND due_date <= 'monthend'",
            Reads(
                "invoices",
                lambda row, known: row["due_date"] is not None and known.day("yearstart") < row["due_date"] <= known.day("monthend"),
                {"due_date[gt]": Day("yearstart"), "due_date[lte]": Day("monthend")},
            ),
        ),
        Operation(
            "get an invoice",
            "SELECT * FROM invoices WHERE id = 'in_open'",
            Reads("invoices", lambda row, known: row["id"] == known["in_open"]),
        ),
        Operation(
            "create an invoice",
            "INSERT INTO invoices (customer, currency) VALUES ('cus_123', 'eur') RETURNING id",
            Writes("/v1/invoices/{new}", {"customer": "cus_123", "currency": "eur", "status": "draft"}),
        ),
        Operation(
            "create an invoice of what is pending",
            "INSERT INTO invoices (customer, pending_invoice_items_behavior) SELECT customer, 'include' FROM invoice_items WHERE id = 'ii_123'",
            Writes("/v1/invoices/{new}", {"total": 1999, "lines.data.0.description": "a lamp"}),
        ),
        Operation(
            "update an invoice",
            "UPDATE invoices SET description = 'for the lamps' WHERE id = 'in_draft'",
            Writes("/v1/invoices/in_draft", {"description": "for the lamps"}),
        ),
        Operation("delete a draft", "DELETE FROM invoices WHERE id = 'in_draft'", Deletes("/v1/invoices/in_draft")),
        Operation(
            "finalize",
            "CALL invoices.finalize('in_draft')",
            Writes("/v1/invoices/in_draft", {"status": "open", "amount_due": 1999}, "/v1/invoices/in_draft/finalize"),
        ),
        Operation("pay", "CALL invoices.pay('in_open')", Writes("/v1/invoices/in_open", {"status": "paid", "amount_paid": 1999})),
        *(
            Operation(
                f"pay: {name}",
                f"CALL invoices.pay('in_open', {argument} => {value})",
                Writes("/v1/invoices/in_open", {"status": "paid"}, "/v1/invoices/in_open/pay", {argument: value.strip("'")}),
            )
            for name, argument, value in (
                ("forgive", "forgive", "true"),
                ("off session", "off_session", "true"),
                ("paid out of band", "paid_out_of_band", "true"),
                ("payment method", "payment_method", "'pm_123'"),
                ("source", "source", "'card_123'"),
            )
        ),
        Operation(
            "send",
            "CALL invoices.send('in_due')",
            Writes("/v1/invoices/in_due", {"status": "open"}, "/v1/invoices/in_due/send"),
        ),
        Operation("void", "CALL invoices.void('in_open')", Writes("/v1/invoices/in_open", {"status": "void"})),
        Operation(
            "mark uncollectible",
            "CALL invoices.mark_uncollectible('in_open')",
            Writes("/v1/invoices/in_open", {"status": "uncollectible"}),
        ),
        Operation(
            "list line items",
            "SELECT description, amount, currency FROM invoice_line_items WHERE invoice = 'in_open'",
            Gives(("description", "amount", "currency"), (("a lamp", 1999, "eur"),)),
        ),
        Operation(
            "preview the upcoming invoice of a customer",
            "CALL invoices.create_preview(customer => 'cus_123')",
            Gives(("customer", "total", "currency"), (("cus_123", 1500, "eur"),)),
            ("sub_123",),
        ),
        Operation(
            "preview the upcoming invoice of a subscription",
            "CALL invoices.create_preview(subscription => 'sub_123')",
            Gives(("customer", "total", "currency"), (("cus_123", 1500, "eur"),)),
        ),
        Operation(
            "preview the lines for a customer",
            "CALL invoices.create_preview_lines(customer => 'cus_123')",
            Gives(("amount", "currency"), ((1500, "eur"),)),
            ("sub_123",),
        ),
        Operation(
            "preview the lines for a subscription",
            "CALL invoices.create_preview_lines(subscription => 'sub_123')",
            Gives(("amount", "currency"), ((1500, "eur"),)),
        ),
    ),
    insert="INSERT INTO invoices (customer, column) VALUES ('cus_123', value)",
    update="UPDATE invoices SET column = value WHERE id = 'in_draft'",
    fields=(
        set_by("auto advance", "auto_advance", "true", True),
        Field(
            "collection method, days until due",
            ("collection_method", "days_until_due"),
            ("'send_invoice'", "30"),
            {"collection_method": "send_invoice", "due_date": OnDay("today+30d")},
        ),
        Field(
            "due date",
            ("collection_method", "due_date"),
            ("'send_invoice'", "'monthend+1m'"),
            {"collection_method": "send_invoice", "due_date": Day("monthend+1m")},
        ),
        set_by("description", "description", "'for the lamps'", "for the lamps"),
        set_by("subscription", "subscription", "'sub_123'", "sub_123", INSERTED, "parent.subscription_details.subscription"),
        Field("account tax ids", ("account_tax_ids",), ("['txi_123']",), {"account_tax_ids": ["txi_123"]}),
        Field("application fee amount", ("application_fee_amount",), ("100",), {}, sent={"application_fee_amount": "100"}),
        set_by("default payment method", "default_payment_method", "'pm_123'", "pm_123"),
        set_by("default source", "default_source", "'card_123'", "card_123"),
        Field("default tax rates", ("default_tax_rates",), ("['txr_123']",), {"default_tax_rates.0.id": "txr_123"}),
        Field(
            "discounts: coupon",
            ("discounts",),
            ("[{'coupon': 'SAVE10'}]",),
            {"discounts.0.source.coupon": "SAVE10"},
            below="?expand[]=discounts",
        ),
        Field(
            "discounts: promotion code",
            ("discounts",),
            ("[{'promotion_code': 'promo_123'}]",),
            {"discounts.0.promotion_code": "promo_123"},
            below="?expand[]=discounts",
        ),
        set_by("footer", "footer", "'Thank you.'", "Thank you."),
        set_by("statement descriptor", "statement_descriptor", "'LAMPS'", "LAMPS"),
        Field(
            "transfer data",
            ("transfer_data",),
            ("{'destination': 'acct_123', 'amount': 100}",),
            {},
            sent={"transfer_data[destination]": "acct_123", "transfer_data[amount]": "100"},
        ),
    ),
)

INVOICE_ITEMS = Resource(
    "Invoice items",
    path="/v1/invoiceitems/",
    operations=(
        Operation("list invoice items", "SELECT * FROM invoice_items", Reads("invoice_items", lambda row, known: True)),
        Operation(
            "list by customer",
            "SELECT id, amount FROM invoice_items WHERE customer = 'cus_123'",
            Reads("invoice_items", lambda row, known: row["customer"] == known["cus_123"], {"customer": "cus_123"}),
            ("ii_123",),
        ),
        Operation(
            "list by invoice",
            "SELECT id, amount FROM invoice_items WHERE invoice = 'in_draft'",
            Reads("invoice_items", lambda row, known: row["invoice"] == known["in_draft"], {"invoice": "in_draft"}),
        ),
        Operation(
            "list pending ones",
            "SELECT id, amount FROM invoice_items WHERE invoice IS NULL",
            Reads("invoice_items", lambda row, known: row["invoice"] is None, {"pending": "true"}),
            ("ii_123",),
        ),
        Operation(
            "list by created",
            "SELECT id, amount FROM invoice_items WHERE date >= 'monthstart-1m' AND date < 'today'",
            Reads(
                "invoice_items",
                lambda row, known: known.day("monthstart-1m") <= row["date"] < known.day("today"),
                {"created[gte]": Day("monthstart-1m"), "created[lt]": Day("today")},
            ),
        ),
        Operation(
            "get an invoice item",
            "SELECT * FROM invoice_items WHERE id = 'ii_123'",
            Reads("invoice_items", lambda row, known: row["id"] == known["ii_123"]),
        ),
        Operation(
            "create an invoice item",
            "INSERT INTO invoice_items (customer, amount, currency) VALUES ('cus_123', 1999, 'eur') RETURNING id",
            Writes("/v1/invoiceitems/{new}", {"customer": "cus_123", "amount": 1999, "currency": "eur", "invoice": None}),
        ),
        Operation(
            "update an invoice item",
            "UPDATE invoice_items SET amount = 2999, description = 'a large lamp' WHERE id = 'ii_123'",
            Writes("/v1/invoiceitems/ii_123", {"amount": 2999, "description": "a large lamp"}),
        ),
        Operation("delete an invoice item", "DELETE FROM invoice_items WHERE id = 'ii_123'", Deletes("/v1/invoiceitems/ii_123")),
    ),
    insert="INSERT INTO invoice_items (customer, amount, currency, column) VALUES ('cus_123', 1999, 'eur', value)",
    insert_instead="INSERT INTO invoice_items (customer, currency, column) VALUES ('cus_123', 'eur', value)",
    update="UPDATE invoice_items SET column = value WHERE id = 'ii_123'",
    fields=(
        set_by("amount", "amount", "2999", 2999, UPDATED),
        set_by("description", "description", "'a large lamp'", "a large lamp"),
        Field(
            "period",
            ("period_start", "period_end"),
            ("'monthstart'", "'monthend'"),
            {"period.start": Day("monthstart"), "period.end": Day("monthend")},
        ),
        Field(
            "price",
            ("pricing_price",),
            ("'price_once'",),
            {"pricing.price_details.price": "price_once", "amount": 700},
            instead=True,
        ),
        Field(
            "price data",
            ("price_data",),
            ("{'currency': 'eur', 'product': 'prod_123', 'unit_amount': 700}",),
            {"pricing.price_details.product": "prod_123", "amount": 700},
            instead=True,
        ),
        set_by("discountable", "discountable", "false", False),
        Field(
            "discounts: coupon",
            ("discounts",),
            ("[{'coupon': 'SAVE10'}]",),
            {"discounts.0.source.coupon": "SAVE10"},
            below="?expand[]=discounts",
        ),
        Field(
            "discounts: promotion code",
            ("discounts",),
            ("[{'promotion_code': 'promo_123'}]",),
            {"discounts.0.promotion_code": "promo_123"},
            below="?expand[]=discounts",
        ),
        set_by("invoice", "invoice", "'in_draft'", "in_draft", INSERTED),
        Field(
            "quantity, unit amount",
            ("quantity", "unit_amount_decimal"),
            ("3", "700"),
            {"quantity": 3, "pricing.unit_amount_decimal": "700", "amount": 2100},
            instead=True,
        ),
        Field(
            "unit amount decimal",
            ("unit_amount_decimal",),
            ("700.5",),
            {"pricing.unit_amount_decimal": "700.5"},
            instead=True,
        ),
        set_by("subscription", "subscription", "'sub_123'", "sub_123", INSERTED, "parent.subscription_details.subscription"),
        Field("tax rates", ("tax_rates",), ("['txr_123']",), {"tax_rates.0.id": "txr_123"}),
    ),
)
