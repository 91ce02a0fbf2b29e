# What az's own parser says to command lines, none of which is run: `tests/az-record parse`.
# SPDX-License-Identifier: MIT
"""Reads a line `WHERE<tab>COMMAND` each, where COMMAND is as the C sources have it: words in
capitals, {braces} and %s stand for what is known only when it is printed. Prints a line
`ok - COMMAND`, `not ok - COMMAND` or `ok - COMMAND # SKIP why` for each."""
import contextlib
import io
import itertools
import re
import shlex
import sys

from azure.cli.core import get_default_cli
from knack.events import EVENT_INVOKER_POST_PARSE_ARGS

GUID = "11110000-0000-4000-8000-000000000001"
ARM_ID = f"/subscriptions/{GUID}/resourceGroups/rg/providers/Microsoft.X/things/thing"

# Groups of extensions, which az installs when they are first used; its parser does not know them.
EXTENSIONS = {"ml": "ml", "network perimeter": "nsp"}

# What stands for a placeholder: the first pattern that fits its name. %s goes by the option
# before it, written as a placeholder would be.
VALUES = [
    (r".*PRINCIPAL-TYPE", "ServicePrincipal"),
    (r"(SUBNET|TARGET|PARENT)-ID|ID|IDENTITY|SCOPE", ARM_ID),
    (r".*ID|ASSIGNEE.*|PRINCIPAL", GUID),
    (r"ADDRESS|IP.*|RANGE", "203.0.113.7"),
    (r"TIME|DATE|EXPIRES|NOT-BEFORE", "2030-01-01T00:00:00Z"),
    (r"OPS", "sign"),
    (r"JSON|PARAMETERS", "{}"),
    (r"NUMBER|DAYS|PORT", "7"),
    (r".*", "thing1"),
]
# %s in other places: all of these are tried.
CHOICES = [
    (r"(?<=^az )%s(?= identity)", ["vm", "vmss"]),
    (r"(?<=keyvault )%s(?= )", ["key", "secret", "certificate"]),
    (r"(?<=--)%s(?=-permissions)", ["key", "certificate", "secret"]),
]
PLACEHOLDER = re.compile(r"\{[a-z_]+\}|(?<![A-Za-z0-9._=/-])[A-Z][A-Z0-9]*(?:-[A-Z0-9]+)*(?![A-Za-z0-9_-])")


def value_of(name):
    return next(value for pattern, value in VALUES if re.fullmatch(pattern, name))


def choices(command):
    """The command once for each combination of CHOICES."""
    for pattern, words in CHOICES:
        if re.search(pattern, command):
            return itertools.chain.from_iterable(
                choices(re.sub(pattern, word, command, count=1)) for word in words)
    return [command]


def fill(command):
    """The command with plausible values."""
    command = re.sub(r"\$\([^()]*\)", ARM_ID, command)
    # What a %s adds to a text may as well be nothing.
    command = re.sub(r"(?<=[^ '\"=])%[-.*0-9]*[sdu]", "", command)
    words, option = [], ""
    for word in shlex.split(command):
        if word == "...":
            continue
        word = PLACEHOLDER.sub(lambda m: value_of(m.group().strip("{}").replace("_", "-").upper()), word)
        word = re.sub(r"%[-.*0-9]*[sdu]", lambda m: value_of(option.upper() or "X"), word)
        words.append(word)
        option = word.lstrip("-") if word.startswith("-") else option
    return words


class Parsed(BaseException):
    """The parser is content; nothing is to be run. az catches every Exception."""


def stop(_cli, **_kwargs):
    raise Parsed


SAID = io.StringIO()  # one for all: az's log keeps the first it meets


def judge(words):
    """None, or what the parser complains of."""
    cli = get_default_cli()
    cli.register_event(EVENT_INVOKER_POST_PARSE_ARGS, stop)
    SAID.seek(0)
    SAID.truncate()
    try:
        with contextlib.redirect_stderr(SAID), contextlib.redirect_stdout(SAID):
            cli.invoke(words[1:], out_file=SAID)
    except Parsed:
        return None
    except SystemExit as end:
        if not end.code:  # of --help
            return None
    # The last one: before it stand modules that cannot be loaded.
    errors = [line for line in SAID.getvalue().splitlines() if line.startswith("ERROR: ")]
    return errors[-1] if errors else "az did not come to parse it"


def main():
    bad, seen = 0, {}
    for line in sys.stdin:
        where, _, command = line.rstrip("\n").rpartition("\t")
        if not command or command.startswith("#"):
            continue
        extension = next((name for group, name in EXTENSIONS.items()
                          if command.startswith(f"az {group} ")), None)
        if extension:
            print(f"ok - {command} # SKIP of the extension {extension}")
            continue
        why = None
        try:
            for one in choices(command):
                words = tuple(fill(one))
                if words not in seen:
                    seen[words] = judge(list(words))
                why = why or seen[words]
        except ValueError as odd:
            why = str(odd)
        bad += why is not None
        if why:
            print(f"# {where}: {why}")
        print(f"{'not ' if why else ''}ok - {command}")
        sys.stdout.flush()
    return 1 if bad else 0


sys.exit(main())
