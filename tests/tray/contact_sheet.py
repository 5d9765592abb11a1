"""All icons on one picture, to be looked at: `python -m tests.tray.contact_sheet sheet.png`."""

import sys

from PIL import Image, ImageDraw, ImageFont

from dreamsync.tray.icons import Mark, Panel, draw

GROUNDS = {
    (Panel.DARK, "dark"): (43, 45, 52),
    (Panel.LIGHT, "light"): (242, 242, 245),
    (Panel.EITHER, "dark"): (43, 45, 52),
    (Panel.EITHER, "light"): (242, 242, 245),
}
SIZES = (64, 32, 22, 16)
WORDS = {
    Mark.TICK: "up to date",
    Mark.ARROWS: "syncing",
    Mark.BARS: "paused",
    Mark.OUTLINE: "offline",
    Mark.EXCLAMATION: "attention",
    Mark.CROSS: "error",
    Mark.DOTS: "signed out",
    Mark.SLASH: "not running",
}
_CELL = 92
_ROW = 164


def sheet(panels: tuple[Panel, ...]) -> Image.Image:
    """One row for each ground, one column for each mark with its sizes."""
    grounds = [(panel, ground) for (panel, _), ground in GROUNDS.items() if panel in panels]
    whole = Image.new("RGB", (_CELL * len(Mark), _ROW * len(grounds)))
    for index, (panel, ground) in enumerate(grounds):
        whole.paste(_row(panel, ground), (0, _ROW * index))
    return whole


def _row(panel: Panel, ground: tuple[int, int, int]) -> Image.Image:
    row = Image.new("RGB", (_CELL * len(Mark), _ROW), ground)
    ink = (230, 230, 235) if sum(ground) < 380 else (40, 40, 48)
    font = ImageFont.load_default(12)
    for column, mark in enumerate(Mark):
        left = column * _CELL
        icon = draw(mark, 64, panel)
        row.paste(icon, (left + 14, 12), icon)
        x = left + 8
        for size in SIZES[1:]:
            icon = draw(mark, size, panel)
            row.paste(icon, (x, 92 + (32 - size) // 2), icon)
            x += size + 5
        middle = left + _CELL // 2
        ImageDraw.Draw(row).text((middle, 146), WORDS[mark], ink, font=font, anchor="mm")
    return row


if __name__ == "__main__":
    chosen = (Panel.DARK, Panel.LIGHT) if "--readme" in sys.argv else tuple(Panel)
    sheet(chosen).quantize().save(sys.argv[1], optimize=True)
