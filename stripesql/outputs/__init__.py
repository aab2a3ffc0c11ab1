"""Write Arrow batches as text, CSV, JSON, Parquet and spreadsheets, one format per file."""
