"""Carry out INSERT, UPDATE, DELETE and CALL."""
