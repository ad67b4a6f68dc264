"""What an animal of the zoo must look like after a refresh."""

from __future__ import annotations

from dataclasses import dataclass, field

DRAWING_TYPE = "application/vnd.openxmlformats-officedocument.drawing+xml"
CHART_TYPE = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"


@dataclass
class Trace:
    """Parts of the animal that change, texts that stand in them afterwards, and values on Mine."""

    touched: set[str] = field(default_factory=set)
    texts: list[tuple[str, str]] = field(default_factory=list)
    values: dict[str, object] = field(default_factory=dict)
    absent: list[tuple[str, str]] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    notes: dict[str, str] = field(default_factory=dict)
    """What must stand in the column Note of a customer."""
    archived: list[str] = field(default_factory=list)
    """Texts that must stand on the sheet of archived notes."""


def anchor(left: int, top: int, right: int, bottom: int, prefix: str = "xdr:") -> str:
    """Two corners; controls in a sheet name them without prefix."""
    corners = (("from", left, top), ("to", right, bottom))
    return "".join(
        f"<{prefix}{name}><xdr:col>{column}</xdr:col><xdr:colOff>0</xdr:colOff>"
        f"<xdr:row>{row}</xdr:row><xdr:rowOff>0</xdr:rowOff></{prefix}{name}>"
        for name, column, row in corners
    )
