"""「使い分けと実践」の答え。raise の行を消して、あなたのコードを書いてください。

B は系列の数、T は系列長、D は特徴の次元です。
確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=9.1`）。
"""

import math  # noqa: F401

import torch  # noqa: F401


def locked_dropout(x, p, keep):
    """練習 9.1: 時刻で変わらないドロップアウト。

    x は (B, T, D)、p は 0 以上 1 未満の落とす確率。
    keep (B, D) は、どの成分を残すか（True なら残す）を、確率 1 - p で前もって引いたもの。
    どの時刻にも同じ keep を使い、残さない成分を 0、残す成分を 1 / (1 - p) 倍した (B, T, D) を返す。
    """
    raise NotImplementedError


def warmup_cosine(step, warmup, total, base):
    """練習 9.2: ウォームアップと余弦減衰。

    step 回目（0 以上 total 以下）の学習率（float）を返す。warmup は 0 以上で、total より小さい。
    step が 0 から warmup までは、0 から base まで、まっすぐ上がる（warmup が 0 なら base から）。
    その後は、余弦（cos の半周期）に沿ってなめらかに下がり、ちょうど step = total で 0 になる。
    """
    raise NotImplementedError


def best_epoch(val_losses, patience):
    """練習 9.3: 早期終了。

    val_losses は、エポックごとの検証の損失（float）のリスト。patience は 1 以上の整数。
    前から順に見て、それまでの最小より小さくなったら改善とみなす（同じ値は改善ではない）。
    patience 回続けて改善しなかったら、そのエポックで打ち切り、その先は見ない。
    見た中で損失が最小のエポックと、最後に見たエポックの組を返す。どちらも番号（0 から数えた int）。
    打ち切られなければ、最後に見たエポックは len(val_losses) - 1。
    """
    raise NotImplementedError
