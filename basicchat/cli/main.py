"""The command line: the group that every command hangs on, and the one place where errors become exit codes."""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Sequence

import click

from basicchat.cli.ask import ask
from basicchat.cli.backup import backup
from basicchat.cli.chat import chat
from basicchat.cli.corpus import corpus
from basicchat.cli.doctor import doctor
from basicchat.cli.evaluate import evaluate
from basicchat.cli.exits import Exit, exit_for
from basicchat.cli.ingest import ingest
from basicchat.cli.invocation import common_options
from basicchat.cli.jobs import jobs
from basicchat.cli.library import library
from basicchat.cli.mcp import mcp
from basicchat.cli.models import models
from basicchat.cli.output import Output, speak_utf8
from basicchat.cli.research import research
from basicchat.cli.search import search
from basicchat.cli.tables import tables
from basicchat.cli.tools import tools
from basicchat.cli.trace import trace
from basicchat.cli.ui import ui
from basicchat.cli.version import version
from basicchat.core.errors import BasicChatError, InvalidInput


@click.group(
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Without a command, the page is started.",
)
@common_options
@click.pass_context
def cli(context: click.Context) -> None:
    """A private assistant for your documents.

    It runs on this machine, cites every answer and needs no network.

    Exit codes: 0 done, 1 fault, 2 user error, 3 nothing found or no answer.
    """
    if context.invoked_subcommand is None:
        context.invoke(ui)


for command in (
    ingest,
    search,
    ask,
    research,
    chat,
    ui,
    models,
    library,
    jobs,
    tables,
    tools,
    trace,
    mcp,
    evaluate,
    backup,
    doctor,
    version,
):
    cli.add_command(command)
evaluate.add_command(corpus)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line and exit the process."""
    speak_utf8()
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: Sequence[str]) -> int:
    """Run one command and give its exit code. Nothing escapes: every error has been told when this returns."""
    output = Output(as_json=wants_json(arguments))
    try:
        result = cli.main(args=list(arguments), prog_name="basicchat", standalone_mode=False)
        return int(result) if isinstance(result, int) else Exit.DONE
    except click.UsageError as error:
        output.failure(InvalidInput(error.format_message(), hint=_usage(error)))
        return Exit.USER_ERROR
    except click.ClickException as error:
        output.failure(InvalidInput(error.format_message()))
        return Exit.USER_ERROR
    except BasicChatError as error:
        output.failure(error)
        return exit_for(error)
    except (KeyboardInterrupt, click.Abort):
        output.note("Stopped. What was finished is kept.")
        return Exit.INTERRUPTED
    except BrokenPipeError:
        _forget_stdout()
        return Exit.DONE
    except Exception as error:  # noqa: BLE001 - the edge of the program: told, logged, and an exit code
        return _fault(error, output)


def wants_json(arguments: Sequence[str]) -> bool:
    """Whether ``--json`` is among the options, also when the rest cannot be understood."""
    options = list(arguments)
    before = options[: options.index("--")] if "--" in options else options
    return any(each == "--json" or each.startswith("--json=") for each in before)


def _usage(error: click.UsageError) -> str:
    path = error.ctx.command_path if error.ctx else "basicchat"
    return f"Run `{path} --help` to see how it is used."


def _forget_stdout() -> None:
    """The reader went away: let nothing complain about it at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _fault(error: Exception, output: Output) -> Exit:
    from basicchat.telemetry import log

    log.logger("cli").error("command failed", exc_info=error)
    if os.environ.get("BASICCHAT_LOG_LEVEL", "").lower() == "debug":
        output.note("".join(traceback.format_exception(error)))
    output.failure(
        BasicChatError(
            f"Something went wrong inside BasicChat: {type(error).__name__}: {error}",
            hint="This is a fault of the program. Set BASICCHAT_LOG_LEVEL=debug, run it again and report what it says.",
        )
    )
    return Exit.FAULT
