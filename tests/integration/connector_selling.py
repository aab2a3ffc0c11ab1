"""What connectors do with customers, products and subscriptions."""

from __future__ import annotations

from typing import Any

from connector_operations import INSERTED, UPDATED, Chosen, Day, Deletes, Field, Operation, Reads, Resource, Starting, Writes, set_by


def _customers(name: str, condition: str, chosen: Chosen, **asked: Any) -> Operation:
    sent = {f"created[{key}]" if key in ("gt", "gte", "lt", "lte") else key: value for key, value in asked.items()}
    return Operation(name, f"SELECT id, email, created FROM customers WHERE {condition}", Reads("customers", chosen, sent), ("cus_123",))


CUSTOMERS = Resource(
    "Customers",
    path="/v1/customers/",
    operations=(
        Operation("list customers", "SELECT * FROM customers", Reads("customers", lambda row, known: True)),
        _customers(
            "list by email", "email = 'ada@example.com'", lambda row, known: row["email"] == "ada@example.com", email="ada@example.com"
        ),
        _customers("created today", "created >= 'today'", lambda row, known: row["created"] >= known.day("today"), gte=Day("today")),
        _customers(
            "created yesterday",
            "created >= 'yesterday' AND created < 'today'",
            lambda row, known: known.day("today-1d") <= row["created"] < known.day("today"),
            gte=Day("today-1d"),
            lt=Day("today"),
        ),
        _customers(
            "created after last week began",
            "created > 'weekstart-1w'",
            lambda row, known: row["created"] > known.day("weekstart-1w"),
            gt=Day("weekstart-1w"),
        ),
        _customers(
            "created before this Sunday",
            "created < 'weekend'",
            lambda row, known: row["created"] < known.day("weekend"),
            lt=Day("weekend"),
        ),
        _customers(
            "created this month",
            "created >= 'monthstart' AND created < 'monthend+1d'",
            lambda row, known: known.day("monthstart") <= row["created"] < known.day("monthend+1d"),
            gte=Day("monthstart"),
        ),
        _customers(
            "created since the last day of last month",
            "created >= 'monthstart-1d'",
            lambda row, known: row["created"] >= known.day("monthstart-1d"),
            gte=Day("monthstart-1d"),
        ),
        _customers(
            "created up to the first moment of the month",
            "created <= 'monthstart'",
            lambda row, known: row["created"] <= known.day("monthstart"),
            lte=Day("monthstart"),
        ),
        _customers(
            "created before this month's last day",
            "created < 'monthend'",
            lambda row, known: row["created"] < known.day("monthend"),
            lt=Day("monthend"),
        ),
        _customers(
            "created this year",
            "created >= 'yearstart' AND created < 'yearend+1d'",
            lambda row, known: known.day("yearstart") <= row["created"] < known.day("yearend+1d"),
            gte=Day("yearstart"),
        ),
        _customers(
            "created since 31 December of last year",
            "created >= 'yearend-1y'",
            lambda row, known: row["created"] >= known.day("yearend-1y"),
            gte=Day("yearend-1y"),
        ),
        _customers(
            "created between two times",
            "created >= '2025-05-01 12:00' AND created <= '2026-01-31'",
            lambda row, known: 1746100800 <= row["created"] <= 1769817600,
            gte="1746100800",
            lte="1769817600",
        ),
        Operation(
            "get a customer",
            "SELECT * FROM customers WHERE id = 'cus_123'",
            Reads("customers", lambda row, known: row["id"] == known["cus_123"]),
        ),
        Operation(
            "create a customer",
            "INSERT INTO customers (name, email) VALUES ('Ada Lovelace', 'ada@example.com') RETURNING id",
            Writes("/v1/customers/{new}", {"name": "Ada Lovelace", "email": "ada@example.com"}),
        ),
        Operation(
            "update a customer",
            "UPDATE customers SET phone = '+442012345678', description = NULL WHERE id = 'cus_123'",
            Writes("/v1/customers/cus_123", {"phone": "+442012345678", "description": None}),
        ),
        Operation("delete a customer", "DELETE FROM customers WHERE id = 'cus_123'", Deletes("/v1/customers/cus_123")),
        Operation(
            "update: payment method",
            "CALL payment_methods.attach('pm_card_mastercard', customer => 'cus_123')",
            Writes("/v1/payment_methods/{new}", {"customer": "cus_123", "card.brand": "mastercard"}),
        ),
        Operation(
            "update: tax id type and value",
            "INSERT INTO customer_tax_ids (customer, type, value) VALUES ('cus_123', 'eu_vat', 'DE123456789')",
            Writes("/v1/customers/cus_123/tax_ids", {"data.0.type": "eu_vat", "data.0.value": "DE123456789"}),
        ),
        Operation(
            "coupon",
            "UPDATE subscriptions SET discounts = [{'coupon': 'SAVE10'}] WHERE customer = 'cus_123'",
            Writes("/v1/subscriptions/sub_123?expand[]=discounts", {"discounts.0.source.coupon": "SAVE10"}),
        ),
        Operation(
            "coupon, in what a new customer buys",
            "INSERT INTO subscriptions (customer, items, discounts) VALUES ('cus_123', [{'price': 'price_123'}], [{'coupon': 'SAVE10'}])",
            Writes("/v1/subscriptions/{new}?expand[]=discounts", {"discounts.0.source.coupon": "SAVE10", "customer": "cus_123"}),
        ),
        Operation(
            "promotion code",
            "UPDATE subscriptions SET discounts = [{'promotion_code': 'promo_123'}] WHERE customer = 'cus_123'",
            Writes("/v1/subscriptions/sub_123?expand[]=discounts", {"discounts.0.promotion_code": "promo_123"}),
        ),
        Operation(
            "promotion code, in the drafts of a customer",
            "UPDATE invoices SET discounts = [{'promotion_code': 'promo_123'}] WHERE customer = 'cus_123' AND status = 'draft'",
            Writes("/v1/invoices/in_draft?expand[]=discounts", {"discounts.0.promotion_code": "promo_123"}),
        ),
    ),
    insert="INSERT INTO customers (column) VALUES (value)",
    update="UPDATE customers SET column = value WHERE id = 'cus_123'",
    fields=(
        set_by("name", "name", "'Ada Lovelace'", "Ada Lovelace"),
        set_by("description", "description", "'a friend of numbers'", "a friend of numbers"),
        set_by("email", "email", "'countess@example.com'", "countess@example.com"),
        Field("payment method", ("payment_method",), ("'pm_card_visa'",), {"data.0.card.last4": "4242"}, INSERTED, "/payment_methods"),
        set_by("phone", "phone", "'+442012345678'", "+442012345678"),
        set_by("balance", "balance", "-500", -500),
        Field("preferred locales", ("preferred_locales",), ("['de', 'en']",), {"preferred_locales": ["de", "en"]}),
        Field(
            "tax id type, tax id value",
            ("tax_id_data",),
            ("[{'type': 'eu_vat', 'value': 'DE123456789'}]",),
            {"data.0.type": "eu_vat", "data.0.value": "DE123456789"},
            INSERTED,
            "/tax_ids",
        ),
        set_by("address line 1", "address_line1", "'12 St James Square'", "12 St James Square", at="address.line1"),
        set_by("address line 2", "address_line2", "'2nd floor'", "2nd floor", at="address.line2"),
        set_by("address city", "address_city", "'London'", "London", at="address.city"),
        set_by("address state", "address_state", "'Greater London'", "Greater London", at="address.state"),
        set_by("address country", "address_country", "'GB'", "GB", at="address.country"),
        set_by("address postal code", "address_postal_code", "'SW1Y 4LB'", "SW1Y 4LB", at="address.postal_code"),
        Field(
            "shipping name, phone, address",
            ("shipping_name", "shipping_phone", "shipping_address_line1", "shipping_address_city"),
            ("'Ada Lovelace'", "'+442012345678'", "'12 St James Square'", "'London'"),
            {
                "shipping.name": "Ada Lovelace",
                "shipping.phone": "+442012345678",
                "shipping.address.line1": "12 St James Square",
                "shipping.address.city": "London",
            },
        ),
        set_by("invoice prefix", "invoice_prefix", "'ADA1815'", "ADA1815"),
        Field(
            "default payment method of invoices",
            ("payment_method", "invoice_settings_default_payment_method"),
            ("'pm_card_visa'", "'pm_card_visa'"),
            {"invoice_settings.default_payment_method": Starting("pm_")},
            INSERTED,
        ),
        set_by(
            "default payment method of invoices",
            "invoice_settings_default_payment_method",
            "'pm_123'",
            "pm_123",
            UPDATED,
            "invoice_settings.default_payment_method",
        ),
        set_by("footer of invoices", "invoice_settings_footer", "'Thank you.'", "Thank you.", at="invoice_settings.footer"),
        set_by("next invoice sequence", "next_invoice_sequence", "1001", 1001),
        set_by("tax exempt", "tax_exempt", "'reverse'", "reverse"),
    ),
)

PRODUCTS = Resource(
    "Products",
    path="/v1/products/",
    operations=(
        Operation("list products", "SELECT * FROM products", Reads("products", lambda row, known: True)),
        Operation(
            "list active ones",
            "SELECT id, name FROM products WHERE active",
            Reads("products", lambda row, known: row["active"], {"active": "true"}),
        ),
        Operation(
            "list archived ones",
            "SELECT id, name FROM products WHERE NOT active",
            Reads("products", lambda row, known: not row["active"], {"active": "false"}),
        ),
        Operation(
            "list by created",
            "SELECT id, name FROM products WHERE created >= 'yearstart-2y' AND created < 'yearstart-1y'",
            Reads(
                "products",
                lambda row, known: known.day("yearstart-2y") <= row["created"] < known.day("yearstart-1y"),
                {"created[gte]": Day("yearstart-2y"), "created[lt]": Day("yearstart-1y")},
            ),
        ),
        Operation(
            "get a product",
            "SELECT * FROM products WHERE id = 'prod_123'",
            Reads("products", lambda row, known: row["id"] == known["prod_123"]),
        ),
        Operation(
            "create a product",
            "INSERT INTO products (name, description) VALUES ('Lamp', 'of brass') RETURNING id",
            Writes("/v1/products/{new}", {"name": "Lamp", "description": "of brass"}),
        ),
        Operation(
            "update a product",
            "UPDATE products SET name = 'Large lamp', active = false WHERE id = 'prod_123'",
            Writes("/v1/products/prod_123", {"name": "Large lamp", "active": False}),
        ),
        Operation("delete a product", "DELETE FROM products WHERE id = 'prod_123'", Deletes("/v1/products/prod_123")),
    ),
    insert="INSERT INTO products (name, column) VALUES ('Lamp', value)",
    update="UPDATE products SET column = value WHERE id = 'prod_123'",
    fields=(
        set_by("name", "name", "'Large lamp'", "Large lamp", UPDATED),
        set_by("type", "type", "'good'", "good", INSERTED),
        set_by("active", "active", "false", False),
        set_by("description", "description", "'of brass'", "of brass"),
        Field(
            "package dimensions",
            ("package_dimensions",),
            ("{'height': 1.5, 'length': 10, 'weight': 3, 'width': 4}",),
            {"package_dimensions": {"height": 1.5, "length": 10, "weight": 3, "width": 4}},
        ),
        set_by("shippable", "shippable", "true", True),
        set_by("statement descriptor", "statement_descriptor", "'LAMPS'", "LAMPS"),
        set_by("unit label", "unit_label", "'seat'", "seat"),
        set_by("url", "url", "'https://example.com/lamp'", "https://example.com/lamp"),
        Field(
            "image 1 to image 8",
            ("images",),
            ("[" + ", ".join(f"'https://example.com/{number}'" for number in range(1, 9)) + "]",),
            {"images": [f"https://example.com/{number}" for number in range(1, 9)]},
        ),
    ),
)

SUBSCRIPTIONS = Resource(
    "Subscriptions",
    operations=(
        Operation(
            "get a subscription",
            "SELECT * FROM subscriptions WHERE id = 'sub_123'",
            Reads("subscriptions", lambda row, known: row["id"] == known["sub_123"]),
        ),
        Operation(
            "list subscription items",
            "SELECT * FROM subscription_items WHERE subscription = 'sub_123'",
            Reads("subscription_items", lambda row, known: row["subscription"] == known["sub_123"], {"subscription": "sub_123"}),
        ),
    ),
)
