"""PyTorch なしで、レビューに答える。このファイルを、次の 3 つと同じフォルダに写して使います。

``model.onnx``
    :func:`lstm_text.imdb.export_onnx` が書いたもの。
``vocabulary.json``
    訓練に使った語彙。:meth:`lstm_text.text.Vocabulary.save` が書いたもの。
``tokens.py``
    ``lstm_text/text/tokens.py`` の写し。標準ライブラリだけで動きます。

要るのは ``pip install onnxruntime`` だけです。``lstm_text`` も要りません。
"""

import json
import math
import runpy
import sys
from pathlib import Path

NEEDED = ("model.onnx", "vocabulary.json", "tokens.py")


class OnnxReader:
    """ONNX のファイルを読み込み、レビューの評価を答える。

    Parameters
    ----------
    folder : Path
        上の 3 つのファイルのあるフォルダ。

    Raises
    ------
    FileNotFoundError
        足りないファイルがあるとき。
    ModuleNotFoundError
        onnxruntime が入っていないとき。

    Examples
    --------
    >>> OnnxReader(Path("none"))
    Traceback (most recent call last):
    FileNotFoundError: none/model.onnx がありません。
    """

    def __init__(self, folder: Path):
        for name in NEEDED:
            if not (folder / name).is_file():
                raise FileNotFoundError(f"{folder / name} がありません。")
        try:
            import onnxruntime
        except ModuleNotFoundError as error:
            raise ModuleNotFoundError(
                "ONNX のファイルを動かすには onnxruntime が必要です（pip install onnxruntime）。"
            ) from error
        self.session = onnxruntime.InferenceSession(folder / "model.onnx")
        self.tokenize = runpy.run_path(str(folder / "tokens.py"))["tokenize"]
        words = json.loads((folder / "vocabulary.json").read_bytes())["words"]
        self.index = {word: i for i, word in enumerate(words, start=2)}

    def __call__(self, text: str, max_length: int = 1_000) -> float:
        """肯定である確率。長い文章は、先頭の ``max_length`` トークンだけを読む。"""
        ids = [self.index.get(token, 1) for token in self.tokenize(text)][:max_length]
        if not ids:
            raise ValueError(f"語を 1 つ以上含む文章が必要ですが、{text[:20]!r} でした。")
        [[logit]] = self.session.run(["logits"], {"ids": [ids], "lengths": [len(ids)]})
        return 1 / (1 + math.exp(-logit))


if __name__ == "__main__":
    print(f"{OnnxReader(Path(__file__).parent)(sys.argv[1]):.3f}")
