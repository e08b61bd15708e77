"""The page on which each person of the staff chooses when to have mail: at once, once a day, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from patterns_app.models import MailChoice, MailPreference, Pattern
from patterns_app.workflow.notices import choose_mail

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Pattern]
else:
    ModelAdmin = admin.ModelAdmin

WHAT_IT_MEANS = {
    MailChoice.AT_ONCE: "At once, one mail each",
    MailChoice.DAILY: "Once a day, all in one mail",
    MailChoice.NEVER: "Not at all: I look at the first page of the admin myself",
}


class MailForm(forms.Form):
    """When somebody wants to be told what concerns them."""

    choice = forms.ChoiceField(
        label="When to write to me",
        choices=[(choice.value, words) for choice, words in WHAT_IT_MEANS.items()],
        widget=forms.RadioSelect,
    )


class MailPages(ModelAdmin):
    """Everybody's own choice; nobody sees or changes another's."""

    def mail_urls(self) -> list[URLPattern]:
        return [path("mail/", self.admin_site.admin_view(self.mail_view), name="patterns_app_pattern_mail")]

    def mail_view(self, request: HttpRequest) -> HttpResponse:
        """One query to show it, three to save it. For whoever there can be a notice for at all."""
        if not (self.has_view_or_change_permission(request) or self.has_add_permission(request)):
            raise PermissionDenied
        user = request.user
        assert user.is_authenticated  # noqa: S101 # `admin_view` lets nobody else in; this is for mypy
        if request.method == "POST":
            form = MailForm(request.POST)
            if form.is_valid():
                choose_mail(user, MailChoice(form.cleaned_data["choice"]))
                messages.success(request, "Your choice is saved.")
                return HttpResponseRedirect(reverse("admin:patterns_app_pattern_mail"))
        else:
            chosen = MailPreference.objects.filter(user=user.pk).values_list("choice", flat=True).first()
            form = MailForm(initial={"choice": chosen or MailChoice.AT_ONCE})
        context = {
            **self.admin_site.each_context(request),
            "title": "Mail",
            "opts": self.opts,
            "form": form,
            "address": user.email,
            "media": self.media,
        }
        return TemplateResponse(request, "admin/patterns_app/pattern/mail.html", context)
