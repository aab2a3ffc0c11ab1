"""Turn answer bodies into Arrow batches."""
