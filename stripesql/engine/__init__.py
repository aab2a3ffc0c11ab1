"""Run SQL in DuckDB over row sources: the only package that imports duckdb."""
