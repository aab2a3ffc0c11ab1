"""State the list parameters of payments: charges, intents, refunds, disputes, payouts, balance, transfers, Connect.

Sources: API reference of each list, 2026-06-24; ``charges.transfer_group`` is "limited to 100" by its parameter text.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from stripesql.simulator.errors import ApiError
from stripesql.simulator.filters.model import (
    ACCOUNT_OF_CUSTOMER,
    CREATED,
    CUSTOMER,
    Filter,
    Form,
    any_of,
    choice,
    flag,
    ignored,
    needed,
    ref,
    special,
    text,
    whole,
    within,
)

if TYPE_CHECKING:
    from stripesql.simulator.account import Account
    from stripesql.simulator.store import Test

METHOD_TYPES = (
    "acss_debit affirm afterpay_clearpay alipay alma amazon_pay au_becs_debit bacs_debit bancontact billie bizum blik boleto card cashapp crypto custom"
    " customer_balance eps fpx giropay grabpay ideal kakao_pay klarna konbini kr_card link mb_way mobilepay multibanco naver_pay nz_bank_account oxxo p24"
    " pay_by_bank payco paynow paypal paypay payto pix promptpay revolut_pay samsung_pay satispay scalapay sepa_debit sequra sofort sunbit swish twint upi"
    " us_bank_account wechat_pay zip"
)
REDISPLAY = choice("allow_redisplay", "always limited unspecified")
INTENT = ref("payment_intent", "payment_intents")
CHARGE = ref("charge", "charges")


def _payout(account: Account, payout_id: str) -> Test:
    """Let through what an automatic payout consists of, its own booking included; manual ones are refused."""
    payout = account.shelf("payouts").get(payout_id)
    if payout is None:
        raise ApiError(400, f"No such payout: '{payout_id}'", code="resource_missing", param="payout")
    if not account.shelf("payouts").reader("automatic")(payout):
        raise ApiError(400, "Balance transaction history can only be filtered on automatic payouts, not manual.", param="payout")
    read = account.shelf("balance_transactions").reader("payout")
    return lambda row: bool(read(row) == payout_id)


def _source(account: Account, source: str) -> Test:
    """Let through the bookings whose source is the object, and those of the refunds and disputes of a charge."""
    read = account.shelf("balance_transactions").reader("source")
    sources = {source}
    if source.startswith(("ch_", "py_")):
        for table in ("refunds", "disputes"):
            sources.update(row.id for row in account.shelf(table).having("charge", source))
    return lambda row: read(row) in sources


def _relationship(name: str) -> Filter:
    return flag(f"relationship[{name}]")


def _applied(account: Account, wanted: Any) -> Test:
    """Let through accounts to which all of the configurations are applied."""
    read = account.shelf("v2_core_accounts").reader("applied_configurations")
    return lambda row: set(wanted) <= set(read(row) or ())


FILTERS: dict[str, tuple[Filter, ...]] = {
    "account_capabilities": (),
    "account_external_accounts": (choice("object", "bank_account card"),),
    "account_persons": tuple(map(_relationship, ("authorizer", "director", "executive", "legal_guardian", "owner", "representative"))),
    "accounts": (CREATED,),
    "apple_pay_domains": (text("domain_name"),),
    "application_fee_refunds": (),
    "application_fees": (CHARGE, CREATED),
    "balance_transactions": (
        CREATED,
        text("currency"),
        special("payout", Form.TEXT, _payout, refers="payouts"),
        special("source", Form.TEXT, _source),
        text("type"),
    ),
    "charges": (CREATED, CUSTOMER, INTENT, replace(text("transfer_group"), rows_at_most=100)),
    "country_specs": (),
    "customer_payment_methods": (REDISPLAY, choice("type", METHOD_TYPES)),
    "disputes": (CHARGE, CREATED, INTENT),
    "exchange_rates": (),
    "file_links": (CREATED, flag("expired"), ref("file", "files")),
    "files": (
        CREATED,
        choice(
            "purpose",
            "account_requirement additional_verification business_icon business_logo customer_signature dispute_evidence document_provider_identity_document"
            " finance_report_run financial_account_statement identity_document identity_document_downloadable issuing_regulatory_reporting pci_document"
            " platform_terms_of_service selfie sigma_scheduled_query tax_document_user_upload terminal_android_apk terminal_reader_splashscreen"
            " terminal_wifi_certificate terminal_wifi_private_key",
        ),
    ),
    "payment_attempt_records": (needed(text("payment_record")),),
    "payment_intents": (CREATED, CUSTOMER, ACCOUNT_OF_CUSTOMER),
    "payment_method_configurations": (flag("active"), text("application")),
    "payment_method_domains": (text("domain_name"), flag("enabled")),
    "payment_methods": (REDISPLAY, CUSTOMER, ACCOUNT_OF_CUSTOMER, choice("type", METHOD_TYPES)),
    "payouts": (within("arrival_date"), CREATED, text("destination"), text("status")),
    "radar_early_fraud_warnings": (CHARGE, CREATED, INTENT),
    "refunds": (CHARGE, CREATED, INTENT),
    "reviews": (CREATED,),
    "setup_attempts": (CREATED, needed(ref("setup_intent", "setup_intents"))),
    "setup_intents": (flag("attach_to_self"), CREATED, CUSTOMER, ACCOUNT_OF_CUSTOMER, ref("payment_method", "payment_methods")),
    "topups": (within("amount"), CREATED, choice("status", "canceled failed pending succeeded")),
    "transfer_reversals": (),
    "transfers": (CREATED, ref("destination", "accounts"), text("transfer_group")),
    "v2_core_account_persons": (),
    "v2_core_accounts": (
        special("applied_configurations", Form.TEXTS, _applied, most=10),
        flag("closed"),
    ),
    "v2_core_event_destinations": (ignored("include"),),
    "v2_core_events": (
        Filter("created", Form.TIMES, "created"),
        text("object_id", "related_object.id"),
        any_of("types", "type", 20),
    ),
    "v2_commerce_product_catalog_imports": (
        Filter("created", Form.TEXT, "created"),
        *(Filter(f"created_{op}", Form.TIMES, "created") for op in ("gt", "gte", "lt", "lte")),
        choice("feed_type", "inventory pricing product promotion"),
        choice("status", "awaiting_upload failed processing succeeded succeeded_with_errors"),
    ),
    "issuing_authorizations": (
        ref("card", "issuing_cards"),
        ref("cardholder", "issuing_cardholders"),
        CREATED,
        choice("status", "closed expired pending reversed"),
    ),
    "issuing_cardholders": (
        CREATED,
        text("email"),
        text("phone_number"),
        choice("status", "active blocked inactive"),
        choice("type", "company individual"),
    ),
    "issuing_cards": (
        ref("cardholder", "issuing_cardholders"),
        CREATED,
        whole("exp_month"),
        whole("exp_year"),
        text("last4"),
        text("personalization_design"),
        choice("status", "active canceled inactive"),
        choice("type", "physical virtual"),
    ),
    "issuing_disputes": (CREATED, choice("status", "expired lost submitted unsubmitted won"), text("transaction")),
    "issuing_personalization_designs": (
        any_of("lookup_keys", "lookup_key", 10),
        flag("preferences[is_default]"),
        flag("preferences[is_platform_default]"),
        choice("status", "active inactive rejected review"),
    ),
    "issuing_physical_bundles": (choice("status", "active inactive review"), choice("type", "custom standard")),
    "issuing_tokens": (needed(ref("card", "issuing_cards")), CREATED, choice("status", "active deleted requested suspended")),
    "issuing_transactions": (
        ref("card", "issuing_cards"),
        ref("cardholder", "issuing_cardholders"),
        CREATED,
        choice("type", "capture refund"),
    ),
}
