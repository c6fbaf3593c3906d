"""``basicchat doctor``."""

from __future__ import annotations

import click

from basicchat.cli import invocation
from basicchat.cli.client import open_client
from basicchat.cli.documents import check_document
from basicchat.cli.exits import Exit


@click.command()
@click.option("--repair", is_flag=True, help="Mend what can be mended first.")
@click.option("--deep", is_flag=True, help="Read every kept file too, which takes longer.")
@invocation.common_options
def doctor(repair: bool, deep: bool) -> int:
    """Look everything over. Exits 1 when something is not well."""
    output = invocation.output()
    with open_client() as client:
        checks = client.doctor(repair=repair, deep=deep)
    if output.as_json:
        output.document({"checks": [check_document(check) for check in checks]})
    for check in checks:
        output.say(f"{'ok ' if check.ok else 'bad'}  {check.name}: {check.detail}", colour=None if check.ok else "red")
        if check.repair:
            output.say(f"     {check.repair}", dim=True)
    return Exit.DONE if all(check.ok for check in checks) else Exit.FAULT
