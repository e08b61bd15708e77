"""Where a pattern comes from, as PROV-JSON (https://www.w3.org/submissions/prov-json/): revisions, events, people.

Like `git log`, for machines: revisions are entities, what made them activities, and whoever did it an agent.
"""

from __future__ import annotations

from typing import Any

from patterns_app.models import Event, Pattern

NAMESPACE = "https://commons.engineering/ns/provenance#"


def provenance(pattern: Pattern) -> dict[str, Any]:
    """All revisions and events of a pattern as one PROV-JSON document, oldest first. Two queries; no text is read."""
    this = {"prov:type": "commons:Pattern", "prov:label": pattern.title, "commons:slug": pattern.slug}
    found: dict[str, dict[str, Any]] = {
        "prefix": {"commons": NAMESPACE, "pattern": f"urn:commons:pattern:{pattern.identifier or pattern.slug}:"},
        "entity": {"pattern:this": this},
        "activity": {},
        "agent": {},
        "wasGeneratedBy": {},
        "wasDerivedFrom": {},
        "specializationOf": {},
        "wasAssociatedWith": {},
        "used": {},
    }
    earlier = None
    for revision in pattern.revisions.defer("text").order_by("number"):
        entity, activity = f"pattern:revision-{revision.number}", f"pattern:change-{revision.number}"
        at = revision.created_at.isoformat()
        found["entity"][entity] = {"prov:type": "commons:Revision", "commons:sha256": revision.digest}
        found["activity"][activity] = {
            "prov:startTime": at,
            "prov:endTime": at,
            "prov:type": f"commons:{revision.origin}",
            "prov:label": revision.note,
        }
        _note(found, "wasGeneratedBy", {"prov:entity": entity, "prov:activity": activity, "prov:time": at})
        _note(found, "specializationOf", {"prov:specificEntity": entity, "prov:generalEntity": "pattern:this"})
        if earlier:
            _note(found, "wasDerivedFrom", {"prov:generatedEntity": entity, "prov:usedEntity": earlier})
        _associate(found, activity, revision.author_name)
        earlier = entity
    for event in Event.objects.filter(pattern=pattern).order_by("number"):
        activity = f"pattern:event-{event.number}"
        at = event.at.isoformat()
        found["activity"][activity] = {
            "prov:startTime": at,
            "prov:endTime": at,
            "prov:type": f"commons:{event.move}",
            "prov:label": event.note,
            "commons:from": event.from_status,
            "commons:to": event.to_status,
        }
        if event.revision_number:
            entity = f"pattern:revision-{event.revision_number}"
            # A revision that was thinned out is still named, by its digest.
            found["entity"].setdefault(
                entity, {"prov:type": "commons:Revision", "commons:sha256": event.revision_digest}
            )
            _note(found, "used", {"prov:activity": activity, "prov:entity": entity, "prov:time": at})
        _associate(found, activity, event.actor_name)
    return {key: value for key, value in found.items() if value}


def _associate(found: dict[str, dict[str, Any]], activity: str, name: str) -> None:
    if not name:
        return
    agent = f"commons:person-{name}"
    found["agent"][agent] = {"prov:type": "prov:Person", "prov:label": name}
    _note(found, "wasAssociatedWith", {"prov:activity": activity, "prov:agent": agent})


def _note(found: dict[str, dict[str, Any]], relation: str, said: dict[str, str]) -> None:
    found[relation][f"_:{relation}{len(found[relation]) + 1}"] = said
