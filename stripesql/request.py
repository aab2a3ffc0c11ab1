"""Define the one value that says what is asked of Stripe.

Planning, fetching, caching, sharing, EXPLAIN and writing all speak of a ``Request``. It holds no key: the client
that sends it adds the credentials.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from urllib.parse import quote

Params = tuple[tuple[str, str], ...]
"""Name and value of each parameter, in the order in which they are sent; names use brackets (``created[gte]``)."""


@dataclass(frozen=True, slots=True)
class Upload:
    """Say a file that is sent in a form.

    Attributes:
        name: of the form field.
        filename: last part of its path; Stripe shows it.
        content: the whole file, read once, so that a repeated request sends the same.
    """

    name: str
    filename: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Request:
    """Say one HTTP request to Stripe.

    Attributes:
        method: ``GET``, ``POST`` or ``DELETE``.
        path: absolute path, ids in it already percent-encoded (see ``path_of``).
        params: query parameters; bodies have their own field.
        base: ``api``, or ``files`` for the operations that live on the files host.
        body: form fields of a POST, or None.
        account: connected account (``Stripe-Account``), or None for the key's own.
        context: ``Stripe-Context``, or None.
        version: ``Stripe-Version``; None sends the version of the catalogue.
        idempotency_key: sent with a POST; None for GET and DELETE.
        document: JSON body of a POST (v2), in place of ``body``; None for a form.
        uploads: files that go with the form fields.
    """

    method: str
    path: str
    params: Params = ()
    base: str = "api"
    body: Params | None = None
    account: str | None = None
    context: str | None = None
    version: str | None = None
    idempotency_key: str | None = None
    document: str | None = None
    uploads: tuple[Upload, ...] = ()

    def with_params(self, *params: tuple[str, str]) -> Request:
        """Return the request with ``params`` added at the end, or replaced where the name is there already."""
        names = {name for name, _ in params}
        return replace(self, params=tuple(p for p in self.params if p[0] not in names) + params)

    def display(self) -> str:
        """Return ``GET /v1/charges?created[gte]=1&limit=100``: for people, values not percent-encoded."""
        query = "&".join(f"{name}={value}" for name, value in self.params)
        return f"{self.method} {self.path}{'?' + query if query else ''}"


def path_of(template: str, arguments: dict[str, str]) -> str:
    """Return ``template`` with each ``{name}`` replaced by its argument, percent-encoded.

    Raises:
        ValueError: an argument is empty, ``.`` or ``..``: it would name another path.

    >>> path_of("/v1/customers/{customer}", {"customer": "cus_1/../x"})
    '/v1/customers/cus_1%2F..%2Fx'
    """
    path = template
    for name, value in arguments.items():
        if value in ("", ".", ".."):
            raise ValueError(f"{name}={value!r} cannot be part of a path")
        path = path.replace("{" + name + "}", quote(value, safe=""))
    return path
