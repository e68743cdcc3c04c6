"""Which elements of a list stand out of order? As few as possible are blamed."""

from bisect import bisect_right


def misplaced(places: list[int]) -> frozenset[int]:
    """Indexes to take out so that the rest never descends (the complement of a longest non-decreasing run)."""
    tails: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for index, place in enumerate(places):
        length = bisect_right(tails, place)
        before.append(ends[length - 1] if length else -1)
        tails[length : length + 1] = [place]
        ends[length : length + 1] = [index]
    kept = set()
    at = ends[-1] if ends else -1
    while at >= 0:
        kept.add(at)
        at = before[at]
    return frozenset(range(len(places))) - kept
