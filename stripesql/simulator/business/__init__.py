"""Make the data of one believable software business: deterministic for a seed, a scale and the day of now."""
