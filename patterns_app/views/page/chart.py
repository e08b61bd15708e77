"""The assessment as a chart: one bar for each pillar, and vitality below them."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.utils.safestring import SafeString, mark_safe

from patterns_app.document.pattern import PatternDocument
from patterns_app.document.vocabulary import PILLARS, VITALITY_FLOORS, VitalityBand, vitality_band
from patterns_app.views.page.relationships import number

HIGHEST: Final = 5

_NAMES: Final = tuple(name.replace("_", " ").capitalize() for name in PILLARS)
_VITALITY: Final = "Vitality"

# In units of the drawing, which is 340 wide: as wide as the narrowest phone shows it. The longest name
# fits beside the bars in the widest of the fonts that the stylesheet may come to.
_LEFT, _UNIT, _ROW, _GAP = 180, 24, 24, 10

BANDS: Final = (
    *((band, f"{floor:g} and above") for floor, band in VITALITY_FLOORS),
    (VitalityBand.EXTRACTIVE, f"below {VITALITY_FLOORS[-1][0]:g}"),
)


class Chart(NamedTuple):
    """drawing: SVG, rows: those of the table that says the same; both "" where only the reasoning is given.

    vitality, overall: "" where they are not given.
    """

    drawing: SafeString
    rows: SafeString
    vitality: str
    band: VitalityBand | None
    reasoning: str
    overall: str


def chart_of(document: PatternDocument) -> Chart | None:
    """The chart of an assessment; None where there is none. Pillars without a score keep their line, without a bar."""
    values: list[tuple[str, float | None]] = []
    if any(value is not None for value in document.pillars):
        values = list(zip(_NAMES, document.pillars, strict=True))
    if document.vitality is not None:
        values.append((_VITALITY, document.vitality))
    reasoning = document.vitality_reasoning.strip()
    if not values and not reasoning:
        return None
    rows = "".join(f'<tr><th scope="row">{name}</th><td>{_said(value)}</td></tr>' for name, value in values)
    return Chart(
        # Nothing in them but names and numbers.
        mark_safe(_drawn(values) if values else ""),  # noqa: S308
        mark_safe(rows),  # noqa: S308
        number(document.vitality),
        None if document.vitality is None else vitality_band(document.vitality),
        reasoning,
        number(document.overall_score),
    )


def _said(value: float | None) -> str:
    return "not scored" if value is None else number(value)


def _drawn(values: list[tuple[str, float | None]]) -> str:
    """The bars, and the grid behind them."""
    bars = []
    y = 4
    for name, value in values:
        is_vitality = name == _VITALITY
        y += _GAP if is_vitality and len(values) > 1 else 0
        words = ' class="vital"' if is_vitality else ""
        bars.append(f'<text x="{_LEFT - 8}" y="{y + 17}" text-anchor="end"{words}>{name}</text>')
        if value is None:
            bars.append(f'<text x="{_LEFT + 6}" y="{y + 17}" class="missing">{_said(value)}</text>')
        else:
            kind = "vitality" if is_vitality else "pillar"
            bars.append(
                f'<rect x="{_LEFT}" y="{y + 5}" width="{value * _UNIT:.1f}" height="15" class="{kind}"/>'
                f'<text x="{_LEFT + HIGHEST * _UNIT + 8}" y="{y + 17}" class="number">{_said(value)}</text>'
            )
        if is_vitality:
            # Where each of the bands begins.
            marks = "".join(f"M{_LEFT + floor * _UNIT:.1f} {y + 5}v15" for floor, _ in VITALITY_FLOORS)
            bars.append(f'<path class="floors" d="{marks}"/>')
        y += _ROW
    height = y + 4
    grid = "".join(f"M{_LEFT + step * _UNIT} 2V{height}" for step in range(HIGHEST + 1))
    return (
        f'<svg class="chart" viewBox="0 0 340 {height}" role="img" aria-labelledby="chart-title chart-words">'
        '<title id="chart-title">Assessment on a scale from 0 to 5</title>'
        '<desc id="chart-words">A bar for each score. The same numbers follow as a table.</desc>'
        f'<path class="grid" d="{grid}"/>{"".join(bars)}</svg>'
    )
