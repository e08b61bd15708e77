"""Inputs written as HTML directly.

Django renders each input through a template, an option through another; a form with 200 relationships has 1,600 inputs
and 2,200 options, which took most of a second. Attributes, escaping and what a browser sends back are the same.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms.utils import flatatt
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString


class Input(forms.TextInput):
    """An input of any type that has a value."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        said = {"type": self.input_type, "name": name, "value": self.format_value(value)}
        return format_html("<input{}>", flatatt({**said, **self.build_attrs(self.attrs, attrs)}))


class TextArea(forms.Textarea):
    """A text area. The line feed after the tag is for the browser to swallow; the text's own first one stays."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        said = flatatt({"name": name, **self.build_attrs(self.attrs, attrs)})
        return format_html("<textarea{}>\n{}</textarea>", said, self.format_value(value) or "")


class LineInput(Input):
    """A one-line input; a value that has line breaks gets a text area, since an input would lose them."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        if isinstance(value, str) and ("\n" in value or "\r" in value):
            return TextArea({**self.attrs, "rows": 2}).render(name, value, attrs)
        return super().render(name, value, attrs)


class NumberInput(Input):
    """Shows a number by the fewest digits that give the very same number again, a whole one without ".0"."""

    input_type = "number"

    def format_value(self, value: Any) -> str | None:
        return repr(value).removesuffix(".0") if isinstance(value, float) else super().format_value(value)


class HiddenInput(Input):
    input_type = "hidden"


class CheckBox(forms.CheckboxInput):
    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        said = {"type": "checkbox", "name": name, "checked": self.check_test(value)}
        return format_html("<input{}>", flatatt({**said, **self.build_attrs(self.attrs, attrs)}))


class Select(forms.Select):
    """A list of choices without groups."""

    def render(self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None) -> SafeString:
        chosen = "" if value is None else str(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, flatatt({"selected": str(key) == chosen}), label) for key, label in self.choices),
        )
        said = flatatt({"name": name, **self.build_attrs(self.attrs, attrs)})
        return format_html("<select{}>{}</select>", said, options)
