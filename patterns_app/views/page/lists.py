"""The long lists of a page as HTML: written here, since a template takes thirty times as long for each entry."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final, NamedTuple
from urllib.parse import urlencode

from django.utils.safestring import SafeString, mark_safe

from patterns_app.document.pattern import ContextLabel
from patterns_app.rendering import Heading
from patterns_app.views.page.relationships import Link, LinkGroup

FOLDED_AFTER: Final = 12
"""Relationships of a group that are seen at once."""

SEEN_OF_THE_PAST: Final = 5
"""Publications that are seen at once, the newest."""

LONGEST_NAME: Final = 60
LONGEST_LINE: Final = 200
"""Characters of one name, and of all names for other audiences together, that stand in the open."""

TITLE_MOST: Final = 90
"""Characters of a heading in the contents."""


class Named(NamedTuple):
    """Whoever or whatever a pattern is listed under. path: of the list, "" for a name that makes no address; detail: a
    role, a type …"""

    name: str
    path: str
    detail: str = ""


class Source(NamedTuple):
    """A source with the web address that it names, "" without one, and what stands before and behind that."""

    before: str
    address: str
    behind: str


class Past(NamedTuple):
    """One time that a pattern was published. day: safe HTML; occasion: in words; digest: of the text."""

    number: int
    day: str
    occasion: str
    version: str
    digest: str


def contents_list(headings: Iterable[Heading], parts: Iterable[Heading]) -> SafeString:
    """The entries of the contents: the text's headings, then the parts of the page that follow it."""
    entries = [_entry(heading, ' class="deeper"' if heading.level > 2 else "") for heading in headings]
    entries += [_entry(heading, ' class="part"') for heading in parts]
    return _safe(entries)


def _entry(heading: Heading, kind: str) -> str:
    title = heading.title if len(heading.title) <= TITLE_MOST else f"{heading.title[:TITLE_MOST].rstrip()}…"
    # Ids are escaped: they come out of HTML.
    return f'<li{kind}><a href="#{heading.id}">{escape(title)}</a></li>'


def groups_list(groups: Iterable[LinkGroup], *, level: int = 3) -> SafeString:
    """Groups of relationships, each under its word; long ones are folded. level: of the words as headings."""
    return _safe(
        f'<div class="group"><h{level}>{escape(group.label[:1].upper() + group.label[1:])}</h{level}>'
        f"<div>{_folded(group.links)}</div></div>"
        for group in groups
    )


def _folded(links: list[Link]) -> str:
    entries = [_link(link) for link in links]
    shown = _seen(len(entries), FOLDED_AFTER)
    html = f'<ul class="links">{"".join(entries[:shown])}</ul>'
    if rest := entries[shown:]:
        html += f'<details><summary>{len(rest)} more</summary><ul class="links">{"".join(rest)}</ul></details>'
    return html


def _seen(count: int, most: int) -> int:
    """How many entries stand in the open: nobody is asked to open a fold for one more line."""
    return most if count > most + 1 else count


def _link(link: Link) -> str:
    if link.to:
        html = f'<li><a href="{escape(link.to.path)}">{escape(link.to.name)}</a>'
        if link.to.title:
            html += f' <span class="own-title">{escape(link.to.title)}</span>'
        if link.to.is_deprecated:
            html += ' <span class="tag">deprecated</span>'
    else:
        html = f'<li><span class="unwritten">{escape(link.written)}</span> <span class="quiet">not yet written</span>'
    if link.weight:
        html += (
            f' <span class="weight" title="weight {link.weight} of 1"><svg viewBox="0 0 20 6" aria-hidden="true">'
            f'<rect class="track" width="20" height="6"/><rect class="bar" width="{link.bar}" height="6"/></svg> '
            f"{link.weight}</span>"
        )
    if link.strength:
        html += f' <span class="weight" title="strength {link.strength} of 5">strength {link.strength}</span>'
    if link.is_mutual:
        html += ' <span class="quiet">both say so</span>'
    if link.note:
        html += f' <span class="note">{escape(link.note)}</span>'
    return f"{html}</li>"


def terms_list(found: Iterable[Named]) -> SafeString:
    """Entries of entities or communities."""
    return _safe(f"<li>{_named(entry)}{_quiet(entry.detail)}</li>" for entry in found)


def facts_list(facts: Iterable[tuple[str, str]]) -> SafeString:
    """Rows of a `dl`: (what, safe HTML); those that say nothing are left out."""
    return _safe(f"<div><dt>{what}</dt><dd>{said}</dd></div>" for what, said in facts if said)


def names_line(names: Iterable[ContextLabel]) -> SafeString:
    """What other audiences call it, each with a link to the page in their words: a line, or a fold of long names.

    Some libraries write a sentence where a name belongs; five of those would push the pattern off a phone.
    """
    found = list(names)
    longest = max((len(named.label) for named in found), default=0)
    if longest <= LONGEST_NAME and sum(len(named.label) for named in found) <= LONGEST_LINE:
        line = " · ".join(f"{_audience(named)}: {escape(named.label)}" for named in found)
        return _safe([f'<p class="quiet">Also named for {line}</p>' if line else ""])
    who = f"{len(found)} audiences" if len(found) > 1 else "one audience"
    rows = "".join(f"<div><dt>{_audience(named)}</dt><dd>{escape(named.label)}</dd></div>" for named in found)
    return _safe([f'<details class="names"><summary>Also named for {who}</summary><dl>{rows}</dl></details>'])


def _audience(named: ContextLabel) -> str:
    there = escape(urlencode({"audience": named.audience}))
    return f'<a href="?{there}">{escape(named.audience)}</a>'


def people_line(people: Iterable[Named]) -> SafeString:
    """Contributors with their roles, in one line."""
    return _safe(
        [", ".join(_named(person) + (f" ({escape(person.detail)})" if person.detail else "") for person in people)]
    )


def sources_list(sources: Iterable[Source]) -> SafeString:
    """Entries of sources, with the addresses that they name as links."""
    return _safe(f"<li>{escape(source.before)}{_address(source)}{escape(source.behind)}</li>" for source in sources)


def past_list(past: Iterable[Past]) -> SafeString:
    """Publications, newest first; all but the newest few are folded."""
    entries = [(entry.number, _published(entry)) for entry in past]
    seen = _seen(len(entries), SEEN_OF_THE_PAST)
    html = _counted_down(entries[:seen])
    if rest := entries[seen:]:
        html += f"<details><summary>{len(rest)} earlier</summary>{_counted_down(rest)}</details>"
    return _safe([html])


def _counted_down(entries: list[tuple[int, str]]) -> str:
    if not entries:
        return ""
    rows = "".join(html for _, html in entries)
    return f'<ol class="past" reversed start="{entries[0][0]}">{rows}</ol>'


def _published(entry: Past) -> str:
    version = f", version {escape(entry.version)}" if entry.version else ""
    digest = escape(entry.digest)
    return f'<li>{entry.day} {entry.occasion}{version} <code title="SHA-256 {digest}">{digest[:12]}</code></li>'


def _address(source: Source) -> str:
    if not source.address:
        return ""
    address = escape(source.address)
    return f'<a href="{address}" rel="noopener nofollow">{address}</a>'


def _named(entry: Named) -> str:
    return f'<a href="{escape(entry.path)}">{escape(entry.name)}</a>' if entry.path else escape(entry.name)


def _quiet(words: str) -> str:
    return f' <span class="quiet">{escape(words)}</span>' if words else ""


def _safe(parts: Iterable[str]) -> SafeString:
    # All that is not ours in them is escaped above.
    return mark_safe("".join(parts))  # noqa: S308
