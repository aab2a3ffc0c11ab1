"""Offer the interactive shell."""
