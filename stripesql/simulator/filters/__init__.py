"""Say which parameters each list takes and what they mean: Stripe's semantics by our own hand, not the catalogue's."""
