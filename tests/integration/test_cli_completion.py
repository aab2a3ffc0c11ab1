"""Completion scripts: the shells take them, and bash completes with them."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from stripesql.cli.arguments import parser
from stripesql.cli.completion import script
from stripesql.outputs.formats import FORMATS


@pytest.fixture(scope="module")
def scripts(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scripts")
    for shell in ("bash", "zsh", "fish"):
        (folder / f"stripesql.{shell}").write_text(script(shell))
    return folder


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_shell_reads_its_script(scripts, shell):
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    done = subprocess.run([shell, "-n", scripts / f"stripesql.{shell}"], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_option_is_in_every_script(shell):
    text = script(shell)
    for action in parser()._actions:
        for name in action.option_strings:
            assert (
                f"-l {name[2:]} " if shell == "fish" and name.startswith("--") else name if shell != "fish" else f"-s {name[1:]}"
            ) in text


COMPLETE = """
source "$1"
complete_line() {
  COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
  _stripesql
  printf '%s\\n' "${COMPREPLY[@]}"
  printf -- '--end--\\n'
}
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
def test_bash_completes(scripts, tmp_path, monkeypatch):
    (tmp_path / "config" / "stripesql").mkdir(parents=True)
    (tmp_path / "config" / "stripesql" / "config.toml").write_text("[profiles.work]\n[profiles.home]\n")
    (tmp_path / "month of may.sql").touch()
    lines = {
        "": ["demo", "simulate", "config", "schema", "completion"],
        "--form": ["--format"],
        "--format ": list(FORMATS),
        "--demo --format vert": ["vertical"],
        "-c SELECT --sta": ["--stats"],
        "config s": ["show", "set"],
        "config set work --st": ["--store-key"],
        "schema refu": ["refunds"],
        "schema refunds --format ": ["mermaid", "dot"],
        "completion ": ["bash", "zsh", "fish"],
        "-f mon": ["month of may.sql"],
    }
    if sys.platform == "linux":  # where the folder of configuration can be moved
        lines |= {"--profile ": ["work", "home"], "config show ": ["work", "home"]}
    program = COMPLETE + "".join(f"complete_line stripesql {' '.join(map(_quoted, line.split(' ')))}\n" for line in lines)
    env = {"PATH": f"{Path(sys.executable).parent}:/usr/bin:/bin", "XDG_CONFIG_HOME": str(tmp_path / "config")}
    done = subprocess.run(
        ["bash", "-c", program, "bash", scripts / "stripesql.bash"],
        capture_output=True,
        text=True,
        timeout=100,
        env=env,
        cwd=tmp_path,
        check=False,
    )
    assert done.stderr == ""
    found = [part.strip("\n").split("\n") for part in done.stdout.split("--end--\n")[:-1]]
    assert dict(zip(lines, found, strict=True)) == lines


def _quoted(word):
    return json.dumps(word) if word else "''"
