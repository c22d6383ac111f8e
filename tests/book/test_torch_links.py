"""PyTorch の名前のリンク: この本に出る名前は、どれも説明書のどこにあるかがわかる。"""

import re
from operator import attrgetter
from pathlib import Path

import pytest
import torch
from docutils import nodes
from docutils.utils import new_document

from exercises.answer_directives import with_code
from page.torch_links import NAME, PLACES, SHORT, TorchLinks, address, full_name
from tests.exercises import every_exercise

ROOT = Path(__file__).parents[2]
INLINE = re.compile(r"(?<!`)(`{1,2})(?!`)([^`\n]+)\1(?!`)")
NOT_IN_DOCS = {"torch.ops.mkldnn._linear_pointwise"}  # PyTorch の中だけで使う名前
DOCS = "https://docs.pytorch.org/docs/stable/"


def texts():
    """本文、API の説明、練習のヒント。"""
    for path in [*(ROOT / "book").glob("*.md"), *(ROOT / "lstm_text").rglob("*.py")]:
        yield path.read_text(encoding="utf-8")
    for exercise in every_exercise():
        yield from map(with_code, exercise.hints)


def names(text):
    """文章の中の、コード書きの初めの名前。"""
    return {full_name(code) for _, code in INLINE.findall(text) if NAME.match(code)}


def written():
    return set().union(*map(names, texts()))


def linked(*codes):
    """codes を順に書いた段落の、リンクの文字と行き先。"""
    document = new_document("test")
    document += nodes.paragraph("", "", *[nodes.literal("", code) for code in codes])
    TorchLinks(document).run()
    return [(link.astext(), link["refuri"]) for link in document.findall(nodes.reference)]


def test_every_torch_name_in_the_book_has_a_place():
    found = written()
    assert len(found) > 40
    assert {name for name in found if address(name) is None} == NOT_IN_DOCS


@pytest.mark.parametrize("name", sorted((written() | {*SHORT.values()} | {*PLACES}) - NOT_IN_DOCS))
def test_linked_name_exists_in_torch(name):
    found = attrgetter(name.removeprefix("torch."))(torch)
    assert callable(found) or name == "torch.nn"


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("torch.cat", "generated/torch.cat.html"),
        ("torch.cat([h, x])", "generated/torch.cat.html"),
        ("torch.save(model)", "generated/torch.save.html"),
        ("@torch.no_grad()", "generated/torch.no_grad.html"),
        ("nn.utils.clip_grad_norm_", "generated/torch.nn.utils.clip_grad_norm_.html"),
        ("F.linear", "generated/torch.nn.functional.linear.html"),
        ("torch.linalg.eigvalsh", "generated/torch.linalg.eigvalsh.html"),
        ("torch.nn", "nn.html"),
        ("torch.autograd.Function", "autograd.html#torch.autograd.Function"),
        ("torch.onnx.export", "onnx_export.html#torch.onnx.export"),
        ("cumsum", "generated/torch.cumsum.html"),
    ],
)
def test_name_leads_to_its_page(code, place):
    assert linked(code) == [(code, DOCS + place)]


def test_only_the_first_of_a_page_is_a_link():
    assert [code for code, _ in linked("nn.GRU", "nn.GRU(8, 16)", "torch.nn.GRU")] == ["nn.GRU"]


@pytest.mark.parametrize(
    "code", ["import torch.nn", "torchrun", "torch", "torch.float64", "nn.Nothing", *NOT_IN_DOCS]
)
def test_other_code_is_left_alone(code):
    assert linked(code) == []


def test_a_name_without_a_place_is_noticed():
    assert names("`torch.nowhere.name` と ``nn.LSTM(3, 4)``。\n```\nnn.GRU\n```\n") == {
        "torch.nowhere.name",
        "torch.nn.LSTM",
    }
    assert address("torch.nowhere.name") is None
