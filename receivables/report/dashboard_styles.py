"""How the cells of the dashboard's screen look; the colours are those of the other sheets."""

from __future__ import annotations

from typing import Any

from receivables.report.palette import BAD, HEADING, INK, LINE, NEUTRAL, SOFT

RED, YELLOW, BLUE = "#B3261E", "#F0C419", "#1F5FA8"
"""Warning levels: told apart in grey too (yellow is light, with dark letters on it)."""
_TILE: dict[str, Any] = {
    "bg_color": SOFT,
    "indent": 1,
    "valign": "vcenter",
    "right": 5,
    "right_color": "#FFFFFF",
}
_CELL: dict[str, Any] = {
    "font_size": 9,
    "indent": 1,
    "valign": "vcenter",
    "bottom": 1,
    "bottom_color": LINE,
}
_LEVEL: dict[str, Any] = {"bold": True, "align": "center", "valign": "vcenter"}
_BIG: dict[str, Any] = _TILE | {
    "bold": True,
    "font_size": 18,
    "font_color": HEADING,
    "align": "left",
}

TEXT: dict[str, dict[str, Any]] = {
    "screen_light_note": {"font_size": 9, "font_color": NEUTRAL, "align": "right"},
    "tile_label": _TILE | {"font_size": 9, "font_color": NEUTRAL, "top": 5, "top_color": HEADING},
    "tile_money": _BIG | {"num_format": "#,##0;[Red]-#,##0;0"},
    "tile_days": _BIG | {"num_format": "0.0"},
    "tile_text": _BIG | {"font_size": 11},
    "tile_note": _TILE | {"font_size": 9, "font_color": INK},
    "tile_red": _LEVEL | {"bg_color": RED, "font_color": "#FFFFFF", "font_size": 18},
    "tile_yellow": _LEVEL | {"bg_color": YELLOW, "font_color": INK, "font_size": 18},
    "tile_blue": _LEVEL | {"bg_color": BLUE, "font_color": "#FFFFFF", "font_size": 18},
    "tile_red_note": _LEVEL | {"bg_color": RED, "font_color": "#FFFFFF", "font_size": 9},
    "tile_yellow_note": _LEVEL | {"bg_color": YELLOW, "font_color": INK, "font_size": 9},
    "tile_blue_note": _LEVEL | {"bg_color": BLUE, "font_color": "#FFFFFF", "font_size": 9},
    "panel": {"bold": True, "font_size": 10, "font_color": HEADING, "bottom": 1, "bottom_color": HEADING, "valign": "vcenter"},
    "panel_note": {"font_size": 8, "indent": 1, "font_color": NEUTRAL, "valign": "vcenter"},
    "list_head": _CELL | {"bold": True, "font_color": NEUTRAL},
    "list_head_right": _CELL | {"bold": True, "font_color": NEUTRAL, "align": "right"},
    "list_text": dict(_CELL),
    "list_right": _CELL | {"align": "right"},
    "list_late": _CELL | {"bold": True, "font_color": BAD},
    "list_money": _CELL | {"align": "right", "num_format": "#,##0;-#,##0;–"},
    "list_percent": _CELL | {"align": "right", "num_format": "0.0%"},
    "list_days": _CELL | {"align": "right", "num_format": "0.0"},
    "list_int": _CELL | {"align": "right", "num_format": "#,##0"},
}  # fmt: skip
"""Text styles that only the dashboard uses."""

HEIGHTS: dict[str, float] = {"tile_money": 27, "tile_days": 27, "tile_text": 27, "tile_red": 27}
"""Points of a row that holds such a cell."""
