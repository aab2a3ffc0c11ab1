"""Arguments of a write become the body that Stripe reads, or an error that says what is wrong, before anything is sent."""

from __future__ import annotations

import datetime as dt
import json
import re
from decimal import Decimal
from typing import Any

import pytest

from stripesql import errors
from stripesql.catalogue.load import catalogue
from stripesql.catalogue.model import Endpoint, Parameter, Table
from stripesql.write.arguments import Argument, body_of
from stripesql.write.paths import place_of, places
from stripesql.write.scalars import When

BERLIN = When("Europe/Berlin", dt.datetime(2026, 5, 20, 23, 30, tzinfo=dt.UTC))


def endpoint(name: str) -> tuple[Table | None, Endpoint]:
    """Return the operation that ``customers.create`` names."""
    table = catalogue().table(name.partition(".")[0])
    found = getattr(table, name.partition(".")[2], None)
    if found is None:
        found = next(each.endpoint for each in catalogue().actions() if f"{each.table}.{each.name}" == name)
    return table, found


def form(name: str, *arguments: tuple[Any, ...], when: When | None = None) -> list[tuple[str, str]]:
    table, found = endpoint(name)
    body = body_of(
        found, [Argument(*each) for each in arguments], table=table, updating=name.endswith(".update"), what="INSERT INTO t", when=when
    )
    assert body.form is not None
    return list(body.form)


def _needed(found: Endpoint, column: str) -> list[Argument]:
    """Return what the operation demands beside ``column``."""
    names = [each.name for each in found.parameters if each.required] + [group[0] for group in found.needs]
    return [Argument(each.name, _sample(each)) for each in found.parameters if each.name in names and not column.startswith(each.name)]


PLACES = [
    ("customers.create", "name", "A", [("name", "A")]),
    ("customers.create", "NAME", "A", [("name", "A")]),
    ("customers.create", "address_city", "B", [("address[city]", "B")]),
    ("customers.create", "address.city", "B", [("address[city]", "B")]),
    ("customers.create", "address[city]", "B", [("address[city]", "B")]),
    ("customers.create", "invoice_settings_default_payment_method", "pm_1", [("invoice_settings[default_payment_method]", "pm_1")]),
    ("customers.create", "invoice_settings.footer", "F", [("invoice_settings[footer]", "F")]),
    ("customers.create", "metadata.order_id", "7", [("metadata[order_id]", "7")]),
    ("customers.create", "metadata['Order.Id']", 7, [("metadata[Order.Id]", "7")]),
    ("customers.create", "metadata.a.b", "c", [("metadata[a.b]", "c")]),
    ("customers.create", "preferred_locales[0]", "de", [("preferred_locales[0]", "de")]),
    ("customers.create", "expand", ["default_source"], [("expand[0]", "default_source")]),
    ("products.create", "images", ["a", "b"], [("images[0]", "a"), ("images[1]", "b")]),
    ("invoice_items.create", "period_start", dt.datetime(2026, 1, 1, tzinfo=dt.UTC), [("period[start]", "1767225600")]),
]


@pytest.mark.parametrize(("name", "column", "value", "expected"), PLACES, ids=lambda each: None if isinstance(each, list) else str(each))
def test_a_name_finds_its_parameter(name, column, value, expected):
    table, found = endpoint(name)
    needed = _needed(found, column)
    beside = [Argument("period_end", 1)] if column == "period_start" else []
    body = body_of(found, [Argument(column, value), *beside, *needed], table=table, updating=False, what="INSERT INTO t")
    assert body.form is not None
    assert set(expected) <= set(body.form)


VALUES = [
    ("customers.create", "balance", 1999, "1999"),
    ("customers.create", "balance", Decimal("1999.000"), "1999"),
    ("customers.create", "balance", 1999.0, "1999"),
    ("customers.create", "balance", "1999", "1999"),
    ("customers.create", "validate", True, "true"),
    ("customers.create", "validate", "FALSE", "false"),
    ("customers.create", "phone", 4930123456, "4930123456"),
    ("customers.create", "name", "O'Brien 100% & [x]=é", "O'Brien 100% & [x]=é"),
    ("customers.create", "name", "", ""),
    ("customers.create", "tax_exempt", "", ""),
    ("tax_rates.create", "percentage", Decimal("19.250"), "19.25"),
    ("tax_rates.create", "percentage", 0.1, "0.1"),
    ("tax_rates.create", "percentage", 1e-7, "0.0000001"),
    ("plans.create", "amount_decimal", Decimal("0.125000000000"), "0.125"),
    ("plans.create", "amount_decimal", "123456789012345678.000000000001", "123456789012345678.000000000001"),
    ("subscriptions.create", "trial_end", "now", "now"),
    ("subscriptions.create", "cancel_at", "max_period_end", "max_period_end"),
    ("subscriptions.create", "cancel_at", 1767225600, "1767225600"),
    ("subscriptions.create", "cancel_at", "1767225600", "1767225600"),
    ("subscriptions.create", "cancel_at", "2026-01-01", "1767222000"),
    ("subscriptions.create", "cancel_at", "2026-01-01 00:00:00Z", "1767225600"),
    ("subscriptions.create", "cancel_at", "2026-01-01T01:00:00+01:00", "1767225600"),
    ("subscriptions.create", "cancel_at", dt.date(2026, 1, 1), "1767222000"),
    ("subscriptions.create", "cancel_at", dt.datetime(2026, 1, 1), "1767222000"),
    ("subscriptions.create", "cancel_at", dt.datetime(2026, 1, 1, 0, 0, 0, 999_999, tzinfo=dt.UTC), "1767225600"),
    # 23:30 UTC is the next day in Berlin; summer time, two hours ahead.
    ("subscriptions.create", "cancel_at", "today", "1779314400"),
    ("subscriptions.create", "cancel_at", "monthend+1d", "1780264800"),
]


@pytest.mark.parametrize(("name", "column", "value", "sent"), VALUES, ids=lambda each: ascii(str(each)))
def test_a_value_is_sent_exactly(name, column, value, sent):
    table, found = endpoint(name)
    needed = _needed(found, column)
    body = body_of(found, [Argument(column, value), *needed], table=table, updating=False, what="INSERT INTO t", when=BERLIN)
    assert body.form is not None
    assert body.form[0] == (column, sent)


def test_lists_of_objects_are_numbered():
    items = [{"price": "p", "quantity": 2, "metadata": None}, {"price": "q", "quantity": None, "metadata": {"a": 1, "b": True}}]
    expected = [
        ("customer", "cus_1"),
        ("items[0][price]", "p"),
        ("items[0][quantity]", "2"),
        ("items[1][price]", "q"),
        ("items[1][metadata][a]", "1"),
        ("items[1][metadata][b]", "true"),
    ]
    assert sorted(form("subscriptions.create", ("customer", "cus_1"), ("items", items))) == sorted(expected)
    assert sorted(form("subscriptions.create", ("customer", "cus_1"), ("items", json.dumps(items)))) == sorted(expected)
    assert sorted(form("subscriptions.create", ("customer", "cus_1"), ("items", json.dumps(items), True))) == sorted(expected)
    paths = [("items[0].price", "p"), ("items[0].quantity", 2), ("items[1][price]", "q"), ("items[1].metadata", {"a": 1, "b": True})]
    assert sorted(form("subscriptions.create", ("customer", "cus_1"), *paths)) == sorted(expected)


def test_decimals_in_json_text_keep_their_digits():
    items = '[{"price_data": {"currency": "eur", "product": "p", "recurring": {"interval": "day"}, "unit_amount_decimal": 0.100000000001}}]'
    assert ("items[0][price_data][unit_amount_decimal]", "0.100000000001") in form(
        "subscriptions.create", ("customer", "c"), ("items", items)
    )


def test_maps_without_a_known_shape_go_as_they_are():
    options = {"usd": {"unit_amount": 500, "tiers": [{"up_to": "inf", "unit_amount_decimal": Decimal("0.5")}]}}
    sent = form("prices.create", ("currency", "eur"), ("product", "p"), ("currency_options", options))
    assert ("currency_options[usd][unit_amount]", "500") in sent
    assert ("currency_options[usd][tiers][0][unit_amount_decimal]", "0.5") in sent
    assert ("currency_options[usd][unit_amount]", "7") in form(
        "prices.create", ("currency", "eur"), ("product", "p"), ("currency_options.usd.unit_amount", 7)
    )


def test_the_engines_map_is_a_list_of_pairs():
    assert form("customers.create", ("metadata", [("a", "1"), ("b", 2)])) == [("metadata[a]", "1"), ("metadata[b]", "2")]


def test_null_is_not_sent_on_create():
    sent = [("name", None), ("address_city", None), ("address.line1", None), ("metadata.a", None), ("shipping", None), ("email", "e")]
    assert form("customers.create", *sent) == [("email", "e")]
    assert form("customers.create", ("metadata", '{"a": null, "b": "c"}')) == [("metadata[b]", "c")]


def test_null_takes_a_value_away_on_update():
    sent = form("customers.update", ("name", None), ("address", None), ("metadata.a", None), ("shipping", None), ("balance", 5))
    assert sent == [("name", ""), ("address", ""), ("metadata[a]", ""), ("shipping", ""), ("balance", "5")]
    assert form("customers.update", ("metadata", None)) == [("metadata", "")]


def test_null_inside_a_list_is_not_there_on_update_either():
    items = [{"id": "si_1", "quantity": 2, "price": None}, {"id": None, "price": "p", "quantity": None}]
    assert form("subscriptions.update", ("items", items)) == [
        ("items[0][id]", "si_1"),
        ("items[0][quantity]", "2"),
        ("items[1][price]", "p"),
    ]


def test_an_empty_list_is_never_lost():
    assert form("products.update", ("images", [])) == [("images", "")]
    with pytest.raises(errors.DataError, match="preferred_locales cannot be emptied"):
        form("customers.update", ("preferred_locales", []))
    assert form("customers.create", ("preferred_locales", []), ("email", "e")) == [("email", "e")]
    table, found = endpoint("v2_core_event_destinations.create")
    needed = [Argument(each.name, _sample(each)) for each in found.parameters if each.required and each.name != "enabled_events"]
    body = body_of(found, [Argument("enabled_events", []), *needed], table=table, updating=False, what="INSERT")
    assert json.loads(body.document or "")["enabled_events"] == []


def test_an_object_that_can_be_a_text():
    assert form("accounts.create", ("external_account", "btok_1")) == [("external_account", "btok_1")]
    assert ("external_account[object]", "bank_account") in form(
        "accounts.create", ("external_account", '{"object": "bank_account", "country": "DE", "currency": "eur", "account_number": "1"}')
    )


def test_v2_is_json():
    table, found = endpoint("v2_core_accounts.create")
    arguments = [
        Argument("contact_email", "a@example.com"),
        Argument("identity.individual.date_of_birth", {"day": 1, "month": 2, "year": 1990}),
        Argument("identity.individual.relationship.percent_ownership", Decimal("12.50")),
        Argument("metadata.a", 1),
        Argument("include", ["identity"]),
        Argument("display_name", None),
    ]
    body = body_of(found, arguments, table=table, updating=False, what="INSERT INTO t")
    assert body.form is None
    assert json.loads(body.document or "") == {
        "contact_email": "a@example.com",
        "identity": {"individual": {"date_of_birth": {"day": 1, "month": 2, "year": 1990}, "relationship": {"percent_ownership": "12.5"}}},
        "metadata": {"a": "1"},
        "include": ["identity"],
    }
    assert table is not None
    assert table.update is not None
    changed = body_of(table.update, [Argument("display_name", None)], table=table, updating=True, what="UPDATE t")
    assert json.loads(changed.document or "") == {"display_name": None}


def test_a_time_of_v2_is_rfc_3339():
    table, found = endpoint("v2_core_accounts.create")
    name, time = "identity.attestations.terms_of_service.account", dt.datetime(2026, 1, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=1)))
    body = body_of(found, [Argument(f"{name}.date", time), Argument(f"{name}.ip", "::1")], table=table, updating=False, what="I")
    assert '"date":"2026-01-01T00:00:00Z"' in (body.document or "")


UNKNOWN = [
    ("customers.create", [("emial", "x")], 'INSERT INTO t: there is no "emial"; did you mean "email"?'),
    ("customers.create", [("address.cty", "x")], 'INSERT INTO t: "cty" is not in address; did you mean "city"?'),
    ("customers.create", [("address", '{"zip": "1"}')], '"zip" is not in address; it has city, country, line1, line2, postal_code, state'),
    ("customers.create", [("created", 1)], '"created" can be read and not set; what can be set: address, balance'),
    ("customers.update", [("payment_method", "pm_1")], 'there is no "payment_method" here: only INSERT takes it'),
    ("customers.create", [("default_source", "x")], '"default_source" can be read and not set here: only UPDATE takes it'),
    ("customers.create", [("name.first", "x")], 'name has no parts, so "name.first" means nothing'),
    ("customers.create", [("preferred_locales.de", "x")], "preferred_locales is a list; write preferred_locales[0] for its first element"),
]


@pytest.mark.parametrize(("name", "arguments", "message"), UNKNOWN, ids=lambda each: ascii(str(each)))
def test_unknown_names_are_refused_with_a_hint(name, arguments, message):
    with pytest.raises(errors.UnknownName) as caught:
        form(name, *arguments)
    assert message in str(caught.value)


WRONG = [
    ("customers.create", ("tax_exempt", "exemt"), "tax_exempt takes 'exempt', 'none', 'reverse', not 'exemt'; did you mean 'exempt'?"),
    (
        "customers.create",
        ("balance", Decimal("19.99")),
        "whole numbers of the currency's minor unit (19.99 in a currency with cents is 1999)",
    ),
    ("customers.create", ("balance", "much"), "balance takes a whole number, not 'much'"),
    ("customers.create", ("balance", True), "balance takes a whole number, not True"),
    ("customers.create", ("balance", ""), "balance cannot be empty: it takes a whole number"),
    ("customers.create", ("validate", 1), "validate takes true or false, not 1"),
    ("customers.create", ("name", True), "name takes text, not True"),
    ("customers.create", ("name", {"a": 1}), "name takes text, not an object"),
    ("customers.create", ("address", "Berlin"), "address takes an object, written as"),
    ("customers.create", ("address", '{"city": "a", "city": "b"}'), "a key stands there twice"),
    ("customers.create", ("preferred_locales", "de"), "preferred_locales takes a list, written as"),
    ("customers.create", ("address", []), "address takes an object, not list"),
    ("customers.create", ("metadata", "[]"), "metadata takes an object, not list"),
    ("customers.create", ("preferred_locales", {"a": 1}), "preferred_locales takes a list, not dict"),
    ("customers.create", ("metadata", {"a": {"b": 1}}), "metadata.a holds text, not an object"),
    ("customers.create", ("metadata", {"a" * 41: "b"}), "cannot be a key of metadata: 1 to 40 characters"),
    ("customers.create", ("metadata", {"a[b]": "b"}), "no square brackets"),
    ("customers.create", ("metadata", {"a": "b" * 501}), "metadata.a has 501 characters; a value of metadata holds 500"),
    ("customers.create", ("metadata", {f"k{n}": "v" for n in range(51)}), "metadata has 51 keys; Stripe keeps 50"),
    ("customers.create", ("preferred_locales[1]", "de"), "preferred_locales is given as [1]; count from [0] without a gap"),
    ("customers.update", ("balance", None), "balance cannot be set to NULL: Stripe knows no empty value for it"),
    ("tax_rates.create", ("percentage", float("nan")), "percentage takes a number, not nan"),
    ("plans.create", ("trial_period_days", "inf"), "trial_period_days takes a whole number"),
    (
        "subscriptions.create",
        ("cancel_at", "soon"),
        "cancel_at takes a time or 'max_billed_until', 'max_period_end', 'min_period_end', not 'soon'",
    ),
    ("subscriptions.create", ("cancel_at", "2026"), "cancel_at takes a time"),
]


@pytest.mark.parametrize(("name", "argument", "message"), WRONG, ids=lambda each: ascii(str(each))[:60])
def test_values_that_do_not_fit_are_refused(name, argument, message):
    with pytest.raises(errors.DataError) as caught:
        form(name, argument)
    assert message in str(caught.value)
    assert str(caught.value).startswith("INSERT INTO t: ")


def test_all_that_is_missing_is_named_at_once():
    with pytest.raises(errors.IntegrityError) as caught:
        form("subscriptions.create", ("items", '[{"price_data": {"recurring": {"interval_count": 1}}}]'))
    missing = (
        "items[0].price_data.recurring.interval and items[0].price_data.currency and items[0].price_data.product"
        " and one of customer, customer_account"
    )
    assert str(caught.value) == f"INSERT INTO t needs {missing}, which Stripe requires"


@pytest.mark.parametrize(
    ("name", "given", "missing"),
    [
        ("invoices.create", (("currency", "usd"),), "one of customer, customer_account, from_invoice"),
        ("invoices.create", (("customer", None),), "one of customer, customer_account, from_invoice"),
        ("invoices.create", (("customer", ""),), "one of customer, customer_account, from_invoice"),
        ("prices.create", (("unit_amount", 5),), "currency and one of product, product_data"),
        ("charges.create", (("customer", "cus_1"),), "amount and currency"),
        ("payment_methods.create", (("customer", "cus_1"),), "one of type, payment_method"),
        ("refunds.create", (("amount", 5),), "one of charge, payment_intent, origin"),
    ],
)
def test_what_stripe_demands_though_the_spec_does_not_is_demanded(name, given, missing):
    with pytest.raises(errors.IntegrityError) as caught:
        form(name, *given)
    assert str(caught.value) == f"INSERT INTO t needs {missing}, which Stripe requires"


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("invoices.create", ("customer_account", "acct_1")),
        ("invoices.create", ("from_invoice", '{"action": "revision", "invoice": "in_1"}')),
        ("payment_methods.create", ("payment_method", "pm_1")),
        ("refunds.create", ("payment_intent", "pi_1")),
    ],
)
def test_one_of_a_group_is_enough(name, given):
    assert form(name, given)


def test_an_object_of_several_variants_takes_the_fields_of_all():
    bank = '{"object": "bank_account", "country": "DE", "currency": "eur", "account_number": "1"}'
    card = '{"object": "card", "number": "4242424242424242", "exp_month": 1, "exp_year": 2031}'
    for name in ("account_external_accounts.create", "accounts.create"):
        assert ("external_account[account_number]", "1") in form(name, ("external_account", bank))
        assert ("external_account[exp_year]", "2031") in form(name, ("external_account", card))
        assert ("external_account[object]", "card") in form(name, ("external_account", card))


def test_null_does_not_give_what_is_required():
    with pytest.raises(errors.IntegrityError, match="needs currency and interval"):
        form("plans.create", ("currency", None), ("amount", 5), ("interval", None))


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        (("address", '{"city": "a"}'), ("address_city", "b"), "address and address_city both give address.city"),
        (("address_city", "b"), ("address", '{"city": "a"}'), "address_city and address both give address"),
        (("address_city", "b"), ("address.city", "a"), "address_city and address.city both give address.city"),
        (("name", "b"), ("name", "a"), "name is given twice"),
        (("name", "b"), ("NAME", "a"), "name and NAME both give name"),
        (("metadata", {"a": 1}), ("metadata.b", 1), "metadata and metadata.b both give metadata.b"),
        (("images[0]", "a"), ("images", ["b"]), "images[0] and images both give images"),
    ],
    ids=str,
)
def test_two_arguments_for_one_value_are_refused(one, other, message):
    name = "products.create" if "images" in one[0] else "customers.create"
    with pytest.raises(errors.ProgrammingError) as caught:
        form(name, one, other)
    assert message in str(caught.value)


# -- every operation of the API


def _sample(parameter: Parameter) -> Any:
    """Return a value of the parameter's shape, all its fields filled."""
    match parameter.kind:
        case "object":
            return {each.name: _sample(each) for each in parameter.fields}
        case "array":
            return [_sample(parameter.item or Parameter("", "string")), _sample(parameter.item or Parameter("", "string"))]
        case "map":
            return {"k": "v"}
        case "enum":
            return parameter.values[-1]
        case "integer":
            return 7
        case "boolean":
            return False
        case "number" | "decimal":
            return Decimal("2.5")
        case "unix-time" | "iso-time":
            return dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    return "text"


def _as_sent(parameter: Parameter) -> Any:
    match parameter.kind:
        case "object":
            return {each.name: _as_sent(each) for each in parameter.fields}
        case "array":
            return {"0": _as_sent(parameter.item or Parameter("", "string")), "1": _as_sent(parameter.item or Parameter("", "string"))}
        case "map":
            return {"k": "v"}
        case "enum":
            return parameter.values[-1]
    return {"integer": "7", "boolean": "false", "number": "2.5", "decimal": "2.5", "unix-time": "1767225600"}.get(parameter.kind, "text")


def _unfolded(pairs: Any) -> dict[str, Any]:
    """Return the tree that bracketed names mean, as a server reads them."""
    tree: dict[str, Any] = {}
    for name, value in pairs:
        head, *rest = [name.partition("[")[0], *re.findall(r"\[([^\]]*)\]", name)]
        at = tree
        for key, following in zip([head, *rest], [*rest, None], strict=True):
            if following is None:
                assert key not in at
                at[key] = value
            else:
                at = at.setdefault(key, {})
    return tree


def every_write() -> list[tuple[str, Endpoint]]:
    found = [
        (table.name, each) for table in catalogue().tables() for each in (table.create, table.update, table.delete) if each is not None
    ]
    return found + [(each.table, each.endpoint) for each in catalogue().actions()]


def test_every_parameter_of_every_operation_arrives_where_it_belongs():
    writes = every_write()
    assert len(writes) > 350
    for _, each in writes:
        arguments = [Argument(parameter.name, _sample(parameter)) for parameter in each.parameters]
        body = body_of(each, arguments, table=None, updating=False, what="CALL")
        if each.json_body:
            assert set(json.loads(body.document or "")) == {parameter.name for parameter in each.parameters}
        else:
            files = {parameter.name for parameter in each.parameters if parameter.kind == "file"}
            assert _unfolded(body.form or ()) == {one.name: _as_sent(one) for one in each.parameters if one.name not in files}
            assert {name for name, _ in body.uploads} == files


def test_every_nested_parameter_is_reached_by_its_joined_name_and_by_its_path():
    count = 0
    for _, each in every_write():
        for name, place in places(each).items():
            assert place_of(name, each, None, "CALL").parameter is not None
            assert place_of(".".join(map(str, place.steps)), each, None, "CALL") == place
            count += 1
    assert count > 3000


def test_every_column_that_a_create_or_an_update_takes_is_found_under_its_name():
    count = 0
    for table in catalogue().tables():
        for each in (table.create, table.update):
            if each is None:
                continue
            reachable = {place.steps: place for place in places(each).values()}
            for column in table.columns:
                if column.path and tuple(column.path) in reachable and column.same_as is None:
                    assert place_of(column.name, each, table, "INSERT") == reachable[tuple(column.path)]
                    count += 1
    assert count > 1000
