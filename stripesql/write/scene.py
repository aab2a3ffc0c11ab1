"""Say what a write is carried out in."""

from __future__ import annotations

from dataclasses import dataclass, replace

from stripesql.query.select import Surroundings
from stripesql.scan.means import Means
from stripesql.settings import Settings
from stripesql.write.scalars import When


@dataclass(frozen=True, slots=True)
class Scene:
    """Say what a write is carried out in.

    Attributes:
        around: what its queries run in.
        means: what it reads and sends with.
        mode: ``test``, ``live`` or ``unknown``, of the key.
        text: the statement, for the places of errors; "" where they are told as they are.
    """

    around: Surroundings
    means: Means
    mode: str
    text: str = ""

    @property
    def settings(self) -> Settings:
        """Return the settings of the statement."""
        return self.around.settings

    @property
    def when(self) -> When:
        """Return how times without an offset and symbolic dates are read."""
        return When(self.settings.timezone, self.around.now)


def fresh(around: Surroundings) -> Surroundings:
    """Return the surroundings of what a write reads: never Search, which lags, and never what was kept."""
    return replace(around, settings=replace(around.settings, allow_stale_search=False, cache_ttl_s=0.0))
