"""Refuse ids in parameters that name nothing.

In: checked values and the table that is written. Out: nothing, or the refusal. Which names are ids is stated by hand for
the names that Stripe uses everywhere, else taken from the columns of the same place.
"""

from __future__ import annotations

from typing import Any

from stripesql.catalogue.model import Column, Table
from stripesql.simulator import errors, shapes
from stripesql.simulator.shapes import Tree
from stripesql.simulator.writes.hand import Hand
from stripesql.simulator.writes.magic import is_magic

NAMES: dict[str, tuple[str, ...]] = {
    "charge": ("charges",),
    "coupon": ("coupons",),
    "customer": ("customers",),
    "default_payment_method": ("payment_methods", "customer_sources"),
    "default_tax_rates": ("tax_rates",),
    "invoice": ("invoices",),
    "invoice_item": ("invoice_items",),
    "payment_intent": ("payment_intents",),
    "payment_method": ("payment_methods", "customer_sources"),
    "plan": ("plans", "prices"),
    "price": ("prices", "plans"),
    "product": ("products",),
    "promotion_code": ("promotion_codes",),
    "setup_intent": ("setup_intents",),
    "shipping_rate": ("shipping_rates",),
    "subscription": ("subscriptions",),
    "subscription_item": ("subscription_items",),
    "tax_rates": ("tax_rates",),
    "test_clock": ("test_helpers_test_clocks",),
    "on_behalf_of": ("accounts",),
    "file": ("files",),
    "entitlement_feature": ("entitlements_features",),
}
FREE = frozenset(
    {"id", "source", "destination", "metadata", "default_source", "external_account", "account", "customer_account", "tax_code"}
)
"""Names that are no plain reference: tokens, own ids, accounts that live elsewhere."""


def check(hand: Hand, table: Table | None, values: dict[str, Any]) -> None:
    """Look at every id among the values.

    Raises:
        ApiError: 400 ``resource_missing`` with the parameter.
    """
    _walk(hand, values, shapes.tree(table.name) if table is not None else {}, "")


def _walk(hand: Hand, values: dict[str, Any], shape: Tree, where: str) -> None:
    for name, value in values.items():
        written = f"{where}[{name}]" if where else name
        node = shape.get(name)
        if name == "metadata":
            continue
        if isinstance(value, dict):
            _walk(hand, value, node if isinstance(node, dict) else {}, written)
        elif isinstance(value, list):
            _each(hand, name, value, node, written)
        elif isinstance(value, str) and value:
            _one(hand, name, value, node, written)


def _each(hand: Hand, name: str, values: list[Any], node: Column | Tree | None, where: str) -> None:
    for place, value in enumerate(values):
        if isinstance(value, dict):
            _walk(hand, value, {}, f"{where}[{place}]")
        elif isinstance(value, str) and name in NAMES:
            _one(hand, name, value, node, f"{where}[{place}]")


def _one(hand: Hand, name: str, value: str, node: Column | Tree | None, written: str) -> None:
    if name in FREE or is_magic(value):
        return
    tables = NAMES.get(name) or (node.references if isinstance(node, Column) else ())
    if not tables or value == hand.account.id or any(hand.account.shelf(table).get(value) is not None for table in tables):
        return
    noun = shapes.known(tables[0]).resource.partition("|")[0].rpartition(".")[2]
    raise errors.no_such("PaymentMethod" if noun == "payment_method" else noun, value, written)
