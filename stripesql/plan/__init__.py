"""Decide, without any effect, which requests a scan needs."""
