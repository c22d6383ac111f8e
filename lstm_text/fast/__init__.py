"""速い再帰：手で書いた逆伝播、C、並列に計算できる再帰。

``bptt``、``compiled``、``newton`` は :mod:`lstm_text.layers` と同じ名前の層を
持つので、モジュールのまま使います（``bptt.LSTM``）。

===============  ======================================
モジュール       役割
===============  ======================================
``products``     手で書いた逆伝播の部品
``bptt``         手で導いた逆伝播の RNN、LSTM、GRU
``compiler``     C のコンパイラと、それで作る関数
``compiled``     時刻の繰り返しを C で書いた RNN、LSTM、GRU
``linear_scan``  1 次の漸化式を解く走査
``scan_layers``  走査を使う minGRU と minLSTM
``tangents``     全時刻の 1 歩の傾きと、行列の走査
``newton``       ニュートン法で解く LSTM と GRU
===============  ======================================
"""

from lstm_text.fast import bptt, compiled, compiler, newton
from lstm_text.fast.linear_scan import (
    LinearScan,
    combine,
    scan,
    scan_blocks,
    scan_doubling,
    scan_log,
    scan_loop,
)
from lstm_text.fast.scan_layers import (
    MinGRU,
    MinGRUCell,
    MinLSTM,
    MinLSTMCell,
    ScanCell,
    ScanLayer,
    keep_bias_,
)

__all__ = [
    "LinearScan", "MinGRU", "MinGRUCell", "MinLSTM", "MinLSTMCell", "ScanCell", "ScanLayer",
    "bptt", "combine", "compiled", "compiler", "keep_bias_", "newton", "scan",
    "scan_blocks", "scan_doubling", "scan_log", "scan_loop",
]  # fmt: skip
