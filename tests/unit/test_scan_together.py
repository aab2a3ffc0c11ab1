"""Hold sources that begin together to what they promise: at the same time, bounded, and not before the first is asked for."""

import gc
import threading
import time

import pyarrow as pa
import pytest

from stripesql.scan.together import Together

SCHEMA = pa.schema([("a", pa.int64()), ("b", pa.int64())])


class Counting:
    """Give batches that count up, and wait before the first where there is something to wait for."""

    schema = SCHEMA

    def __init__(self, batches: int = 3, wait_for: threading.Event | None = None) -> None:
        self.begun, self.given, self.readers, self.asked = threading.Event(), 0, 0, []
        self._batches, self._wait_for = batches, wait_for

    def batches(self, columns):
        names = SCHEMA.names if columns is None else list(columns)
        self.asked.append(names)
        self.readers += 1
        self.begun.set()
        if self._wait_for is not None:
            assert self._wait_for.wait(30)
        for n in range(self._batches):
            self.given += 1
            yield pa.RecordBatch.from_pydict({"a": [n], "b": [10 * n]}, schema=SCHEMA).select(names)


def rows(source, columns=("a",)):
    return [row for batch in source.batches(columns) for row in batch.to_pylist()]


def idle():
    patience = time.monotonic() + 30
    while any(each.name == "stripesql-read-ahead" for each in threading.enumerate()):
        assert time.monotonic() < patience
        time.sleep(0.01)
    return True


def test_nothing_begins_before_the_first_is_asked_for():
    together, one, two = Together(), Counting(), Counting()
    joined = [together.join(each, ["a"]) for each in (one, two)]
    first = joined[0].batches(["a"])
    assert (one.readers, two.readers) == (0, 0)
    next(first)
    assert two.begun.wait(30)


def test_all_are_under_way_at_the_same_time():
    together, second = Together(), Counting()
    # The first gives nothing before the second has begun: one after the other would wait for ever.
    first = Counting(wait_for=second.begun)
    one, two = together.join(first, ["a"]), together.join(second, ["a", "b"])
    assert rows(one) == [{"a": 0}, {"a": 1}, {"a": 2}]
    assert rows(two, ("b",)) == [{"b": 0}, {"b": 10}, {"b": 20}]
    assert (first.readers, second.readers) == (1, 1)


def test_what_is_read_ahead_is_bounded_and_ends_when_it_is_forgotten():
    together, one, two = Together(), Counting(), Counting(batches=1000)
    joined = [together.join(one, ["a"]), together.join(two, ["a"])]
    rows(joined[0])
    assert two.begun.wait(30)
    time.sleep(0.2)
    assert two.given <= 5
    joined.clear()
    gc.collect()
    assert idle()
    assert two.given <= 5


def test_a_second_reader_and_one_that_wants_more_read_anew():
    together, one, two = Together(), Counting(), Counting()
    first, second = together.join(one, ["a"]), together.join(two, ["a"])
    assert rows(first) == rows(first)
    assert rows(second, ("b", "a")) == [{"b": 0, "a": 0}, {"b": 10, "a": 1}, {"b": 20, "a": 2}]
    assert rows(second) == [{"a": 0}, {"a": 1}, {"a": 2}]
    assert idle()


def test_a_failure_ahead_is_raised_where_its_rows_are_read():
    class Failing(Counting):
        def batches(self, columns):
            yield from super().batches(columns)
            raise LookupError("later")

    together = Together()
    one, two = together.join(Counting(), ["a"]), together.join(Failing(), ["a"])
    assert len(rows(one)) == 3
    with pytest.raises(LookupError, match="later"):
        rows(two)
