"""訓練した ``Classifier`` を、ONNX のファイルに書き出す。

ONNX は、計算のグラフと重みを、作った道具によらずに残す書式です。PyTorch のコードをたどって
グラフを作る ``torch.onnx.export`` は、長さの値で道の変わる :func:`lstm_text.models.run` を
たどれません。そこでグラフを、ONNX の文字の書式で、じかに書きます。
"""

import os

import torch
from torch import Tensor, nn

from lstm_text.imdb.classifier import Classifier
from lstm_text.models import (
    AttentionPooling,
    ConcatPooling,
    LastStatePooling,
    MaxPooling,
    MeanPooling,
)
from lstm_text.storage import replacing

HEAD = """
<ir_version: 9, opset_import: ["" : 18]>
classifier (int64[batch, time] ids, int64[batch] lengths) => (float[batch] logits)
"""

# ONNX の LSTM は、時刻が先の (time, batch, 特徴) を読み、(time, 方向, batch, hidden) を返す
READ = """
    vectors = Gather (table, ids)
    x0 = Transpose <perm = [1, 0, 2]> (vectors)
    counts = Cast <to = 6> (lengths)
"""

LAYER = """
    y{i}, h{i} = LSTM <direction = "bidirectional", hidden_size = {hidden}> (
        x{i}, W{i}, R{i}, B{i}, counts)
    sides{i} = Transpose <perm = [0, 2, 1, 3]> (y{i})
    x{next} = Reshape (sides{i}, as_steps)
"""

# outputs は (time, batch, 2 × hidden)、last は (batch, 2 × hidden)、inside は (time, batch, 1)
MASK = """
    outputs = Identity (x{depth})
    ends = Transpose <perm = [1, 0, 2]> (h{top})
    last = Reshape (ends, as_row)
    size = Shape (ids)
    time = Gather (size, one)
    clock = Range (zero, time, one)
    column = Unsqueeze (clock, axis1)
    early = Less (column, lengths)
    inside = Unsqueeze (early, axis2)
"""

LAST = """
    summary = Identity (last)
"""

MAX = """
    kept = Where (inside, outputs, minus_infinity)
    summary = ReduceMax <keepdims = 0> (kept, axis0)
"""

MEAN = """
    read = Where (inside, outputs, nothing)
    total = ReduceSum <keepdims = 0> (read, axis0)
    lengths1 = Unsqueeze (lengths, axis1)
    divisor = Cast <to = 1> (lengths1)
    summary = Div (total, divisor)
"""

ATTENTION = """
    product = MatMul (outputs, project_weight)
    projected = Add (product, project_bias)
    squashed = Tanh (projected)
    scores = MatMul (squashed, score_weight)
    masked = Where (inside, scores, minus_infinity)
    weights = Softmax <axis = 0> (masked)
    weighted = Mul (weights, outputs)
    summary = ReduceSum <keepdims = 0> (weighted, axis0)
"""

CONCAT = (
    MAX.replace("summary", "largest")
    + MEAN.replace("summary", "average")
    + "    summary = Concat <axis = 1> (last, largest, average)\n"
)

POOLINGS = {
    LastStatePooling: LAST,
    MaxPooling: MAX,
    MeanPooling: MEAN,
    AttentionPooling: ATTENTION,
    ConcatPooling: CONCAT,
}

ANSWER = """
    answer = Gemm <transB = 1> (summary, head_weight, head_bias)
    logits = Squeeze (answer, axis1)
"""


def export_onnx(classifier: Classifier, path: str | os.PathLike[str]) -> None:
    """分類器を ONNX のファイルに書く。ドロップアウトは、評価のときと同じく掛けない。

    入力は ``ids``（int64, ``(batch, time)``）と ``lengths``（int64, ``(batch,)``、どれも 1 以上）、
    出力は ``logits``（float32, ``(batch,)``）。``batch`` と ``time`` は、呼ぶたびに変えてよい。

    Parameters
    ----------
    classifier : Classifier
        どの要約、層の数、デバイスでもよい。変えない。
    path : str or path-like
        書くファイル。途中で止められても、書きかけは残らない。

    Raises
    ------
    ModuleNotFoundError
        onnx が入っていないとき。
    TypeError
        ``Classifier`` でないとき。

    References
    ----------
    ONNX の演算の定義 https://onnx.ai/onnx/operators/ と、グラフを文字で書く書式
    https://github.com/onnx/onnx/blob/main/docs/Syntax.md 。

    Examples
    --------
    >>> export_onnx(nn.Linear(2, 1), "model.onnx")
    Traceback (most recent call last):
    TypeError: Classifier が必要ですが、Linear でした。
    """
    if not isinstance(classifier, Classifier):
        raise TypeError(f"Classifier が必要ですが、{type(classifier).__name__} でした。")
    try:
        from onnx import checker, numpy_helper, parser  # 使うときまで読み込まない
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            'ONNX のファイルを書くには onnx が必要です（pip install -e ".[onnx]"）。'
        ) from error
    model = parser.parse_model(graph(classifier))
    used = {name for node in model.graph.node for name in node.input}
    model.graph.initializer.extend(
        numpy_helper.from_array(value.numpy(), name)
        for name, value in constants(classifier).items()
        if name in used
    )
    checker.check_model(model, full_check=True)
    with replacing(path) as file:
        file.write(model.SerializeToString())


def graph(classifier: Classifier) -> str:
    """分類器の計算を、ONNX の文字の書式で書く。

    Parameters
    ----------
    classifier : Classifier

    Returns
    -------
    str

    Examples
    --------
    >>> from lstm_text.imdb import Shape
    >>> text = graph(Classifier(torch.ones(9), Shape(3, 2, num_layers=2)))
    >>> text.count("LSTM"), "ReduceMax" in text, "Softmax" in text
    (2, True, False)
    """
    depth, hidden = classifier.recurrent.num_layers, classifier.recurrent.hidden_size
    layers = [LAYER.format(i=i, next=i + 1, hidden=hidden) for i in range(depth)]
    mask = MASK.format(depth=depth, top=depth - 1)
    return "".join(
        [HEAD, "{", READ, *layers, mask, POOLINGS[type(classifier.pooling)], ANSWER, "}"]
    )


@torch.no_grad()
def constants(classifier: Classifier) -> dict[str, Tensor]:
    """グラフの中の名前から、重みと定数へ。重みは float32 の写し。

    Parameters
    ----------
    classifier : Classifier

    Returns
    -------
    dict of str to Tensor

    Examples
    --------
    >>> from lstm_text.imdb import Shape
    >>> values = constants(Classifier(torch.ones(9), Shape(embedding_dim=3, hidden_size=2)))
    >>> values["table"].shape, values["W0"].shape, values["B0"].shape
    (torch.Size([9, 3]), torch.Size([2, 8, 3]), torch.Size([2, 16]))
    """
    words = classifier.words.weight
    weights = {
        # そろえた埋め込みは、語の番号だけで決まる。PAD の行は 0
        "table": classifier.words(torch.arange(len(words), device=words.device)),
        "head_weight": classifier.head.weight,
        "head_bias": classifier.head.bias,
    }
    for i in range(classifier.recurrent.num_layers):
        weights |= lstm_weights(classifier.recurrent, i)
    if isinstance(classifier.pooling, AttentionPooling):
        weights["project_weight"] = classifier.pooling.project.weight.T
        weights["project_bias"] = classifier.pooling.project.bias
        weights["score_weight"] = classifier.pooling.score.weight.T
    numbers = {"zero": 0, "one": 1, "axis0": [0], "axis1": [1], "axis2": [2]}
    shapes = {"as_row": [0, -1], "as_steps": [0, 0, -1]}  # 0 はそのまま、-1 は残りのすべて
    return {
        **{name: value.detach().cpu().float().contiguous() for name, value in weights.items()},
        **{name: torch.tensor(value) for name, value in {**numbers, **shapes}.items()},
        "minus_infinity": torch.tensor(float("-inf")),
        "nothing": torch.tensor(0.0),
    }


def lstm_weights(lstm: nn.LSTM, layer: int) -> dict[str, Tensor]:
    """1 つの層の重みを、ONNX の並びにする。

    ゲートの順は、PyTorch では i、f、g、o、ONNX では i、o、f、g。

    Parameters
    ----------
    lstm : nn.LSTM
        双方向のもの。
    layer : int

    Returns
    -------
    dict of str to Tensor
        ``W``（2, 4 × hidden, input）、``R``（2, 4 × hidden, hidden）、``B``（2, 8 × hidden）。

    Examples
    --------
    >>> lstm = nn.LSTM(1, 1, bidirectional=True)
    >>> _ = lstm.weight_ih_l0.data.copy_(torch.tensor([[1.0], [2.0], [3.0], [4.0]]))
    >>> lstm_weights(lstm, 0)["W0"][0].flatten()
    tensor([1., 4., 2., 3.], grad_fn=<ViewBackward0>)
    """

    def both(name: str) -> Tensor:
        sides = (getattr(lstm, f"{name}_l{layer}{side}") for side in ("", "_reverse"))
        gates = (weight.unflatten(0, (4, lstm.hidden_size)) for weight in sides)
        return torch.stack([gate[[0, 3, 1, 2]].flatten(0, 1) for gate in gates])

    return {
        f"W{layer}": both("weight_ih"),
        f"R{layer}": both("weight_hh"),
        f"B{layer}": torch.cat([both("bias_ih"), both("bias_hh")], dim=1),
    }
