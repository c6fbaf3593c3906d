"""Sandboxes for Python that nobody has read: no files, no network, no other process, limited time, memory, output."""

from basicchat.toolbox.sandbox.bubblewrap import BubblewrapSandbox
from basicchat.toolbox.sandbox.choice import Choice, chosen
from basicchat.toolbox.sandbox.monty import MontySandbox

__all__ = ["BubblewrapSandbox", "Choice", "MontySandbox", "chosen"]
