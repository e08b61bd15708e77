"""Addresses of the site."""

from django.contrib import admin
from django.urls import include, path

admin.autodiscover()
admin.site.site_header = "Commons pattern library"
admin.site.site_title = "Commons pattern library"
admin.site.index_title = "Library"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("patterns_app.urls")),
]

handler404 = "patterns_app.views.missing.missing"
