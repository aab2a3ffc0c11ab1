"""Offer the PEP 249 face: connect, Connection, Cursor."""
