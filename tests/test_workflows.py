"""自動の作業（CI）と、ブラウザの中の環境の設定。"""

import json
import re

import pytest

import make
from tests.test_house import ROOT

WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
SETTINGS = [*WORKFLOWS, *sorted((ROOT / ".devcontainer").glob("*.json")), ROOT / ".ci" / "run"]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_actions_are_pinned_by_hash(path):
    used = re.findall(r"uses: (.+)", path.read_text(encoding="utf-8"))
    assert used
    for each in used:
        assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40} # v[\d.]+", each)


@pytest.mark.parametrize("path", SETTINGS, ids=lambda path: path.name)
def test_tasks_they_run_exist(path):
    text = path.read_text(encoding="utf-8")
    tasks = re.findall(
        r"(?m)\bmake(?:\.py)? ((?:[a-z]+ ?)+)", re.sub(r"(?m)^\s*(#|//).*$", "", text)
    )
    words = {word for each in tasks for word in each.split()} - {"gcc", "chromium"}
    assert words and words <= set(make.TASKS)


def test_devcontainer_is_read():
    text = (ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    settings = json.loads(re.sub(r"(?m)^\s*//.*$", "", text))
    assert settings["image"].startswith("python:3.")


def test_devcontainer_takes_the_cpu_torch_of_the_readme():
    """GPU のない環境に、数 GB の部品を入れない。"""
    found = r"TORCH_INDEX=https://[\w./]+"
    told = re.search(found, (ROOT / "README.md").read_text(encoding="utf-8"))[0]
    text = (ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8")
    assert re.findall(found, text) == [told] and told.endswith("/cpu")
    assert told.partition("=")[0] in make.SETTINGS
