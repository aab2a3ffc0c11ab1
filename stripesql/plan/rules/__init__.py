"""Hold one pushdown rule per file."""
