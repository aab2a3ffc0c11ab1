"""Offer the command ``stripesql``."""
