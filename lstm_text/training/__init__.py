"""訓練と評価。結果は :class:`History` として返し、ここでは何も表示しません。

===============  ==================================
モジュール       役割
===============  ==================================
``minibatches``  テンソルの組をミニバッチに分ける
``metrics``      損失と精度
``history``      訓練の記録と、いちばん良かった重み
``loop``         訓練と評価のループ
===============  ==================================
"""

from lstm_text.training.history import Checkpoint, History
from lstm_text.training.loop import evaluate, fit
from lstm_text.training.metrics import Metric, accuracy, binary_accuracy, tag_loss
from lstm_text.training.minibatches import batches

__all__ = [
    "Checkpoint", "History", "Metric", "accuracy", "batches", "binary_accuracy", "evaluate",
    "fit", "tag_loss",
]  # fmt: skip
