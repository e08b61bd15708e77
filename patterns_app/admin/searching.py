"""The search of the list: by the names of patterns, and, where asked for, through their texts.

It has to stay quick at 100,000 patterns: every word becomes one set of keys, made of as many small questions as there
are places to look, each of which an index can answer (trigrams on PostgreSQL, see migration 0004).
"""

from __future__ import annotations

from typing import Any, Final

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.db.models.lookups import IsNull

from patterns_app.models import Alias, ContextLabel, Pattern, Section
from patterns_app.models.typed import storable

WORDS: Final = 8
"""Most words of a search that are looked for."""

IN_TEXT: Final = "text:"
"""What a word begins with that is to be looked for in the texts."""

HELP: Final = (
    "Title, slug, aliases and context labels, or how the id begins; every word has to occur. "
    "text:word looks in the texts, which takes longer."
)

_TRIGRAM: Final = 3


def search(patterns: QuerySet[Pattern], term: str) -> QuerySet[Pattern]:
    """Patterns in which every word of the term occurs. Adds no query and no duplicate.

    A word of one or two letters has to begin a word. Any text is a fit term.
    """
    names, texts = words(term)
    for word in names:
        patterns = patterns.filter(pk__in=_named(word))
    for word in texts:
        sections = Section.objects.filter(text__icontains=word).order_by()
        if names:
            # Only the texts of patterns with the other words are looked at.
            for name in names:
                sections = sections.filter(pattern__in=_named(name))
            found = Q(pk__in=sections.values("pattern"))
        else:
            # Pattern by pattern, to end when there are enough; of an `Exists` PostgreSQL makes a list of all first.
            found = Q(IsNull(Subquery(sections.filter(pattern=OuterRef("pk")).values("pk")[:1]), False))
        patterns = patterns.filter(Q(summary__icontains=word) | Q(preamble__icontains=word) | found)
    return patterns


def words(term: str) -> tuple[list[str], list[str]]:
    """The words to look for in names, and those to look for in texts. Single letters are passed over beside others."""
    found = storable(term).split()[:WORDS]
    texts = [word.removeprefix(IN_TEXT) for word in found if word.startswith(IN_TEXT)]
    names = [word for word in found if not word.startswith(IN_TEXT)]
    return [word for word in names if len(word) > 1] or names, [word for word in texts if word]


def _named(word: str) -> QuerySet[Any, Any]:
    """Keys of the patterns with the word in one of their names."""
    own = Pattern.objects.filter(_within("title", word) | _within("slug", word) | Q(identifier__startswith=word))
    aliases = Alias.objects.filter(_within("name", word))
    labels = ContextLabel.objects.filter(_within("label", word))
    # Not `all=True`: of a union without doubles PostgreSQL guesses the size well, of one with them badly.
    return own.order_by().values("pk").union(aliases.order_by().values("pattern"), labels.order_by().values("pattern"))


def _within(field: str, word: str) -> Q:
    if len(word) >= _TRIGRAM:
        return Q(**{f"{field}__icontains": word})
    between = "-" if field == "slug" else " "
    return Q(**{f"{field}__istartswith": word}) | Q(**{f"{field}__icontains": f"{between}{word}"})
