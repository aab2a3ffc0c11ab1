"""Read SQL text: the only package that imports sqlglot."""
