"""Is this text filed with the provider that is to send it? Many send only texts filed beforehand, by their number."""

from publisher.model.bulletin import Content
from publisher.model.pack import Filing, Pack
from publisher.model.plan import Problem, TextKey


def filing_of(channel: str, key: TextKey, content: Content, pack: Pack) -> Filing | Problem | None:
    """The first filing that fits; a problem when none does, or it may not be used; None where nothing needs filing."""
    known = [one for one in pack.filings if one.channel == channel]
    if not known:
        return None
    fitting = next((one for one in known if _fits(one, key, content)), None)
    if fitting is None:
        says = f"{channel} sends only filed texts, and none of filings.yaml fits this act, class and language"
        return Problem("TEXT_UNFILED", key.name, says, False, {"channel": channel, "state": ("plan_value.no_filing",)})
    if fitting.status != "filed":
        says = f"{channel}: {fitting.template} is {fitting.status} since {fitting.on}; the provider will not send it"
        state = (fitting.template, f"plan_value.{fitting.status}", str(fitting.on))
        return Problem("TEXT_UNFILED", key.name, says, False, {"channel": channel, "state": state})
    return fitting


def _fits(filing: Filing, key: TextKey, content: Content) -> bool:
    return (
        (not filing.act or content.act in filing.act)
        and (not filing.endpoint_class or key.endpoint_class in filing.endpoint_class)
        and (not filing.language or key.language in filing.language)
        and (not filing.short or key.medium in content.short)
    )
