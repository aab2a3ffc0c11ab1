"""Hold the catalogue's data against what must be true of any catalogue, and against facts known from elsewhere."""

from __future__ import annotations

import subprocess
import sys

import pytest

from stripesql.catalogue.load import catalogue
from stripesql.catalogue.model import (
    ColumnKind,
    ColumnRole,
    Exactness,
    Filter,
    FilterShape,
    Paging,
    Table,
    TableShape,
)
from stripesql.types import SqlType

TABLES = tuple(catalogue().tables())
LISTS = tuple(table for table in TABLES if table.list is not None)


def the(name: str) -> Table:
    table = catalogue().table(name)
    assert table is not None
    return table


def the_filter(table: str, param: str) -> Filter:
    listed = the(table).list
    assert listed is not None
    return next(one for one in listed.filters if one.param == param)


def test_importing_reads_no_data():
    code = "import stripesql.catalogue.load as load; assert load.catalogue.cache_info().currsize == 0"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_table_is_found_in_any_case_and_decoded_once():
    assert catalogue().table("Customers") is catalogue().table("customers")
    assert catalogue().table("custmers") is None
    assert catalogue().table("../index") is None


def test_names_are_unique_without_regard_to_case():
    names = [name.lower() for name in catalogue().table_names()]
    assert len(names) == len(set(names))
    assert [table.name for table in TABLES] == list(catalogue().table_names())


def test_every_v1_and_v2_list_is_a_table():
    assert len(LISTS) >= 115


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_is_sound(table: Table):
    names = [column.name.lower() for column in table.columns]
    assert len(names) == len(set(names))
    assert 0 < len(table.visible) <= 150
    assert [column.hidden for column in table.columns] == sorted(column.hidden for column in table.columns)
    assert all(table.column(name) is not None for name in table.key)
    assert table.columns[-1].role is ColumnRole.RAW
    for column in table.columns:
        assert bool(column.path) is (column.role is ColumnRole.FIELD)
        assert all(catalogue().table(name) is not None for name in column.references)
        assert column.same_as is None or (column.hidden and table.column(column.same_as) is not None)
        assert column.role is not ColumnRole.FILTER_ONLY or column.hidden
        assert column.role is not ColumnRole.PARENT or not column.hidden
    for parent in table.parents:
        assert table.column(parent.column) is not None
        assert parent.embedded is None or the(parent.table).column(parent.embedded).kind is ColumnKind.LIST
    assert all(action.table == table.name for action in table.actions)


@pytest.mark.parametrize("table", LISTS, ids=lambda table: table.name)
def test_a_list_is_sound(table: Table):
    listed = table.list
    assert listed is not None
    params = [one.param for one in listed.filters]
    assert len(params) == len(set(params))
    for argument, column in listed.required:
        assert table.column(column) is not None
        assert f"{{{argument}}}" in listed.path or argument in params
    for one in listed.filters:
        if one.exactness is Exactness.NEVER:
            assert one.column is None
            assert one.note
            continue
        column = table.column(one.column or "")
        assert column is not None
        assert column.type is not SqlType.JSON
        assert one.exactness is Exactness.EXACT or one.note
        assert bool(one.operators) is (one.shape is FilterShape.RANGE)
        assert one.max_values == 1 or one.shape is FilterShape.IN_LIST
        assert not column.values or one.shape is not FilterShape.EQUALITY or set(one.values) <= {*column.values, "true"}
    assert len(set(listed.variants)) == len(listed.variants) > 0
    for column_name in (listed.time_column, listed.range_column):
        assert column_name is None or table.column(column_name).type is SqlType.TIMESTAMPTZ
    assert listed.range_column is None or the_filter(table.name, listed.range_column).shape is FilterShape.RANGE


@pytest.mark.parametrize(
    "table", [table for table in TABLES if table.retrieve is not None and table.shape is not TableShape.SINGLETON], ids=lambda t: t.name
)
def test_arguments_of_a_retrieve_are_the_key_in_order(table: Table):
    assert table.retrieve is not None
    if table.shape is not TableShape.BALANCE:
        assert len(table.retrieve.arguments) == len(table.key)


def test_no_parameter_is_without_a_review():
    assert not [(table.name, one.param) for table in LISTS for one in table.list.filters if one.note == "not reviewed"]


def test_procedures_are_unique():
    names = [(action.table, action.name) for action in catalogue().actions()]
    assert len(names) == len(set(names))
    operations = [action.endpoint.operation for action in catalogue().actions()]
    assert len(operations) == len(set(operations))


def test_tables_are_found_by_path_and_by_resource():
    assert catalogue().table_of_path("/v1/transfers/{transfer}/reversals").name == "transfer_reversals"
    assert catalogue().table_of_path("/v1/nothing") is None
    assert catalogue().table_of_resource("payment_method").name == "payment_methods"
    assert catalogue().table_of_resource("account").name == "accounts"


def test_readable_names():
    assert {"invoice_items", "invoice_line_items", "credit_note_line_items", "customer_tax_ids"} <= set(catalogue().table_names())
    assert not {"invoiceitems", "invoice_lines"} & set(catalogue().table_names())


def test_a_full_scan_of_subscriptions_asks_for_canceled_ones():
    listed = the("subscriptions").list
    assert listed.variants == ((("status", "all"),),)
    assert the_filter("subscriptions", "status").values == (
        "active",
        "canceled",
        "incomplete",
        "incomplete_expired",
        "past_due",
        "paused",
        "trialing",
        "unpaid",
    )
    assert listed.time_column == listed.range_column == "created"
    assert the("subscriptions").beyond_list
    assert the("subscriptions").column("price").role is ColumnRole.FILTER_ONLY


def test_a_full_scan_of_prices_is_two_lists():
    listed = the("prices").list
    assert listed.variants == ((("active", "true"),), (("active", "false"),))
    assert the_filter("prices", "lookup_keys").max_values == 10
    assert the_filter("prices", "lookup_keys").column == "lookup_key"
    assert the_filter("prices", "recurring[interval]").column == "recurring_interval"
    assert the("prices").column("tiers").expand == "tiers"


def test_event_types_take_a_wildcard_and_lists():
    assert the_filter("events", "type").wildcard
    assert the_filter("events", "type").excludes == ("types",)
    assert the_filter("events", "types").max_values == 20
    assert the("events").column("delivery_success").role is ColumnRole.FILTER_ONLY


def test_invoice_items_are_renamed_and_dated():
    table = the("invoice_items")
    assert table.column("created").same_as == "date"
    assert the_filter("invoice_items", "created").column == "date"
    assert the_filter("invoice_items", "pending").shape is FilterShape.IS_NULL
    assert the_filter("invoice_items", "pending").column == "invoice"
    assert table.list.range_column is None


def test_customers_flatten_their_address_and_keep_its_json():
    table = the("customers")
    assert table.column("address_city").path == ("address", "city")
    assert table.column("address").hidden
    assert table.column("address").type is SqlType.JSON
    assert table.column("sources").expand == "sources"
    assert table.column("deleted") is None
    assert table.search_path == "/v1/customers/search"
    assert ("email", "email", "string") in table.search_fields


def test_charges_refer_and_do_not_push_what_is_cut():
    table = the("charges")
    assert table.column("customer").references == ("customers",)
    assert table.column("customer").kind is ColumnKind.EXPANDABLE
    assert table.column("payment_method").references == ("payment_methods",)
    assert the_filter("charges", "transfer_group").exactness is Exactness.NEVER
    assert table.column("created").type is SqlType.TIMESTAMPTZ
    assert table.column("payment_method_details").type is SqlType.JSON
    assert table.column("payment_method_details_type").path == ("payment_method_details", "type")


@pytest.mark.parametrize(
    ("table", "param"),
    [("treasury_debit_reversals", "status"), ("balance_transactions", "source"), ("v2_core_accounts", "applied_configurations")],
)
def test_traps_are_not_pushed(table: str, param: str):
    assert the_filter(table, param).exactness is Exactness.NEVER


def test_accounts_may_lack_a_time_of_creation():
    assert the("accounts").list.range_column is None
    assert the("accounts").list.time_column is None


def test_old_name_of_an_invoices_subscription():
    column = the("invoices").column("subscription")
    assert column.hidden
    assert column.path == ("parent", "subscription_details", "subscription")
    assert the_filter("invoices", "subscription").column == column.same_as


def test_embedded_items_are_those_of_the_child_table():
    assert [(one.table, one.argument, one.embedded) for one in the("subscription_items").parents] == [
        ("subscriptions", "subscription", "items")
    ]
    assert [(one.table, one.argument, one.embedded) for one in the("invoice_line_items").parents] == [("invoices", "invoice", "lines")]


def test_synthetic_parent_ids_are_visible():
    column = the("checkout_session_line_items").column("checkout_session")
    assert column.role is ColumnRole.PARENT
    assert not column.hidden
    assert the("application_fee_refunds").column("fee").role is ColumnRole.FIELD
    assert the("application_fee_refunds").list.required == (("id", "fee"),)


def test_balance_is_a_row_per_kind_and_currency():
    table = the("balance")
    assert table.shape is TableShape.BALANCE
    assert [column.name for column in table.visible] == ["kind", "currency", "amount", "source_types", "livemode"]
    assert table.key == ("kind", "currency")


def test_delete_is_only_where_a_row_goes_away():
    assert the("customers").delete is not None
    assert the("subscriptions").delete is None
    assert the("customer_sources").delete is None
    assert {action.name: action.endpoint.method for action in the("subscriptions").actions}["cancel"] == "DELETE"


def test_own_ids_can_be_given_only_where_create_takes_them():
    own = [table for table in TABLES if table.own_id]
    assert [table.name for table in own] == ["coupons", "plans", "products"]
    assert all("id" in [parameter.name for parameter in table.create.parameters] for table in own)


def test_paging_of_each_api_version():
    assert the("charges").list.paging is Paging.CURSOR
    assert the("v2_core_events").list.paging is Paging.PAGE_URL
    assert the("reporting_report_types").list.paging is Paging.NONE
    assert the("v2_core_events").column("created").kind is ColumnKind.ISO_TIME


def test_parameters_keep_their_nested_shape():
    parameters = {parameter.name: parameter for parameter in the("subscriptions").create.parameters}
    assert parameters["items"].item.kind == "object"
    assert "price" in [field.name for field in parameters["items"].item.fields]
    assert parameters["trial_end"].kind == "unix-time"
    assert parameters["trial_end"].accepts_now
    assert parameters["metadata"].kind == "map"
    assert parameters["metadata"].accepts_empty


def test_every_hidden_row_has_a_source():
    notes = [note for table in TABLES for note in table.notes]
    assert notes
    assert all(note.rows and note.source for note in notes)
    assert all(note.seen_by for note in notes if note.beyond_list)
