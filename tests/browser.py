"""What a browser makes of a form: the fields it would send, with the values it would send them with.

Follows the HTML standard where it touches text: line endings in the page are read as line feeds, a first one in a text
area is dropped, one-line inputs lose theirs, and all line endings are sent as CRLF.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser


class FormReader(HTMLParser):
    """Collects the successful controls of the form with the given id."""

    def __init__(self, form_id: str) -> None:
        super().__init__(convert_charrefs=True)
        self.form_id = form_id
        self.fields: dict[str, str] = {}
        self._inside = False
        self._textarea: str | None = None
        self._text: list[str] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = said.get("id") == self.form_id
        if not self._inside or "disabled" in said:
            return
        name = said.get("name", "")
        if tag == "textarea":
            self._textarea, self._text = name, []
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in said or self._select not in self.fields):
            self.fields[self._select] = said.get("value", "")
        elif tag == "input" and name:
            self._handle_input(name, said)

    def _handle_input(self, name: str, said: dict[str, str]) -> None:
        match said.get("type", "text"):
            case "checkbox" | "radio":
                if "checked" in said:
                    self.fields[name] = said.get("value", "on")
            case "submit" | "button" | "image":
                pass
            case "hidden":
                self.fields[name] = said.get("value", "")
            case _:
                self.fields[name] = re.sub("[\r\n]", "", said.get("value", ""))

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea is not None:
            self.fields[self._textarea] = "".join(self._text).removeprefix("\n").replace("\n", "\r\n")
            self._textarea = None
        elif tag == "select":
            self._select = ""
        elif tag == "form":
            self._inside = False


def fields_of(page: bytes | str, form_id: str) -> dict[str, str]:
    """The fields a browser would send if the form were sent as it stands."""
    html = page.decode() if isinstance(page, bytes) else page
    reader = FormReader(form_id)
    reader.feed(html.replace("\r\n", "\n").replace("\r", "\n"))
    reader.close()
    return reader.fields


def add_row(fields: dict[str, str], part: str, **values: str) -> None:
    """What the script behind “add another” does: one more row in a part, filled in."""
    number = int(fields[f"{part}-TOTAL_FORMS"])
    fields[f"{part}-TOTAL_FORMS"] = str(number + 1)
    fields.update({f"{part}-{number}-{name}": value for name, value in values.items()})
