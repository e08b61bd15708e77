"""Files and rows change in any order, by any hand, and are taken in and out: nothing is lost, nothing falls apart."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from patterns_app.models import Library, Pattern, Revision
from patterns_app.workflow import IdentityTaken
from tests.sync.editing import edit
from tests.sync.folders import pattern_file, typeid
from tests.sync.running import Ran, export_to, import_from
from tests.sync.state import check_integrity, parted

NAMES = st.sampled_from(["a", "b", "c", "sub/d"])
SLUGS = st.sampled_from(["one", "two", "three", "four"])
IDS = st.sampled_from(["", "", typeid(1), typeid(2), typeid(3), "pat_placeholder"])
SIDES = st.sampled_from([(), (), ("--ours",), ("--theirs",)])


class Mixture(RuleBasedStateMachine):
    """A folder and a database that several hands change."""

    def __init__(self) -> None:
        super().__init__()
        Pattern.objects.all().delete()
        Library.objects.all().delete()
        self.scratch = Path(tempfile.mkdtemp(prefix="mixture-"))
        self.folder = self.scratch / "lib"
        (self.folder / "sub").mkdir(parents=True)
        self.tampered: set[str] = set()
        self.counter = 0
        self.heads: set[str] = set()
        for number, (name, slug) in enumerate([("a", "one"), ("b", "two"), ("sub/d", "three")]):
            self.write(name, slug, typeid(number) if number else "", "one", "two")
        import_from(self.folder)

    def teardown(self) -> None:
        shutil.rmtree(self.scratch)

    def title(self, by: str) -> str:
        self.counter += 1
        return f"Title {self.counter} {by}"

    def files(self) -> dict[str, bytes]:
        return {file.relative_to(self.folder).as_posix(): file.read_bytes() for file in self.folder.rglob("*.md")}

    # What hands do

    def write(self, name: str, slug: str, identifier: str, alias: str, goal: str) -> None:
        text = pattern_file(
            slug, id=identifier, title=self.title("by file"), aliases=[f"{alias} too"], enables=[goal, f"{goal}-too"]
        )
        (self.folder / f"{name}.md").write_text(text)

    @rule(name=NAMES, slug=SLUGS, identifier=IDS, alias=SLUGS, goal=SLUGS)
    def write_a_file(self, name: str, slug: str, identifier: str, alias: str, goal: str) -> None:
        self.write(name, slug, identifier, alias, goal)

    @rule(name=NAMES)
    def retitle_a_file(self, name: str) -> None:
        file = self.folder / f"{name}.md"
        if file.exists():
            lines = file.read_text().split("\n")
            lines = [f'title: "{self.title("by file")}"' if line.startswith("title:") else line for line in lines]
            file.write_text("\n".join(lines))

    @rule(name=NAMES, really=st.integers(0, 3))
    def break_a_file(self, name: str, really: int) -> None:
        # Now and then only: a broken file hides what else could happen to it.
        if really == 3:
            (self.folder / f"{name}.md").write_text(f"---\ntitle: [{self.title('broken')}\n---\n")

    @rule(one=NAMES, other=NAMES)
    def rename_a_file(self, one: str, other: str) -> None:
        if (self.folder / f"{one}.md").exists():
            (self.folder / f"{one}.md").rename(self.folder / f"{other}.md")

    @rule(one=NAMES, other=NAMES)
    def swap_two_files(self, one: str, other: str) -> None:
        first, second = self.folder / f"{one}.md", self.folder / f"{other}.md"
        if first.exists() and second.exists():
            text, other_text = first.read_bytes(), second.read_bytes()
            first.write_bytes(other_text)
            second.write_bytes(text)

    @rule(name=NAMES)
    def delete_a_file(self, name: str) -> None:
        (self.folder / f"{name}.md").unlink(missing_ok=True)

    @rule(slug=SLUGS)
    def edit_by_the_door(self, slug: str) -> None:
        if Pattern.objects.filter(slug=slug).exists() and slug not in self.tampered:
            edit(slug, title=self.title("by door"))

    @rule(slug=SLUGS, new=SLUGS)
    def rename_by_the_door(self, slug: str, new: str) -> None:
        if Pattern.objects.filter(slug=slug).exists() and slug not in self.tampered:
            try:
                edit(slug, slug=new)
            except IdentityTaken:
                assert Pattern.objects.filter(slug=new).exists()

    @rule(slug=SLUGS)
    def tamper_past_the_door(self, slug: str) -> None:
        if Pattern.objects.filter(slug=slug).update(title=self.title("by script")):
            self.tampered.add(slug)

    # What the commands do

    @rule(sides=SIDES, options=st.sampled_from([(), ("--archive-missing",)]))
    def import_all(self, sides: tuple[str, ...], options: tuple[str, ...]) -> None:
        before = self.files()
        ran = import_from(*sides, *options, self.folder)
        self.after_an_import(ran, before)
        if ran.code == 0:
            again = import_from("--check", *options, self.folder)
            assert again.code == 0, again.err

    @rule(name=NAMES, sides=SIDES)
    def import_one(self, name: str, sides: tuple[str, ...]) -> None:
        if (self.folder / f"{name}.md").exists():
            before = self.files()
            ran = import_from(*sides, self.folder / f"{name}.md")
            self.after_an_import(ran, {f"{name}.md": before[f"{name}.md"]})
            assert self.files() == before

    def after_an_import(self, ran: Ran, files: dict[str, bytes]) -> None:
        assert ran.code in (0, 1)
        assert {code for _, code in ran.errors} <= {"conflict", "rows-changed", "slug-taken", "id-taken", "yaml"}
        # By name: a first import of one file in a folder below makes that folder the library.
        left_out = {Path(path).name for path, _ in ran.errors}
        for path, data in files.items():
            # Whatever went in is in the history; what did not is still where it was.
            assert (
                Path(path).name in left_out or Revision.objects.filter(digest=hashlib.sha256(data).hexdigest()).exists()
            ), path
            assert (self.folder / path).read_bytes() == data
        self.tampered &= set(parted())

    @rule(sides=st.sampled_from([(), (), ("--ours",)]))
    def export_all(self, sides: tuple[str, ...]) -> None:
        before = self.files()
        ran = export_to(*sides, self.folder)
        assert ran.code in (0, 1)
        after = self.files()
        for path, data in before.items():
            kept = data in after.values() or Revision.objects.filter(digest=hashlib.sha256(data).hexdigest()).exists()
            assert kept, f"the text of {path} is gone"
        self.tampered &= set(parted())
        if ran.code == 0:
            assert not self.tampered
            for digest, path in Pattern.objects.values_list("head__digest", "files__path"):
                assert hashlib.sha256(after[path]).hexdigest() == digest, f"{path} is what the rows say"
            assert export_to("--check", self.folder).code == 0

    # What has to be true

    @invariant()
    def rows_and_texts_agree_and_links_are_right(self) -> None:
        check_integrity(tampered=self.tampered)

    @invariant()
    def no_text_that_ever_was_a_head_is_gone(self) -> None:
        self.heads |= set(Pattern.objects.values_list("head__digest", flat=True))
        assert self.heads <= set(Revision.objects.values_list("digest", flat=True))


@pytest.mark.django_db
def test_any_mixture_of_edits_imports_and_exports_loses_nothing() -> None:
    run_state_machine_as_test(Mixture, settings=settings(max_examples=20, stateful_step_count=25, deadline=None))
