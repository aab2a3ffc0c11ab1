"""Draw the constants that columns are compared with: mostly values that rows have, sometimes odd ones."""

from decimal import Decimal

from hypothesis import strategies as st

from exactness.sql import NOW_SQL, TODAY_SQL, Sql, fill, quote, same, stamp, symbol, utc, wall
from exactness.tables import TIMES, ZONES, Field
from exactness.worlds import id_of

SYMBOLS = ("today", "yesterday", "tomorrow", "weekstart", "weekend", "monthstart", "monthend", "yearstart", "yearend")
INTERVALS = ("INTERVAL 1 DAY", "INTERVAL '36 hours'", "INTERVAL 1 MONTH", "INTERVAL '1 week'", "INTERVAL 500 MILLISECONDS")
ODD_WORDS = ("all", "ended", "canceled", "", "nope", "invoice.", "*", "true", "1", "spring", "search")


def text(draw, table: str, field: Field) -> str:
    """Return a text for a VARCHAR column: an id where it is a key, else what rows may have, or nearly have."""
    keyed = table if field.name == "id" else field.references
    if keyed is not None:
        return draw(st.sampled_from([*(id_of(keyed, index) for index in range(6)), "nope", "", "."]))
    known = [each for each in field.pool if each is not None]
    return draw(st.sampled_from([*known, *known, *ODD_WORDS, known[0].upper(), known[0] + "x"]))


def number(draw, field: Field, *, quoted: bool = True) -> Sql:
    """Return a number as SQL may write it."""
    value = draw(st.sampled_from([each for each in field.pool if each is not None]))
    if field.type == "BIGINT":
        written = str(value + draw(st.sampled_from((0, 0, 0, 1, -1))))
        forms = ["@", "@", "@", "(@)::BIGINT", "@.5", "CAST(@ AS DOUBLE)", "@ + 1", "(@)::HUGEINT", "@.0"]
    else:
        written, forms = str(value), ["@", "(@)::DOUBLE", "7.5", "0", "1e1", "CAST('0.125' AS DECIMAL(10,3))"]
    return same(draw(st.sampled_from([*forms, *["'@'"] * quoted])).replace("@", written))


def moment(draw, zone: str, *, symbols: bool = True) -> Sql:
    """Return a time, written in one of many ways; ``symbols`` only where it is compared with a column directly."""
    us = draw(st.sampled_from(TIMES)) * 1_000_000 + draw(st.sampled_from((0, 0, 0, 0, 1, 500_000, 999_999, -1)))
    form = draw(
        st.sampled_from(
            (
                "tz",
                "tz",
                "local",
                "local text",
                "iso",
                "date",
                "date text",
                "unix",
                "cast",
                "now",
                "now",
                "today",
                "symbol",
                "plus",
                "odd",
                "zoned",
            )
        )
    )
    face = wall(us, zone)
    match form:
        case "tz":
            return same(stamp(us))
        case "local":
            return same(f"TIMESTAMP '{face.isoformat(sep=' ')}'")
        case "local text":
            return same(quote(face.isoformat(sep=" ")))
        case "iso":
            return same(quote(utc(us).isoformat(sep="T").replace("+00:00", "Z")))
        case "date":
            return same(f"DATE '{face.date().isoformat()}'")
        case "date text":
            return same(quote(face.date().isoformat()))
        case "unix":
            return same(f"to_timestamp({Decimal(us) / 1_000_000})")
        case "cast":
            return same(f"CAST('{face.isoformat(sep=' ')}' AS {draw(st.sampled_from(('TIMESTAMPTZ', 'TIMESTAMP', 'DATE')))})")
        case "now":
            return fill(f"@ - {draw(st.sampled_from(INTERVALS))}", NOW_SQL)
        case "today":
            return fill(draw(st.sampled_from(("@", "@ - 7", "@ - INTERVAL 1 MONTH", "CAST(@ AS TIMESTAMP)"))), TODAY_SQL)
        case "symbol" if symbols:
            sign = draw(st.sampled_from(("", "+", "-")))
            return symbol(draw(st.sampled_from(SYMBOLS)), sign, draw(st.sampled_from((0, 1, 2, 13))), draw(st.sampled_from("dwmy")), zone)
        case "plus":
            return same(f"{stamp(us)} {draw(st.sampled_from('+-'))} {draw(st.sampled_from(INTERVALS))}")
        case "zoned":
            other = draw(st.sampled_from(ZONES))
            return same(f"TIMESTAMP '{wall(us, other).isoformat(sep=' ')}' AT TIME ZONE '{other}'")
    return same(
        draw(st.sampled_from(("'infinity'", "'-infinity'", "'epoch'", "TIMESTAMPTZ '2500-01-01 00:00:00+00'", "NULL", "NULL::TIMESTAMPTZ")))
    )


def local_moment(draw, zone: str) -> Sql:
    """Return a local time without a zone, for expressions that give one."""
    us = draw(st.sampled_from(TIMES)) * 1_000_000 + draw(st.sampled_from((0, 0, 0, 500_000)))
    face = wall(us, zone)
    text = draw(
        st.sampled_from(
            (face, face.replace(hour=0, minute=0, second=0, microsecond=0), face.replace(day=1, hour=0, minute=0, second=0, microsecond=0))
        )
    )
    return same(
        draw(
            st.sampled_from((f"TIMESTAMP '{text.isoformat(sep=' ')}'", f"DATE '{text.date().isoformat()}'", f"'{text.isoformat(sep=' ')}'"))
        )
    )
