"""Be a database of Apache Superset 6.1.

Superset finds ``spec`` by its entry point; only ``spec`` and ``form`` import Superset. What they answer with is in ``times``,
``failures`` and ``cost``, which need nothing but us.
"""
