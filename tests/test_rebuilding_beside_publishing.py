"""Records are made anew while somebody publishes."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, transaction

from patterns_app.document.pattern import Relationship
from patterns_app.models import PublicEdge
from patterns_app.models.bulk import wait_for_turn
from patterns_app.publishing import publish_many, rebuild_snapshots
from tests.factories import NOON, make_pattern

pytestmark = pytest.mark.django_db(transaction=True)


# SQLite lets one write at a time anyway.
if connection.vendor == "postgresql":

    def test_a_link_is_not_lost_when_its_target_is_published_while_records_are_made_anew() -> None:
        links = (Relationship("enables", "door"),)
        house = make_pattern(slug="house", status="published", relationships=links)
        door = make_pattern(slug="door", status="published")
        publish_many([house.pk], at=NOON)
        rebuilt, ready = threading.Event(), threading.Event()

        def rebuild() -> None:
            # As a batch that is made, and about to be committed.
            with transaction.atomic():
                rebuild_snapshots()
                rebuilt.set()
                ready.wait(3)
            connection.close()

        def publish() -> None:
            rebuilt.wait(10)
            with transaction.atomic():
                wait_for_turn()
                publish_many([door.pk], at=NOON)
            ready.set()
            connection.close()

        threads = [threading.Thread(target=rebuild), threading.Thread(target=publish)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert PublicEdge.objects.get(source=house.pk).target_id == door.pk
