"""Are two contents one alert that two sources handed in? The same station and minute, or the same words about the same thing."""

from datetime import timedelta

from publisher.core.figures import folded
from publisher.model.bulletin import Content

NEAR = timedelta(minutes=10)
"""How far apart two routes may deliver one alert."""


def alike(one: Content, other: Content) -> bool:
    """Same hazard, levels and act, said by the same station at the same time, or word for word within ten minutes."""
    if (one.hazard, one.mode, _levels(one)) != (other.hazard, other.mode, _levels(other)):
        return False
    if one.origin is None or other.origin is None or one.origin.source == other.origin.source:
        return False
    if (one.origin.identifier, one.origin.sender) == (other.origin.identifier, other.origin.sender):
        return True
    near = abs(one.origin.sent - other.origin.sent) <= NEAR
    return near and _said(one) == _said(other)


def _levels(content: Content) -> frozenset[str]:
    return frozenset(section.level for section in content.sections)


def _said(content: Content) -> frozenset[str]:
    return frozenset(folded(words.description) for section in content.sections for words in section.words.values())
