"""Answer SQL over the Stripe API: a PEP 249 driver and SQLAlchemy dialect."""
