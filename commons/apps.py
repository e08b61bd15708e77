"""How the project sets up apps that are not its own."""

from django.contrib.admin.apps import AdminConfig


class DeskAdminConfig(AdminConfig):
    """Django's admin with the editors' desk as its site."""

    default_site = "patterns_app.site.DeskSite"
