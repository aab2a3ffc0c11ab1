"""Define the SQL functions that stripesql adds to the engine, and those that it freezes.

Every function of the current time answers with the statement's own time, so that the planner and the engine agree on
it. A macro keeps the user's column labels, which replaced text would not.
"""

from __future__ import annotations

from typing import Final

NOW_VARIABLE: Final = "stripesql_now"

_NOW: Final = f"getvariable('{NOW_VARIABLE}')"
# Number of decimal places by currency, where it is not two. Source: https://docs.stripe.com/currencies
_ZERO_DECIMALS: Final = "bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf"
_THREE_DECIMALS: Final = "bhd jod kwd omr tnd"

MACROS: Final = (
    *(f"CREATE MACRO {name}() AS {_NOW}" for name in ("now", "current_timestamp", "get_current_timestamp", "transaction_timestamp")),
    *(f"CREATE MACRO {name}() AS CAST({_NOW} AS DATE)" for name in ("current_date", "today")),
    *(f"CREATE MACRO {name}() AS CAST({_NOW} AS TIMESTAMP)" for name in ("localtimestamp", "current_localtimestamp")),
    *(
        f"CREATE MACRO {name}() AS CAST(CAST({_NOW} AS TIMESTAMP) AS TIME)"
        for name in ("localtime", "current_localtime", "current_time", "get_current_time")
    ),
    f"CREATE MACRO age(a, b) AS system.main.age(a, b), (a) AS system.main.age(CAST(CAST({_NOW} AS DATE) AS TIMESTAMP), CAST(a AS TIMESTAMP))",
    "CREATE MACRO money(amount, currency) AS CAST(CAST(amount AS DECIMAL(35, 0)) * CASE "
    f"WHEN contains(' {_ZERO_DECIMALS} ', ' ' || lower(currency) || ' ') THEN 1.000 "
    f"WHEN contains(' {_THREE_DECIMALS} ', ' ' || lower(currency) || ' ') THEN 0.001 "
    "WHEN currency IS NULL THEN NULL ELSE 0.010 END AS DECIMAL(38, 3))",
)
