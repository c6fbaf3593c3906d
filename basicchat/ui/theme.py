"""The look: one palette in light and dark, fonts that ship with the program, one style sheet.

Streamlit takes its theme from options. The launcher passes them (`theme_options`), so an installed program looks the
same from any folder; ``.streamlit/config.toml`` holds them for ``streamlit run app.py``, and a test keeps both equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import streamlit as st

ASSETS = Path(__file__).parent / "assets"
FONTS = ASSETS / "fonts"
FONT_ROUTE = "/basicchat-fonts"

SANS = "Atkinson Hyperlegible Next"
SERIF = "Source Serif 4"
MONO = "JetBrains Mono"

_LATIN = (
    "U+0000-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2000-206F,U+20AC,U+2122,U+2191,U+2193,U+2212"
)
_LATIN_EXT = "U+0100-0130,U+0132-0151,U+0154-02BA,U+02BD-02C5,U+1E00-1E9F,U+1EF2-1EFF,U+20A0-20AB,U+20AD-20C0"

_FACES = (
    (SANS, "atkinson-hyperlegible-next-latin-wght-normal.woff2", "normal", _LATIN),
    (SANS, "atkinson-hyperlegible-next-latin-ext-wght-normal.woff2", "normal", _LATIN_EXT),
    (SANS, "atkinson-hyperlegible-next-latin-wght-italic.woff2", "italic", _LATIN),
    (SERIF, "source-serif-4-latin-wght-normal.woff2", "normal", _LATIN),
    (SERIF, "source-serif-4-latin-ext-wght-normal.woff2", "normal", _LATIN_EXT),
    (MONO, "jetbrains-mono-latin-wght-normal.woff2", "normal", _LATIN),
)

Option = str | bool | int | list[str] | list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one theme, as ``#RRGGBB``. Every ink reads on every paper with at least 4.5 to 1."""

    paper: str
    surface: str
    sunken: str
    ink: str
    second_ink: str
    accent: str
    on_accent: str
    warn: str
    bad: str
    good: str
    line: str
    highlight: str


LIGHT = Palette(
    paper="#FBFAF7",
    surface="#FFFFFF",
    sunken="#F2F0EA",
    ink="#1C1B19",
    second_ink="#57534C",
    accent="#0F6B5C",
    on_accent="#FFFFFF",
    warn="#8A5A00",
    bad="#B3261E",
    good="#1E6B3A",
    line="#DDD9CF",
    highlight="#FCE9A9",
)

DARK = Palette(
    paper="#151614",
    surface="#1D1F1C",
    sunken="#101110",
    ink="#ECEAE4",
    second_ink="#B2AEA4",
    accent="#6FD3BF",
    on_accent="#08211C",
    warn="#F0BE5C",
    bad="#FF8A80",
    good="#7FD49A",
    line="#3A3C37",
    highlight="#5A4A12",
)


SERIES: dict[str, list[str]] = {
    "light": ["#0F6B5C", "#B36B00", "#3B6FB6", "#B3261E", "#7A5195", "#57534C"],
    "dark": ["#6FD3BF", "#F0BE5C", "#8FB8F0", "#FF8A80", "#C9A0DC", "#B2AEA4"],
}
"""Colours of series in charts, the accent first; a legend names them, and the numbers stand below."""


def theme_options() -> dict[str, Option]:
    """Streamlit's ``theme.*`` options for both palettes."""
    options: dict[str, Option] = {
        "theme.font": f"'{SANS}', 'Source Sans', sans-serif",
        "theme.headingFont": f"'{SERIF}', 'Source Serif', Georgia, serif",
        "theme.codeFont": f"'{MONO}', 'Source Code Pro', monospace",
        "theme.baseFontSize": 16,
        "theme.baseRadius": "10px",
        "theme.buttonRadius": "10px",
        "theme.showWidgetBorder": True,
        "theme.showSidebarBorder": False,
        "theme.linkUnderline": True,
    }
    for name, colours in (("light", LIGHT), ("dark", DARK)):
        options |= {
            f"theme.{name}.primaryColor": colours.accent,
            f"theme.{name}.backgroundColor": colours.paper,
            f"theme.{name}.secondaryBackgroundColor": colours.sunken,
            f"theme.{name}.textColor": colours.ink,
            f"theme.{name}.chartCategoricalColors": SERIES[name],
            f"theme.{name}.linkColor": colours.accent,
            f"theme.{name}.borderColor": colours.line,
            f"theme.{name}.codeTextColor": colours.ink,
            f"theme.{name}.codeBackgroundColor": colours.sunken,
            f"theme.{name}.redTextColor": colours.bad,
            f"theme.{name}.greenTextColor": colours.good,
            f"theme.{name}.orangeTextColor": colours.warn,
            f"theme.{name}.grayTextColor": colours.second_ink,
            f"theme.{name}.sidebar.backgroundColor": colours.sunken,
            f"theme.{name}.sidebar.secondaryBackgroundColor": colours.paper,
        }
    return options


def font_faces() -> list[dict[str, str]]:
    """Streamlit's ``theme.fontFaces``, for a server that mounts `FONTS` at `FONT_ROUTE`."""
    return [
        {
            "family": family,
            "url": f"{FONT_ROUTE}/{file}",
            "style": style,
            "weight": "200 900",
            "unicodeRange": ranges,
        }
        for family, file, style, ranges in _FACES
    ]


def server_options() -> dict[str, Option]:
    """Streamlit's options that have nothing to do with looks: quiet, private, on this machine only."""
    return {
        "browser.gatherUsageStats": False,
        "client.showErrorDetails": "none",
        "client.showSidebarNavigation": False,
        "client.toolbarMode": "minimal",
        "server.enableCORS": True,
        "server.enableXsrfProtection": True,
        "server.fileWatcherType": "none",
        "server.headless": True,
        "server.maxUploadSize": 200,
        "runner.magicEnabled": False,
    }


def _variables(colours: Palette) -> str:
    names = (
        "paper",
        "surface",
        "sunken",
        "ink",
        "second_ink",
        "accent",
        "on_accent",
        "warn",
        "bad",
        "good",
        "line",
        "highlight",
    )
    return "".join(f"--{name.replace('_', '-')}:{getattr(colours, name)};" for name in names)


@cache
def style_sheet(dark: bool) -> str:
    """The whole style sheet for one palette; our own words only, never text of a document or a model."""
    css = (ASSETS / "style.css").read_text(encoding="utf-8")
    scheme = "dark" if dark else "light"
    return f"<style>:root{{color-scheme:{scheme};{_variables(DARK if dark else LIGHT)}}}{css}</style>"


def apply() -> None:
    """Put the style sheet on the page, for the theme that the browser shows."""
    st.html(style_sheet(st.context.theme.type == "dark"))
