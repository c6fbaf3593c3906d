"""Arithmetic that is right: whole numbers and fractions are exact, and nothing can run away."""

from __future__ import annotations

import ast
import math
import operator
import re
import statistics
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Annotated

from basicchat.toolbox import InvalidInput, tool

Number = int | Fraction | float
Value = Number | list[Number] | bool

MOST_BITS = 100_000
"""Length of a whole number, about 30,000 digits."""
MOST_NODES = 2_000
MOST_DEPTH = 100
MOST_SHOWN = 200
"""Digits of a whole number that are shown in full."""

PERCENT_OF = re.compile(r"(\d+(?:\.\d+)?)\s*%\s*of\s+", re.IGNORECASE)
PERCENT = re.compile(r"(\d+(?:\.\d+)?)\s*%(?!\s*[\w(.])")
THOUSANDS = re.compile(r"(?<![\w.,])\d{1,3}(?:,\d{3})+(?![\d,])")
RESULT = re.compile(r"(?<![<>=!])=(?!=)")
"""What people write after this is the result that they hope for."""
SIGNS = str.maketrans(
    {
        "×": "*",
        "·": "*",
        "÷": "/",
        "−": "-",
        "–": "-",
        "^": "**",
        "²": "**2",
        "³": "**3",
        "√": "sqrt",
        "$": "",
        "€": "",
        "£": "",
    }
)


@tool(
    version="1",
    examples=[{"expression": "(3 + 4) * 2/3"}, {"expression": "15% of 80"}, {"expression": "mean([2, 4, 9])"}],
)
def calculator(
    expression: Annotated[str, "What to work out, such as (3 + 4) * 2/3, 15% of 80, sqrt(2), mean([2, 4, 9])."],
) -> str:
    """Work out an expression exactly: + - * / // % **, brackets, fractions, percent, comparisons, and functions such
    as sqrt, log, sin, round, factorial, gcd, sum, mean, median, stdev, percent_change(old, new).
    """
    value = evaluate(expression)
    return f"{expression.strip()} = {shown(value)}"


def evaluate(expression: str) -> Value:
    """The value of an expression. Raises `InvalidInput` for what is none, and for numbers that are too large."""
    text = _python(expression)
    try:
        tree = ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise InvalidInput(f"{expression!r} is not an expression.", hint="Write it as 2 * (3 + 4).") from error
    if sum(1 for _ in ast.walk(tree)) > MOST_NODES:
        raise InvalidInput("The expression is too long.")
    try:
        return _value(tree.body, 0)
    except ZeroDivisionError as error:
        raise InvalidInput("That divides by zero.") from error
    except OverflowError as error:
        raise InvalidInput("A number in it is too large.") from error
    except (ValueError, TypeError, statistics.StatisticsError) as error:
        raise InvalidInput(f"That cannot be worked out: {error}.") from error


def shown(value: Value) -> str:
    """A value for people: fractions also as decimals, very long numbers shortened with their number of digits."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "[" + ", ".join(shown(each) for each in value) + "]"
    if isinstance(value, Fraction) and value.denominator != 1:
        return _fraction(value)
    if isinstance(value, float):
        return f"{value:.15g}"
    whole = int(value)
    digits = _digits(whole)
    if digits <= MOST_SHOWN:
        return str(whole)
    first = abs(whole) // 10 ** (digits - 15)
    sign = "-" if whole < 0 else ""
    return f"{sign}{str(first)[0]}.{str(first)[1:]}e{digits - 1} ({digits:,} digits)"


def _fraction(value: Fraction) -> str:
    if max(_digits(value.numerator), _digits(value.denominator)) > MOST_SHOWN:
        return f"about {_float(value):.15g}"
    rest = value.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    decimal = f"{Decimal(value.numerator) / Decimal(value.denominator):f}"
    if rest == 1 and len(decimal) <= 25:
        return decimal
    return f"{value.numerator}/{value.denominator} (about {_float(value):.15g})"


def _float(value: Fraction) -> float:
    return value.numerator / value.denominator


def _digits(whole: int) -> int:
    """How many decimal digits, without writing them all down."""
    whole = abs(whole)
    if whole < 10**15:
        return len(str(whole))
    about = int((whole.bit_length() - 1) * math.log10(2))
    return about + (2 if whole >= 10 ** (about + 1) else 1)


def _python(expression: str) -> str:
    """The expression as Python writes it: percent, thousands and signs of people replaced."""
    text = RESULT.split(expression.strip(), maxsplit=1)[0].translate(SIGNS)
    text = THOUSANDS.sub(lambda found: found[0] if _in_list(text, found.start()) else found[0].replace(",", ""), text)
    text = PERCENT_OF.sub(r"(\1/100)*", text)
    return PERCENT.sub(r"(\1/100)", text)


def _in_list(text: str, at: int) -> bool:
    """Whether a comma there parts two values: inside ``[1,234]`` and ``max(1,234)``, but not inside ``(1,234 + 1)``."""
    opened = list[bool]()
    for place, sign in enumerate(text[:at]):
        if sign in "([":
            opened.append(sign == "[" or text[:place].rstrip()[-1:].isalnum())
        elif sign in ")]" and opened:
            opened.pop()
    return any(opened)


def _value(node: ast.AST, depth: int) -> Value:
    if depth > MOST_DEPTH:
        raise InvalidInput("The expression is nested too deeply.")
    below = depth + 1
    match node:
        case ast.Constant(value=bool() | int() | float() as value):
            return _bounded(Fraction(str(value)) if isinstance(value, float) and math.isfinite(value) else value)
        case ast.Name(id=name) if name.lower() in CONSTANTS:
            return CONSTANTS[name.lower()]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd() as sign, operand=operand):
            found = _number(_value(operand, below))
            return -found if isinstance(sign, ast.USub) else found
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return _bounded(OPERATORS[type(op)](_number(_value(left, below)), _number(_value(right, below))))
        case ast.Compare(left=left, ops=ops, comparators=others) if all(type(op) in COMPARISONS for op in ops):
            values = [_number(_value(each, below)) for each in (left, *others)]
            pairs = zip(values, ops, values[1:], strict=False)
            return all(bool(COMPARISONS[type(op)](one, other)) for one, op, other in pairs)
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_number(_value(each, below)) for each in items]
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name.lower() in FUNCTIONS:
            return _bounded(_called(name.lower(), [_value(each, below) for each in arguments]))
    raise InvalidInput(f"{ast.unparse(node)[:60]!r} cannot be worked out here.", hint=f"There are: {', '.join(NAMES)}.")


def _number(value: Value) -> Number:
    if isinstance(value, list):
        raise InvalidInput("A list stands where a number is wanted.")
    return value


def _bounded(value: Value) -> Value:
    for each in value if isinstance(value, list) else [value]:
        if isinstance(each, complex) or (isinstance(each, float) and not math.isfinite(each)):
            raise InvalidInput("That has no real, finite value.")
        parts = (each.numerator, each.denominator) if isinstance(each, Fraction) else (each,)
        if any(isinstance(part, int) and part.bit_length() > MOST_BITS for part in parts):
            raise InvalidInput("A number in it is too large: more than 30,000 digits.")
    if isinstance(value, Fraction) and value.denominator == 1:
        return int(value)
    return value


def _power(base: Number, exponent: Number) -> Number:
    if isinstance(exponent, Fraction) and exponent.denominator == 1:
        exponent = int(exponent)
    if isinstance(exponent, int) and not isinstance(base, float):
        size = max(abs(base.numerator).bit_length(), base.denominator.bit_length())
        if abs(base) != 1 and base != 0 and size * abs(exponent) > MOST_BITS + size:
            raise InvalidInput("A number in it is too large: more than 30,000 digits.")
        exact: Fraction = Fraction(base) ** exponent
        return exact
    found: float | complex = float(base) ** float(exponent)
    if isinstance(found, complex):
        raise InvalidInput("That has no real value.")
    return found


def _divided(one: Number, other: Number) -> Number:
    if isinstance(one, float) or isinstance(other, float):
        return one / other
    return Fraction(one) / Fraction(other)


def _called(name: str, arguments: list[Value]) -> Value:
    function, many = FUNCTIONS[name]
    if many:
        values = arguments[0] if len(arguments) == 1 and isinstance(arguments[0], list) else arguments
        return function(*[_number(each) for each in values]) if many == "spread" else function(values)
    if name in {"factorial", "comb", "perm"} and any(abs(float(_number(each))) > 5_000 for each in arguments):
        raise InvalidInput(f"{name} is worked out up to 5,000.")
    return function(*arguments)


def _whole(function: Callable[..., int]) -> Callable[..., int]:
    """The function for whole numbers only."""

    def checked(*values: Number) -> int:
        if any(isinstance(each, float) or each != int(each) for each in values):
            raise InvalidInput("Whole numbers only.")
        return function(*[int(each) for each in values])

    return checked


def _round(value: Number, places: Number = 0) -> Number:
    if abs(float(places)) > 100 or places != int(places):
        raise InvalidInput("Round to a whole number of places, at most 100.")
    return round(Fraction(value), int(places)) if places else round(value)


def _root(value: Number) -> Number:
    """Exact where it can be: sqrt(9/4) is 3/2."""
    if not isinstance(value, float) and value >= 0:
        exact = Fraction(value)
        top, bottom = math.isqrt(exact.numerator), math.isqrt(exact.denominator)
        if top * top == exact.numerator and bottom * bottom == exact.denominator:
            return Fraction(top, bottom)
    return math.sqrt(value)


def _real(function: Callable[..., float]) -> Callable[..., float]:
    return lambda *values: function(*[float(each) for each in values])


def _exact(values: Sequence[Number]) -> list[Number]:
    if not values:
        raise InvalidInput("The list is empty.")
    return [each if isinstance(each, float) else Fraction(each) for each in values]


def _sum(values: Sequence[Number]) -> Number:
    return sum(_exact(values), start=Fraction(0))


def _mean(values: Sequence[Number]) -> Number:
    return _sum(values) / len(values)


def _product(values: Sequence[Number]) -> Number:
    found: Number = Fraction(1)
    for each in _exact(values):
        found = _number(_bounded(found * each))
    return found


def _statistic(function: Callable[..., Number]) -> Callable[[Sequence[Number]], Number]:
    return lambda values: function(_exact(values))


OPERATORS: dict[type[ast.operator], Callable[[Number, Number], Number]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: _divided,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: _power,
}
COMPARISONS: dict[type[ast.cmpop], Callable[[Number, Number], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
CONSTANTS: dict[str, Number] = {"pi": math.pi, "e": math.e, "tau": math.tau}
FUNCTIONS: dict[str, tuple[Callable[..., Value], str]] = {
    "abs": (abs, ""),
    "round": (_round, ""),
    "floor": (math.floor, ""),
    "ceil": (math.ceil, ""),
    "sqrt": (_root, ""),
    "pow": (_power, ""),
    "exp": (_real(math.exp), ""),
    "log": (_real(math.log), ""),
    "ln": (_real(math.log), ""),
    "log10": (_real(math.log10), ""),
    "log2": (_real(math.log2), ""),
    **{
        name: (_real(getattr(math, name)), "")
        for name in ("sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "degrees", "radians", "hypot")
    },
    "factorial": (_whole(math.factorial), ""),
    "comb": (_whole(math.comb), ""),
    "perm": (_whole(math.perm), ""),
    "gcd": (_whole(math.gcd), "spread"),
    "lcm": (_whole(math.lcm), "spread"),
    "percent_change": (lambda old, new: _divided((new - old) * 100, old), ""),
    "min": (min, "list"),
    "max": (max, "list"),
    "len": (len, "list"),
    "sum": (_sum, "list"),
    "product": (_product, "list"),
    "mean": (_mean, "list"),
    "average": (_mean, "list"),
    "median": (_statistic(statistics.median), "list"),
    "mode": (_statistic(statistics.mode), "list"),
    "stdev": (_statistic(statistics.stdev), "list"),
    "pstdev": (_statistic(statistics.pstdev), "list"),
    "variance": (_statistic(statistics.variance), "list"),
    "pvariance": (_statistic(statistics.pvariance), "list"),
    "sorted": (sorted, "list"),
}
NAMES = sorted((*FUNCTIONS, *CONSTANTS))
