"""Carry one SELECT through its stages."""
