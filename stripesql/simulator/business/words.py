"""Hold the words that names, addresses and descriptions are made of."""

from __future__ import annotations

FIRST = (
    "Ada", "Grace", "Linus", "Margaret", "Ken", "Barbara", "Dennis", "Radia", "Edsger", "Frances", "Alan", "Hedy", "Tim", "Jean", "Niklaus",
    "Zoë", "José", "Søren", "Aoife", "Łukasz", "Noor", "Yuki", "Haruto", "Fatima", "Omar", "Chloé", "Jürgen", "Ingrid", "Mateo", "Priya",
)  # fmt: skip
LAST = (
    "Lovelace", "Hopper", "Hamilton", "Liskov", "Ritchie", "Perlman", "Allen", "Turing", "Lamarr", "Bartik", "Wirth", "O'Brien", "D'Angelo",
    "Müller", "García", "Sørensen", "Nowak", "Tanaka", "Sato", "Al-Sabah", "Dubois", "Schmidt", "Rossi", "van der Berg", "Patel", "Kim",
)  # fmt: skip
COMPANY = (
    "Northwind", "Acme", "Initech", "Globex", "Umbra", "Hooli", "Vandelay", "Stark & Sons", "Blue Harbor", "Tiny Robots", "Paper Street",
    "Lighthouse", "Quiet Storm", "Red Panda", "Copper Kettle", "Moonshot", "Third Rail", "Café Zürich", "Kumo", "Sakura", "Dune", "Nordlys",
)  # fmt: skip
SUFFIX = ("Ltd", "Inc.", "GmbH", "SARL", "KK", "LLC", "Labs", "Studio", "Group", "& Co")

PLACES: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    "US": (
        ("500 Howard St", "San Francisco", "CA", "94105"),
        ("1 Main St", "Austin", "TX", "78701"),
        ("77 Mass Ave", "Cambridge", "MA", "02139"),
    ),
    "GB": (("10 Downing Mews", "London", "", "SW1A 2AB"), ("4 Canal St", "Manchester", "", "M1 3HE")),
    "DE": (("Torstraße 1", "Berlin", "", "10119"), ("Marienplatz 8", "München", "", "80331")),
    "FR": (("12 rue de Rivoli", "Paris", "", "75004"),),
    "IE": (("1 Grand Canal Dock", "Dublin", "", "D02 H210"),),
    "CA": (("290 Bremner Blvd", "Toronto", "ON", "M5V 3L9"),),
    "JP": (("1-1-2 Otemachi", "Tokyo", "", "100-0004"), ("2-6-1 Umeda", "Osaka", "", "530-0001")),
    "KW": (("Arabian Gulf St", "Kuwait City", "", "13001"),),
}
"""line1, city, state, postal code; an empty state is null."""

HOME = (
    (0.46, "US", "usd"), (0.58, "GB", "gbp"), (0.68, "DE", "eur"), (0.74, "FR", "eur"),
    (0.78, "IE", "eur"), (0.86, "JP", "jpy"), (0.95, "CA", "cad"), (1.0, "KW", "kwd"),
)  # fmt: skip
"""cumulative share, country, currency."""

LOCALE = {"DE": "de", "FR": "fr", "JP": "ja"}
SEGMENTS = ("self-serve", "smb", "mid-market", "enterprise")
CHANNELS = ("ads", "organic", "partner", "referral", "sales")
FAILURES = (
    ("card_declined", "Your card was declined."),
    ("insufficient_funds", "Your card has insufficient funds."),
    ("expired_card", "Your card has expired."),
    ("processing_error", "An error occurred while processing your card."),
)
