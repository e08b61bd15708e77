"""How the project sets up apps that are not its own."""

from django.contrib.admin.apps import SimpleAdminConfig


class DeskAdminConfig(SimpleAdminConfig):
    """Django's admin with the editors' desk as its site.

    What registers with it is imported with the addresses (urls.py), not at every start: an import of files that finds
    nothing to do would spend a third of its time on forms that nobody sees.
    """

    default_site = "patterns_app.site.DeskSite"
