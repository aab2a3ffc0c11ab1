"""Print completion scripts for shells, made from the parsers themselves.

In: a shell's name. Out: a script. What completes is stated once, in ``_commands``; each shell has its own words for it.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from stripesql.cli import arguments, subcommands
from stripesql.cli.parsing import Parser


@dataclass(frozen=True, slots=True)
class Option:
    """Say one option.

    Attributes:
        names: as they are written, ``-o`` and ``--output``.
        help: one phrase.
        takes: ``nothing``, ``file``, ``profile``, ``words`` or ``text``.
        words: the values, of ``words``.
    """

    names: tuple[str, ...]
    help: str
    takes: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Command:
    """Say one command: its path (``()``, ``("config", "set")``), its options, the words and kind of what stands without an option."""

    path: tuple[str, ...]
    help: str
    options: tuple[Option, ...]
    words: tuple[str, ...] = ()
    takes: str = "nothing"


def script(shell: str) -> str:
    """Return the script for ``bash``, ``zsh`` or ``fish``."""
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](_commands())


def _commands() -> list[Command]:
    from stripesql.catalogue.load import catalogue

    helps = {
        "demo": "a tour of five queries",
        "simulate": "an embedded Stripe over HTTP",
        "config": "profiles and keys",
        "schema": "draw foreign keys",
        "completion": "a script for a shell",
    }
    config = subcommands.config_parser()
    actions = _actions_of(config)
    found = [
        Command((), "", tuple(_options(arguments.parser())), tuple(helps)),
        Command(("demo",), helps["demo"], tuple(_options(arguments._tour_parser()))),
        Command(("simulate",), helps["simulate"], tuple(_options(arguments._simulate_parser()))),
        Command(("config",), helps["config"], tuple(_options(config)), tuple(actions)),
        Command(("schema",), helps["schema"], tuple(_options(subcommands.schema_parser())), catalogue().table_names(), takes="words again"),
        Command(("completion",), helps["completion"], tuple(_options(subcommands.completion_parser())), subcommands.SHELLS),
    ]
    for name, parser in actions.items():
        takes = "profile" if name != "list" else "nothing"
        found.append(Command(("config", name), "", tuple(_options(parser)), takes=takes))
    return found


def _actions_of(parser: Parser) -> Mapping[str, Parser]:
    holder = next(each for each in parser._actions if isinstance(each, argparse._SubParsersAction))
    return holder.choices


def _options(parser: Parser) -> Iterator[Option]:
    for action in parser._actions:
        if not action.option_strings or action.help == argparse.SUPPRESS:
            continue
        names, said = tuple(action.option_strings), re.sub(r"\s+", " ", action.help or "")
        if action.nargs == 0:
            yield Option(names, said, "nothing")
        elif action.choices:
            yield Option(names, said, "words", tuple(map(str, action.choices)))
        elif action.metavar == "FILE":
            yield Option(names, said, "file")
        else:
            yield Option(names, said, "profile" if "--profile" in names else "text")


# -- bash


def _bash(commands: Sequence[Command]) -> str:
    return _BASH.replace("@DISPATCH@", "".join(map(_bash_command, commands))).replace("@VALUES@", _bash_values(commands))


def _bash_values(commands: Sequence[Command]) -> str:
    """Return the cases that complete the value after an option, by the command and the option."""
    lines = []
    for command in commands:
        for option in command.options:
            done = {
                "words": f'words="{" ".join(option.words)}"',
                "file": "files=1",
                "profile": 'words="$(stripesql config list --names 2>/dev/null)"',
                "text": ":",
            }.get(option.takes)
            if done:
                pattern = "|".join(f'"{" ".join([*command.path, name])}"' for name in option.names)
                lines.append(f"    {pattern}) {done}; found=1 ;;\n")
    return "".join(lines)


def _bash_command(command: Command) -> str:
    names = " ".join(name for option in command.options for name in option.names)
    words = " ".join(command.words)
    more = " $(stripesql config list --names 2>/dev/null)" if command.takes == "profile" else ""
    return f'    "{" ".join(command.path)}") options="{names}"; words="{words}{more}" ;;\n'


_BASH = """\
# Completion of stripesql for bash: eval "$(stripesql completion bash)"
_stripesql() {
  local current previous path word options words files found
  current="${COMP_WORDS[COMP_CWORD]}"
  previous="${COMP_WORDS[COMP_CWORD-1]}"
  if [[ $current == "=" ]]; then current=""; fi
  if [[ $previous == "=" ]]; then previous="${COMP_WORDS[COMP_CWORD-2]}"; fi
  path="" files="" found="" options="" words=""
  case "${COMP_WORDS[1]}" in
    demo|simulate|schema|completion) [[ $COMP_CWORD -gt 1 ]] && path="${COMP_WORDS[1]}" ;;
    config)
      if [[ $COMP_CWORD -gt 1 ]]; then
        path="config"
        case "${COMP_WORDS[2]}" in
          list|show|set|remove) [[ $COMP_CWORD -gt 2 ]] && path="config ${COMP_WORDS[2]}" ;;
        esac
      fi ;;
  esac
  word="$previous"
  if [[ -n $path ]]; then word="$path $previous"; fi
  case "$word" in
@VALUES@  esac
  if [[ -n $found ]]; then
    if [[ -n $files ]]; then
      local IFS=$'\\n'
      compopt -o filenames 2>/dev/null
      COMPREPLY=( $(compgen -f -- "$current") )
    else
      COMPREPLY=( $(compgen -W "$words" -- "$current") )
    fi
    return
  fi
  case "$path" in
@DISPATCH@  esac
  if [[ -z $path && $COMP_CWORD -gt 1 ]]; then words=""; fi
  if [[ $current == -* ]]; then words="$options"; fi
  COMPREPLY=( $(compgen -W "$words" -- "$current") )
}
complete -F _stripesql stripesql
"""


# -- zsh


def _zsh(commands: Sequence[Command]) -> str:
    functions = "".join(_zsh_function(command, commands) for command in commands)
    return (
        "#compdef stripesql\n"
        "# Completion of stripesql for zsh: stripesql completion zsh > ~/.zfunc/_stripesql\n\n"
        f'_stripesql_profiles() {{\n  local -a names\n  names=(${{(f)"$(stripesql config list --names 2>/dev/null)"}})\n'
        f"  _describe profile names\n}}\n\n{functions}"
        'if [[ $zsh_eval_context[-1] == loadautofunc ]]; then\n  _stripesql "$@"\nelse\n  compdef _stripesql stripesql\nfi\n'
    )


def _zsh_function(command: Command, commands: Sequence[Command]) -> str:
    name = "_".join(["_stripesql", *command.path])
    specs = [spec for option in command.options for spec in _zsh_specs(option)]
    below = [each for each in commands if each.path[:-1] == command.path and each.path]
    if below:
        lines = "".join(f"    {_zsh_quoted(f'{each.path[-1]}:{each.help or each.path[-1]}')}\n" for each in below)
        cases = "".join(f"      {each.path[-1]}) _stripesql_{'_'.join(each.path)} ;;\n" for each in below)
        states = f"  case $state in\n    command) _describe command commands ;;\n    rest)\n      case $words[1] in\n{cases}      esac ;;\n  esac\n"
        specs += ["'1: :->command'", "'*:: :->rest'"]
        head = f"  local context state state_descr line\n  typeset -A opt_args\n  local -a commands\n  commands=(\n{lines}  )\n"
    else:
        head, states = "", ""
        if command.takes == "profile":
            specs.append("'1:profile:_stripesql_profiles'")
        elif command.words:
            where = "*" if command.takes == "words again" else "1"
            specs.append(f"'{where}:word:({' '.join(command.words)})'")
    joined = " \\\n".join(f"    {spec}" for spec in specs)
    return f"{name}() {{\n{head}  _arguments -C \\\n{joined}\n{states}}}\n\n"


def _zsh_specs(option: Option) -> Iterator[str]:
    said = re.sub(r"([\[\]:\\])", r"\\\1", option.help)
    value = {
        "words": f":value:({' '.join(option.words)})",
        "file": ":file:_files",
        "profile": ":profile:_stripesql_profiles",
        "text": ":value: ",
    }.get(option.takes, "")
    for name in option.names:
        yield _zsh_quoted(f"*{name}[{said}]{value}")


def _zsh_quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


# -- fish


def _fish(commands: Sequence[Command]) -> str:
    lines = [
        "# Completion of stripesql for fish: stripesql completion fish > ~/.config/fish/completions/stripesql.fish",
        "complete -c stripesql -f",
    ]
    for command in commands:
        where = _fish_condition(command, commands)
        for each in [each for each in commands if each.path and each.path[:-1] == command.path]:
            said = f" -d {_fish_quoted(each.help)}" if each.help else ""
            first = where if command.path else "-n __fish_use_subcommand"
            lines.append(f"complete -c stripesql {first} -a {each.path[-1]}{said}")
        if command.words and not any(each.path[:-1] == command.path and each.path for each in commands):
            lines.append(f"complete -c stripesql {where} -a '{' '.join(command.words)}'")
        if command.takes == "profile":
            lines.append(f"complete -c stripesql {where} -a '(stripesql config list --names 2>/dev/null)'")
        lines += [f"complete -c stripesql {where} {_fish_option(option)}" for option in command.options]
    return "\n".join(lines) + "\n"


def _fish_condition(command: Command, commands: Sequence[Command]) -> str:
    below = " ".join(each.path[-1] for each in commands if each.path and each.path[:-1] == command.path)
    parts = [f"__fish_seen_subcommand_from {name}" for name in command.path]
    if below:
        parts.append(f"not __fish_seen_subcommand_from {below}")
    return f"-n '{'; and '.join(parts)}'"


def _fish_option(option: Option) -> str:
    names = [f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names]
    value = {
        "words": f" -x -a '{' '.join(option.words)}'",
        "file": " -r -F",
        "profile": " -x -a '(stripesql config list --names 2>/dev/null)'",
        "text": " -x",
    }.get(option.takes, "")
    return f"{' '.join(names)} -d {_fish_quoted(option.help)}{value}"


def _fish_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
