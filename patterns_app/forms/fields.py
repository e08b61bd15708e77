"""Form fields that do not touch what they are not asked to change.

A browser sends every line ending as CRLF, drops line breaks from one-line inputs, and Django's own fields strip. Here
nothing is stripped, and a value counts as changed only if it differs by more than its line endings.
"""

from __future__ import annotations

from typing import Any

from django import forms

from patterns_app.forms.widgets import LineInput, NumberInput, TextArea


def unbroken(text: str) -> str:
    """The text with every line ending as a line feed: the form in which typed text is compared and kept."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def kept(before: str, typed: str) -> str:
    """What a text says after a browser had it: the very characters of `before` unless something else was typed."""
    return before if unbroken(typed) == unbroken(before) else unbroken(typed)


class Line(forms.CharField):
    """A short text.

    known: the name of a list of known values to offer (`<datalist id="known-…">`, once a page). names_pattern: whether
    to offer patterns while somebody types.
    """

    widget: type[forms.Widget] = LineInput

    def __init__(self, *, known: str = "", names_pattern: bool = False, required: bool = False, **kwargs: Any) -> None:
        super().__init__(required=required, strip=False, **kwargs)
        if names_pattern:
            self.widget.attrs.update({"data-names-pattern": True, "autocomplete": "off", "spellcheck": "false"})
        if known:
            self.widget.attrs["list"] = f"known-{known}"

    def has_changed(self, initial: Any, data: Any) -> bool:
        return not self.disabled and unbroken(initial or "") != unbroken(data or "")


class Text(Line):
    """A text of any length. The text area grows with what is in it where the browser can do that.

    is_markdown: whether to offer tools for Markdown, and a preview.
    """

    widget = TextArea

    def __init__(self, *, rows: int = 2, is_markdown: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.widget.attrs["rows"] = rows
        if is_markdown:
            self.widget.attrs["data-markdown"] = True


class Number(forms.FloatField):
    """A number from 0 to `upper`, to as many digits as the file has, never in the manner of a language."""

    widget = NumberInput

    def __init__(self, *, upper: int, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            min_value=0,
            max_value=upper,
            error_messages={
                "invalid": f"Enter a number from 0 to {upper}.",
                "min_value": f"This must be a number from 0 to {upper}.",
                "max_value": f"This must be a number from 0 to {upper}.",
            },
            **kwargs,
        )

    def to_python(self, value: Any) -> float | None:  # type: ignore[override]
        number = super().to_python(value)
        # Not -0.0, which equals 0.0 and yet has another fingerprint.
        return None if number is None else number + 0.0


class Stars(forms.IntegerField):
    """Whole stars from 0 to 4."""

    widget = NumberInput

    def __init__(self, **kwargs: Any) -> None:
        refusal = "Enter whole stars from 0 to 4."
        super().__init__(
            required=False,
            min_value=0,
            max_value=4,
            error_messages={"invalid": refusal, "min_value": refusal, "max_value": refusal},
            **kwargs,
        )
