"""Send requests: the only package that imports httpx."""
