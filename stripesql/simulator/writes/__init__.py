"""Carry out writes: create, update, delete and the actions, as strictly as Stripe. One file per area states its rules."""
