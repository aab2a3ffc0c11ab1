"""Simulate Stripe: an embedded account for trying and testing without a network."""
