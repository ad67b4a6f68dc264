"""Draw the pictures of the ribbon: `python tools/build_excel_icons.py`, 32 x 32 PNG into addin/excel/icons.

Every picture is a few lines and shapes on a grid of 32, drawn here; no third-party picture is used.
"""

from __future__ import annotations

from pathlib import Path

import matplotlib as mpl

mpl.use("Agg")
from matplotlib.figure import Figure
from matplotlib.patches import Arc, Circle, Polygon, Rectangle, Wedge

FOLDER = Path(__file__).resolve().parents[1] / "addin" / "excel" / "icons"
SIZE = 32
INK, BLUE, GREEN, RED, AMBER, PALE = (
    "#3b4754",
    "#1f6fb5",
    "#2e8b57",
    "#c0392b",
    "#e0a030",
    "#eef2f6",
)

Point = tuple[float, float]


class Picture:
    """A square of 32 x 32 units, y upwards."""

    def __init__(self) -> None:
        self.figure = Figure(figsize=(1, 1), dpi=SIZE)
        self.axes = self.figure.add_axes((0, 0, 1, 1))
        self.axes.set_xlim(0, SIZE)
        self.axes.set_ylim(0, SIZE)
        self.axes.axis("off")

    def line(self, *points: Point, colour: str = INK, width: float = 1.0) -> None:
        """A line through points."""
        self.axes.plot(*zip(*points, strict=True), color=colour, linewidth=width * 2, solid_capstyle="round", solid_joinstyle="round")  # fmt: skip

    def box(
        self, place: Point, width: float, height: float, fill: str = PALE, edge: str = INK
    ) -> None:
        """A rectangle by its lower left corner."""
        self.axes.add_patch(Rectangle(place, width, height, facecolor=fill, edgecolor=edge, linewidth=2))  # fmt: skip

    def disc(self, x: float, y: float, radius: float, fill: str = PALE, edge: str = INK) -> None:
        """A circle with an edge."""
        self.axes.add_patch(Circle((x, y), radius, facecolor=fill, edgecolor=edge, linewidth=2))

    def shape(self, *points: Point, fill: str, edge: str = "none") -> None:
        """A filled polygon."""
        self.axes.add_patch(Polygon(points, closed=True, facecolor=fill, edgecolor=edge, linewidth=2))  # fmt: skip

    def arc(self, size: float, start: float, end: float) -> None:
        """A part of a circle round the middle."""
        self.axes.add_patch(Arc((16, 16), size, size, theta1=start, theta2=end, edgecolor=BLUE, linewidth=4))  # fmt: skip

    def wedge(self, radius: float, start: float, end: float, fill: str) -> None:
        """A slice of the gauge."""
        self.axes.add_patch(Wedge((16, 10), radius, start, end, facecolor=fill, edgecolor="none"))

    def letter(self, text: str, size: float = 18, colour: str = BLUE) -> None:
        """A text in the middle."""
        self.axes.text(16, 15.8, text, fontsize=size * 2.1, color=colour, weight="bold", ha="center", va="center", family="DejaVu Sans")  # fmt: skip


def sheet(picture: Picture) -> None:
    """A page of a ledger: rows and a column of amounts."""
    x, y, width, height = 5, 3, 22, 26
    picture.box((x, y), width, height)
    for row in range(1, 5):
        picture.line(
            (x + 3, y + row * 5), (x + width - 4, y + row * 5), colour="#a9b4bf", width=0.8
        )


def check(picture: Picture) -> None:
    """A ledger page with a tick."""
    sheet(picture)
    picture.line((9, 14), (14, 8), (26, 24), colour=GREEN, width=2.2)


def refresh(picture: Picture) -> None:
    """Two arrows in a circle."""
    picture.arc(22, 25, 165)
    picture.arc(22, 205, 345)
    picture.shape((1, 19), (10, 19), (5.5, 12), fill=BLUE)
    picture.shape((22, 13), (31, 13), (26.5, 20), fill=BLUE)


def undo(picture: Picture) -> None:
    """An arrow that turns back."""
    picture.arc(20, -90, 90)
    picture.line((8, 26), (16, 26), colour=BLUE, width=2)
    picture.line((10, 6), (16, 6), colour=BLUE, width=2)
    picture.shape((2, 26), (10, 31.5), (10, 20.5), fill=BLUE)


def freeze(picture: Picture) -> None:
    """A snowflake."""
    for start, end in (
        ((16, 3), (16, 29)),
        ((4.7, 9.5), (27.3, 22.5)),
        ((4.7, 22.5), (27.3, 9.5)),
    ):
        picture.line(start, end, colour=BLUE, width=1.6)
    for x, y in ((16, 25), (16, 7), (8, 11.5), (24, 20.5), (8, 20.5), (24, 11.5)):
        picture.disc(x, y, 1.8, fill=BLUE, edge=BLUE)


def settings(picture: Picture) -> None:
    """Three sliders."""
    for y, x, colour in ((24, 11, BLUE), (16, 21, GREEN), (8, 13, AMBER)):
        picture.line((4, y), (28, y), colour="#a9b4bf", width=1.4)
        picture.disc(x, y, 3.2, fill=colour, edge="white")


def why(picture: Picture) -> None:
    """A question mark."""
    picture.disc(16, 16, 13, fill=PALE, edge=BLUE)
    picture.letter("?")


def function_help(picture: Picture) -> None:
    """The sign of a function."""
    picture.box((4, 4), 24, 24)
    picture.letter("fx", size=13, colour=GREEN)


def assess(picture: Picture) -> None:
    """Bars from weak to strong."""
    for x, height, colour in ((5, 9, RED), (13, 15, AMBER), (21, 22, GREEN)):
        picture.box((x, 4), 6, height, fill=colour, edge="none")
    picture.line((3, 3), (29, 3))


def transfer(picture: Picture) -> None:
    """A shield."""
    picture.shape((16, 29), (27, 25), (27, 15), (16, 3), (5, 15), (5, 25), fill=PALE, edge=BLUE)
    picture.line((11, 17), (15, 12), (22, 21), colour=BLUE, width=2)


def monitor(picture: Picture) -> None:
    """A gauge."""
    picture.wedge(13, 120, 180, RED)
    picture.wedge(13, 60, 120, AMBER)
    picture.wedge(13, 0, 60, GREEN)
    picture.wedge(6, 0, 180, "white")
    picture.line((16, 10), (23, 19), width=1.6)
    picture.disc(16, 10, 2, fill=INK)


def respond(picture: Picture) -> None:
    """A letter."""
    picture.box((3, 8), 26, 17)
    picture.line((3, 25), (16, 14), (29, 25), width=1.2)


def envelope(picture: Picture, fill: str = PALE) -> None:
    """A letter in its cover."""
    picture.box((3, 8), 26, 17, fill=fill)
    picture.line((3, 25), (16, 14), (29, 25), width=1.2)


def letters_plan(picture: Picture) -> None:
    """A list of letters."""
    for y, colour in ((24, GREEN), (16, AMBER), (8, RED)):
        picture.box((4, y - 3), 8, 6, edge=colour)
        picture.line((15, y), (28, y), colour="#a9b4bf", width=1.2)


def letters_preview(picture: Picture) -> None:
    """A letter under a glass."""
    envelope(picture)
    picture.disc(20, 12, 6.5, fill="white", edge=BLUE)
    picture.line((25, 7), (29, 3), colour=BLUE, width=2)


def letters_make(picture: Picture) -> None:
    """A letter with a tick."""
    envelope(picture)
    picture.line((14, 8), (18, 4), (28, 15), colour=GREEN, width=2.2)


def letters_drafts(picture: Picture) -> None:
    """A letter and a pencil."""
    envelope(picture)
    picture.line((16, 4), (28, 16), colour=AMBER, width=2.6)
    picture.shape((12, 1), (15, 6), (18, 3), fill=INK)


def start_python(picture: Picture) -> None:
    """A start button."""
    picture.disc(16, 16, 13, fill=GREEN, edge=GREEN)
    picture.shape((12, 9), (12, 23), (24, 16), fill="white")


PICTURES = (
    check, refresh, undo, freeze, settings, letters_plan, letters_preview, letters_make,
    letters_drafts, why, function_help, assess, transfer, monitor, respond, start_python,
)  # fmt: skip


def main() -> None:
    """Write every picture."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for draw in PICTURES:
        picture = Picture()
        draw(picture)
        picture.figure.savefig(
            FOLDER / f"{draw.__name__}.png",
            dpi=SIZE,
            transparent=True,
            metadata={"Software": None},
        )


if __name__ == "__main__":
    main()
