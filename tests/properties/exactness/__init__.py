"""Hold every answer against the same SQL over plain tables; see docs/explanation/exactness.md."""
