"""A new file in the reference layout: seven groups, each under its banner, everything in its canonical place."""

from __future__ import annotations

import dataclasses

from patterns_app.document.dialects import Group
from patterns_app.document.pattern import PatternDocument
from patterns_app.document.vocabulary import RelationshipKind
from patterns_app.document.writing import write

_RULE = "# " + "═" * 67

# The keys that a new file has even when they are empty, so that an editor sees what belongs there.
_SKELETON = {
    Group.IDENTITY: 'id: ""\nslug: ""\ntitle: ""\naliases: []\nsummary: ""\n',
    Group.NAVIGATOR: "context_labels: {}\n",
    Group.ONTOLOGY: (
        'ontology:\n  domain: ""\n  cross_domains: []\n'
        '  search_hints:\n    primary_tension: ""\n    vector_keywords: []\n'
        "  commons_assessment:\n    stakeholder_architecture: null\n    value_creation: null\n    resilience: null\n"
        "    ownership: null\n    autonomy: null\n    composability: null\n    fractal_value: null\n"
        '    vitality: null\n    vitality_reasoning: ""\n    overall_score: null\n'
    ),
    Group.LIFECYCLE: (
        'lifecycle:\n  usage_stage: ""\n  adoption_stage: ""\n  status: draft\n  version: "0.1"\n  confidence: null\n'
    ),
    Group.RELATIONSHIPS: "relationships:\n"
    + "".join(
        f"  {kind}: []\n"
        for kind in RelationshipKind
        if kind not in (RelationshipKind.RELATED, RelationshipKind.MANIFESTS_AS, RelationshipKind.GOVERNED_BY)
    ),
    Group.GARDEN: "graph_garden:\n  last_pruned: null\n  entities: []\n  communities: []\n",
    Group.PROVENANCE: 'contributors: []\nsources: []\nlicense: ""\nattribution: ""\n',
}


def lay_out(document: PatternDocument) -> str:
    """The text of a new pattern file. Raises `EditRefused` for a document that no text can say.

    A status or version that the document leaves empty becomes `draft` and "0.1".
    """
    blank = (
        "---\n" + "".join(f"{_RULE}\n# {group.value}\n{_RULE}\n{keys}" for group, keys in _SKELETON.items()) + "---\n"
    )
    return write(
        blank, dataclasses.replace(document, status=document.status or "draft", version=document.version or "0.1")
    )
