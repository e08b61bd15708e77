"""What editors do: change what patterns say (`drafts`), move them through their life (`moves`), go back (`revisions`).

`permissions` ← `moves`, `turns`; `moves`, `drafts`, `notices` ← `decisions` ← `arrivals`, `schedule`; `drafts` ←
`revisions`. The only writer of status and event log.
"""

from patterns_app.workflow.drafts import IdentityTaken, StaleDraft, create_draft, drafted, record_rows, save_draft

__all__ = ["IdentityTaken", "StaleDraft", "create_draft", "drafted", "record_rows", "save_draft"]
