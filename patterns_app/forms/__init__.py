"""Forms: a `PatternDocument` shown for editing, and read back to the character where it was not edited.

`fields` ← `body`, `parts`, `pattern` ← `editor`. Nothing here saves rows.
"""

from patterns_app.forms.editor import PatternEditor, blank_document
from patterns_app.forms.parts import PARTS, Part, PartFormSet, Row

__all__ = ["PARTS", "Part", "PartFormSet", "PatternEditor", "Row", "blank_document"]
