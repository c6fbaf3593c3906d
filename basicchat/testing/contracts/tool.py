"""What every tool promises, also one of your own: subclass it and override ``tool``."""

from __future__ import annotations

import json

import pytest

from basicchat.core.errors import InvalidInput
from basicchat.core.tools import Tool, Toolkit
from basicchat.testing.tools import toolkit
from basicchat.toolbox.check import faults
from basicchat.toolbox.result import document_of


class ToolContract:
    """Override ``tool``, and ``kit`` where its examples need something that the fakes do not hold."""

    @pytest.fixture
    def tool(self) -> Tool:
        raise NotImplementedError

    @pytest.fixture
    def kit(self) -> Toolkit:
        return toolkit()

    def test_it_declares_itself_well(self, tool: Tool) -> None:
        assert faults(tool) == []

    def test_unknown_arguments_are_refused(self, tool: Tool, kit: Toolkit) -> None:
        with pytest.raises(InvalidInput, match=tool.info.name):
            tool.check({"no_such_argument": 1})
        with pytest.raises(InvalidInput):
            tool.run({"no_such_argument": 1}, kit)

    def test_its_examples_run(self, tool: Tool, kit: Toolkit) -> None:
        for arguments in tool.info.examples:
            tool.check(arguments)
            assert json.dumps(document_of(tool.run(arguments, kit)))
