"""訓練の記録と、いちばん良かった重み。"""

from collections.abc import Callable
from pathlib import Path

import torch
from torch import nn

from lstm_text.storage import replacing


class History:
    """訓練の記録。エポックごとの数値と、計算したデバイスを持つ。

    Parameters
    ----------
    device : str
        :func:`lstm_text.device.describe` の文字列。
    rows : list of dict
        エポックごとの数値。

    Examples
    --------
    >>> history = History("cpu", [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}])
    >>> history["loss"]
    [0.5, 0.25]
    >>> print(history.log(every=1))
    デバイス：cpu
    エポック   1  loss 0.5000
    エポック   2  loss 0.2500
    """

    def __init__(self, device: str, rows: list[dict[str, float]]):
        self.device, self.rows = device, rows

    def __getitem__(self, column: str) -> list[float]:
        if not self.rows or column not in self.rows[0]:
            known = "、".join(self.rows[0]) if self.rows else "なし"
            raise KeyError(f"{column} という列はありません。ある列：{known}")
        return [row[column] for row in self.rows]

    @property
    def seconds(self) -> float:
        """訓練にかかった時間（秒）。検証の時間も含む。"""
        return sum(self["seconds"])

    def log(self, every: int = 5) -> str:
        """1 行目にデバイス、続けて最初と最後、および ``every`` エポックごとの数値を並べる。"""
        lines = [f"デバイス：{self.device}"]
        for row in self.rows:
            epoch = row["epoch"]
            if epoch == 1 or epoch % every == 0 or row is self.rows[-1]:
                values = [_format(k, v) for k, v in row.items() if k not in ("epoch", "seconds")]
                lines.append(f"エポック {epoch:3d}  " + "  ".join(values))
        return "\n".join(lines)


def _format(name: str, value: float) -> str:
    if name.endswith("accuracy"):
        return f"{name} {100 * value:.2f}%"
    return f"{name} {value:.4f}" if abs(value) >= 0.01 else f"{name} {value:.2e}"


class Checkpoint:
    """検証でいちばん良かった重みをファイルに残す。

    Parameters
    ----------
    path : str or Path
        保存先。書きかけのファイルがこの名前で残ることはない。
    score : callable
        エポックの数値（dict）を受け取り、大きいほど良い値を返す関数。

    Examples
    --------
    >>> checkpoint = Checkpoint("best.pt", score=lambda row: -row["val_loss"])
    >>> checkpoint.best_row is None
    True
    """

    def __init__(self, path: str | Path, score: Callable[[dict[str, float]], float]):
        self.path, self.score = Path(path), score
        self.best_row: dict[str, float] | None = None

    def update(self, model: nn.Module, row: dict[str, float]) -> None:
        """今までで最良なら、重みを保存する。"""
        if self.best_row is not None and self.score(row) <= self.score(self.best_row):
            return
        self.best_row = dict(row)
        with replacing(self.path) as file:
            torch.save(model.state_dict(), file)

    def restore(self, model: nn.Module) -> None:
        """最良だった重みをモデルに戻す。

        Raises
        ------
        FileNotFoundError
            まだ何も保存されていないとき。
        ValueError
            ファイルが壊れているとき、モデルと合わないとき。
        """
        if not self.path.exists():
            raise FileNotFoundError(f"保存された重みが必要ですが、{self.path} がありません。")
        try:
            state = torch.load(self.path, map_location="cpu", weights_only=True)
            model.load_state_dict(state)
        except Exception as error:
            raise ValueError(
                f"{self.path} から重みを読めませんでした。"
                f"壊れているか、別のモデルのものです：{error}"
            ) from error
