"""「使い分けと実践」の別の正しい答え。"""

import math

import numpy as np
import torch


class locked_dropout:
    def where(x, p, keep):
        """torch.where で 0 に置き換える"""
        return torch.where(keep[:, None, :], x / (1 - p), 0.0)

    def step_by_step(x, p, keep):
        """時刻ごとに掛けて積む"""
        scale = keep.to(x.dtype) / (1 - p)
        return torch.stack([each * scale for each in x.unbind(1)], dim=1)

    def einsum(x, p, keep):
        """時刻を先頭にして掛け、元に戻す（連続でないテンソル）"""
        return (x.transpose(0, 1) * keep * (1 / (1 - p))).transpose(0, 1)

    def filled(x, p, keep):
        """写しの、残さない所を 0 で埋める"""
        dropped = x.clone().masked_fill(~keep.unsqueeze(1), 0)
        dropped /= 1 - p
        return dropped


class warmup_cosine:
    def half_angle(step, warmup, total, base):
        """半角の公式で、余弦の二乗にする"""
        if step <= warmup and warmup > 0:
            return step / warmup * base
        return base * math.cos(math.pi / 2 * (step - warmup) / (total - warmup)) ** 2

    def clipped(step, warmup, total, base):
        """2 つの割合を min と max で 0 から 1 に収めて掛ける"""
        rise = min(1.0, step / max(1, warmup))
        rise = rise if warmup else 1.0
        fall = max(0.0, (step - warmup) / (total - warmup))
        return base * rise * (0.5 + 0.5 * np.cos(np.pi * fall))

    def torch_cos(step, warmup, total, base):
        """torch.cos を使い、0 次元のテンソルで返す"""
        angle = torch.linspace(0, math.pi, total - warmup + 1)
        falling = base * (1 + angle.cos()) / 2
        rising = torch.linspace(0, base, warmup + 1)[:-1]
        return torch.cat([rising, falling])[step]


class best_epoch:
    def counting(val_losses, patience):
        """改善しなかった回数を数える。組でなくリストで返す"""
        lowest, best, waited = math.inf, -1, 0
        for epoch, loss in enumerate(val_losses):
            if loss < lowest:
                lowest, best, waited = loss, epoch, 0
            else:
                waited += 1
            if waited >= patience:
                return [best, epoch]
        return [best, len(val_losses) - 1]

    def growing(val_losses, patience):
        """見た所までのリストの最小を、毎回求め直す"""
        for stop in range(len(val_losses)):
            seen = val_losses[: stop + 1]
            best = seen.index(min(seen))
            if stop - best >= patience:
                return best, stop
        return best, stop

    def through_numpy(val_losses, patience):
        """累積最小が更新された番号から求める。NumPy の整数で返す"""
        lowest = np.minimum.accumulate([np.inf, *val_losses])
        improved = np.flatnonzero(np.diff(lowest) < 0)
        ends = np.append(improved[1:], len(val_losses))
        for best, end in zip(improved, ends, strict=True):
            if end - best > patience:
                return best, best + patience
        return best, np.int64(len(val_losses) - 1)

    def recursive(val_losses, patience, start=0):
        """今の最良から先 patience 個を見て、良いものがあればそこから見直す"""
        ahead = val_losses[start + 1 : start + 1 + patience]
        for k, loss in enumerate(ahead, start=start + 1):
            if loss < val_losses[start]:
                return best_epoch.recursive(val_losses, patience, k)
        return start, start + len(ahead)
