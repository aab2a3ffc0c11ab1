"""Turn answer bodies into Arrow batches."""

from stripesql.decode.decoder import Decoder
from stripesql.decode.page import DecodeFailure, Page

__all__ = ["DecodeFailure", "Decoder", "Page"]
