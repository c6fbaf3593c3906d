"""What counts as a right call."""

from __future__ import annotations

import pytest

from benchmarks.accepted import accepted
from benchmarks.calling import Case, is_right, schema_of

WANTED = {"base": [10], "height": [5, 5.0], "unit": ["units", ""], "towns": [["New York, NY", "Oslo"]], "deep": [""]}
GIVEN = {"base": 10, "height": 5, "towns": ["new york NY", "Oslo"]}


@pytest.mark.parametrize(
    ("change", "right"),
    [
        ({}, True),
        ({"unit": "Units"}, True),
        ({"unit": "feet"}, False),
        ({"base": True}, False),
        ({"base": "10"}, False),
        ({"made_up": 1}, False),
        ({"towns": ["Oslo"]}, False),
    ],
)
def test_values_that_are_accepted(change, right):
    assert accepted({**GIVEN, **change}, WANTED) is right


def test_what_is_required_may_not_be_left_out():
    assert not accepted({"base": 10, "height": 5}, WANTED)


def test_objects_are_compared_field_by_field():
    assert accepted({"at": {"x": 1}}, {"at": [{"x": [1, 2], "y": [0, ""]}]})
    assert not accepted({"at": {"x": 3}}, {"at": [{"x": [1, 2]}]})


@pytest.mark.parametrize(
    ("truth", "called", "right"), [(None, "", True), (None, "f", False), ({"f": {}}, "f", True), ({"f": {}}, "", False)]
)
def test_no_call_is_right_where_nothing_fits(truth, called, right):
    assert is_right(Case("1", "simple_python", "?", (), truth), called, {}) is right


def test_types_of_the_set_become_those_of_json_schema():
    odd = {"type": "dict", "properties": {"a": {"type": "tuple", "items": {"type": "float"}, "optional": True}}}
    assert schema_of(odd) == {
        "type": "object",
        "properties": {"a": {"type": "array", "items": {"type": "number"}}},
        "additionalProperties": False,
    }
