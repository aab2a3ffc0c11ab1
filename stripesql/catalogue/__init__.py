"""Know what Stripe offers: tables, columns, filters and endpoints, read from ``generated/``."""
