"""Name the endpoint that a request goes to, as Stripe's limits count it: one operation, whatever the ids.

In: method and path. Out: ``GET /v1/customers/{}``. Callers that know the catalogue's template may pass that instead.
"""

from __future__ import annotations

import re
from typing import Final

# Names of the API are lower-case words; ids hold digits or capitals. An id that a user chose (a coupon "summer") reads
# as a name and gets a limit of its own: a little too fast on one endpoint, still within the limit of the account.
_NAME: Final = re.compile(r"[a-z]+(?:_[a-z]+)*")
_VERSION: Final = re.compile(r"v[0-9]+")


def endpoint_of(method: str, path: str) -> str:
    """Return the endpoint with ``{}`` for each id.

    >>> endpoint_of("GET", "/v1/customers/cus_9s6XKzkNRiz8i3/tax_ids")
    'GET /v1/customers/{}/tax_ids'
    """
    parts = path.strip("/").split("/")
    names = [part if _NAME.fullmatch(part) or (i == 0 and _VERSION.fullmatch(part)) else "{}" for i, part in enumerate(parts)]
    return f"{method} /{'/'.join(names)}"


def is_search(endpoint: str) -> bool:
    """Say whether the endpoint is one of Search's, which has a limit of its own."""
    return endpoint.endswith("/search")
