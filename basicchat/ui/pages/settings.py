"""Settings: grouped, each with one line of what it changes and its default."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import streamlit as st
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from basicchat.bootstrap import settings_file
from basicchat.core.errors import BasicChatError
from basicchat.settings import Settings
from basicchat.ui import state
from basicchat.ui.components import model_files, notices
from basicchat.ui.text import plain

GROUPS = {
    "answer": "Answers",
    "cache": "Earlier answers",
    "retrieve": "Finding passages",
    "ingest": "Reading documents",
    "ollama": "Ollama",
    "embedded": "Built-in model server",
    "models": "Model files",
    "server": "The page",
}
"""Groups of settings and their titles, in the order shown."""


def show() -> None:
    """The page."""
    with st.container(key="settings"):
        st.markdown("# Settings", anchors=False)
        path = state.settings().home / "settings.toml"
        st.caption(f"Kept in `{path}`. Changes take effect when BasicChat is started again.")
        try:
            _changed_note()
            model_files.show()
            wanted = st.text_input("Find a setting", key="find-setting", placeholder="Find a setting").casefold()
            for group, title in GROUPS.items():
                _group(group, title, path, wanted)
        except BasicChatError as error:
            notices.error(error)


def _changed_note() -> None:
    if st.session_state.get("settings-changed"):
        with st.container(key="restart-note", border=True):
            st.markdown(":material/restart_alt: Saved. Stop BasicChat and start it again to use the new settings.")


def _group(group: str, title: str, path: Path, wanted: str) -> None:
    current: BaseModel = getattr(state.settings(), group)
    fields = {
        name: field
        for name, field in type(current).model_fields.items()
        if wanted in f"{title} {_label(name)} {field.description}".casefold()
    }
    if not fields:
        return
    kept = settings_file.read(path).get(group, {})
    with st.expander(title, expanded=bool(wanted), key=f"group-{group}"):
        for name, field in fields.items():
            _setting(group, name, field, kept.get(name, getattr(current, name)), path)


def _setting(group: str, name: str, field: FieldInfo, value: Any, path: Path) -> None:
    key = f"set-{group}-{name}"
    st.session_state.setdefault(key, _shown(value))
    asked: dict[str, Any] = {"key": key, "on_change": _save, "args": (group, name, field, path), "label": _label(name)}
    choices = _choices(field)
    if choices:
        st.selectbox(options=choices, **asked)
    elif isinstance(value, bool):
        st.toggle(**asked)
    elif isinstance(value, int):
        st.number_input(step=1, **asked)
    elif isinstance(value, float):
        st.number_input(step=0.1, **asked)
    else:
        st.text_input(**asked)
    default = _shown(field.get_default(call_default_factory=True))
    st.caption(f"{plain(field.description or '')} Default: {_default_words(default)}.")
    if problem := st.session_state.get(f"{key}-problem"):
        st.markdown(f":red[:material/error:] {plain(problem)}")


def _choices(field: FieldInfo) -> list[str]:
    return list(get_args(field.annotation)) if get_origin(field.annotation) is Literal else []


def _shown(value: Any) -> Any:
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return ", ".join(value)
    return "" if value is None else str(value)


def _default_words(default: Any) -> str:
    if isinstance(default, bool):
        return "on" if default else "off"
    return plain(str(default)) if default != "" else "empty"


def _label(name: str) -> str:
    words = name.replace("_", " ").replace(" mb", " in MB").replace(" seconds", ", seconds")
    return words[:1].upper() + words[1:]


def _save(group: str, name: str, field: FieldInfo, path: Path) -> None:
    key = f"set-{group}-{name}"
    value = st.session_state[key]
    if "tuple" in str(field.annotation):
        value = [part.strip() for part in str(value).split(",") if part.strip()]
    problem = _problem(group, name, value)
    st.session_state[f"{key}-problem"] = problem
    if problem:
        return
    default = field.get_default(call_default_factory=True)
    settings_file.change(path, group, name, None if _shown(default) == _shown(value) else value)
    st.session_state["settings-changed"] = True


def _problem(group: str, name: str, value: Any) -> str:
    kind = type(getattr(Settings.model_fields[group], "default"))  # noqa: B009 - the field's default is the group
    try:
        kind(**{name: value or None if "Path" in str(kind.model_fields[name].annotation) else value})
    except ValidationError as error:
        return "; ".join(one["msg"] for one in error.errors())
    return ""
