"""折りたたんだ出力の見出しは「結果を見る」、コードの見出しは「コードを見る」。"""

from types import SimpleNamespace

import pytest
from docutils import nodes
from docutils.utils import new_document
from myst_nb.sphinx_ import HideCodeCellNode, HideInputCells

from page.folded_output import OutputPrompts

USUAL = "コードを見る"


def cell(hide_mode, *parts):
    """MyST-NB が作るのと同じ、コードと出力の入れ物。"""
    found = nodes.container(nb_element="cell_code", hide_mode=hide_mode)
    found["prompt_show"], found["prompt_hide"] = USUAL, "コードを隠す"
    found += [nodes.container(nb_element=f"cell_code_{part}") for part in parts]
    return found


def prompts(of):
    """折りたたんだ所。MyST-NB の後に、見出しを取り替えたもの。"""
    document = new_document("章")
    document.settings.env = SimpleNamespace(config=SimpleNamespace(nb_code_prompt_show=USUAL))
    document += of
    assert HideInputCells.default_priority < OutputPrompts.default_priority
    HideInputCells(document).run()
    OutputPrompts(document).run()
    return list(document.findall(HideCodeCellNode))


@pytest.mark.parametrize(
    ("hide_mode", "parts", "shown"),
    [
        ("input", ["source", "output"], ["コードを見る"]),
        ("output", ["source", "output"], ["結果を見る"]),
        ("input+output", ["source", "output"], ["コードを見る", "結果を見る"]),
        ("output", ["output"], ["結果を見る"]),
        ("all", ["source", "output"], ["コードを見る"]),
    ],
)
def test_a_folded_output_is_called_a_result(hide_mode, parts, shown):
    folded = prompts(cell(hide_mode, *parts))
    assert [node["prompt_show"] for node in folded] == shown
    assert [node["prompt_hide"] for node in folded] == [
        word.replace("見る", "隠す") for word in shown
    ]


def test_a_prompt_of_its_own_is_kept():
    own = cell("output", "source", "output")
    own["prompt_show"], own["prompt_hide"] = "表を開く", "表を閉じる"
    (folded,) = prompts(own)
    assert (folded["prompt_show"], folded["prompt_hide"]) == ("表を開く", "表を閉じる")
