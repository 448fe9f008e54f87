"""Seat preferences in words: `stalls, together` or `wheelchair`, as customers and other programs write them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from http import HTTPStatus

from boxoffice.domain.allocation import Wish
from boxoffice.domain.plan import SeatingPlan
from central.problems import Declined

_ANY = {"", "any", "best", "best available", "no preference", "none"}
_TOGETHER = {"together", "adjacent", "next to each other"}
_APART = {"apart", "anywhere", "not together"}
_WHEELCHAIR = {"wheelchair", "accessible", "accessibility"}


@dataclass(frozen=True, slots=True)
class Preference:
    """`area` is one without numbered seats. Indices of the plan."""

    category: int | None = None
    section: int | None = None
    area: int | None = None
    together: bool = True
    wheelchair: bool = False

    def wish(self, count: int) -> Wish:
        return Wish(
            count=count,
            categories=None if self.category is None else frozenset({self.category}),
            section=self.section,
            together=self.together,
            wheelchair=1 if self.wheelchair else 0,
        )


def preference(plan: SeatingPlan, words: str) -> Preference:
    """Separated by commas; capitals do not matter. Raises Declined, 422 `unknown_preference`."""
    section = category = area = None
    together, wheelchair = True, False
    sections = [part.name.casefold() for part in plan.sections]
    categories = [name.casefold() for name in plan.categories]
    areas = [part.name.casefold() for part in plan.areas]
    for word in (part.strip() for part in re.split("[,;]", words.casefold())):
        if word in _ANY:
            continue
        if word in sections:
            section = sections.index(word)
        elif word in areas:
            area = areas.index(word)
        elif word in categories:
            category = categories.index(word)
        elif word in _TOGETHER:
            together = True
        elif word in _APART:
            together = False
        elif word in _WHEELCHAIR:
            wheelchair = True
        else:
            raise _not_understood(plan, word)
    return Preference(category, section, area, together, wheelchair)


def _not_understood(plan: SeatingPlan, word: str) -> Declined:
    names = dict.fromkeys(
        (*(part.name for part in plan.sections), *(part.name for part in plan.areas), *plan.categories)
    )
    known = ", ".join(list(names)[:20])
    return Declined(
        *(HTTPStatus.UNPROCESSABLE_ENTITY, "unknown_preference", f"“{word[:80]}” is not a preference of this house."),
        f"Write one or more of: {known}, together, apart, wheelchair.",
        field="seatPreferences",
    )
