"""From a function's signature to a JSON Schema, and from JSON to arguments that fit it."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, get_args, get_origin, get_type_hints

from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model
from pydantic.fields import FieldInfo

from basicchat.core.errors import InvalidInput
from basicchat.core.tools import ToolInfo, Toolkit
from basicchat.core.types import Json

MOST_ARGUMENT_BYTES = 200_000
"""Length of a text in the arguments of a call."""


class Arguments(BaseModel):
    """What every model of arguments begins with: unknown names are refused, not ignored."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def arguments_of(function: Callable[..., Any]) -> type[Arguments]:
    """The arguments of a tool's function as a model.

    ``Annotated[str, "what it is"]`` describes an argument; a parameter of type `Toolkit` is none. Raises `TypeError`
    for a parameter that has no type, and for ``*args``.
    """
    hints = get_type_hints(function, include_extras=True)
    fields: dict[str, Any] = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if hints.get(name) is Toolkit:
            continue
        if name not in hints or parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise TypeError(f"the argument {name} of {function.__name__} needs a type")
        fields[name] = (hints[name], _field(hints[name], parameter.default))
    return create_model(function.__name__, __base__=Arguments, **fields)


def _field(hint: Any, default: Any) -> FieldInfo:
    default = ... if default is inspect.Parameter.empty else default
    words = [each for each in get_args(hint)[1:] if isinstance(each, str)] if get_origin(hint) is Annotated else []
    described: FieldInfo = Field(default, description=words[0] if words else None)
    return described


def toolkit_name(function: Callable[..., Any]) -> str:
    """The name of the parameter that wants the `Toolkit`, empty where there is none."""
    hints = get_type_hints(function)
    return next((name for name in inspect.signature(function).parameters if hints.get(name) is Toolkit), "")


def parameters_of(model: type[BaseModel]) -> dict[str, Json]:
    """The JSON Schema of a model, without the titles that pydantic adds: they only cost a model tokens."""
    schema: dict[str, Json] = _without_titles(model.model_json_schema())
    schema.setdefault("properties", {})
    schema.pop("description", None)
    return schema


def _without_titles(value: Any, *, names: bool = False) -> Any:
    """``names`` says that the keys of ``value`` are names of arguments, of which one may be ``title``."""
    if isinstance(value, dict):
        return {
            key: _without_titles(item, names=not names and key in {"properties", "$defs"})
            for key, item in value.items()
            if names or key != "title" or not isinstance(item, str)
        }
    if isinstance(value, list):
        return [_without_titles(item) for item in value]
    return value


def checked(model: type[BaseModel], arguments: Mapping[str, Json], *, tool: str) -> dict[str, Any]:
    """The arguments as the function takes them, defaults filled in.

    Raises `InvalidInput`, which names every argument that does not fit and says why, and lists those there are.
    """
    try:
        found = model.model_validate(dict(arguments))
    except ValidationError as error:
        known = ", ".join(model.model_fields) or "none"
        raise InvalidInput(
            f"The arguments of {tool} do not fit: {_problems(error)}.", hint=f"Its arguments are: {known}."
        ) from error
    long = [name for name, value in arguments.items() if isinstance(value, str) and len(value) > MOST_ARGUMENT_BYTES]
    if long:
        raise InvalidInput(f"The argument {long[0]} of {tool} is longer than {MOST_ARGUMENT_BYTES:,} characters.")
    return {name: getattr(found, name) for name in model.model_fields}


def _problems(error: ValidationError) -> str:
    told = []
    for problem in error.errors(include_url=False, include_input=False):
        place = ".".join(str(part) for part in problem["loc"]) or "the whole"
        told.append(f"{place}: {problem['msg'][:1].lower()}{problem['msg'][1:]}")
    return "; ".join(told)


def check_arguments(info: ToolInfo, arguments: Mapping[str, Json]) -> None:
    """Hold arguments against the JSON Schema that a tool declares. Raises `InvalidInput`."""
    import jsonschema

    try:
        jsonschema.validate(dict(arguments), dict(info.parameters))
    except jsonschema.ValidationError as error:
        raise InvalidInput(f"The arguments of {info.name} do not fit: {error.message[:300]}.") from error
    except jsonschema.SchemaError as error:
        raise InvalidInput(f"{info.name} has a schema that makes no sense: {error.message[:300]}.") from error
