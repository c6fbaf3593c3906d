"""Units of measure, converted by pint."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Annotated

from basicchat.toolbox import InvalidInput, tool

if TYPE_CHECKING:
    from pint import UnitRegistry

QUANTITY = re.compile(r"\s*([-+]?\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d{1,2})?|[-+]?\.\d+)\s*(.*)", re.DOTALL)
UNIT = re.compile(r"[^\W\d_][\w\s°'\"%/*^().·²³-]{0,80}|°[CFRK]|%", re.UNICODE)
LARGE_POWER = re.compile(r"(?:\*\*|\^)\s*\(?-?\d{2,}|(?:\*\*|\^)[^/*]*(?:\*\*|\^)|\d{3,}")
SPELLINGS = {"°c": "degC", "°f": "degF", "celsius": "degC", "fahrenheit": "degF", "mph": "mile/hour", "%": "percent"}


@tool(
    version="1",
    examples=[
        {"quantity": "5 km/h", "to": "mph"},
        {"quantity": "20 °C", "to": "°F"},
        {"quantity": "3 mile", "to": "m"},
    ],
)
def units(
    quantity: Annotated[str, "A number with its unit, such as 5 km/h, 20 °C, 3 ft, 1.5 GiB."],
    to: Annotated[str, "The unit that is wanted, such as mph, °F, m, MB."],
) -> str:
    """Convert between units of length, mass, time, temperature, speed, area, volume, energy, power, pressure, data and
    so on. Not for currencies: their rates change.
    """
    found = QUANTITY.fullmatch(quantity)
    if found is None:
        raise InvalidInput(f"{quantity!r} does not begin with a number.", hint="Write it as 5 km/h.")
    number = float(found[1].replace(",", ""))
    return f"{quantity.strip()} = {convert(number, found[2], to):.10g} {to.strip()}"


def convert(number: float, unit: str, to: str) -> float:
    """So many of one unit in another. Raises `InvalidInput` for units that are unknown or measure different things."""
    import pint

    registry = _registry()
    try:
        whole = registry.Quantity(number, registry.parse_units(_unit(unit)))
        return float(whole.to(registry.parse_units(_unit(to))).magnitude)
    except pint.UndefinedUnitError as error:
        raise InvalidInput(f"There is no unit {error.unit_names}.", hint="Spell it as in 5 km/h or 3 mile.") from error
    except pint.DimensionalityError as error:
        raise InvalidInput(f"{unit.strip()} and {to.strip()} measure different things: {error}.") from error
    except (pint.PintError, ValueError, ArithmeticError, TypeError, AttributeError, SyntaxError) as error:
        raise InvalidInput(f"That cannot be converted: {error}.") from error


@cache
def _registry() -> UnitRegistry[float]:
    import pint

    return pint.UnitRegistry()


def _unit(text: str) -> str:
    """A unit as pint spells it. What is long, or raised to a large power, never reaches its parser."""
    name = text.strip()
    name = SPELLINGS.get(name.casefold(), name)
    fraction = any(each.isnumeric() and not each.isdigit() for each in name)  # such as ¼, at which pint falls over
    if not UNIT.fullmatch(name) or LARGE_POWER.search(name) or fraction:
        raise InvalidInput(f"{text.strip()[:80]!r} is no unit.", hint="Spell it as in 5 km/h or 3 mile.")
    return name
