"""Units of measure."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from basicchat.core.errors import InvalidInput
from tools.units import convert, units


@pytest.mark.parametrize(
    ("quantity", "to", "value"),
    [
        ("5 km/h", "mph", "3.106855961"),
        ("20 °C", "°F", "68"),
        ("-40 celsius", "fahrenheit", "-40"),
        ("3 mile", "km", "4.828032"),
        ("1.5 GiB", "MB", "1610.612736"),
        ("1,000 m", "km", "1"),
        ("9.81 m/s**2", "ft/s^2", "32.18503937"),
        ("1 kWh", "MJ", "3.6"),
        ("100 kg*m/s²", "N", "100"),
        (".5 hour", "minutes", "30"),
    ],
)
def test_conversions(say, quantity: str, to: str, value: str) -> None:
    assert say("units", quantity=quantity, to=to) == f"{quantity} = {value} {to}"


@pytest.mark.parametrize(
    ("quantity", "to"),
    [
        ("5 km", "kg"),
        ("5 flurbs", "m"),
        ("km", "m"),
        ("5 m**10**10**10", "m"),
        ("5 m^99999999", "m"),
        ("5 m", "10**10**10"),
        ("5 m", "__import__('os')"),
        ("5 m", ""),
        ("5", "m"),
        ("1e999 m", "km"),
    ],
)
def test_what_cannot_be_converted_is_told(say, quantity: str, to: str) -> None:
    with pytest.raises(InvalidInput):
        say("units", quantity=quantity, to=to)


@settings(deadline=None)
@given(st.floats(min_value=-1e6, max_value=1e6))
def test_there_and_back(number: float) -> None:
    assert convert(convert(number, "mile", "km"), "km", "mile") == pytest.approx(number)


@settings(deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
@example(unit="¼", to="m")
def test_any_text_is_a_value_or_an_error_in_words(unit: str, to: str) -> None:
    try:
        units.check({"quantity": f"1 {unit}", "to": to})
        convert(1, unit, to)
    except InvalidInput:
        pass
