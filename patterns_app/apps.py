"""How Django knows the app."""

from django.apps import AppConfig


class PatternsAppConfig(AppConfig):
    name = "patterns_app"
    verbose_name = "Pattern library"
