"""What connectors do with any object: requests of one's own, previews and files."""

from __future__ import annotations

from connector_operations import First, Gives, Operation, Resource, Writes

REQUESTS = Resource(
    "Any request",
    operations=(
        Operation(
            "one request",
            "CALL stripe.request(path => '/v1/customers/cus_123')",
            Gives(("path", "call"), (("$", 1),)),
        ),
        Operation(
            "a JSON path over the answer",
            "CALL stripe.request(path => '/v1/products', params => {'ids': ['prod_123']}, filter => '$.data[?(@.active == true)].name')",
            Gives(("value",), (("Lamp",),)),
        ),
        Operation(
            "one that writes",
            "CALL stripe.request(method => 'POST', path => '/v1/customers/cus_123', body => {'phone': '+442012345678'}, filter => '$.phone')",
            Writes("/v1/customers/cus_123", {"phone": "+442012345678"}),
        ),
        Operation(
            "in bulk: one for each row",
            "CALL stripe.request(path => concat('/v1/invoices/', id), filter => '$.lines.data[*].description') "
            "FROM invoices WHERE customer = 'cus_123' AND status = 'draft'",
            Gives(("value", "call"), (("a lamp", 1),)),
            ("in_draft",),
        ),
        Operation(
            "in bulk, writing",
            "CALL stripe.request(method => 'POST', path => concat('/v1/invoices/', id, '/finalize')) "
            "FROM invoices WHERE customer = 'cus_123' AND status = 'draft'",
            Writes("/v1/invoices/in_draft", {"status": "open"}, "/v1/invoices/in_draft/finalize"),
        ),
    ),
)

EXPORTS = {
    f"export to {name}": f'stripesql -c "SELECT id, email, created FROM customers" -o customers.{suffix}'
    for name, suffix in {"CSV": "csv", "Excel": "xlsx", "JSON": "json", "Parquet": "parquet"}.items()
}
PREVIEW = Resource(
    "Preview and export", operations=(Operation("preview", "SELECT * FROM customers LIMIT 10", First(10)),), commands=EXPORTS
)
