"""What do all outgoing public files share? Where the public finds a warning, which words it is told, and clean text."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from publisher.model.bulletin import Chain, Content, Issued, Section, Words
from publisher.model.pack import Pack, said
from publisher.model.slots import slot
from publisher.model.words import Act, AreaCode, Language, Mode

PublicWords = Mapping[Language, Sequence[Mapping[str, str]]]
"""What the feed templates make of a bulletin: language -> for each of its sections `title` and `summary`."""

EXERCISE = "/exercise"
"""Where everything that is not actual lives: the same addresses under this prefix."""

CJK = frozenset({"zh", "ja"})
"""Languages that list names with their own comma and run sentences together without a blank."""

_DROPPED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\u00ad\u180e\u200b\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U000e0000-\U000e007f]"
)
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
_NO_SLOTS = str.maketrans({"⟦": "[", "⟧": "]"})


def plain(text: str) -> str:
    """Somebody's words, fit for any public file: no control, invisible or text-reversing characters, one kind of line
    break, no blanks around, and no slot marks, which only the hub may write."""
    return rendered(text.translate(_NO_SLOTS))


def rendered(text: str) -> str:
    """`plain` for a text that a template of ours made, with its slots kept."""
    return _DROPPED.sub("", _BREAKS.sub("\n", text)).strip()


def one_line(text: str) -> str:
    """The text with every run of blanks and line breaks made one blank."""
    return " ".join(text.split())


def site(public_url: str, mode: Mode) -> str:
    """The public address under which bulletins of this mode appear, without a trailing slash."""
    return public_url.rstrip("/") + ("" if mode is Mode.ACTUAL else EXERCISE)


def page_url(content: Content, chain: Chain, public_url: str) -> str:
    """The warning's public page, with `⟦id:raw⟧` for a first issue: later ones keep the address of the first."""
    first = chain.issued[0].public_id if chain.issued else slot("id", "raw")
    return f"{site(public_url, content.mode)}/w/{first}"


def msg_type(content: Content, chain: Chain) -> str:
    """CAP's msgType, the same in both dialects: a retract that puts an earlier bulletin back is an Update."""
    match content.act:
        case Act.ISSUE:
            return "Alert"
        case Act.UPDATE:
            return "Update"
        case Act.LIFT:
            return "Cancel"
        case Act.RETRACT:
            return "Cancel" if chain.restores is None else "Update"


def standing(content: Content, chain: Chain) -> Content:
    """What holds once `content` is out: its own state, or for a retract the bulletin that it puts back."""
    if content.act is not Act.RETRACT or chain.restores is None:
        return content
    old = chain.restores.bulletin.content
    return replace(old, act=content.act, mode=content.mode, note=content.note, contact=content.contact or old.contact)


def predecessors(content: Content, chain: Chain) -> tuple[Issued, ...]:
    """The earlier bulletins that may still be in force somewhere, oldest first.

    The newest was sent before this one goes out, so what had expired by then is certainly expired. The bulletin that
    `content` names and the newest are always among them: an Update or Cancel must reference something.
    """
    if not chain.issued:
        return ()
    newest = chain.issued[-1]
    return tuple(old for old in chain.issued if old is newest or _lives(old, content, newest.sent))


def _lives(old: Issued, content: Content, at: datetime) -> bool:
    was = old.bulletin.content
    return old.bulletin.id == content.names or was.until_lifted or was.expires > at


def told(content: Content, chain: Chain, number: int, language: Language, words: PublicWords) -> Words | None:
    """The words of section `number` of `standing(content, chain)`; None where nothing is said in this language.

    An end is told in the template's words, because its own are those of what it ends. Where a retract puts an earlier
    bulletin back, that one's words follow the explanation.
    """
    state = standing(content, chain)
    own = state.sections[number].words.get(language)
    made = _made(words, language, number)
    if own is None and made is None:
        return None
    own = _cleaned(own or Words("", ""))
    over = content.act.ends and state is content
    if made is None:
        return replace(own, instruction="") if over else own
    if not content.act.ends:
        return replace(own, headline=own.headline or made.headline, description=own.description or made.description)
    if over:
        return Words(made.headline, made.description, "", own.area)
    parts = (made.description, own.description)
    return replace(own, headline=own.headline or made.headline, description="\n".join(filter(None, parts)))


def _made(words: PublicWords, language: Language, number: int) -> Words | None:
    made = words.get(language, ())
    if not made:
        return None
    one = made[min(number, len(made) - 1)]
    return Words(rendered(one.get("title", "")), rendered(one.get("summary", "")))


def _cleaned(words: Words) -> Words:
    return Words(plain(words.headline), plain(words.description), plain(words.instruction), plain(words.area))


def title(words: Sequence[Mapping[str, str]], content: Content, pack: Pack) -> str:
    """The title of the gravest section: whoever reads no further must not take the whole for less. `words`: one a section."""
    ranks = [pack.level[one.level].rank for one in content.sections[: len(words)]]
    return words[ranks.index(max(ranks))]["title"] if ranks else ""


def places(section: Section, pack: Pack, language: str) -> Iterator[tuple[AreaCode, str]]:
    """Each area's code and name; an area the pack does not know goes by its code."""
    for code in dict.fromkeys(section.areas):
        area = pack.areas.get(code)
        yield code, plain(said(area.name, language) if area else code) or code


def area_words(section: Section, words: Words, pack: Pack, language: str) -> str:
    """Where, as the officer put it, else the names of the areas; never empty while there is an area."""
    comma = "、" if language.partition("-")[0] in CJK else ", "
    return one_line(words.area) or comma.join(name for _, name in places(section, pack, language))


def marked(text: str, content: Content, pack: Pack, language: str) -> str:
    """An exercise's text with the pack's exercise mark before it, once."""
    mark = plain(said(pack.about.exercise_mark, language)) if content.mode is Mode.EXERCISE else ""
    if not mark or mark in text:
        return text
    glue = "" if language.partition("-")[0] in CJK else " "
    return f"{mark}{glue}{text}".strip()
