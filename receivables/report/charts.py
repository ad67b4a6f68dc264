"""Native charts bound to the cells of a table, in colours that all eyes can tell apart."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from receivables.report.palette import INK, LINE, SERIES, bucket_colour
from receivables.report.spec import ROW_PIXELS, ChartSpec, PictureSpec, Place, TableSpec

BESIDE_COLUMNS = 10
"""Plain columns that a chart beside a table covers."""
_COLUMN_PIXELS = 64
GUTTER = 4
"""Pixels left free at either side of a block on the grid."""
_MOST_PIXELS = 1900
_FONT = {"name": "Arial", "size": 9, "color": INK, "bold": False}
_SHORT = '[>=1000000]#,##0.0,,"M";[>=1000]#,##0,"k";#,##0'
_SMALL = _FONT | {"size": 8}
_LINES = ((SERIES[0], "circle"), (SERIES[4], "square"), (SERIES[8], "diamond"))
"""Colour and marker of each line: told apart in print without colours too."""
_NAMES = {"num_font": _SMALL, "reverse": True, "crossing": "max", "label_position": "low"}
_GRID = {"visible": True, "line": {"color": LINE, "width": 0.5}}


def insert_chart(
    workbook: Any, sheet: Any, chart: ChartSpec, place: Place, table: TableSpec, target: Place,
    widths: dict[int, float],
) -> None:  # fmt: skip
    """Make a chart from cells of `target` and put it at `place`."""
    drawn = _KINDS[chart.kind](workbook, chart, target)
    name = {"name": chart.title, "name_font": _FONT | {"size": 11, "bold": True}}
    drawn.set_title(name if chart.title else {"none": True})
    drawn.set_chartarea({"border": {"none": True} if chart.at else {"color": LINE}})
    total = sum(_pixels(width) for width in widths.values())
    column = len(table.columns) + 1 if chart.beside else 0
    width = BESIDE_COLUMNS * _COLUMN_PIXELS - 70 if chart.beside else min(total - 4, _MOST_PIXELS)
    height = chart.rows * ROW_PIXELS - 6
    if chart.at:
        column, width, height = _room(chart.at, widths)
    drawn.set_size({"width": width, "height": height})
    options = {"object_position": 2, "y_offset": 3, "x_offset": GUTTER if chart.at else 0}
    sheet.insert_chart(
        place.top, column, drawn, options | {"description": chart.words or chart.title}
    )


def insert_picture(
    sheet: Any, picture: PictureSpec, place: Place, widths: dict[int, float]
) -> None:
    """Put a picture at `place`, no wider than the columns of the sheet."""
    across, down = picture.size
    total = sum(_pixels(width) for width in widths.values()) - 4
    scale = min(picture.width, total, across) / across
    column, left, top = 0, 0, 3
    if picture.at:
        column, width, height = _room(picture.at, widths)
        scale = min(width / across, height / down)
        left = GUTTER + int(width - across * scale) // 2
        top += int(height - down * scale) // 2
    options = {
        "image_data": BytesIO(picture.data), "x_scale": scale, "y_scale": scale, "y_offset": top,
        "x_offset": left, "object_position": 2, "description": picture.words,
    }  # fmt: skip
    sheet.insert_image(place.top, column, f"{picture.name}.png", options)


def _room(at: tuple[int, int, int, int], widths: dict[int, float]) -> tuple[int, int, int]:
    """First column, and pixels across and down, of the cells of a block on the grid."""
    _, column, rows, columns = at
    across = sum(_pixels(widths[index]) for index in range(column, column + columns))
    return column, across - 2 * GUTTER, rows * ROW_PIXELS - 6


def _column(workbook: Any, chart: ChartSpec, target: Place) -> Any:
    drawn = workbook.add_chart({"type": "column"})
    columns = [target.columns[name] for name in chart.series]
    area = (target.first, columns[0], target.first, columns[-1])
    points = [{"fill": {"color": bucket_colour(i, len(columns))}} for i in range(len(columns))]
    drawn.add_series(
        {
            "name": chart.title,
            "categories": [target.sheet, target.heading, columns[0], target.heading, columns[-1]],
            "values": [target.sheet, *area],
            "points": points,
            "gap": 60,
            "data_labels": {"value": True, "num_format": "#,##0", "font": _FONT},
        }
    )
    drawn.set_legend({"none": True})
    drawn.set_x_axis({"num_font": _FONT, "label_position": "low"})
    drawn.set_y_axis({"num_format": "#,##0", "num_font": _FONT, "major_gridlines": _GRID})
    return drawn


def _share(workbook: Any, chart: ChartSpec, target: Place) -> Any:
    drawn = workbook.add_chart({"type": "bar", "subtype": "percent_stacked"})
    category = target.columns[chart.category]
    for position, name in enumerate(chart.series):
        column = target.columns[name]
        drawn.add_series(
            {
                "name": [target.sheet, target.heading, column],
                "categories": [target.sheet, target.first, category, target.last, category],
                "values": [target.sheet, target.first, column, target.last, column],
                "fill": {"color": bucket_colour(position, len(chart.series))},
                "gap": 45,
            }
        )
    drawn.set_legend({"position": "bottom", "font": _FONT})
    drawn.set_x_axis({"num_format": "0%", "num_font": _FONT, "major_gridlines": _GRID})
    drawn.set_y_axis(_NAMES)
    return drawn


def _bar(workbook: Any, chart: ChartSpec, target: Place) -> Any:
    drawn = workbook.add_chart({"type": "bar"})
    last = min(target.last, target.first + chart.limit - 1) if chart.limit else target.last
    category = target.columns[chart.category]
    amount = target.columns[chart.series[0]]
    drawn.add_series(
        {
            "name": [target.sheet, target.heading, amount],
            "categories": [target.sheet, target.first, category, last, category],
            "values": [target.sheet, target.first, amount, last, amount],
            "fill": {"color": SERIES[0]},
            "gap": 40,
        }
    )
    drawn.set_legend({"none": True})
    drawn.set_x_axis({"num_format": _SHORT, "num_font": _SMALL, "major_gridlines": _GRID})
    drawn.set_y_axis(_NAMES | {"interval_unit": 1})
    return drawn


def _line(workbook: Any, chart: ChartSpec, target: Place) -> Any:
    drawn = workbook.add_chart({"type": "line"})
    for name, (colour, marker) in zip(chart.series, _LINES, strict=False):
        drawn.add_series(
            _over_rows(chart, target, name)
            | {
                "line": {"color": colour, "width": 2.25},
                "marker": {
                    "type": marker, "size": 6, "fill": {"color": colour}, "border": {"color": colour},
                },
            }
        )  # fmt: skip
    _legend(drawn, chart)
    drawn.set_x_axis({"num_format": chart.dates, "num_font": _axis_font(chart), "text_axis": True})
    number = chart.number or "0"
    drawn.set_y_axis(
        {"num_format": number, "num_font": _axis_font(chart), "major_gridlines": _GRID, "min": 0}
    )
    return drawn


def _columns(workbook: Any, chart: ChartSpec, target: Place) -> Any:
    """Columns over the rows; a single series has a colour per point and the figures on top."""
    drawn = workbook.add_chart({"type": "column"})
    for name, colour in zip(chart.series, chart.colours, strict=False):
        look = {"fill": {"color": colour}, "gap": 60, "overlap": -5}
        drawn.add_series(_over_rows(chart, target, name) | look | _alone(chart))
    _legend(drawn, chart)
    drawn.set_x_axis({"num_font": _axis_font(chart), "label_position": "low"})
    number = chart.number or _SHORT
    drawn.set_y_axis(
        {"num_format": number, "num_font": _axis_font(chart), "major_gridlines": _GRID}
    )
    return drawn


def _alone(chart: ChartSpec) -> dict[str, Any]:
    """What a single series has more than several side by side."""
    if len(chart.series) > 1:
        return {}
    labels = {"value": True, "num_format": chart.number or _SHORT, "font": _axis_font(chart)}
    points = [{"fill": {"color": colour}} for colour in chart.colours]
    return {"points": points, "data_labels": labels}


def _stack(workbook: Any, chart: ChartSpec, target: Place) -> Any:
    """A bar per row, the columns one after the other."""
    drawn = workbook.add_chart({"type": "bar", "subtype": "stacked"})
    for name, colour in zip(chart.series, chart.colours, strict=True):
        drawn.add_series(_over_rows(chart, target, name) | {"fill": {"color": colour}, "gap": 35})
    _legend(drawn, chart)
    number = chart.number or _SHORT
    drawn.set_x_axis({"num_format": number, "num_font": _SMALL, "major_gridlines": _GRID})
    # Letters of two scripts stand in taller lines: at 8 points some programs leave names out.
    drawn.set_y_axis(_NAMES | {"interval_unit": 1, "num_font": _SMALL | {"size": 7}})
    return drawn


def _steps(workbook: Any, chart: ChartSpec, target: Place) -> Any:
    """From an opening to a closing balance: each step stands where the one before ended."""
    drawn = workbook.add_chart({"type": "column", "subtype": "stacked"})
    foot, *parts = chart.series
    drawn.add_series(
        _over_rows(chart, target, foot)
        | {"fill": {"none": True}, "border": {"none": True}, "gap": 40}
    )
    for name, colour in zip(parts, chart.colours, strict=True):
        look = {"fill": {"color": colour}, "gap": 40}
        drawn.add_series(_over_rows(chart, target, name) | look)
    drawn.set_legend({"none": True})
    drawn.set_x_axis({"num_font": _SMALL, "label_position": "low"})
    drawn.set_y_axis(
        {
            "num_format": chart.number or _SHORT,
            "num_font": _axis_font(chart),
            "major_gridlines": _GRID,
            "min": 0,
        }
    )
    return drawn


def _over_rows(chart: ChartSpec, target: Place, name: str) -> dict[str, Any]:
    """A series: a column of the table over its rows, or the first `limit` of them."""
    last = min(target.last, target.first + chart.limit - 1) if chart.limit else target.last
    category, column = target.columns[chart.category], target.columns[name]
    return {
        "name": [target.sheet, target.heading, column],
        "categories": [target.sheet, target.first, category, last, category],
        "values": [target.sheet, target.first, column, last, column],
    }


def _legend(drawn: Any, chart: ChartSpec) -> None:
    several = len(chart.series) > 1
    font = _axis_font(chart)
    drawn.set_legend({"position": "bottom", "font": font} if several else {"none": True})


def _axis_font(chart: ChartSpec) -> dict[str, Any]:
    return _SMALL if chart.at else _FONT


def _pixels(width: float) -> int:
    return int(width * 7 + 5)


_KINDS = {
    "column": _column, "share": _share, "bar": _bar, "line": _line, "columns": _columns,
    "stack": _stack, "steps": _steps,
}  # fmt: skip
