"""How do these two patterns connect? The page of the path finder."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from patterns_app import search
from patterns_app.document.vocabulary import NAME_MAX, RelationshipKind
from patterns_app.graph import paths
from patterns_app.graph.paths import Step
from patterns_app.graph.wording import verb_of
from patterns_app.models import PublicAddress, SearchName, Snapshot
from patterns_app.models.typed import storable
from patterns_app.search.query import name_form
from patterns_app.views.caching import cached
from patterns_app.views.navigator import audience_of, spoken

LINKS_SHOWN = 12
"""Of a pattern that nothing connects with the other one."""


class Choice(NamedTuple):
    """Whom a name may mean. slug: where another one of the choices has the same title, "" elsewhere."""

    suggestion: search.Suggestion
    slug: str
    address: str


class End(NamedTuple):
    """One of the two patterns as it was asked for.

    shown: what stands in the field, and means the same when asked again. choices: whom the name may mean.
    """

    name: str
    label: str
    typed: str
    shown: str
    pattern: Snapshot | None
    choices: list[Choice]


class Link(NamedTuple):
    """A step of a way, with the pattern to which it leads."""

    step: Step
    pattern: Snapshot


class Kind(NamedTuple):
    """A kind of relationship to choose."""

    value: str
    verb: str
    is_chosen: bool


@require_safe
@spoken
@cached
def path(request: HttpRequest) -> HttpResponse:
    """The shortest ways from `?from=` to `?to=`, slugs or names; narrowed by `links=stated` and by `kind`s.

    Nine queries for two slugs; at most ten more for each name that is no slug.
    """
    audience = audience_of(request)
    is_stated_only = request.GET.get("links") == "stated"
    chosen = {kind.value for kind in RelationshipKind} & {*request.GET.getlist("kind")}
    ends = [_end(request, "from", "From", audience), _end(request, "to", "To", audience)]
    context = {
        "ends": ends,
        "is_stated_only": is_stated_only,
        "kinds": [Kind(kind.value, verb_of(kind), kind.value in chosen) for kind in RelationshipKind],
        "is_narrowed": is_stated_only or bool(chosen),
        "furthest": paths.FURTHEST,
    }
    start, end = (one.pattern for one in ends)
    if start and end:
        found = paths.find(start.pk, end.pk, kinds=chosen, with_inferred=not is_stated_only)
        near = {pk: steps[:LINKS_SHOWN] for pk, steps in found.around.items()}
        patterns = _patterns(step for steps in (*found.ways, *near.values()) for step in steps)
        around = [(one, _links(near.get(one.pk, ()), patterns)) for one in (start, end)]
        ways = [_links(way, patterns) for way in found.ways]
        context |= {"found": found, "ways": ways, "around": around, "start": start, "end": end}
    return render(request, "patterns/path.html", context)


def _end(request: HttpRequest, name: str, label: str, audience: str) -> End:
    """Whom a parameter names: a slug, one of old, or the name that a reader typed or chose."""
    typed = storable(request.GET.get(name, ""))[:NAME_MAX]
    if not typed:
        return End(name, label, "", "", None, [])
    pattern = Snapshot.objects.light().filter(slug=typed).first()
    if pattern is None:
        old = PublicAddress.objects.filter(slug=typed).values("pattern")
        pattern = Snapshot.objects.light().filter(pk__in=old).first()
    choices: list[search.Suggestion] = []
    if pattern is None:
        choices, asked = search.suggest(typed, audience=audience), name_form(typed)
        named = [one for one in choices if asked in map(name_form, (one.title, one.name, one.label))]
        titled = [one for one in named if name_form(one.title) == asked]
        # A title is meant before what others are called besides.
        meant = next((ones[0] for ones in (titled, named, choices) if len(ones) == 1), None)
        if meant and len(titled) < 2:
            pattern = Snapshot.objects.light().filter(slug=meant.slug).first()
    if pattern:
        return End(name, label, typed, str(pattern) if _is_known_by_title(pattern) else pattern.slug, pattern, [])
    return End(name, label, typed, typed, None, _choices(request, name, choices))


def _is_known_by_title(pattern: Snapshot) -> bool:
    """Whether nothing else is called so. One query."""
    return not SearchName.objects.filter(key=name_form(str(pattern))).exclude(snapshot=pattern.pk).exists()


def _choices(request: HttpRequest, name: str, suggestions: Sequence[search.Suggestion]) -> list[Choice]:
    times = Counter(one.title for one in suggestions)
    return [
        Choice(one, one.slug if times[one.title] > 1 else "", _address(request, **{name: one.slug}))
        for one in suggestions
    ]


def _address(request: HttpRequest, **changes: str) -> str:
    """The page's address with other parameters."""
    asked = request.GET.copy()
    for name, value in changes.items():
        asked[name] = value
    return f"?{asked.urlencode()}"


def _patterns(steps: Iterable[Step]) -> dict[int, Snapshot]:
    """The patterns to which steps lead. One query."""
    wanted = {step.end for step in steps}
    return Snapshot.objects.filter(pk__among=wanted).only("slug", "title", "labels", "status").order_by().in_bulk()


def _links(steps: Iterable[Step], patterns: dict[int, Snapshot]) -> list[Link]:
    return [Link(step, patterns[step.end]) for step in steps if step.end in patterns]
