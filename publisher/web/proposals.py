"""What does the plan propose that one click takes? A phrase's areas, another's warning, a short form."""

from dataclasses import replace
from zoneinfo import ZoneInfo

from publisher.core import conflicts, phrases
from publisher.model.bulletin import Bulletin
from publisher.model.directory import Officer
from publisher.model.words import Act, Medium
from publisher.store import clock
from publisher.web.context import Web
from publisher.web.deeds import in_force
from publisher.web.drafting import hold
from publisher.web.errors import simple
from publisher.web.subject import written
from publisher.work import bulletins
from publisher.work.bulletins import Conflict


async def confirm(at: Web, wanted: str, section: int, words: str, revision: int, by: Officer) -> Bulletin:
    """Take what words such as 北部街镇 stand for as a section's areas. Raises Problem 404 where the text does not say them."""
    async with at.hub.db.write() as tx:
        one = await bulletins.get(tx, wanted)
        pack = await at.hub.packs.active(tx)
        today = (await clock.now(tx)).astimezone(ZoneInfo(pack.about.time_zone)).date()
        content = phrases.confirmed(one.content, section, words, pack, today)
        if content is None:
            known = ", ".join(f"{p.section}: {p.words}" for p in phrases.proposals(one.content, pack, today)) or "none"
            raise simple(404, "missing", f"section {section} does not say {words!r} of phrases.yaml; it says {known}")
        written(by, content, pack)
        return await bulletins.edit(tx, wanted, content, by=by, pack=pack, revision=revision)


async def into(at: Web, wanted: str, of_warning: str, by: Officer) -> Bulletin:
    """Make a draft the next version of another warning that it meets, in that warning's name; the draft is thrown away.

    Raises Conflict when the two do not meet or theirs is not to be changed, Problem 403 or 422 where the officer may not.
    """
    async with at.hub.db.write() as tx:
        one = await bulletins.get(tx, wanted)
        standing = await in_force(tx, of_warning)
        pack = await at.hub.packs.active(tx)
        written(by, standing.content, pack)
        issued = next(old for old in await bulletins.released(tx, of_warning) if old.bulletin.id == standing.id)
        found = conflicts.met(one.content, one.warning, [issued], pack)
        if not found or found[0].what != "update_theirs":
            reason = found[0].what if found else "they share no hazard, place and time"
            raise Conflict("not-to-be-updated", (f"warning {of_warning} is not to be updated by this: {reason}",))
        sections = conflicts.merged(standing.content.sections, one.content.sections, pack)
        hold(pack, by, standing.content.unit, standing.content.hazard, sections)
        content = replace(
            one.content,
            act=Act.UPDATE,
            names=standing.id,
            unit=standing.content.unit,
            sections=sections,
            origin=None,
            expires=max(one.content.expires, standing.content.expires),
        )
        written(by, content, pack)
        await bulletins.discard(tx, wanted, by=by)
        return await bulletins.draft(tx, content, by=by, pack=pack, of_warning=of_warning)


async def shorten(at: Web, wanted: str, medium: str, revision: int, by: Officer) -> Bulletin:
    """Use the pack's short form on one medium."""
    async with at.hub.db.write() as tx:
        one = await bulletins.get(tx, wanted)
        pack = await at.hub.packs.active(tx)
        if medium not in set(Medium):
            raise simple(422, "invalid", f"there is no medium {medium}; media are: {', '.join(Medium)}", where="medium")
        short = tuple(dict.fromkeys((*one.content.short, Medium(medium))))
        content = replace(one.content, short=short)
        return await bulletins.edit(tx, wanted, content, by=by, pack=pack, revision=revision)
