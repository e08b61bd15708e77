"""A pattern's page, for the public and for the preview of what is not public yet.

`records` ← `relationships` ← `chart`, `neighbourhood`, `lists` ← `garden`, `provenance`; `body`, `copying`. All of them
← `shown`.
"""

from patterns_app.views.page.copying import copying_of
from patterns_app.views.page.records import PageRecord, record_at
from patterns_app.views.page.shown import ShownPattern, shown

__all__ = ["PageRecord", "ShownPattern", "copying_of", "record_at", "shown"]
