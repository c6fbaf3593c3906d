import tomllib
from pathlib import Path

import pytest

from basicchat.ui import theme

REPOSITORY = Path(__file__).resolve().parents[2]


def luminance(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK])
@pytest.mark.parametrize("ink", ["ink", "second_ink", "accent", "warn", "bad", "good"])
@pytest.mark.parametrize("paper", ["paper", "surface", "sunken"])
def test_every_ink_reads_on_every_paper(colours, ink, paper):
    assert contrast(getattr(colours, ink), getattr(colours, paper)) >= 4.5


@pytest.mark.parametrize("colours", [theme.LIGHT, theme.DARK])
def test_highlights_and_buttons_read(colours):
    assert contrast(colours.ink, colours.highlight) >= 4.5
    assert contrast(colours.on_accent, colours.accent) >= 4.5


def test_series_of_charts_are_seen_on_their_paper():
    for name, colours in (("light", theme.LIGHT), ("dark", theme.DARK)):
        assert all(contrast(each, colours.paper) >= 3 for each in theme.SERIES[name])
        assert theme.SERIES[name][0] == colours.accent


def test_the_file_for_streamlit_run_says_the_same():
    written = tomllib.loads((REPOSITORY / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
    assert flat(written) == theme.server_options() | theme.theme_options()


def flat(tree: dict, prefix: str = "") -> dict:
    found: dict = {}
    for name, value in tree.items():
        found |= flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return found


def test_streamlit_knows_every_option():
    from streamlit import config

    known = set(config.get_config_options())
    assert set(theme.server_options() | theme.theme_options() | {"theme.fontFaces": []}) <= known


def test_fonts_are_there_with_their_licences():
    files = {Path(face["url"]).name for face in theme.font_faces()}
    assert files == {path.name for path in theme.FONTS.glob("*.woff2")}
    assert len(list(theme.FONTS.glob("*.OFL.txt"))) == 3


@pytest.mark.parametrize("dark", [False, True])
def test_the_style_sheet_asks_for_nothing_outside(dark):
    sheet = theme.style_sheet(dark)
    assert "http" not in sheet
    assert "@import" not in sheet
