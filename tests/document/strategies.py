"""What hypothesis makes: values for every shape of field, edits of lists, whole documents, bodies."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st

from patterns_app.document.body import split_body
from patterns_app.document.dialects import FIELDS, Field, Shape
from patterns_app.document.extents import value_of
from patterns_app.document.pattern import (
    Community,
    ContextLabel,
    Contributor,
    Entity,
    InferredLink,
    PatternDocument,
    Relationship,
)
from patterns_app.document.pieces import identity_of
from patterns_app.document.vocabulary import NAME_MAX, RelationshipKind, is_placeholder

# Everything that YAML, an editor or a web form has ever tripped over.
NASTY = (
    "plain words",
    "a: b",
    "a:b",
    "key: 'value' \"and\" more",
    "# not a comment",
    "half # a comment",
    "half #no comment",
    " leading",
    "trailing ",
    "  both  ",
    "tab\tinside",
    "\tleading tab",
    "two\nlines",
    "two\n\nparagraphs",
    "\nfirst newline",
    "last newline\n",
    "many newlines\n\n\n",
    "  indented\nthen not",
    "not\n  then indented\n\n  again",
    "trailing spaces  \nin a line",
    "carriage\rreturn",
    "crlf\r\nline",
    "no",
    "Yes",
    "on",
    "true",
    "null",
    "Null",
    "~",
    "1.10",
    "1e3",
    "0x1F",
    "0o17",
    "017",
    "1_000",
    "12:30:45",
    ".inf",
    ".NaN",
    "-1",
    "+.5",
    "2026-03-02",
    "2026-02-06 00:00:00+00:00",
    "20226-02-10",
    "=",
    "<<",
    "*alias",
    "&anchor",
    "!tag",
    "!!str x",
    "%percent",
    "@at",
    "`tick`",
    "- dash",
    "-",
    "--",
    "---",
    "...",
    "--- x",
    "? question",
    "?",
    ": colon",
    ":",
    "| pipe",
    "|",
    "> greater",
    ">-",
    "{flow}",
    "[flow]",
    "}",
    "]",
    ",",
    "a, b",
    "a, b]",
    "{a: b}",
    "'single'",
    '"double"',
    "it's",
    "''",
    "'",
    '"',
    "\\",
    "\\n is not a newline",
    "C:\\path\\new",
    "“typographic” – dashes …",
    "emoji 🧵🔧 and 👩‍👩‍👧",
    "soft\u00adhyphen",
    "zero\u200bwidth",
    "non\u00a0breaking",
    "e\u0301 is not NFC",
    "line\u2028separator",
    "paragraph\u2029separator",
    "next\u0085line",
    "bom\ufeffinside",
    "\ufeffbom first",
    "bidi \u202eoverride\u202c",
    "control \x01 \x07 \x1b",
    "delete \x7f and \x9f",
    "form\x0cfeed",
    "private \ue000 and last \U0010ffff",
    "not a character \ufffe",
    "修理の会",
    "إصلاح",
    "word " * 60 + "end",
    "x" * 240,
)

_SIGNS = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
_ANY = st.one_of(
    st.sampled_from(NASTY), st.text(_SIGNS, max_size=30), st.text(":#-'\"\\ \n\t,[]{}&*!|>%@`?a1", max_size=12)
)
_LONG = st.one_of(_ANY, st.sampled_from(["word " * 400, "y" * 20_000, "# " * 50 + "\n" + "- " * 50, "a line\n" * 30]))
_NAMES = _ANY.filter(lambda text: text.strip() != "" and len(text) <= NAME_MAX)
_WORDS = st.text("abcdefghijklmnopqrstuvwxyz-_", min_size=1, max_size=12)
_SHARES = st.one_of(st.none(), st.sampled_from([0.0, 1.0, 0.5, 0.85, 1 / 3, 1e-07]), st.floats(0, 1))
_SCORES = st.one_of(st.none(), st.sampled_from([0.0, 5.0, 4.0, 3.5, 4.65, 2 / 3]), st.floats(0, 5))

_FACT_KEYS = st.one_of(
    _WORDS, st.sampled_from(["typeid", "source", "role", "type", "no", "1", "two words", "a: b"])
).filter(lambda key: key not in ("slug", "id", "target", "name", "weight", "description"))
_FACTS = st.lists(st.tuples(_FACT_KEYS, _ANY), max_size=2, unique_by=lambda fact: fact[0]).map(tuple)

LABELS = st.builds(ContextLabel, st.one_of(_WORDS, _NAMES), _ANY)
ENTITIES = st.one_of(
    st.builds(Entity, _NAMES, _ANY, _ANY, _SHARES),
    st.builds(Entity, st.just(""), st.just(""), _NAMES, st.none()),
    st.builds(Entity, st.just(""), _ANY, _NAMES, _SHARES),
).filter(lambda entry: bool(entry.key.strip()) and len(entry.key) <= NAME_MAX)
COMMUNITIES = st.one_of(
    st.builds(Community, _NAMES, _ANY, _ANY, _SHARES),
    st.builds(Community, st.just(""), _NAMES, st.just(""), st.none()),
    st.builds(Community, st.just(""), _NAMES, _ANY, _SHARES),
).filter(lambda entry: bool(entry.key.strip()) and len(entry.key) <= NAME_MAX)
INFERRED_LINKS = st.builds(
    InferredLink, _NAMES, st.one_of(st.just(""), _ANY), _SHARES, _SCORES, st.one_of(st.just(""), _ANY)
)
CONTRIBUTORS = st.builds(Contributor, _NAMES, st.one_of(st.just(""), _ANY))


def relationships(kind: str) -> st.SearchStrategy[Relationship]:
    only, no_facts = st.just(kind), st.just(())
    return st.one_of(
        st.builds(Relationship, only, _NAMES, st.none(), st.just(""), no_facts),
        st.builds(Relationship, only, _WORDS, _SHARES, st.just(""), no_facts),
        st.builds(Relationship, only, _NAMES, _SHARES, st.one_of(st.just(""), _ANY), _FACTS),
    )


def entries_of(spec: Field) -> st.SearchStrategy[Any]:
    """One entry of a list field."""
    match spec.shape:
        case Shape.TEXTS:
            return _NAMES if spec.limit else _LONG.filter(lambda text: text.strip() != "")
        case Shape.LABELS:
            return LABELS
        case Shape.RELATIONSHIPS:
            return relationships(spec.kind)
        case Shape.ENTITIES:
            return ENTITIES
        case Shape.COMMUNITIES:
            return COMMUNITIES
        case Shape.INFERRED_LINKS:
            return INFERRED_LINKS
        case _:
            return CONTRIBUTORS


def identity(spec: Field) -> Callable[[Any], Any]:
    """What a list of the field says only once."""
    if spec.shape is Shape.LABELS:
        return lambda label: label.audience
    return lambda entry: identity_of(spec, entry)


def _listed(spec: Field, entries: list[Any]) -> tuple[Any, ...]:
    """Entries as a list may have them: each identity once, unless the field repeats."""
    if spec.repeats:
        return tuple(entries)
    return tuple({identity(spec)(entry): entry for entry in reversed(entries)}.values())[::-1]


def is_list(spec: Field) -> bool:
    return spec.shape not in (Shape.TEXT, Shape.SCORE, Shape.STARS)


@st.composite
def changed_entry(draw: st.DrawFn, spec: Field, entry: Any) -> Any:
    """An entry in which one part is another: its identity, its weight, a fact …"""
    other = draw(entries_of(spec))
    if not hasattr(entry, "_fields"):
        return other
    part = draw(st.sampled_from(entry._fields))
    changed = entry._replace(**{part: getattr(other, part)})
    is_sound = getattr(changed, "key", "x").strip() and len(getattr(changed, "key", "")) <= NAME_MAX
    return changed if is_sound else other


@st.composite
def edited(draw: st.DrawFn, spec: Field, current: tuple[Any, ...]) -> tuple[Any, ...]:
    """A list after a few changes: entries added, taken out, changed and moved, at any position."""
    entries = list(current)
    for _ in range(draw(st.integers(1, 3))):
        position = draw(st.integers(0, max(len(entries) - 1, 0)))
        match draw(st.sampled_from(["add", "add last", "take out", "change", "replace", "move", "reverse", "clear"])):
            case "take out" if entries:
                del entries[position]
            case "change" if entries:
                entries[position] = draw(changed_entry(spec, entries[position]))
            case "replace" if entries:
                entries[position] = draw(entries_of(spec))
            case "move" if entries:
                entries.insert(draw(st.integers(0, len(entries) - 1)), entries.pop(position))
            case "reverse":
                entries.reverse()
            case "clear":
                entries.clear()
            case "add last":
                entries.append(draw(entries_of(spec)))
            case _:
                entries.insert(position, draw(entries_of(spec)))
    return _listed(spec, entries)


def texts_of(spec: Field) -> st.SearchStrategy[str]:
    """A text for a field, within what it can hold."""
    if spec.name == "slug":
        return st.one_of(
            _WORDS, _ANY.filter(lambda text: not any(sign < " " or sign in "/\\\x7f" for sign in text))
        ).filter(lambda text: not text.startswith(".") and len(text) <= NAME_MAX)
    texts = _LONG if spec.limit is None else st.one_of(st.just(""), _ANY.filter(lambda text: len(text) <= NAME_MAX))
    return texts.filter(lambda text: not is_placeholder(text)) if spec.name == "id" else texts


def values_of(spec: Field, current: Any) -> st.SearchStrategy[Any]:
    """A value that the field can hold, made from the one it has where it is a list."""
    match spec.shape:
        case Shape.TEXT:
            return texts_of(spec)
        case Shape.SCORE:
            return _SCORES
        case Shape.STARS:
            return st.one_of(st.none(), st.integers(0, 4))
        case _:
            return edited(spec, current)


def with_value(document: PatternDocument, spec: Field, value: Any) -> PatternDocument:
    """The document with one field (of relationships: one kind) changed."""
    if spec.shape is not Shape.RELATIONSHIPS:
        return dataclasses.replace(document, **{spec.name: value})
    kinds = {kind.value: [entry for entry in document.relationships if entry.kind == kind] for kind in RelationshipKind}
    kinds[spec.kind] = list(value)
    return dataclasses.replace(document, relationships=tuple(entry for entries in kinds.values() for entry in entries))


@st.composite
def changes(draw: st.DrawFn, document: PatternDocument) -> tuple[Field, Any]:
    """One change to one field of a document."""
    spec = draw(st.sampled_from(FIELDS))
    return spec, draw(values_of(spec, value_of(document, spec)))


BODIES = st.one_of(
    st.text(_SIGNS, max_size=60),
    st.lists(
        st.sampled_from(
            [
                "# Title\n",
                "### Section 1: Context\n",
                "### 2. Problem\r\n",
                "## Overview\n",
                "text\n",
                "\n",
                "```\n",
                "~~~\n",
                "---\n",
                "> quote\n",
                "> [!NOTE] Confidence Rating: ★★ (Medium)\n",
                "#no heading\n",
                "\r",
                "\u2028",
                "no newline",
            ]
        ),
        max_size=12,
    ).map("".join),
)


@st.composite
def documents(draw: st.DrawFn) -> PatternDocument:
    """Any document that a file can say."""
    document = PatternDocument()
    for spec in FIELDS:
        if draw(st.booleans()):
            if is_list(spec):
                value: Any = _listed(spec, draw(st.lists(entries_of(spec), max_size=3)))
            else:
                value = draw(values_of(spec, None))
            document = with_value(document, spec, value)
    preamble, sections = split_body(draw(BODIES))
    return dataclasses.replace(document, preamble=preamble, sections=sections)


# Front matter by pieces: YAML as people and programs write it, and as nobody ever should.

_NOTES = st.sampled_from(["", "", "", "", " # a note", "  # see: #34, 'quoted'", " #", "   ", "\t"])
_BETWEEN = st.sampled_from(
    [
        "",
        "",
        "",
        "",
        "\n",
        "\n\n",
        "# a line of comment\n",
        "# ═════\n# GROUP: X\n# ═════\n",
        "  # indented\n",
        "   \n",
        "#\n",
    ]
)
_SCALARS = (
    "word",
    "several plain words",
    "a-slug",
    "1.10",
    "4",
    "3.5",
    "0.70",
    "no",
    "null",
    "~",
    "Null",
    "",
    "",
    '""',
    "''",
    '"quoted: # text"',
    '"with \\"escapes\\" \\u00e9 \\t"',
    "'it''s'",
    "2026-03-02",
    "20226-02-10",
    "20260302",
    "a:b",
    "it's",
    "http://example.org/#x",
    "!!str 1.10",
    "!!str",
    "!!null x",
    "! nonspecific",
    "修理の会 🧵",
    "first line\n{I}second line",
    "first\n{I}second\n\n{I}fourth",
    '"first\n{I}second\n\n{I}  third"',
    "'first\n{I}it''s second'",
    ">-\n{I}folded words\n{I}over lines",
    ">\n{I}folded\n\n{I}twice",
    ">+\n{I}kept\n\n\n",
    "|\n{I}literal\n{I}  deeper\n",
    "|-\n{I}literal # no comment\n{I}- no list",
    "|+\n{I}kept\n\n",
    "|2-\n{I}  indicated",
    ">-",
    "|",
    ">- # header note\n{I}folded",
    "| # header note\n{I}literal",
    ">-\n{I}one very long line that goes on and on and on and on and on and on and on and on and on",
    "\n{I}on its own line",
    "# between\n{I}below a comment",
    "\n{I}# between\n{I}'below a comment'",
    "\n{I}>-\n{I}  folded below",
    "word \u2028 separator",
    "tab\tinside",
    "[a, list]",
    "{a: mapping}",
    "[]",
    "{}",
)
_FLOW_SCALARS = tuple(text for text in _SCALARS if "\n" not in text and text[:1] not in tuple("|>#!") and text)


@st.composite
def _scalar(draw: st.DrawFn, indent: int, anchors: list[str] | None) -> str:
    """What follows `key:` or a dash, with its leading space. anchors: those so far, None where there are to be none."""
    text = draw(st.sampled_from(_SCALARS)).replace("{I}", " " * indent)
    if text.startswith("#"):
        return f" {text}"
    is_bare = not text or text.startswith(("\n", "!"))
    if anchors is None:
        pass
    elif anchors and draw(st.integers(0, 19)) == 0:
        text = f"*{draw(st.sampled_from(anchors))}"
    elif not is_bare and draw(st.integers(0, 19)) == 0:
        anchors.append(f"a{len(anchors)}")
        text = f"&{anchors[-1]} {text}"
    note = draw(_NOTES) if "\n" not in text and text not in (">-", "|") else ""
    lead = "" if not text or text.startswith("\n") else draw(st.sampled_from([" ", " ", " ", "  ", "\t"]))
    return f"{lead}{text}{note}"


def _keys_of(spec: Field) -> tuple[str, ...]:
    return {
        Shape.RELATIONSHIPS: ("slug", "id", "weight", "description", "typeid", "source", "name", "role", "extra"),
        Shape.ENTITIES: ("id", "type", "label", "relevance", "extra"),
        Shape.COMMUNITIES: ("id", "label", "source", "confidence", "extra"),
        Shape.INFERRED_LINKS: ("target", "slug", "type", "confidence", "strength", "reason", "extra"),
        Shape.CONTRIBUTORS: ("name", "handle", "role", "url"),
        Shape.LABELS: ("corporate", "government", "activist", "tech", "the arts", '"quoted"', "'no'", "1"),
    }.get(spec.shape, ("a",))


@st.composite
def _flow(draw: st.DrawFn, spec: Field, indent: int, notes: bool = True) -> str:
    """A value in brackets; notes: perhaps with comments in them."""
    scalar = st.sampled_from(_FLOW_SCALARS)
    glues = [", ", ",", " , ", f",\n{' ' * indent}", f", # note\n{' ' * indent}"]
    glue = draw(st.sampled_from(glues if notes else glues[:-1]))
    edge = draw(st.sampled_from(["", "", " ", f"\n{' ' * indent}"]))

    def mapping() -> str:
        keys = draw(st.lists(st.sampled_from(_keys_of(spec)), unique=True, max_size=3))
        return "{" + ", ".join(f"{key}: {draw(scalar)}" for key in keys) + "}"

    if spec.shape is Shape.LABELS:
        keys = draw(st.lists(st.sampled_from(_keys_of(spec)), unique=True, max_size=3))
        return "{" + edge + glue.join(f"{key}: {draw(scalar)}" for key in keys) + edge + "}"
    items = [mapping() if draw(st.integers(0, 3)) == 0 else draw(scalar) for _ in range(draw(st.integers(0, 4)))]
    last = draw(st.sampled_from(["", "", ","])) if items else ""
    return "[" + edge + glue.join(items) + last + edge + "]"


@st.composite
def _block(draw: st.DrawFn, spec: Field, indent: int, anchors: list[str] | None) -> str:
    """The lines of a block list or of labels."""
    pad = " " * indent
    lines = ""
    if spec.shape is Shape.LABELS:
        for key in draw(st.lists(st.sampled_from(_keys_of(spec)), unique=True, min_size=1, max_size=4)):
            lines += f"{pad}{key}:{draw(_scalar(indent + 2, anchors))}\n{draw(_BETWEEN)}"
        return lines
    for _ in range(draw(st.integers(1, 4))):
        if draw(st.booleans()):
            lines += f"{pad}-{draw(_scalar(indent + 2, anchors))}\n"
        else:
            keys = draw(st.lists(st.sampled_from(_keys_of(spec)), unique=True, min_size=1, max_size=4))
            start = draw(st.sampled_from([f"{pad}- ", f"{pad}- ", f"{pad}- ", f"{pad}- # a-note\n{pad}  "]))
            lines += start + f"{pad}  ".join(f"{key}:{draw(_scalar(indent + 4, anchors))}\n" for key in keys)
        lines += draw(_BETWEEN)
    return lines


_OTHERS = (
    "unknown: value",
    "unknown: [a, {b: c}] # note",
    "nested:\n  deeper:\n    - 1\n    - {x: y}\n  # inside\n  last: |\n    text\n",
    "'quoted key': x",
    '"title ": not the title',
    "7cs_arc: [a]",
    "1: numeric",
    "título: x",
    "a:b: c",
    "? complex\n: value",
    "? [complex, key]\n: value",
    "<<: {merged: x}",
    "empty:",
    "deep: &deep {k: v}\nuse: *deep",
    "list:\n- a\n-   # dash-comment\n  b\n- - nested\n  - list",
    "folded: >+\n  kept\n\n",
    "tail: 'x'   # note",
    "tab:\tvalue\t",
)


@st.composite
def front_matters(draw: st.DrawFn, tame: bool = False) -> str:
    """Lines of front matter, with "\\n" endings: known and unknown keys in any order and style.

    tame: without anchors, and without comments in brackets.
    """
    anchors: list[str] | None = None if tame else []
    step = draw(st.integers(1, 4))
    tree: dict[str, Any] = {}
    for spec in draw(st.lists(st.sampled_from(FIELDS), max_size=7, unique_by=lambda spec: (spec.name, spec.kind))):
        *parents, key = draw(st.sampled_from(spec.places))
        here: Any = tree
        for parent in parents:
            here = here.setdefault(parent, {}) if isinstance(here, dict) else {}
        if isinstance(here, dict) and not isinstance(here.get(key), dict):
            here[key] = spec

    def value(spec: Field, column: int) -> str:
        if not is_list(spec) or draw(st.integers(0, 5)) == 0:
            return f"{draw(_scalar(column + step, anchors))}\n"
        if draw(st.booleans()):
            return f" {draw(_flow(spec, column + step, not tame))}{draw(_NOTES)}\n"
        indent = column + (step if spec.shape is Shape.LABELS else draw(st.sampled_from([0, step])))
        anchor = ""
        if anchors is not None and draw(st.integers(0, 9)) == 0:
            anchors.append(f"a{len(anchors)}")
            anchor = f" &{anchors[-1]}"
        return f"{anchor}{draw(_NOTES)}\n{draw(_BETWEEN)}{draw(_block(spec, indent, anchors))}"

    def flow_mapping(tree: dict[str, Any]) -> str:
        def value(part: Any) -> str:
            if isinstance(part, dict):
                return flow_mapping(part)
            return draw(_flow(part, 8, not tame) if is_list(part) else st.sampled_from(_FLOW_SCALARS))

        return "{" + ", ".join(f"{key}: {value(part)}" for key, part in tree.items()) + "}"

    def lines(tree: dict[str, Any], column: int) -> str:
        text = ""
        for key, part in draw(st.permutations(list(tree.items()))):
            text += draw(_BETWEEN)
            shown = draw(st.sampled_from([key, key, key, key, f'"{key}"', f"'{key}'", f"{key} "]))
            text += f"{' ' * column}{shown}:"
            if not isinstance(part, dict):
                text += value(part, column)
            elif draw(st.integers(0, 7)) == 0:
                text += draw(st.sampled_from(["", " {}", " null", " []", " ~", " {} # note"])) + "\n"
            elif draw(st.integers(0, 5)) == 0:
                text += f" {flow_mapping(part)}{draw(_NOTES)}\n"
            else:
                text += f"{draw(_NOTES)}\n{lines(part, column + step)}"
        return text

    if draw(st.integers(0, 19)) == 0:
        return flow_mapping(tree) + "\n"
    others = draw(st.lists(st.sampled_from(_OTHERS), max_size=3, unique=True))
    text = ""
    for part in draw(st.permutations([*tree, *others])):
        text += lines({part: tree[part]}, 0) if part in tree else f"{part}\n"
    return text + draw(_BETWEEN) + draw(st.sampled_from(["", "", "", "", "", "...\n"]))


@st.composite
def files(draw: st.DrawFn, tame: bool = False) -> str:
    """A whole file, not all of them readable. tame: as for `front_matters`."""
    newlines = draw(st.sampled_from([["\n"], ["\n"], ["\n"], ["\r\n"], ["\r"], ["\n", "\r\n"]]))
    bom = draw(st.sampled_from(["", "", "", "\ufeff"]))
    fences = [draw(st.sampled_from(["---", "---", "---  ", "---\t"])) for _ in range(2)]
    text = f"{bom}{fences[0]}\n{draw(front_matters(tame))}{fences[1]}"
    text = re.sub("\n", lambda _: draw(st.sampled_from(newlines)), text)
    return text + draw(st.sampled_from(["", newlines[0], f"{newlines[0] * 2}body\n"]))
