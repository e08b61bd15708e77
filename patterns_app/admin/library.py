"""Libraries and their files, as import and export left them. For reading: they are the memory of the last sync."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from patterns_app.admin.names import ReadOnlyAdmin
from patterns_app.models import Library, LibraryFile


@admin.register(Library)
class LibraryAdmin(ReadOnlyAdmin):
    list_display = ("name", "root")
    search_fields = ("name", "root")


@admin.register(LibraryFile)
class LibraryFileAdmin(ReadOnlyAdmin):
    list_display = ("path", "library", "pattern")
    list_filter = ("library",)
    search_fields = ("path",)
    fields = ("library", "path", "pattern", "revision", "digest")

    def get_queryset(self, request: HttpRequest) -> QuerySet[LibraryFile]:
        queryset: QuerySet[LibraryFile] = super().get_queryset(request)
        shown = ("path", "digest", "library__name", "pattern__slug", "pattern__title")
        return queryset.select_related("library", "pattern").only(*shown)
