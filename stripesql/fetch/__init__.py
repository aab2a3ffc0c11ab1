"""Send requests: the only package that imports httpx."""

from stripesql.fetch.client import Client
from stripesql.fetch.control import Control
from stripesql.fetch.response import Response

__all__ = ["Client", "Control", "Response"]
