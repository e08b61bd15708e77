"""Splicing, to the character: what a change looks like in every kind of surroundings."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from patterns_app.document.pattern import (
    Community,
    ContextLabel,
    Contributor,
    Entity,
    PatternDocument,
    Relationship,
)
from patterns_app.document.reading import read
from patterns_app.document.splicing import CannotSplice, Edit, apply
from patterns_app.document.writing import write

Change = dict[str, Any]

CASES: dict[str, tuple[str, Change, str]] = {
    # Single values
    "a comment behind a value stays": (
        "title: Old # why\n",
        {"title": "New"},
        "title: New # why\n",
    ),
    "a tab and several spaces before a value stay": (
        "title:\t 'Old'\t# why\n",
        {"title": "New"},
        "title:\t 'New'\t# why\n",
    ),
    "a comment behind an empty value stays": (
        "title: # why\nslug: x\n",
        {"title": "New"},
        'title: "New" # why\nslug: x\n',
    ),
    "a comment behind null stays when a folded text comes": (
        "summary: null # to do\nslug: 'x'\ntitle: \"y\"\n",
        {"summary": "Now: it is"},
        "summary: >- # to do\n  Now: it is\nslug: 'x'\ntitle: \"y\"\n",
    ),
    "a comment behind the head of a folded text stays": (
        "summary: >- # why\n  old\n  text\nslug: x\n",
        {"summary": "new"},
        "summary: >- # why\n  new\nslug: x\n",
    ),
    "a comment behind the head stays when the text becomes empty": (
        "summary: | # why\n  old\nslug: x\n",
        {"summary": ""},
        'summary: "" # why\nslug: x\n',
    ),
    "a value on a line of its own moves up to its key": (
        "title: # one\n  # two\n  Old # three\nslug: x\n",
        {"title": "New"},
        "title: New # one\n  # two\n   # three\nslug: x\n",
    ),
    "an anchor stays": (
        "title: &t Old\nother: *t\n",
        {"title": "New"},
        "title: &t New\nother: *t\n",
    ),
    "an anchor stays on its line": (
        "title: &t\n  Old\nother: *t\n",
        {"title": "New"},
        "title: &t New\nother: *t\n",
    ),
    "an alias gives way to a text of its own": (
        "other: &t Old\ntitle: *t # why\n",
        {"title": "New"},
        "other: &t Old\ntitle: New # why\n",
    ),
    "an alias below its key gives way too": (
        "other: &t Old\ntitle:\n  *t\nslug: x\n",
        {"title": "New"},
        "other: &t Old\ntitle: New\nslug: x\n",
    ),
    "blank lines below a text stay": (
        "summary: >-\n  old\n\n\n# banner\nslug: x\n",
        {"summary": "new"},
        "summary: >-\n  new\n\n\n# banner\nslug: x\n",
    ),
    "blank lines that were part of the text go with it": (
        "summary: |+\n  old\n\n\n# banner\nslug: x\n",
        {"summary": "new"},
        "summary: |-\n  new\n# banner\nslug: x\n",
    ),
    "a quoted key and a space before the colon stay": (
        "'title' : Old\n",
        {"title": "New"},
        "'title' : New\n",
    ),
    "a key with a question mark is found": (
        "? title # a: b\n: Old\n",
        {"title": "New"},
        "? title # a: b\n: New\n",
    ),
    "an integer stays one": (
        "vitality_score: 4 # high\n",
        {"vitality": 3.0},
        "vitality_score: 3 # high\n",
    ),
    "a quoted number stays quoted": (
        "vitality_score: '4.5'\n",
        {"vitality": 3.0},
        "vitality_score: '3.0'\n",
    ),
    "an unquoted version stays unquoted": (
        "version: 1.9\n",
        {"version": "1.10"},
        "version: 1.10\n",
    ),
    "a wrapped text is wrapped as before": (
        "summary: Some words that were\n  wrapped by a program at\n  some column\nslug: x\n",
        {"summary": "Some other words that are to be wrapped at the same column as before"},
        "summary: Some other words\n  that are to be wrapped at\n  the same column as before\nslug: x\n",
    ),
    # Keys
    "a missing field goes to its place in the order of the reference layout": (
        "id: x\n# banner\nlicense: MIT # why\n\n# end\n",
        {"title": "New"},
        'id: x\ntitle: "New"\n# banner\nlicense: MIT # why\n\n# end\n',
    ),
    "a missing field before all others": (
        "# banner\nlicense: 'MIT' # why\n",
        {"id": "x"},
        "# banner\nid: x\nlicense: 'MIT' # why\n",
    ),
    "a missing container is made": (
        "title: 'x'\n",
        {"vitality": 4.0},
        "title: 'x'\nontology:\n  commons_assessment:\n    vitality: 4.0\n",
    ),
    "an empty container is filled": (
        "title: 'x'\nontology: {} # later\nlicense: y\n",
        {"vitality": 4.0},
        "title: 'x'\nontology: # later\n  commons_assessment:\n    vitality: 4.0\nlicense: y\n",
    ),
    "a container that is null is filled": (
        "lifecycle: # later\ntitle: 'x'\n",
        {"status": "draft"},
        "lifecycle: # later\n  status: draft\ntitle: 'x'\n",
    ),
    "a container in brackets is added to": (
        "lifecycle: {status: draft, confidence: 1} # why\n",
        {"version": "1.0"},
        'lifecycle: {status: draft, version: "1.0", confidence: 1} # why\n',
    ),
    "a container with another indentation is added to": (
        "lifecycle:\n      status: draft # why\n\nslug: x\n",
        {"version": "0.2"},
        'lifecycle:\n      status: draft # why\n      version: "0.2"\n\nslug: x\n',
    ),
    "a container with an anchor is added to": (
        "lifecycle: &l\n  status: draft\nother: *l\n",
        {"version": "0.2"},
        'lifecycle: &l\n  status: draft\n  version: "0.2"\nother: *l\n',
    ),
    "front matter of only comments": (
        "# nothing\n# yet\n",
        {"slug": "x"},
        "# nothing\n# yet\nslug: x\n",
    ),
    "front matter in brackets": (
        "{slug: x}\n",
        {"title": "a, b"},
        '{slug: x, title: "a, b"}\n',
    ),
    # Lists
    "an entry is added below the last": (
        "sources:\n  - 'a'\n  - 'b' # why\n  # end of list\nlicense: x\n",
        {"sources": ("a", "b", "c")},
        "sources:\n  - 'a'\n  - 'b' # why\n  - 'c'\n  # end of list\nlicense: x\n",
    ),
    "an entry is added in front, above the comment of the first": (
        "sources: # all\n# about a\n- a\n- b\n",
        {"sources": ("c", "a", "b")},
        "sources: # all\n- c\n# about a\n- a\n- b\n",
    ),
    "an entry in the middle goes with its own comment only": (
        "sources:\n- a # 1\n# about b\n- b # 2\n# about c\n- c # 3\n",
        {"sources": ("a", "c")},
        "sources:\n- a # 1\n# about b\n# about c\n- c # 3\n",
    ),
    "entries change places as they are": (
        "enables:\n- slug: a # 1\n  weight: 0.50\n- {slug: 'b', weight: .7}\n",
        {"relationships": (Relationship("enables", "b", 0.7), Relationship("enables", "a", 0.5))},
        "enables:\n- {slug: 'b', weight: .7}\n- slug: a # 1\n  weight: 0.50\n",
    ),
    "what nobody reads in an entry moves with it, even if it changes": (
        "enables:\n- slug: a\n  evidence: [x, y] # here\n  weight: 0.5\n- slug: b\n",
        {"relationships": (Relationship("enables", "b"), Relationship("enables", "a", 0.75))},
        "enables:\n- slug: b\n- slug: a\n  evidence: [x, y] # here\n  weight: 0.75\n",
    ),
    "an entry with a comment between dash and key": (
        "enables:\n-   # first-comment\n  slug: a\n- slug: b\n",
        {"relationships": (Relationship("enables", "b"),)},
        "enables:\n- slug: b\n",
    ),
    "a part of an entry is changed": (
        "enables:\n- slug: a # 1\n  weight: 0.50 # 2\n  description: >- # 3\n    old\n",
        {"relationships": (Relationship("enables", "a", 0.75, "new"),)},
        "enables:\n- slug: a # 1\n  weight: 0.75 # 2\n  description: >- # 3\n    new\n",
    ),
    "a part is added to an entry": (
        "enables:\n- slug: a # 1\n- slug: 'b'\n",
        {"relationships": (Relationship("enables", "a", 0.75), Relationship("enables", "b"))},
        "enables:\n- slug: a # 1\n  weight: 0.75\n- slug: 'b'\n",
    ),
    "a part is taken out of an entry": (
        "enables:\n- weight: 0.5 # 1\n  # 2\n  slug: a # 3\n",
        {"relationships": (Relationship("enables", "a"),)},
        "enables:\n-  # 1\n  # 2\n  slug: a # 3\n",
    ),
    "a new entry speaks as its neighbours do": (
        'tools:\n- name: "Saw"\n  role: "cuts"\n',
        {"relationships": (Relationship("tools", "Saw", None, "", (("role", "cuts"),)), Relationship("tools", "Tape"))},
        'tools:\n- name: "Saw"\n  role: "cuts"\n- name: Tape\n',
    ),
    "a text becomes a mapping where it says more": (
        "enables:\n- a # 1\n- b\n",
        {"relationships": (Relationship("enables", "a", 0.5), Relationship("enables", "b"))},
        "enables:\n- slug: a\n  weight: 0.5 # 1\n- b\n",
    ),
    "a list becomes empty": (
        "sources: # all\n  - a # 1\n  - b\nlicense: x\n",
        {"sources": ()},
        "sources: [] # all\nlicense: x\n",
    ),
    "an empty list is filled below its comment": (
        'sources: [] # none yet\ntitle: "x"\n',
        {"sources": ("a",)},
        'sources: # none yet\n  - "a"\ntitle: "x"\n',
    ),
    "a list with an anchor is changed": (
        "contributors: &crew\n  - ada\n  - bo\nsoup: *crew\n",
        {"contributors": (Contributor("bo"), Contributor("cy"))},
        "contributors: &crew\n  - bo\n  - cy\nsoup: *crew\n",
    ),
    "a list that is an alias becomes one of its own": (
        "crew: &crew [ada, bo]\ncontributors: *crew # all\n",
        {"contributors": (Contributor("ada"),)},
        'crew: &crew [ada, bo]\ncontributors: ["ada"] # all\n',
    ),
    "a list in brackets over several lines": (
        "aliases: [\n    'a', 'b',\n    'c',\n  ] # all\n",
        {"aliases": ("a", "x", "c")},
        "aliases: [\n    'a', 'x',\n    'c',\n  ] # all\n",
    ),
    "an entry in brackets goes": (
        "aliases: [ 'a',  'b', 'c' ]\n",
        {"aliases": ("a", "c")},
        "aliases: [ 'a', 'c' ]\n",
    ),
    "an entry that cannot be read stays": (
        "enables:\n- slug: a\n- [odd]\n- slug: b\n",
        {"relationships": (Relationship("enables", "a"), Relationship("enables", "c"))},
        "enables:\n- slug: a\n- [odd]\n- slug: c\n",
    ),
    "an entry in brackets that cannot be read stays": (
        "enables: [a, [odd], b]\n",
        {"relationships": (Relationship("enables", "a"), Relationship("enables", "b"), Relationship("enables", "c"))},
        "enables: [a, [odd], b, c]\n",
    ),
    "an entry that stands twice goes twice": (
        "aliases: [a, b, a]\n",
        {"aliases": ("b",)},
        "aliases: [b]\n",
    ),
    "an entry that is out of range is mended": (
        "enables:\n- slug: a\n  weight: 7 # ?\n",
        {"relationships": (Relationship("enables", "a", 0.7),)},
        "enables:\n- slug: a\n  weight: 0.7 # ?\n",
    ),
    "an entity gets a name for its text": (
        "graph_garden:\n  entities:\n  - id: a\n",
        {"entities": (Entity("", "", "A thing"),)},
        'graph_garden:\n  entities:\n  - label: "A thing"\n',
    ),
    "communities of two kinds": (
        "graph_garden:\n  communities:\n  - one\n  - id: two\n    label: Two\n",
        {"communities": (Community("", "one"), Community("two", "Two"), Community("", "three"))},
        "graph_garden:\n  communities:\n  - one\n  - id: two\n    label: Two\n  - three\n",
    ),
    # Labels
    "labels change places with their comments": (
        "context_labels:\n  tech: 'T' # 1\n  # two\n  activist: no # 2\n",
        {"context_labels": (ContextLabel("activist", "no"), ContextLabel("tech", "T"))},
        "context_labels:\n  activist: no # 2\n  tech: 'T' # 1\n  # two\n",
    ),
    "an audience gets another name": (
        "context_labels:\n  tech: 'T' # 1\n  activist: no # 2\n",
        {"context_labels": (ContextLabel("the arts: all", "T"), ContextLabel("activist", "no"))},
        "context_labels:\n  'the arts: all': 'T' # 1\n  activist: no # 2\n",
    ),
    "a label in brackets is added and another changed": (
        "context_labels: {tech: T,\n    activist: 'no'}\n",
        {"context_labels": (ContextLabel("tech", "U"), ContextLabel("activist", "no"), ContextLabel("new", "a, b"))},
        "context_labels: {tech: U,\n    activist: 'no', new: \"a, b\"}\n",
    ),
    "labels are cleared": (
        "context_labels: # all\n  tech: T # 1\n\nslug: x\n",
        {"context_labels": ()},
        "context_labels: {} # all\n\nslug: x\n",
    ),
}


def changed(text: str, change: Change) -> str:
    return write(text, dataclasses.replace(read(text).document, **change))


@pytest.mark.parametrize(("before", "change", "after"), CASES.values(), ids=CASES)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_change_looks_like_this(before: str, change: Change, after: str, newline: str) -> None:
    text = f"---\n{before}---\n\nbody\n".replace("\n", newline)
    result = changed(text, change)
    assert result == f"---\n{after}---\n\nbody\n".replace("\n", newline)
    assert write(result, read(text).document, precedents=[text]) == text


def test_a_byte_order_mark_stays_where_it_is() -> None:
    assert changed("\ufeff---\ntitle: a\n---\n", {"title": "b"}) == "\ufeff---\ntitle: b\n---\n"
    assert changed("\ufeff---\n---\n", {"title": "b"}) == '\ufeff---\ntitle: "b"\n---\n'


def test_spaces_behind_the_fences_and_a_missing_last_newline_stay() -> None:
    assert changed("--- \t\ntitle: a\n---  ", {"title": "b"}) == "--- \t\ntitle: b\n---  "


def test_a_body_gets_a_line_of_its_own_below_a_fence_that_ends_the_text() -> None:
    text = "---\r\ntitle: a\r\n---"
    assert changed(text, {"preamble": "body"}) == "---\r\ntitle: a\r\n---\r\nbody"
    assert changed("---\ntitle: a\n---\n", {"preamble": "\n\nbody"}) == "---\ntitle: a\n---\n\n\nbody"


def test_new_lines_take_the_line_ending_of_the_first_fence() -> None:
    text = "---\r\nslug: x\ntitle: 'a'\n---\n"
    assert changed(text, {"sources": ("b",)}) == "---\r\nslug: x\ntitle: 'a'\nsources:\r\n  - b\r\n---\n"


def test_a_carriage_return_is_never_put_in_front_of_a_line_feed() -> None:
    text = "---\r# both\nslug: x\n\n---\n"
    result = changed(text, {"title": "a"})
    assert result == '---\r# both\nslug: x\ntitle: "a"\n\n---\n'
    assert write(result, read(text).document, precedents=[text]) == text


def test_several_parts_go_from_an_entry_at_once() -> None:
    start = "---\ngraph_garden:\n  entities:\n    - "
    block = f"{start}id: a\n      type: 't'\n      label: 'L'\n      relevance: .5\n    - id: 'b' # b\n---\n"
    only_label = {"entities": (Entity("", "", "L"), Entity("b", "", ""))}
    assert changed(block, only_label) == f"{start}label: 'L'\n    - id: 'b' # b\n---\n"
    noted = block.replace("id: a", "id: a # 1").replace("'t'", "'t' # 2")
    assert changed(noted, only_label) == f"{start} # 1\n      label: 'L'\n    - id: 'b' # b\n---\n"
    flow = f"{start}{{ id: a, type: 't', label: 'L', relevance: .5 }}\n    - id: 'b' # b\n---\n"
    assert changed(flow, only_label) == f"{start}{{ label: 'L' }}\n    - id: 'b' # b\n---\n"


def test_a_document_without_changes_needs_no_precedents() -> None:
    assert write("---\n---", PatternDocument()) == "---\n---"


def test_edits_at_one_place_keep_their_order_and_overlapping_ones_are_refused() -> None:
    assert apply("abc", [Edit(1, 1, "1"), Edit(1, 1, "2"), Edit(2, 3, "3\n")], "\r\n") == "a12b3\r\n"
    assert apply("abc", [Edit(1, 2, "\n", verbatim=True)], "\r\n") == "a\nc"
    with pytest.raises(CannotSplice):
        apply("abc", [Edit(0, 2, ""), Edit(1, 3, "")], "\n")
