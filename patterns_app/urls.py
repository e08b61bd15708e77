"""Public addresses of the app."""

from django.urls import path, re_path

from patterns_app.views import public

urlpatterns = [
    path("", public.index, name="index"),
    # A slug is whatever the file's author made it, but for slashes.
    re_path(r"^patterns/(?P<slug>[^/]+)/$", public.pattern, name="pattern"),
]
