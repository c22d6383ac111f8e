"""訓練した分類器に答えさせるもの：PyTorch、ONNX Runtime、int8 にしたもの。"""

import shutil
import time
from collections.abc import Callable
from copy import deepcopy
from importlib.metadata import files
from inspect import getsourcefile
from pathlib import Path

import torch
from torch import Tensor, nn

from lstm_text.experiments.speed.bench_layers import summary
from lstm_text.imdb import Classifier, Labelled, OnnxReader, export_onnx
from lstm_text.text import evaluation_batches, tokenize

PYTORCH, FOLDED = "PyTorch", "PyTorch（埋め込みを先にそろえる）"
FILES = {
    "ONNX Runtime": "model.onnx",
    "ONNX Runtime（埋め込みを int8）": "words.onnx",
    "ONNX Runtime（すべて int8）": "int8.onnx",
}
"""ONNX Runtime で動かすものと、そのファイル。"""


def place(classifier: Classifier, folder: Path) -> None:
    """PyTorch なしで答えるのに要るものを、語彙のあるフォルダに置く。

    Parameters
    ----------
    classifier : Classifier
    folder : Path
    """
    from onnxruntime.quantization import quantize_dynamic

    for part in (OnnxReader, tokenize):
        shutil.copy(getsourcefile(part), folder)
    exact, words, everything = (folder / file for file in FILES.values())
    export_onnx(classifier, exact)
    quantize_dynamic(exact, words, op_types_to_quantize=["Gather"])
    quantize_dynamic(exact, everything)


Answer = Callable[[Tensor, Tensor], Tensor]


def contenders(classifier: Classifier, folder: Path) -> dict[str, Answer]:
    """番号 ``(batch, time)`` と長さ ``(batch,)`` から、ロジット ``(batch,)`` を答えるもの。

    Parameters
    ----------
    classifier : Classifier
    folder : Path

    Returns
    -------
    dict of str to callable
    """
    folded = deepcopy(classifier)
    with torch.no_grad():
        table = classifier.words(torch.arange(len(classifier.words.weight)))
    folded.words = nn.Embedding.from_pretrained(table)
    sessions = {name: _session(folder / file) for name, file in FILES.items()}
    return {PYTORCH: classifier, FOLDED: folded, **sessions}


def _session(path: Path) -> Answer:
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = 1
    session = InferenceSession(path, options)

    def answer(ids: Tensor, lengths: Tensor) -> Tensor:
        inputs = {"ids": ids.numpy(), "lengths": lengths.numpy()}
        return torch.from_numpy(session.run(["logits"], inputs)[0])

    return answer


@torch.inference_mode()
def compare(answering: dict[str, Answer], reviews: Labelled) -> dict:
    """すべてのレビューの答えを、PyTorch の答えと比べる。

    Parameters
    ----------
    answering : dict of str to callable
    reviews : Labelled

    Returns
    -------
    dict
        件数 ``count``、PyTorch のロジットの標準偏差 ``spread`` と、それぞれの精度 ``accuracy``、
        ロジットの違いの最大 ``largest``、答えの変わった件数 ``changed``。
    """
    batches = list(evaluation_batches(reviews))
    labels = torch.cat([batch[2] for batch in batches]) > 0.5
    logits = {
        name: torch.cat([answer(ids, lengths) for ids, lengths, _ in batches])
        for name, answer in answering.items()
    }
    right = logits[PYTORCH]
    each = {
        name: {
            "accuracy": ((found > 0) == labels).double().mean().item(),
            "largest": (found - right).abs().max().item(),
            "changed": int(((found > 0) != (right > 0)).sum()),
        }
        for name, found in logits.items()
    }
    return {"count": len(labels), "spread": right.std().item(), **each}


@torch.inference_mode()
def latencies(
    answering: dict[str, Answer], ids: Tensor, rounds: int, warmup: int
) -> dict[str, dict]:
    """1 件に答える時間（ミリ秒）の中央値と四分位数。

    Parameters
    ----------
    answering : dict of str to callable
    ids : Tensor, (1, time)
    rounds : int
        測る回数。
    warmup : int
        先に動かして、捨てる回数。

    Returns
    -------
    dict of str to dict
    """
    lengths = torch.tensor([ids.shape[1]])
    times = {name: [] for name in answering}
    for _ in range(warmup + rounds):
        for name, answer in answering.items():
            # ほかのプログラムに待たされた時間は入らない
            start = time.process_time()
            answer(ids, lengths)
            times[name].append(1000 * (time.process_time() - start))
    return {name: summary(each[warmup:]) for name, each in times.items()}


def installed(name: str) -> int:
    """入れたパッケージのファイルの大きさの和（バイト）。

    Parameters
    ----------
    name : str

    Returns
    -------
    int

    Examples
    --------
    >>> installed("torch") > installed("tqdm") > 0
    True
    """
    places = [Path(each.locate()) for each in files(name)]
    return sum(place.stat().st_size for place in places if place.is_file())
