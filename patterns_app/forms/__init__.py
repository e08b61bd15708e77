"""Forms: a `PatternDocument` shown for editing, and read back to the character where it was not edited.

`widgets` ← `fields` ← `body`, `pattern`, `rows` ← `parts` ← `editor`. Nothing here saves rows.
"""

from patterns_app.forms.editor import PatternEditor, blank_document
from patterns_app.forms.rows import Lead, RelationshipRow

__all__ = ["Lead", "PatternEditor", "RelationshipRow", "blank_document"]
