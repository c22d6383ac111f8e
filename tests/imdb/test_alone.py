"""alone：PyTorch も lstm_text もないプロセスが、命令と同じ答えを出す。"""

import inspect
import shutil
import subprocess
import sys

import pytest
import torch

from lstm_text.imdb import Shape, build_classifier, predict
from lstm_text.imdb.alone import NEEDED, OnnxReader
from lstm_text.imdb.export import export_onnx
from lstm_text.text import Vocabulary, tokenize

VOCABULARY = Vocabulary(["film", "good", "n't", "is", "!", "名"])
TEXT = "It isn't a GOOD film!<br />名作"


@pytest.fixture(scope="module")
def classifier():
    shape = Shape(embedding_dim=5, hidden_size=4, pooling="attention")
    return build_classifier(torch.ones(len(VOCABULARY)), shape, seed=0).eval()


@pytest.fixture(scope="module")
def served(classifier, tmp_path_factory):
    pytest.importorskip("onnxruntime", reason="onnxruntime が入っていません。")
    pytest.importorskip("onnx", reason="onnx が入っていません。")
    folder = tmp_path_factory.mktemp("served")
    export_onnx(classifier, folder / "model.onnx")
    VOCABULARY.save(folder / "vocabulary.json")
    for part in (OnnxReader, tokenize):
        shutil.copy(inspect.getsourcefile(part), folder)
    return folder


@pytest.mark.parametrize("text", [TEXT, "film", "good " * 2_000, "unknown words only"])
def test_the_answer_is_that_of_predict(served, classifier, text):
    right = predict(classifier, VOCABULARY, text, max_length=1_000).probability
    assert OnnxReader(served)(text) == pytest.approx(right, abs=1e-6)


def test_it_runs_where_pytorch_and_the_package_cannot_be_imported(served, classifier):
    code = (
        "import runpy, sys; sys.modules |= dict.fromkeys(['torch', 'lstm_text']);"
        " sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')"
    )
    command = [sys.executable, "-c", code, str(served / "alone.py"), TEXT]
    done = subprocess.run(command, capture_output=True, text=True, cwd=served)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{predict(classifier, VOCABULARY, TEXT).probability:.3f}\n"


@pytest.mark.parametrize("missing", NEEDED)
def test_a_missing_file_is_named(missing, tmp_path):
    for name in set(NEEDED) - {missing}:
        (tmp_path / name).touch()
    with pytest.raises(FileNotFoundError, match=f"{missing} がありません"):
        OnnxReader(tmp_path)


def test_without_onnxruntime_it_says_what_to_install(monkeypatch, tmp_path):
    for name in NEEDED:
        (tmp_path / name).touch()
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(
        ModuleNotFoundError, match="onnxruntime が必要です（pip install onnxruntime"
    ):
        OnnxReader(tmp_path)


def test_a_text_without_words_is_refused(served):
    with pytest.raises(ValueError, match="語を 1 つ以上含む文章が必要ですが、' ' でした"):
        OnnxReader(served)(" ")
