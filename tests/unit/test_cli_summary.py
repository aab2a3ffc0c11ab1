from stripesql.cli.summary import of_change, of_rows
from stripesql.outputs.rows import Written
from stripesql.stats import Stats


def line(report):
    """Return the parts of a report's first line but the seconds that it took."""
    return report.split("\n")[0].split(" · ")[:-1]


def test_rows_and_requests_are_told_always_and_the_rest_where_there_was_any():
    assert line(of_rows(Written(1), Stats())) == ["1 row", "0 requests"]
    assert line(of_rows(Written(1_234), Stats(requests=13, cache_hits=1, waited_s=0.51))) == [
        "1,234 rows",
        "13 requests",
        "1 cached page",
        "0.51 s waited",
    ]


def test_a_write_tells_how_many_rows_it_wrote():
    assert line(of_change(3, Stats(requests=3))) == ["3 rows written", "3 requests"]
    assert line(of_change(-1, Stats())) == ["done", "0 requests"]


def test_notes_have_lines_of_their_own():
    report = of_rows(Written(0, ("2 of 9 columns do not fit",)), Stats(pushes_dropped=("charges.customer",)))
    assert report.split("\n")[1:] == [
        "Stripe refused to filter by charges.customer; the rows were filtered here",
        "2 of 9 columns do not fit",
    ]
