"""Problems: what is wrong with a text is said in a sentence, with its line and its key, and nothing ever crashes."""

from __future__ import annotations

import dataclasses
import re
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from patterns_app.document.body import confidence_note, opening_quote
from patterns_app.document.frontmatter import MAX_FRONT_MATTER, MAX_TEXT, Unreadable
from patterns_app.document.problems import Problem, Severity, printable, shown
from patterns_app.document.reading import other_keys, read
from patterns_app.document.values import MAX_ENTRIES
from patterns_app.document.writing import EditRefused, write
from tests.document import library

# A valid beginning of three lines with letters of one, two, three and four bytes, so that a line counted in bytes or in
# UTF-16 units comes out wrong.
BEFORE = '# é 修 🧵\nslug: "a-slug" # ½\nlicense: é\u2028🧵\u0085x\n'.replace("é\u2028🧵\u0085x", '"é\u2028🧵"')
FIRST = 5  # the line on which the YAML under test begins: behind the fence and three lines
LAYOUTS = pytest.mark.parametrize(
    ("mark", "newline"), [("", "\n"), ("", "\r\n"), ("", "\r"), ("\ufeff", "\n"), ("\ufeff", "\r\n")]
)


def laid_out(yaml: str, body: str, mark: str, newline: str) -> str:
    return mark + f"---\n{BEFORE}{yaml}\n---\n{body}".replace("\n", newline)


def unreadable(text: str) -> Problem:
    with pytest.raises(Unreadable) as refusal:
        read(text)
    problem = refusal.value.problem
    assert problem.severity is Severity.ERROR
    assert problem.message.isprintable()
    assert str(problem) == f"<text>:{problem.line}: error: {problem.message} [{problem.code}]"
    return problem


def problems(text: str, *, name: str = "") -> list[Problem]:
    """Problems besides the notice about fields that a small example lacks."""
    return [problem for problem in read(text, name=name).problems if problem.code != "missing"]


WARNINGS = [
    # code, key, line after the first one, YAML
    ("not-text", "title", 0, "title: [a, b]"),
    ("not-text", "title", 1, "title:\n  a: b"),
    ("too-long", "collection", 0, f"collection: {'x' * 256}"),
    ("nul-character", "title", 0, 'title: "a\\0b"'),
    ("not-a-date", "created", 0, "created: 20226-02-10"),
    ("not-a-date", "created", 0, "created: 20260302"),
    ("not-a-date", "created", 0, "created: 2026-W10-1"),
    ("not-a-date", "created", 0, "created: 2026-02-30"),
    ("not-a-date", "graph_garden.last_pruned", 1, "graph_garden:\n  last_pruned: soon"),
    (
        "not-a-number",
        "ontology.commons_assessment.ownership",
        2,
        "ontology:\n  commons_assessment:\n    ownership: high",
    ),
    ("not-a-number", "vitality_score", 0, "vitality_score: .nan"),
    ("not-a-number", "vitality_score", 0, "vitality_score: [4]"),
    ("not-a-number", "vitality_score", 0, "vitality_score: ٣"),
    ("out-of-range", "vitality_score", 0, "vitality_score: 5.1"),
    ("out-of-range", "vitality_score", 0, "vitality_score: -1"),
    ("out-of-range", "vitality_score", 0, f"vitality_score: {'9' * 400}"),
    ("out-of-range", "lifecycle.confidence", 1, "lifecycle:\n  confidence: 5"),
    ("not-whole", "lifecycle.confidence", 1, "lifecycle:\n  confidence: 2.5"),
    ("not-a-list", "aliases", 0, "aliases: only one"),
    ("not-a-list", "enables", 1, "enables:\n  slug: b"),
    ("too-many", "aliases", 1, "aliases:\n" + "\n".join(f"- {number}" for number in range(MAX_ENTRIES + 1))),
    ("duplicate-entry", "aliases", 3, "aliases:\n- a\n- b\n- a"),
    ("duplicate-entry", "enables", 2, "enables:\n- a\n- {slug: a, weight: 1}"),
    ("not-text", "aliases", 1, "aliases:\n- a: b"),
    ("not-text", "aliases", 1, "aliases:\n- a: b\n  c: d"),
    ("not-text", "aliases", 0, "aliases: [[a]]"),
    ("empty-entry", "aliases", 2, "aliases:\n- a\n-"),
    ("empty-entry", "aliases", 0, "aliases: ['  ']"),
    ("empty-entry", "requires", 1, "requires:\n- weight: 1"),
    ("empty-entry", "graph_garden.entities", 2, "graph_garden:\n  entities:\n  - {type: x, label: ' '}"),
    ("too-long", "aliases", 1, f"aliases:\n- {'x' * 256}"),
    ("nul-character", "aliases", 1, 'aliases:\n- "\\0"'),
    ("nul-character", "enables.description", 0, 'enables: [{slug: a, description: "\\0"}]'),
    ("not-a-mapping", "context_labels", 1, "context_labels:\n- a"),
    ("not-a-mapping", "context_labels", 0, "context_labels: soon"),
    ("not-text", "context_labels.tech", 1, "context_labels:\n  tech: [a]"),
    ("empty-entry", "context_labels", 1, "context_labels:\n  '': a"),
    ("too-long", "context_labels", 1, f"context_labels:\n  {'x' * 256}: a"),
    ("nul-character", "context_labels.tech", 1, 'context_labels:\n  tech: "\\0"'),
    ("not-an-entry", "enables", 1, "enables:\n- [a]"),
    ("out-of-range", "enables.weight", 2, "enables:\n- slug: a\n  weight: 7"),
    ("not-a-number", "enables.weight", 0, "enables: [{slug: a, weight: much}]"),
    ("not-text", "enables.description", 0, "enables: [{slug: a, description: [x]}]"),
    ("out-of-range", "graph_garden.entities.relevance", 1, "graph_garden:\n  entities: [{id: a, relevance: 2}]"),
    (
        "out-of-range",
        "graph_garden.communities.confidence",
        1,
        "graph_garden:\n  communities: [{id: a, confidence: 2}]",
    ),
    (
        "out-of-range",
        "graph_garden.inferred_links.strength",
        1,
        "graph_garden:\n  inferred_links: [{target: a, strength: 6}]",
    ),
    ("placeholder-id", "id", 0, "id: pat_placeholder"),
    ("not-a-typeid", "id", 0, "id: pat_7e864694ee824f3910c4f1f7"),
    ("unknown-status", "status", 0, "status: half done"),
    ("unknown-status", "lifecycle.status", 1, "lifecycle:\n  status: half done"),
]


@pytest.mark.parametrize(("code", "key", "line", "yaml"), WARNINGS, ids=lambda value: str(value)[:24])
@LAYOUTS
def test_a_value_that_cannot_be_used_is_a_warning_on_its_line(
    code: str, key: str, line: int, yaml: str, mark: str, newline: str
) -> None:
    (problem,) = problems(laid_out(yaml, "", mark, newline))
    assert (problem.code, problem.key, problem.line) == (code, key, FIRST + line)
    assert problem.severity is Severity.WARNING
    assert problem.message.isprintable()
    assert len(problem.message) < 400


def test_every_code_of_a_value_is_tested() -> None:
    """A new code in the source needs a row above."""
    folder = Path(__file__).parents[2] / "patterns_app" / "document"
    said = {
        code
        for name in ("reading.py", "values.py", "frontmatter.py")
        for code in re.findall(r'"((?:[a-z]+-)+[a-z]+|missing|yaml)",?\s', (folder / name).read_text())
    }
    tested = {row[0] for row in WARNINGS} | {"stars-differ", "missing", "no-slug", "unsafe-slug", "unusual-slug"}
    tested |= {"duplicate-key", "not-a-mapping", "no-front-matter", "no-closing-fence", "nul-character", "not-unicode"}
    tested |= {"too-large", "front-matter-too-large", "yaml"}
    assert said == tested


@LAYOUTS
def test_stars_in_the_body_that_differ_are_a_notice_at_the_confidence(mark: str, newline: str) -> None:
    body = "> [!NOTE] Confidence Rating: ★★★ (High)\n"
    (problem,) = problems(laid_out("lifecycle:\n  confidence: 1", body, mark, newline))
    assert (problem.code, problem.key, problem.line) == ("stars-differ", "lifecycle.confidence", FIRST + 1)
    assert problem.severity is Severity.NOTICE


def test_fields_that_the_format_asks_for_are_one_notice() -> None:
    (problem,) = read("---\nslug: a\n---\n").problems
    assert (problem.code, problem.severity, problem.line) == ("missing", Severity.NOTICE, 1)
    assert "title, summary, context_labels, ontology.domain," in problem.message
    assert read(library.example("repair-cafe-evening")).problems == []


@pytest.mark.parametrize(
    "slug", ["../../etc/passwd", "/etc/passwd", "a\\b", ".hidden", "..", '"a\\nb"', '"a\\tb"', '"\\x7f"', "x" * 256]
)
@LAYOUTS
def test_a_slug_that_could_leave_the_folder_keeps_the_file_out(slug: str, mark: str, newline: str) -> None:
    text = f"{mark}---\n# é\nslug: {slug}\n---\n".replace("\n", newline)
    found = [problem for problem in problems(text) if problem.severity is Severity.ERROR]
    if len(slug) > 255:
        assert [problem.code for problem in problems(text)] == ["too-long"]
        return
    assert [(problem.code, problem.key, problem.line) for problem in found] == [("unsafe-slug", "slug", 3)]
    assert read(text).is_refused
    assert found[0].message.isprintable()


def test_a_slug_from_an_unsafe_file_name_keeps_the_file_out_too() -> None:
    (first, second) = problems("---\ntitle: x\n---\n", name="a/b")
    assert (first.code, second.code) == ("no-slug", "unsafe-slug")
    assert second.severity is Severity.ERROR


@pytest.mark.parametrize("slug", ["Two Words", "a_b", "ünder", "a--b", "修理"])
def test_an_unusual_slug_is_a_warning(slug: str) -> None:
    (problem,) = problems(f"---\nslug: {slug}\n---\n")
    assert (problem.code, problem.severity, problem.line) == ("unusual-slug", Severity.WARNING, 2)


# Texts that are no pattern files


@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ("", "no-front-matter", 1),
        ("\n---\ntitle: a\n---\n", "no-front-matter", 1),
        ("title: a\n", "no-front-matter", 1),
        ("--- \u00a0\ntitle: a\n---\n", "no-front-matter", 1),
        ("----\ntitle: a\n----\n", "no-front-matter", 1),
        ("---\u2028title: a\n---\n", "no-front-matter", 1),
        ("---", "no-closing-fence", 1),
        ("---\n", "no-closing-fence", 1),
        ("---\ntitle: a\n", "no-closing-fence", 1),
        ("---\ntitle: a\n ---\n", "no-closing-fence", 1),
        ("---\ntitle: a\n----\n", "no-closing-fence", 1),
        ("---\ntitle: a\n---x\n", "no-closing-fence", 1),
        ("---\na\0b: c\n---\n", "nul-character", 2),
        ("---\r\na: b\r\n---\r\n修\r\n\0", "nul-character", 5),
        ("---\na: \ud800\n---\n", "not-unicode", 2),
        ("---\r\na: b\r\n---\r\n\r\n\udfff", "not-unicode", 5),
        ("---\n# a comment\n- a\n- b\n---\n", "not-a-mapping", 3),
        ("---\njust words\n---\n", "not-a-mapping", 2),
        ("---\n\n[]\n---\n", "not-a-mapping", 3),
        ("---\n'null'\n---\n", "not-a-mapping", 2),
    ],
)
def test_a_text_without_usable_front_matter_is_refused(text: str, code: str, line: int) -> None:
    problem = unreadable(text)
    assert (problem.code, problem.line) == (code, line)


INVALID = [
    # line after the first one, YAML
    (0, "title: [a"),  # runs on to the fence
    (0, "title: 'a"),
    (1, "title: a\n\tslug: b"),
    (0, "\ttitle: a"),
    (0, "title: a: b"),
    (0, 'title: "\\q"'),
    (0, 'title: "\\ud800"'),
    (0, 'title: "\\udc00\\ud800"'),
    (0, 'title: "\\U00110000"'),
    (0, "title: *nowhere"),
    (1, "title: &a x\naliases: [&a y, *b]"),
    (0, "title: @at"),
    (0, "title: `tick`"),
    (0, "title: %percent"),
    (0, "%YAML 1.1"),
    (1, "title: a\n%YAML 1.1"),
    (1, "title: a\n  b: c"),
    (0, "  title: a\n title: b"),
    (1, "title: a\nnot a key"),
    (1, "...\nsecond: document"),
    (0, "title: \x07"),
    (0, "title: \x9f"),
    (2, "summary: >-\n  a\n  \x01"),
    (0, "title: \ufffe"),
    (0, "title: " + "[" * 2000),
    (0, "title: " + "{a: " * 2000),
    (1, "title:\n " + "- " * 2000 + "a"),
    (0, "a: " * 3),
    (0, "title: >x"),
    (1, "title: 'a'\nslug: 'b' c"),
]


@pytest.mark.parametrize(("line", "yaml"), INVALID, ids=lambda value: repr(value)[:24])
@LAYOUTS
def test_what_is_not_yaml_is_refused_on_the_line_where_it_stops_being_yaml(
    line: int, yaml: str, mark: str, newline: str
) -> None:
    problem = unreadable(laid_out(yaml, "body\n", mark, newline))
    assert problem.code == "yaml"
    assert FIRST + line <= problem.line <= FIRST + yaml.count("\n") + 1


@pytest.mark.parametrize(
    ("line", "first", "yaml"),
    [
        (1, 0, "title: a\ntitle: b"),
        (1, 0, "\"title\": a\n'title': b"),
        (3, 1, "lifecycle:\n  status: a\n  version: b\n  status: c"),
        (
            5,
            3,
            "ontology:\n  search_hints:\n    # x\n    primary_tension: a\n    other: []\n    primary_tension: b",
        ),
        (2, 1, "context_labels:\n  tech: a\n  tech: b"),
        (3, 1, "enables:\n- slug: a\n  weight: 1\n  slug: b"),
        (0, 0, "contributors: [{name: a, name: b}]"),
        (1, 0, "unknown: a\nunknown: b"),
    ],
)
@LAYOUTS
def test_a_key_that_stands_twice_is_refused_where_it_stands_again(
    line: int, first: int, yaml: str, mark: str, newline: str
) -> None:
    problem = unreadable(laid_out(yaml, "", mark, newline))
    assert (problem.code, problem.line) == ("duplicate-key", FIRST + line)
    assert f"and on line {FIRST + first};" in problem.message
    assert f"“{problem.key}”" in problem.message


def test_a_key_twice_in_what_is_not_ours_is_not_our_business() -> None:
    assert problems("---\nunknown: {a: 1, a: 2}\nslug: x\n---\n") == []


@pytest.mark.parametrize(
    "text",
    [
        "---\n---\n",
        "---\n---",
        "---\n\n\n---\nbody",
        "---\n# only\n# comments\n---\n",
        "---\n~\n---\n",
        "---\nnull\n---\n",
        "---\n{}\n---\n",
        "---\n{}\n...\n---\n",
    ],
)
def test_front_matter_that_says_nothing_is_an_empty_pattern(text: str) -> None:
    reading = read(text, name="the-name")
    assert reading.document.slug == "the-name"
    assert [problem.code for problem in reading.problems] == ["no-slug", "missing"]
    assert write(text, read(text).document) is text


def test_a_fence_within_a_value_ends_the_front_matter_only_at_the_first_column() -> None:
    indented = read("---\nsummary: |\n  ---\n  text\n---\nbody\n").document
    assert (indented.summary, indented.body) == ("---\ntext\n", "body\n")
    at_column_0 = read("---\nsummary: |\n  text\n---\nslug: x\n---\n").document
    assert (at_column_0.summary, at_column_0.body) == ("text\n", "slug: x\n---\n")


# Hostile sizes and shapes: bounded time, bounded memory, a clear answer


@contextmanager
def bounded(seconds: float, megabytes: int) -> Iterator[None]:
    """Fails if what is done within takes longer, or raises the process's peak memory by more."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.process_time()
    yield
    assert time.process_time() - start < seconds
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < megabytes * 1024


def test_a_file_of_ten_megabytes_is_refused_at_once() -> None:
    with bounded(1, 60):
        assert unreadable("---\nslug: a\n---\n" + "x" * 10_000_000).code == "too-large"
        assert unreadable("x" * 10_000_000).code == "too-large"


def test_a_file_of_the_largest_size_is_read() -> None:
    head = "---\nslug: a\n---\n"
    with bounded(2, 100):
        assert len(read(head + "x" * (MAX_TEXT - len(head))).document.body) == MAX_TEXT - len(head)
    assert unreadable(head + "x" * (MAX_TEXT - len(head) + 1)).code == "too-large"


def test_a_front_matter_of_a_megabyte_is_refused() -> None:
    fits = f"slug: {'x' * (MAX_FRONT_MATTER - 7)}\n"
    assert read(f"---\n{fits}---\n").document.slug == ""
    problem = unreadable(f"---\n#{fits}---\n")
    assert (problem.code, problem.line) == ("front-matter-too-large", 1)


LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 9)}]\n"
    for before, name in zip("abcdefghijklmn", "bcdefghijklmno", strict=True)
)


@pytest.mark.parametrize(
    "yaml",
    [
        LAUGHS,
        LAUGHS + "title: *o\naliases: *o\nsources: [*o, *o]\ncontext_labels: {tech: *o}\nlifecycle: *o\n",
        LAUGHS.replace("o: &o", "aliases: &o"),
        "enables: &a [*a]\n",
        "ontology: &a\n  search_hints: *a\n  commons_assessment: *a\nlifecycle: *a\n",
        "relationships: &a\n  enables: *a\n  requires: [*a]\n",
        "aliases: &a [[*a, *a], {a: *a}]\n",
        "unknown: &a\n  - *a\n",
    ],
)
def test_an_alias_bomb_costs_nothing(yaml: str) -> None:
    text = f"---\nslug: a\n{yaml}---\n"
    with bounded(1, 30):
        reading = read(text)
        other_keys(reading)
        assert write(text, reading.document) is text


NESTED: dict[str, Callable[[int], str]] = {
    "brackets": lambda depth: "[" * depth + "]" * depth,
    "braces": lambda depth: "{a: " * depth + "}" * depth,
    "dashes": lambda depth: "\n " + "- " * depth + "a",
    "never closed": lambda depth: "[" * depth,
    # Its size grows with the square of its depth.
    "keys": lambda depth: "\n" + "".join(f"{' ' * level}a:\n" for level in range(1, min(depth, 1_000))),
}


@pytest.mark.parametrize("depth", [100, 700, 5_000, 100_000])
@pytest.mark.parametrize("style", NESTED)
@pytest.mark.parametrize("key", ["unknown", "aliases", "ontology", "enables"])
def test_deep_nesting_is_read_or_refused_but_never_exhausts_the_stack(depth: int, style: str, key: str) -> None:
    text = f"---\nslug: a\n{key}: {NESTED[style](depth)}\n---\n"
    with bounded(3, 200):
        code = "read"
        try:
            reading = read(text)
        except Unreadable as refusal:
            code = refusal.problem.code
        else:
            other_keys(reading)
            assert write(text, reading.document) is text
    assert code in ("read", "yaml", "front-matter-too-large")


@pytest.mark.parametrize(
    "yaml",
    [
        "".join(f"k{number}:\n" for number in range(20_000)),
        "".join(
            f"{key}:\n{'-' + chr(10):s}".replace("-\n", "-\n" * 4_900)
            for key in ("aliases", "sources", "enables", "tags")
        ),
        "context_labels:\n" + "".join(f" a{number}: []\n" for number in range(10_000)),
        "x: &a [" + "x, " * 30_000 + "]\naliases: [" + "*a, " * 2_000 + "]\n",
        "aliases: [" + "a, " * 50_000 + "]\n",
        "summary: " + "a #" * 150_000 + "\n",
        "summary: >-\n" + "  \n" * 100_000 + "  a\n",
        "# " + " #" * 200_000 + "\n",
        "x:\n" + "# \n" * 100_000 + "\n",
        "x:\n" + "-   # -\n" * 50_000,
    ],
)
def test_a_huge_front_matter_is_read_and_edited_in_seconds(yaml: str) -> None:
    text = f"---\nslug: a\n{yaml}---\n"
    with bounded(20, 400):
        reading = read(text)
        other_keys(reading)
        assert read(write(text, dataclasses.replace(reading.document, title="x"))).document.title == "x"


@pytest.mark.parametrize(
    "body",
    [
        "#\n" * 100_000,
        "# a\n## b\n" * 50_000,
        "# a" + " " * 500_000 + "x\n",
        "# " + " #" * 250_000 + "x\n",
        "# 1" + "-" * 500_000 + "x\n",
        "# " + "(1" * 250_000 + "\n",
        "# (" + "1" * 500_000 + " words)\n",
        "> [!NOTE] Confidence: " + " " * 500_000 + "x\n",
        "> [!NOTE] Confidence: (" + " " * 500_000 + "x\n",
        "> " + ">" * 500_000,
        "```\n" * 100_000,
        "`" * 500_000,
        "x" * 1_000_000,
    ],
)
def test_a_hostile_body_is_cut_in_a_moment(body: str) -> None:
    with bounded(3, 200):
        document = read(f"---\nlifecycle: {{confidence: 1}}\n---\n{body}").document
        assert document.body == body
        for section in document.sections:
            assert section.number is None or section.number >= 0
            assert len(section.title) <= len(section.heading)
        opening_quote(document.preamble)
        confidence_note(document.preamble)


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u200b", "\ufeff", "\xad", "\u2028", "\U000e0001"])
def test_invisible_signs_are_kept_in_values_and_made_visible_in_messages(sign: str) -> None:
    text = f'---\nslug: "a{sign}b"\ntitle: "x{sign}y"\nstatus: "{sign}"\n---\n{sign}'
    reading = read(text)
    assert reading.document.title == f"x{sign}y"
    assert reading.document.body == sign
    assert write(text, reading.document) is text
    assert all(problem.message.isprintable() for problem in reading.problems)
    assert "unusual-slug" in [problem.code for problem in reading.problems]


def test_a_problem_prints_as_one_line_that_editors_can_jump_to() -> None:
    problem = Problem("a/b.md", 3, "title", "not-text", Severity.WARNING, "title should be a text.")
    assert str(problem) == "a/b.md:3: warning: title should be a text. [not-text]"
    assert str(problem._replace(line=0)) == "a/b.md: warning: title should be a text. [not-text]"
    assert str(problem._replace(path="")) == "<text>:3: warning: title should be a text. [not-text]"


def test_a_piece_of_a_file_is_shown_on_one_line_and_cut_short() -> None:
    assert shown("a\nb\u202e\x1b[31m") == "“a\\nb\\u202e\\x1b[31m”"
    assert shown("é 修 🧵") == "“é 修 🧵”"
    assert shown("x" * 81) == f"“{'x' * 80}…”"
    assert printable("a\tb") == "a\\tb"


def test_a_refusal_names_the_field_and_says_what_to_do() -> None:
    text = "---\ntitle: [a, b]\n---\n"
    wanted = dataclasses.replace(read(text).document, title="x")
    with pytest.raises(EditRefused, match=r"“title” could not be changed: .*\. Edit the file by hand\.") as refusal:
        write(text, wanted)
    assert refusal.value.field == "title"
