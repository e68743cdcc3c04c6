"""Is this within what a person may deal with? Units, areas, hazards and the highest level; an empty scope is no limit."""

from publisher.core.approval import Denied
from publisher.core.planning import rank_of
from publisher.model.bulletin import Content
from publisher.model.directory import Officer
from publisher.model.pack import Pack


def outside(who: Officer, content: Content, pack: Pack) -> tuple[Denied, ...]:
    """Every way in which a bulletin lies outside an officer's scope; none means it is theirs to deal with."""
    scope, rank = who.scope, rank_of(content, pack)
    found: list[str] = []
    if scope.units and content.unit not in scope.units:
        found.append(f"it is {content.unit}'s; you deal with those of {', '.join(scope.units)}")
    if scope.hazards and content.hazard not in scope.hazards:
        found.append(f"its hazard is {content.hazard}; you deal with {', '.join(scope.hazards)}")
    codes = dict.fromkeys(code for section in content.sections for code in section.areas)
    beyond = [code for code in codes if scope.areas and not pack.inside(code, frozenset(scope.areas))]
    if beyond:
        found.append(f"{', '.join(beyond)} lie outside your areas: {', '.join(scope.areas)}")
    if scope.max_rank is not None and rank > scope.max_rank:
        found.append(f"it is of rank {rank}; you deal with ranks up to {scope.max_rank}")
    return tuple(Denied("scope", one) for one in found)
