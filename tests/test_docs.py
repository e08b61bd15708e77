"""Documentation that is tested: what it says of the code is compared with the code, transcripts are replayed."""

from __future__ import annotations

import ast
import contextlib
import io
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command, load_command_class
from django.core.management.base import BaseCommand
from django.test import Client
from django.urls import reverse

from patterns_app.document.dialects import FIELDS
from patterns_app.document.frontmatter import MAX_FRONT_MATTER, MAX_TEXT
from patterns_app.document.values import MAX_ENTRIES
from patterns_app.document.vocabulary import (
    NAME_MAX,
    PATH_MAX,
    PLACEHOLDER_IDS,
    SECTION_GUIDANCE,
    STATUS_WORDS,
    RelationshipKind,
)
from patterns_app.models import Pattern
from patterns_app.sync.library import MAX_BYTES, SUFFIXES
from patterns_app.workflow.moves import Ask, Move
from tests.browser import fields_of

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")] + sorted(ROOT.glob("docs/**/*.md"))
COMMANDS = (
    "lay_out_map",
    "serve_mcp",
    "import_patterns",
    "export_patterns",
    "check_patterns",
    "publish_scheduled",
    "send_notices",
    "thin_revisions",
    "rebuild_snapshots",
    "rebuild_search",
    "reread_patterns",
    "ensure_administrator",
)


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def table_rows(markdown: str) -> Iterator[list[str]]:
    """The cells of every table row. A bar within code would have to be escaped, and none is."""
    for line in markdown.split("\n"):
        if line.startswith("|"):
            yield [cell.strip() for cell in line.strip("|").split("|")]


def codes_in(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def without_code(markdown: str) -> str:
    return re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", markdown, flags=re.M | re.S))


def blocks_of(markdown: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", markdown, flags=re.M | re.S)


# Problem codes

# Who makes a problem, and the position of the code and (if it is a parameter) of the severity among its arguments.
MAKERS = {"Problem": (3, 4), "_unreadable": (1, None), "FileTrouble": (1, None), "_leave_out": (3, None)}
METHODS = {"problem": (2, 4), "_problem": (1, None)}
USUAL = {"problem": "warning"}


def severities_in(node: ast.AST) -> set[str]:
    return {
        found.attr.lower()
        for found in ast.walk(node)
        if isinstance(found, ast.Attribute) and isinstance(found.value, ast.Name) and found.value.id == "Severity"
    }


def problems_in(tree: ast.Module) -> Iterator[tuple[str, set[str]]]:
    """(code, severities) of every problem a module makes. Fails for a maker that MAKERS and METHODS do not know."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef):
            continue
        for call in ast.walk(function):
            if not isinstance(call, ast.Call):
                continue
            if isinstance(call.func, ast.Name) and call.func.id in MAKERS:
                name, (code_at, severity_at) = call.func.id, MAKERS[call.func.id]
            elif isinstance(call.func, ast.Attribute) and call.func.attr in METHODS:
                name, (code_at, severity_at) = call.func.attr, METHODS[call.func.attr]
            else:
                continue
            code = call.args[code_at]
            severities = {USUAL.get(name, "error")}
            if severity_at is not None and len(call.args) > severity_at:
                said = call.args[severity_at]
                # A severity in a variable: whatever the function may have put there.
                severities = severities_in(function if isinstance(said, ast.Name) else said)
            match code:
                case ast.Constant(value=str(value)):
                    yield value, severities
                case ast.JoinedStr(values=[ast.FormattedValue(), ast.Constant(value="-taken")]):
                    yield "id-taken", severities
                    yield "slug-taken", severities
                case ast.Name(id="code"):
                    known = {*MAKERS, *METHODS, "__init__"}
                    assert function.name in known, f"{function.name} makes problems; tell this test how"
                case _:
                    assert ast.unparse(code).endswith("problem.code"), f"{ast.unparse(call)}: which code is this?"


def test_every_problem_code_is_documented_with_its_severities_and_no_other() -> None:
    in_code: dict[str, set[str]] = defaultdict(set)
    for file in sorted((ROOT / "patterns_app").rglob("*.py")):
        for code, severities in problems_in(ast.parse(file.read_text(encoding="utf-8"))):
            in_code[code] |= severities
    problems = text_of("docs/format.md").partition("\n## Problems\n")[2].partition("\n## ")[0]
    documented = {
        codes_in(row[0])[0]: set(row[1].split(", "))
        for row in table_rows(problems)
        if len(row) == 4 and codes_in(row[0])
    }
    assert documented == dict(in_code)


# Fields and words of the format


def test_every_field_is_documented_with_its_places_and_whether_it_is_required() -> None:
    in_code = {(spec.kind or spec.name): ([".".join(place) for place in spec.places], spec.required) for spec in FIELDS}
    groups = text_of("docs/format.md").partition("\n## The seven groups\n")[2].partition("\n### Other keys\n")[0]
    documented = {
        codes_in(row[0])[0]: (codes_in(row[3]), row[2] == "required") for row in table_rows(groups) if codes_in(row[0])
    }
    assert documented == in_code
    assert list(documented) == list(in_code), "in the format's order"


def test_every_relationship_kind_is_documented_with_how_it_reads_from_its_target() -> None:
    rows = {
        codes_in(row[0])[0]: row[5]
        for row in table_rows(text_of("docs/format.md"))
        if len(row) == 6 and codes_in(row[0])
    }
    for kind in RelationshipKind:
        assert rows[kind.value] == kind.reverse_label


def test_every_status_word_is_documented_under_the_state_it_means() -> None:
    statuses = text_of("docs/format.md").partition("\n## Statuses\n")[2].partition("\n## ")[0]
    documented = {word: row[0] for row in table_rows(statuses) for word in codes_in(row[1])}
    assert documented == {word: status.value for word, status in STATUS_WORDS.items()}


def test_every_move_is_documented_as_the_table_in_the_code_has_it() -> None:
    asked = {Ask.NOTE: "a note", Ask.REASON: "a reason", Ask.TIMES: "times", Ask.SUCCESSOR: "a successor"}
    asked[Ask.PERSON] = "a person"
    documented = [row for row in table_rows(text_of("docs/workflow.md")) if len(row) == 4][2:]
    assert documented == [
        [
            move.label,
            ", ".join(was.value if was is to else f"{was.value} → {to.value}" for was, to in move.steps.items()),
            move.permission,
            ", ".join(asked[ask] for ask in move.asks),
        ]
        for move in Move
    ]


def test_the_sections_of_the_reference_layout_are_documented_with_their_lengths() -> None:
    documented = {codes_in(row[0])[0]: row[1] for row in table_rows(text_of("docs/format.md")) if codes_in(row[0])}
    for number, (title, low, high) in enumerate(SECTION_GUIDANCE, start=1):
        assert documented[f"### Section {number}: {title}"] == f"{low}–{high}"


def test_the_limits_are_documented() -> None:
    limits = text_of("docs/format.md").partition("\n## Limits\n")[2]
    for limit in (MAX_BYTES, MAX_TEXT, MAX_FRONT_MATTER, NAME_MAX, MAX_ENTRIES, PATH_MAX):
        assert re.search(rf"\b{limit:,}\b", limits), limit
    for word in (*SUFFIXES, *PLACEHOLDER_IDS):
        assert f"`{word}`" in text_of("docs/format.md")


# Commands, targets, variables, links


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", text_of("Makefile"), flags=re.M))
    for page in PAGES:
        markdown = page.read_text(encoding="utf-8")
        code = "\n".join(
            [*blocks_of(markdown, "sh"), *blocks_of(markdown, "console"), *re.findall(r"`([^`\n]+)`", markdown)]
        )
        for named in re.findall(r"(?:^|[^\w-])make ([a-z][a-z-]*)", code):
            assert named in targets, f"{page.name}: make {named}"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_of_a_command_is_in_the_readme(command: str) -> None:
    for option in options_of(command):
        assert f"`{option}" in text_of("README.md")


def test_the_readme_names_only_options_that_the_commands_have() -> None:
    marked = {"import": "import_patterns", "export": "export_patterns", "check": "check_patterns"}
    rows = list(table_rows(text_of("README.md")))
    head = next(row for row in rows if row[0] == "option")
    for row in rows[rows.index(head) + 2 :]:
        options = [code.split()[0] for code in codes_in(row[0]) if code.startswith("--")]
        if len(row) != len(head) or not options:
            break
        for column, command in enumerate(head[1:-1], start=1):
            for option in options:
                assert (option in options_of(marked[command])) == (row[column] == "●"), f"{option} of {command}"


def options_of(command: str) -> set[str]:
    """The options of a command itself, without those that every Django command has."""
    own, every = (
        {string for action in parser._actions for string in action.option_strings}
        for parser in (
            load_command_class("patterns_app", command).create_parser("manage.py", command),
            BaseCommand().create_parser("manage.py", command),
        )
    )
    return own - every


def test_every_documented_variable_is_read_and_every_read_one_is_documented() -> None:
    settings = text_of("commons/settings.py")
    documented = set(re.findall(r"^([A-Z][A-Z_]+)  +\S", settings, flags=re.M))
    read_ones = set(re.findall(r"env(?:\.\w+)?\(\s*\"([A-Z_]+)\"|environ\.get\(\s*\"([A-Z_]+)\"", settings))
    assert documented == {name for pair in read_ones for name in pair if name}
    for page in ("README.md", "docs/operations.md"):
        named = {codes_in(row[0])[0] for row in table_rows(text_of(page)) if re.fullmatch(r"`[A-Z][A-Z_]+`", row[0])}
        assert named <= documented, page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_within_the_repository_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path) if path else page
        assert file.resolve().is_relative_to(ROOT), target
        assert file.exists(), target
        if anchor:
            assert anchor in anchors_of(file.read_text(encoding="utf-8")), target


def anchors_of(markdown: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", markdown, flags=re.M | re.S), flags=re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_file_that_contributing_names_exists() -> None:
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]*\.(?:py|md|html|toml|css)|(?:[\w.-]+/)+)`", text_of("CONTRIBUTING.md"))
    assert named
    for name in named:
        # What an example adds is marked as new in its sentence.
        is_new = re.search(rf"New[^.\n]*`{re.escape(name)}`", text_of("CONTRIBUTING.md"))
        assert is_new or (ROOT / name).exists(), name


def test_decisions_say_why_and_what_would_undo_them() -> None:
    pages = sorted((ROOT / "docs/decisions").glob("[0-9]*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        headings = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), flags=re.M)
        assert headings == ["Context", "Decision", "Consequences", "What would make us undo it"], page.name


# Transcripts


class Shell:
    """Runs the commands of a transcript: `manage.py` in this process, on the test's database, all else in a shell."""

    def __init__(self, home: Path) -> None:
        self.home = home

    def here(self, text: str) -> str:
        return re.sub(r"~|/home/ada", str(self.home), text)

    def run(self, command: str) -> str:
        command = self.here(command)
        manage = command.removeprefix(".venv/bin/python manage.py ")
        if manage == command:
            done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
            return done.stdout + done.stderr
        said = io.StringIO()
        name, *arguments = manage.split()
        with contextlib.suppress(SystemExit):
            call_command(name, *arguments, stdout=said, stderr=said)
        return said.getvalue()

    def replay(self, transcript: str) -> None:
        for part in re.split(r"^\$ ", transcript, flags=re.M)[1:]:
            command, _, expected = part.partition("\n")
            said = self.run(command)
            assert said == self.here(expected), f"$ {command}\n{said}"


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)


def edit_in_the_admin(slug: str, **values: str) -> str:
    """Change fields of a pattern as an editor does; the page that answers, without marks."""
    client = Client()
    client.force_login(User.objects.get_or_create(username="ada", is_staff=True, is_superuser=True)[0])
    url = reverse("admin:patterns_app_pattern_change", args=[Pattern.objects.get(slug=slug).pk])
    fields = fields_of(client.get(url).content, "pattern_form")
    assert set(values) <= set(fields)
    answer = client.post(url, {**fields, **values}, follow=True)
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


@pytest.mark.django_db
def test_the_transcripts_in_the_readme_are_what_happens(shell: Shell) -> None:
    readme = text_of("README.md")
    round_trip, one_line, conflict, bad_file = blocks_of(readme, "console")
    shell.replay(round_trip)

    promised = re.search(r"The admin answers \*(.+?)\*", readme, flags=re.S)
    assert promised
    assert " ".join(promised[1].split()) in edit_in_the_admin("cash-deposit", vitality="1.6")
    shell.replay(one_line)

    edit_in_the_admin("cash-deposit", vitality="1.8")
    shell.run(".venv/bin/python manage.py export_patterns ~/mending")
    assert shell.run("diff -r fixtures/patterns ~/mending") == ""

    edit_in_the_admin("tool-library", confidence="2")
    file = shell.home / "mending/lending/tool-library.md"
    text = file.read_bytes()
    file.write_bytes(re.sub(rb"adoption_stage: \w+", b"adoption_stage: growth", text))
    shell.replay(conflict)
    shell.replay(bad_file)
