"""The editors' desk: declarations, and one call down for everything that changes a pattern.

`difference` ← `comparison` ← `history`, `moves`, `stale` ← `desk`; all of these, `listing` and `wanted` ← `pattern`.
`names` and `library` stand beside them.
Django finds what is registered here through this import.
"""

from patterns_app.admin.library import LibraryAdmin, LibraryFileAdmin
from patterns_app.admin.names import (
    AudienceAdmin,
    CollectionAdmin,
    CommunityAdmin,
    ContributorAdmin,
    DomainAdmin,
    EntityAdmin,
    KeywordAdmin,
)
from patterns_app.admin.pattern import PatternAdmin

__all__ = [
    "AudienceAdmin",
    "CollectionAdmin",
    "CommunityAdmin",
    "ContributorAdmin",
    "DomainAdmin",
    "EntityAdmin",
    "KeywordAdmin",
    "LibraryAdmin",
    "LibraryFileAdmin",
    "PatternAdmin",
]
