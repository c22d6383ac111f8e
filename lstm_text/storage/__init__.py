"""途中で止められても、書き換えられても、壊れたものを黙って使わせないファイル。

===========  ==========================================
モジュール   役割
===========  ==========================================
``atomic``   書き終えてから、一度に置き換える
``reasons``  読み書きできなかった理由を、日本語で言う
``tensors``  壊れていれば必ずわかる、テンソルのファイル
===========  ==========================================
"""

from lstm_text.storage.atomic import replacing, require_writable, sweep
from lstm_text.storage.reasons import reason, telling
from lstm_text.storage.tensors import TensorFile, load_tensors, save_tensors

__all__ = [
    "TensorFile",
    "load_tensors",
    "reason",
    "replacing",
    "require_writable",
    "save_tensors",
    "sweep",
    "telling",
]
