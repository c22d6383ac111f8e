"""「時系列と生成」の別の正しい答え。"""

import bisect
import itertools
import math

import numpy as np
import torch
import torch.nn.functional as F


class make_windows:
    def unfolded(series, width):
        """unfold で切り、始めと終わりの 1 つを除く（元の系列のビュー）"""
        pieces = series.unfold(0, width, 1)[..., None]
        return pieces[:-1], pieces[1:]

    def indexed(series, width):
        """添字の表 (n, width) を作って一度に取り出す"""
        index = torch.arange(series.shape[0] - width)[:, None] + torch.arange(width)
        return series[index].unsqueeze(2), series[index + 1].unsqueeze(2)

    def shifted_series(series, width):
        """系列のほうを 1 つずらして、同じ切り方をする。リストで返す"""

        def cut(values):
            columns = [values[k : len(values) - width + 1 + k] for k in range(width)]
            return torch.stack(columns, 1).reshape(-1, width, 1)

        return [cut(series[:-1]), cut(series[1:])]

    def through_numpy(series, width):
        """NumPy の sliding_window_view を使う"""
        windows = np.lib.stride_tricks.sliding_window_view(series.numpy(), width + 1).copy()
        pieces = torch.from_numpy(windows).unsqueeze(-1)
        return pieces[:, :-1], pieces[:, 1:]


class free_run:
    def one_buffer(predict, start, steps):
        """長い配列の後ろへ書きこみ、最後の width 個を窓にする"""
        width = len(start)
        values = torch.zeros(width + steps)
        values[:width] = start
        for t in range(width, width + steps):
            values[t] = predict(values[t - width : t])
        return values[width:]

    def as_list(predict, start, steps):
        """Python のリストで窓をずらす"""
        values = start.tolist()
        for _ in range(steps):
            values.append(float(predict(torch.tensor(values[-len(start) :]))))
        return torch.tensor(values[len(start) :])

    def recursive(predict, start, steps):
        """1 つ予測したら、残りを自分に任せる"""
        value = predict(start)[None]
        if steps == 1:
            return value
        return torch.cat(
            [value, free_run.recursive(predict, torch.cat([start, value])[1:], steps - 1)]
        )

    def rolled(predict, start, steps):
        """写した窓を roll で回し、最後に書きこむ"""
        window, predictions = start.clone(), torch.empty(steps)
        for k in range(steps):
            predictions[k] = predict(window)
            window = window.roll(-1)
            window[-1] = predictions[k]
        return predictions


class sample_index:
    def searched(logits, temperature, u):
        """cumsum と searchsorted。0 次元のテンソルで返す"""
        cumulative = (logits / temperature).softmax(0).cumsum(0)
        index = torch.searchsorted(cumulative, torch.tensor(u), right=True)
        return index.clamp(max=len(logits) - 1)

    def bisected(logits, temperature, u):
        """最大値を引いて exp をとり、和を 1 にせず、u に和を掛けて二分探索する"""
        scaled = [each / temperature for each in logits.tolist()]
        weights = [math.exp(each - max(scaled)) for each in scaled]
        cumulative = list(itertools.accumulate(weights))
        return min(bisect.bisect_right(cumulative, u * cumulative[-1]), len(weights) - 1)

    def counted(logits, temperature, u):
        """u 以下の累積和の数を数える"""
        probabilities = F.log_softmax(logits / temperature, dim=-1).exp()
        return min(int((probabilities.cumsum(-1) <= u).sum()), len(logits) - 1)

    def subtracted(logits, temperature, u):
        """u から確率を引いていき、負になった所。NumPy の整数で返す"""
        scaled = logits.numpy() / temperature
        weights = np.exp(scaled - scaled.max())
        left = u - np.cumsum(weights / weights.sum())
        return np.argmax(left < 0)


class one_hot_windows:
    def filled_in(text, width):
        """0 で埋めたテンソルに 1 を書きこむ（既定の型のまま）"""
        chars = sorted(set(text))
        n = len(text) - width
        x, t = torch.zeros(n, width, len(chars)), torch.zeros(n, len(chars))
        for i in range(n):
            for k in range(width):
                x[i, k, chars.index(text[i + k])] = 1
            t[i, chars.index(text[i + width])] = 1
        return x, t, chars

    def rows_of_identity(text, width):
        """単位行列の行を取り出す"""
        chars = sorted(dict.fromkeys(text))
        ids = torch.tensor([chars.index(char) for char in text])
        rows = torch.eye(len(chars), dtype=torch.float32)
        windows = ids.unfold(0, width + 1, 1)
        return rows[windows[:, :-1]], rows[windows[:, -1]], chars

    def compared(text, width):
        """文字が同じかを比べた表から切り出す。chars は組で返す"""
        chars = tuple(sorted(set(text)))
        table = torch.tensor([[a == b for b in chars] for a in text]).double()
        windows = table.unfold(0, width, 1)[:-1].transpose(1, 2)
        return windows, table[width:], chars

    def through_numpy(text, width):
        """np.unique の番号を使う"""
        chars, ids = np.unique(list(text), return_inverse=True)
        one_hot = torch.from_numpy(np.eye(len(chars))[ids])
        index = torch.arange(len(text) - width).unsqueeze(1) + torch.arange(width)
        return one_hot[index], one_hot[width:], chars.tolist()
