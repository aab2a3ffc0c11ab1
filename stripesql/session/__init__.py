"""Dispatch statements by kind; own what one connection owns."""
