"""命令の試験の用意：組み込みのレビューだけの環境と、訓練の済んだ小さなモデル。"""

from functools import cache, update_wrapper

import pytest

from lstm_text.datasets import load_imdb, load_imdb_unlabelled
from lstm_text.imdb.__main__ import main

TINY = [
    "--limit=60", "--embedding-dim=4", "--hidden-size=3", "--max-length=30", "--batch-size=10",
    "--word-dropout=0.1", "--weight-dropout=0.2", "--objective=adversarial", "--epsilon=1",
]  # fmt: skip

# 組み込みのレビューは、1 度だけ作る
LOADERS = [update_wrapper(cache(load), load) for load in (load_imdb, load_imdb_unlabelled)]


def isolate(patch, cache):
    """実データのあるなしによらず、CPU で組み込みのレビューを使う。"""
    patch.setenv("LSTM_TEXT_CACHE", str(cache))
    patch.setenv("LSTM_TEXT_DEVICE", "cpu")
    patch.setenv("LSTM_TEXT_OFFLINE", "1")
    patch.delenv("LSTM_TEXT_DATA", raising=False)
    for load in LOADERS:
        patch.setattr(f"lstm_text.imdb.data.{load.__name__}", load)


@pytest.fixture
def builtin_reviews(tmp_path, monkeypatch):
    isolate(monkeypatch, tmp_path / "cache")


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    """訓練の済んだフォルダ。書き換える試験は、写し（copy）を使う。"""
    folder = tmp_path_factory.mktemp("trained") / "model"
    # builtin_reviews は試験ごとのものなので、1 度だけ作るこのフィクスチャにはまだ働いていない
    with pytest.MonkeyPatch.context() as patch:
        isolate(patch, tmp_path_factory.mktemp("cache"))
        assert main(["train", f"--out={folder}", "--epochs=2", *TINY]) == 0
    return folder


@pytest.fixture
def copy(trained, tmp_path):
    folder = tmp_path / "copy"
    folder.mkdir()
    for path in trained.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder
