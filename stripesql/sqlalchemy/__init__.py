"""Speak SQLAlchemy 1.4, 2.0 and 2.1: ``create_engine("stripe:///?demo=1")``.

SQLAlchemy finds the dialect by its entry points; nothing here needs to be imported by a program.
"""
