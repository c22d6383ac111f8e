"""「使い分けと実践」の別の正しい答え。"""

import bisect
import math

import numpy as np
import torch


class locked_dropout:
    def where(x, p, training, rng):
        """評価のときは写しを返し、訓練中は torch.where で 0 に置き換える"""
        if not training:
            return x.clone()
        keep = torch.tensor(rng.uniform(size=(x.shape[0], x.shape[2])) >= p)
        return torch.where(keep[:, None, :], x / (1 - p), 0.0)

    def step_by_step(x, p, training, rng):
        """マスクを 1 度だけ float32 で引き、時刻ごとに掛けて積む"""
        if not training:
            return x
        keep = torch.from_numpy(rng.random((x.shape[0], x.shape[2]), dtype=np.float32) >= p)
        scale = keep.to(x.dtype) / (1 - p)
        return torch.stack([each * scale for each in x.unbind(1)], dim=1)

    def binomial(x, p, training, rng):
        """残す回数を二項分布から引き、時刻を先頭にして掛ける（連続でないテンソル）"""
        if not training:
            return 1 * x
        keep = torch.tensor(rng.binomial(1, 1 - p, (x.shape[0], x.shape[2])), dtype=x.dtype)
        return (x.transpose(0, 1) * keep * (1 / (1 - p))).transpose(0, 1)

    def sequence_by_sequence(x, p, training, rng):
        """系列ごとにマスクを引き、写しの残さない所を 0 で埋める"""
        if not training:
            return x
        scaled = []
        for one in x:
            dropped = torch.from_numpy(rng.random(x.shape[2]) < p)
            scaled.append(one.masked_fill(dropped, 0) / (1 - p))
        return torch.stack(scaled)


class same_distance:
    def by_formula(total, warmup, base):
        """頂点の高さを式で求め、半角の公式で余弦の二乗にする"""
        peak = 2 * base if warmup else 2 * base * total / (total + 1)
        rates = [peak * step / warmup for step in range(warmup)]
        for left in range(total - warmup, 0, -1):
            rates.append(peak * math.sin(math.pi / 2 * left / (total - warmup)) ** 2)
        return tuple(rates)

    def with_numpy(total, warmup, base):
        """2 つの割合を 0 から 1 に収めて掛け、平均が base になるように伸ばす"""
        step = np.arange(total)
        rise = np.minimum(1, step / warmup) if warmup else np.ones(total)
        fall = np.clip((step - warmup) / (total - warmup), 0, 1)
        shape = rise * (0.5 + 0.5 * np.cos(np.pi * fall))
        return (base / shape.mean() * shape).tolist()

    def through_a_scheduler(total, warmup, base):
        """余弦は、PyTorch のスケジューラに下げさせる"""
        optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
        schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, total - warmup)
        shape = [step / warmup for step in range(warmup)]
        for _ in range(warmup, total):
            shape.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step()
        return [base * total * height / sum(shape) for height in shape]


class best_epoch:
    def counting(val_losses, patience, min_delta):
        """改善しなかった回数を数える。組でなくリストで返す"""
        lowest, best, waited = math.inf, 0, 0
        for epoch, loss in enumerate(val_losses):
            if lowest - loss > min_delta:
                lowest, best, waited = loss, epoch, 0
            elif epoch:
                waited += 1
            if waited >= patience:
                return [best, epoch]
        return [best, len(val_losses) - 1]

    def through_numpy(val_losses, patience, min_delta):
        """改善を 1 つずつ探し、NumPy の整数で返す"""
        losses, best = np.array(val_losses), 0
        while True:
            better = np.flatnonzero(losses[best + 1 :] < losses[best] - min_delta)
            if len(better) == 0 or better[0] >= patience:
                return np.int64(best), np.int64(min(best + patience, len(losses) - 1))
            best += 1 + better[0]

    def recursive(val_losses, patience, min_delta, start=0):
        """今の最良から先 patience 個を見て、良いものがあればそこから見直す"""
        ahead = val_losses[start + 1 : start + 1 + patience]
        for k, loss in enumerate(ahead, start=start + 1):
            if loss < val_losses[start] - min_delta:
                return best_epoch.recursive(val_losses, patience, min_delta, k)
        return start, start + len(ahead)


class averaged_weights:
    def towards_each_weight(history, decay):
        """直した平均を、新しい重みのほうへ、割合だけ近づける"""
        average, averages = history[0], []
        for k, weights in enumerate(history, start=1):
            share = 1.0 if k == 1 else (1 - decay) / (1 - decay**k)
            average = average + share * (weights - average)
            averages.append(average)
        return torch.stack(averages)

    def one_product(history, decay):
        """割合の行列を作り、1 回の積で求める"""
        powers = decay ** torch.arange(len(history), dtype=history.dtype)
        shares = torch.stack(
            [
                torch.cat([powers[:k].flip(0), torch.zeros_like(powers[k:])]) / powers[:k].sum()
                for k in range(1, len(history) + 1)
            ]
        )
        return shares @ history

    def powers_at_the_end(history, decay):
        """平均を先に全部求め、最後に 1 - decay ** k で割る"""
        averages = [(1 - decay) * history[0]]
        for weights in history[1:]:
            averages.append(torch.lerp(weights, averages[-1], decay))
        k = torch.arange(1, len(history) + 1, dtype=history.dtype)
        return (
            torch.stack(averages) / -torch.expm1(k * math.log(decay))[:, None] if decay else history
        )


class calibration_error:
    def one_by_one(probability, labels, edges):
        """1 件ずつ、bisect で区間に入れる"""
        bins = [[] for _ in edges]
        for p, label in zip(probability.tolist(), labels.tolist(), strict=True):
            confidence, right = (p, label == 1) if p > 0.5 else (1 - p, label == 0)
            bins[bisect.bisect_right(edges, confidence) - 1].append((confidence, right))
        total = 0.0
        for members in filter(None, bins):
            confidences, rights = zip(*members, strict=True)
            gap = sum(confidences) / len(members) - sum(rights) / len(members)
            total += len(members) / len(probability) * abs(gap)
        return total

    def with_numpy(probability, labels, edges):
        """NumPy の digitize と bincount で、区間ごとの差を一度に足す"""
        p, y = probability.double().numpy(), labels.numpy()
        where = np.digitize(np.where(p > 0.5, p, 1 - p), edges)
        gap = np.where(p > 0.5, p, 1 - p) - ((p > 0.5) == (y == 1))
        return np.abs(np.bincount(where, weights=gap)).sum() / len(p)

    def float32_means(probability, labels, edges):
        """当たりと件数の割合を、float() にしてから平均する（float32 の丸めが残る）"""
        confidence = torch.maximum(probability, 1 - probability)
        right = (probability > 0.5) == (labels == 1)
        total = 0.0
        for left, end in zip(edges, [*edges[1:], 1.1], strict=True):
            inside = (confidence >= left) & (confidence < end)
            if inside.any():
                gap = confidence[inside].mean() - right[inside].float().mean()
                total += (gap.abs() * inside.float().mean()).item()
        return total

    def all_in_float32(probability, labels, edges):
        """平均の差を、すべて float32 で計算する。区間は、もとの型で分ける"""
        confidence = torch.maximum(probability, 1 - probability)
        where = torch.bucketize(confidence, torch.tensor(edges), right=True)
        gap = confidence.float() - ((probability > 0.5) == labels.bool()).float()
        shares = [gap[where == k].sum().abs() / len(gap) for k in range(1, len(edges) + 1)]
        return torch.stack(shares).sum()


class int8_bound:
    def with_numpy(weight, x, per_row):
        """NumPy で計算する"""
        w = np.abs(weight.numpy())
        step = (w.max(axis=1) if per_row else np.full(len(w), w.max())) / 127
        return torch.from_numpy((np.abs(x.numpy()).sum() * step / 2).astype(w.dtype))

    def row_by_row(weight, x, per_row):
        """行ごとに、いちばん悪いずれの向きの重みを作って掛ける"""
        bounds = []
        for row in weight:
            step = (row if per_row else weight).abs().max() / 127
            bounds.append(torch.sign(x) * step / 2 @ x)
        return torch.stack(bounds)


class my_choice:
    def written_down():
        """測った数を書き写し、安いほうを選ぶ"""
        return {
            "task": "問い合わせの文を 3 つの窓口に分ける。",
            "seeds": (3, 4, 5),
            "measured": {
                "LSTM": {"score": [0.91, 0.9, 0.92], "cost": [20, 21, 20.5]},
                "語の数": {"score": [0.9, 0.9, 0.9], "cost": [0.5, 0.5, 0.5]},
            },
            "limit": 60,
            "choice": "語の数",
            "reason": "差は 2 ポイントより小さく、費用は 40 分の 1。テストは 0.89 だった。",
        }

    def with_numpy():
        """NumPy の配列で、上限を超える候補も並べる"""
        rng = np.random.default_rng(0)
        costs = {"大": 9.0, "小": 1.0, "多数決": 0.1}
        return {
            "task": "品詞を付ける（成績は、損失の符号を変えたもの）。",
            "seeds": np.arange(4),
            "measured": {
                name: {"score": -rng.random(4), "cost": np.full(4, cost)}
                for name, cost in costs.items()
            },
            "limit": np.float64(2.0),
            "choice": "多数決",
            "reason": "費用は 0.1 で、成績の差は種の揺れに埋もれた。test の損失は 0.6。",
        }

    def full_width_integers():
        """測った数を、全角の整数で書く。候補の名前にも数がある"""
        return {
            "task": "次の日の最高気温を当てる（成績は、誤差の符号を変えたもの）。",
            "seeds": [0, 1, 2],
            "measured": {
                "2 層の LSTM": {"score": [-1.8, -1.9, -1.7], "cost": [40, 42, 41]},
                "前の日と同じ": {"score": [-2.5, -2.5, -2.4], "cost": [1, 1, 1]},
            },
            "limit": 50,
            "choice": "2 層の LSTM",
            "reason": "２ 層でも、どの種も ４２ 秒までに終わった。テストの誤差は ２ 度だった。",
        }

    def degrees():
        """誤差を、符号を戻し、度をつけて書く"""
        return my_choice.full_width_integers() | {
            "reason": "検証の誤差は 1.8 度で、前の日と同じより小さい。テストは 1.9 度だった。"
        }

    def rounded_without_signs():
        """誤差の符号を戻し、円に丸めて書く"""
        rows = {"LSTM": {"score": [-12.3, -13.1, -11.8], "cost": [20, 21, 20]}}
        rows["前の日と同じ"] = {"score": [-18.4, -18.4, -18.3], "cost": [1, 1, 1]}
        return my_choice.written_down() | {
            "measured": rows,
            "choice": "LSTM",
            "reason": "検証の誤差は、どの種でも 12 円ほどで、テストは 13 円だった。",
        }

    def number_of_hits():
        """当てた回数を書く"""
        rows = {"LSTM": {"score": [91, 92, 90], "cost": [20, 21, 20]}}
        rows["多数決"] = {"score": [71, 70, 72], "cost": [1, 1, 1]}
        return my_choice.written_down() | {
            "measured": rows,
            "choice": "LSTM",
            "reason": "検証は、100 回のうち 91 回が真ん中。テストで当てたのは 89 回だった。",
        }

    def only_the_test():
        """テストで当てた件数だけを書く"""
        return my_choice.written_down() | {
            "choice": "LSTM",
            "reason": "検証で選び、テストでは、1000 件のうち 873 件に正解した。",
        }

    def with_exponents():
        """とても小さな誤差を、指数で書く"""
        rows = {"LSTM": {"score": [-3e-5, -2e-5, -4e-5], "cost": [20, 21, 20]}}
        rows["平均"] = {"score": [-8e-4, -8e-4, -9e-4], "cost": [1, 1, 1]}
        return my_choice.written_down() | {
            "measured": rows,
            "choice": "LSTM",
            "reason": "検証の誤差は 2e-5 から 4e-5 で、テストは 3e-5 だった。",
        }

    def equal_scores():
        """成績はどの種でも同じで、費用だけが違う候補が並ぶ"""
        return {
            "task": "括弧が釣り合っているかを答える。",
            "seeds": [0, 1, 2],
            "measured": {
                "LSTM": {"score": [1.0, 1.0, 1.0], "cost": [30, 31, 30]},
                "GRU": {"score": [1.0, 1.0, 1.0], "cost": [22, 23, 22]},
                "個数": {"score": [0.71, 0.7, 0.72], "cost": [1, 1, 1]},
            },
            "limit": 60,
            "choice": "GRU",
            "reason": "どちらもテストは 100 % で、GRU のほうが短い時間で済んだ。",
        }

    def the_same_for_every_seed():
        """どの種でも同じ成績になったと、断って報告する"""
        rows = {"LSTM": {"score": [1.0] * 3, "cost": [20.0] * 3}}
        rows["語の数"] = {"score": [0.8] * 3, "cost": [0.5] * 3}
        return {
            "task": "最初の記号を、10 時刻の終わりに答える。",
            "seeds": [0, 1, 2],
            "measured": rows,
            "limit": 60,
            "choice": "LSTM",
            "reason": "LSTM は 100 %、語の数は 80 % で、どの種でも同じ。テストも 100 %。",
        }
