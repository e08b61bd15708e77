"""Addresses of the site. Public pages come later; until then the front door leads to the admin."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

admin.site.site_header = "Commons pattern library"
admin.site.site_title = "Commons pattern library"
admin.site.index_title = "Library"

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", RedirectView.as_view(pattern_name="admin:index")),
]
