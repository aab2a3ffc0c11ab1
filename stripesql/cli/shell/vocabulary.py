"""List the words of SQL that the shell offers and colours.

In: nothing. Out: words in capitals (keywords) or small letters (functions). The engine knows more; these are the ones that queries over Stripe use.
"""

from __future__ import annotations

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


STATEMENTS: Final = (
    *("SELECT", "WITH", "FROM", "EXPLAIN", "EXPLAIN ANALYZE", "SHOW", "DESCRIBE", "SET", "RESET", "SUMMARIZE", "VALUES"),
    *("INSERT INTO", "UPDATE", "DELETE FROM", "CALL", "PIVOT", "UNPIVOT"),
)
"""How a statement may begin."""

KEYWORDS: Final = _words(
    """
    ALL ALTER ANALYZE AND ANTI ANY AS ASC ASOF BEGIN BETWEEN BY CALL CASE CAST COLLATE COMMIT CONFLICT CREATE CROSS CUBE CURRENT CURRENT_DATE
    CURRENT_TIMESTAMP DATE DELETE DESC DESCRIBE DISTINCT DO DROP ELSE END ESCAPE EXCEPT EXCLUDE EXISTS EXPLAIN FALSE FILTER FIRST FOLLOWING FROM
    FULL GLOB GROUP GROUPING HAVING ILIKE IN INNER INSERT INTERSECT INTERVAL INTO IS ISNULL JOIN JSON LAST LATERAL LEFT LIKE LIMIT MATERIALIZED
    MERGE NATURAL NOT NOTHING NOTNULL NULL NULLS OFFSET ON OR ORDER OUTER OVER PARTITION PERCENT PIVOT POSITIONAL PRECEDING QUALIFY RANGE RECURSIVE
    REPLACE RESET RETURNING RIGHT ROLLBACK ROLLUP ROW ROWS SELECT SEMI SET SETS SHOW SIMILAR SOME SUMMARIZE TABLE TABLES TABLESAMPLE THEN TIES
    TIMESTAMP TO TRUE TRY_CAST UNBOUNDED UNION UNPIVOT UPDATE USING VALUES WHEN WHERE WINDOW WITH WITHIN
    """
)
"""Words that have a meaning of their own somewhere."""

CLAUSES: Final = (
    *("FROM", "WHERE", "GROUP BY", "ORDER BY", "HAVING", "LIMIT", "OFFSET", "QUALIFY", "AS", "AND", "OR", "NOT", "IN", "IS NULL"),
    *("IS NOT NULL", "BETWEEN", "LIKE", "ILIKE", "JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN", "SEMI JOIN", "ANTI JOIN"),
    *(
        "ON",
        "USING",
        "ASC",
        "DESC",
        "NULLS FIRST",
        "NULLS LAST",
        "UNION",
        "UNION ALL",
        "EXCEPT",
        "INTERSECT",
        "THEN",
        "ELSE",
        "WHEN",
        "END",
    ),
    *("OVER", "PARTITION BY", "FILTER", "SET", "VALUES", "RETURNING", "ON CONFLICT", "WINDOW", "SELECT"),
)
"""What may follow an operand."""

OPENERS: Final = (
    "DISTINCT",
    "CASE",
    "WHEN",
    "NOT",
    "EXISTS",
    "CAST",
    "NULL",
    "TRUE",
    "FALSE",
    "INTERVAL",
    "SELECT",
    "CURRENT_DATE",
    "ALL",
    "LATERAL",
)
"""What may stand where an operand is expected."""

FUNCTIONS: Final = _words(
    """
    abs age any_value approx_count_distinct arg_max arg_min array_agg avg bit_length bool_and bool_or ceil chr coalesce concat concat_ws contains
    corr count count_if covar_pop covar_samp cume_dist date_add date_diff date_part date_sub date_trunc day dayname dayofmonth dayofweek dayofyear
    dense_rank ends_with epoch epoch_ms exp extract first first_value floor format generate_series greatest hash hour ifnull isodow json_array_length
    json_extract json_extract_string json_keys json_type json_valid lag last last_day last_value lead least left length levenshtein list list_contains
    list_distinct list_sort ln log lower lpad ltrim mad make_date make_timestamp max max_by md5 median min min_by minute mod mode money month monthname
    now nth_value ntile nullif percent_rank pow printf product quantile_cont quantile_disc quarter range rank regexp_extract regexp_matches
    regexp_replace repeat replace reverse right round row_number rpad rtrim second sign split_part sqrt starts_with stddev stddev_pop string_agg
    strftime string_split strlen strptime substring sum time_bucket to_days to_hours to_months to_timestamp to_years trim trunc typeof unnest upper
    var_pop variance week weekday year
    """
)

SYMBOLIC_DATES: Final = (
    *("today", "yesterday", "tomorrow", "weekstart", "weekend", "monthstart", "monthend", "yearstart", "yearend"),
    *("today-7d", "today-30d", "monthstart-1m", "monthstart-3m", "yearstart-1y"),
)

RESERVED: Final = frozenset(
    _words("""
    all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create default deferrable desc describe
    distinct do else end except false fetch for foreign from grant group having in initially intersect into lambda lateral leading limit not null
    offset on only or order pivot placing primary qualify references returning select show some summarize symmetric table then to trailing true
    union unique unpivot using variadic when where window with
    """)
)
"""Words that are names only in quotes."""
