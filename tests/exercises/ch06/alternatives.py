"""「時系列と生成」の別の正しい答え。"""

import bisect
import itertools
import math

import numpy as np
import torch
import torch.nn.functional as F


class split_windows:
    def indexed(series, width, split):
        """添字の表 (n, width) を作って一度に取り出す"""
        low, high = series[:split].aminmax()
        scaled = (series - low) / (high - low)

        def cut(first, last):
            index = torch.arange(first, last - width)[:, None] + torch.arange(width)
            return scaled[index].unsqueeze(2), scaled[index + 1].unsqueeze(2)

        return (*cut(0, split), *cut(split, len(series)))

    def through_numpy(series, width, split):
        """NumPy の sliding_window_view を使い、傾きと切片で目盛りを替える。リストで返す"""
        values = series.numpy()
        low = values[:split].min()
        slope = 1 / (values[:split].max() - low)
        found = []
        for part in (values[:split], values[split:]):
            scaled = (part - low) * slope
            pieces = np.lib.stride_tricks.sliding_window_view(scaled, width + 1).copy()
            pieces = torch.from_numpy(pieces).unsqueeze(-1)
            found += [pieces[:, :-1], pieces[:, 1:]]
        return found

    def crossing_ones_removed(series, width, split):
        """全体を窓に切ってから、境目をまたぐ窓を捨てる"""
        train = series[:split]
        scaled = (series - train.min()) / (train.max() - train.min())
        pieces = scaled.unfold(0, width + 1, 1)[..., None]
        train, test = pieces[: split - width], pieces[split:]
        return train[:, :-1], train[:, 1:], test[:, :-1], test[:, 1:]


class tipping_point:
    def halves_called_again(predict, width, low, high, steps):
        """区間を半分にして、自分を呼び直す。窓は Python のリスト"""

        def end(c):
            values = [float(c)] * width
            for _ in range(steps):
                values = [*values[1:], float(predict(torch.tensor(values)))]
            return values[-1]

        from_low, from_high = end(low), end(high)

        def search(low, high):
            if high - low <= 1e-4:
                return low
            middle = (low + high) / 2
            last = end(middle)
            stays = abs(last - from_low) <= abs(last - from_high)
            return search(middle, high) if stays else search(low, middle)

        return search(low, high)

    def bisected(predict, width, low, high, steps):
        """0.0005 きざみの番号の上で、bisect に探させる"""

        def end(number):
            series = torch.zeros(width + steps)
            series[:width] = low + 0.0005 * number
            for k in range(steps):
                series[width + k] = predict(series[k : width + k]).detach()
            return series[-1]

        last = math.ceil((high - low) / 0.0005)
        from_low, from_high = end(0), end((high - low) / 0.0005)

        def nearer_high(number):
            return bool((end(number) - from_low).abs() > (end(number) - from_high).abs())

        return low + 0.0005 * bisect.bisect(range(last), False, key=nearer_high)

    def from_the_middle(predict, width, low, high, steps):
        """まん中と半分の幅を持ち、上か下へ動かす。比べるのは、両端のまん中の値。テンソルで返す"""
        window = torch.empty(width)

        def end(c):
            window.fill_(c)
            for _ in range(steps):
                following = predict(window.clone()).detach()
                window[:-1] = window[1:].clone()
                window[-1] = following
            return float(window[-1])

        level, upward = (end(low) + end(high)) / 2, end(high) > end(low)
        middle, half = torch.tensor((low + high) / 2), (high - low) / 2
        while half > 0.0005:
            half /= 2
            middle = middle + (-half if (end(middle) > level) == upward else half)
        return middle


class sample_index:
    def searched(logits, temperature, u):
        """cumsum と searchsorted。0 次元のテンソルで返す"""
        probabilities = (logits / temperature).softmax(0)
        index = torch.searchsorted(probabilities.cumsum(0), u, right=True)
        return index.clamp(max=probabilities.nonzero().max())

    def bisected(logits, temperature, u):
        """最大値を引いて exp をとり、和を 1 にせず、u に和を掛けて二分探索する（和より小さい）"""
        scaled = [each / temperature for each in logits.tolist()]
        weights = [math.exp(each - max(scaled)) for each in scaled]
        cumulative = list(itertools.accumulate(weights))
        return bisect.bisect_right(cumulative, u * cumulative[-1])

    def counted(logits, temperature, u):
        """u 以下の累積和の数を数える"""
        probabilities = F.log_softmax(logits / temperature, dim=-1).exp()
        last = len(probabilities) - 1 - int((probabilities.flip(0) > 0).int().argmax())
        return min(int((probabilities.cumsum(-1) <= u).sum()), last)

    def subtracted(logits, temperature, u):
        """u から確率を引いていき、負になった所。NumPy の整数で返す"""
        scaled = logits.numpy() / temperature
        weights = np.exp(scaled - scaled.max())
        left = u - np.cumsum(weights / weights.sum())
        return np.argmax(left < 0) if left.min() < 0 else np.flatnonzero(weights)[-1]

    def without_zeros(logits, temperature, u):
        """確率 0 の文字を先に除き、残りの最後の区間を 1 まで延ばす"""
        probabilities = torch.softmax(logits.double() / temperature, 0)
        drawable = probabilities.nonzero()[:, 0].tolist()
        ends = probabilities[drawable].cumsum(0).tolist()
        return next(k for k, end in zip(drawable, [*ends[:-1], 1.0], strict=True) if u < end)

    def in_logarithms(logits, temperature, u):
        """確率に戻さず、対数のまま累積和をとって log u と比べる。あふれも消えもしない"""
        cumulative = torch.log_softmax(logits / temperature, 0).logcumsumexp(0)
        larger = (cumulative > torch.tensor(u).log()).nonzero()
        return int(larger[0]) if len(larger) else int(logits.isfinite().nonzero()[-1])


class entropy_and_slope:
    def through_numpy(logits, temperature):
        """NumPy で、z² の平均から平均の 2 乗を引いて分散を求める。最大値を引いておく"""
        z = logits.numpy() - logits.numpy().max()
        weights = np.exp(z / temperature)
        p = weights / weights.sum()
        entropy = np.log(weights.sum()) - (p * z).sum() / temperature
        return entropy, ((p * z**2).sum() - (p * z).sum() ** 2) / temperature**3

    def from_log_probabilities(logits, temperature):
        """log p の分散を τ で割る（log p と z / τ の違いは定数だけ）"""
        log_p = torch.log_softmax(logits / temperature, 0)
        p = log_p.exp()
        entropy = -(p * log_p).sum()
        slope = (p * (log_p + entropy) ** 2).sum() / temperature
        return [entropy, slope]

    def from_changes_of_p(logits, temperature):
        """dp/dτ を先に求め、-Σ dp/dτ log p とする"""
        log_p = torch.log_softmax(logits / temperature, 0)
        p = log_p.exp()
        change = -p * (logits - p @ logits) / temperature**2
        return float(-(p @ log_p)), float(-(change @ log_p))

    def in_python(logits, temperature):
        """Python の数だけで計算する"""
        scaled = [each / temperature for each in logits.tolist()]
        top = max(scaled)
        total = math.fsum(math.exp(each - top) for each in scaled)
        p = [math.exp(each - top) / total for each in scaled]
        entropy = -math.fsum(each * math.log(each) for each in p if each)
        mean = math.fsum(a * b for a, b in zip(p, scaled, strict=True))
        spread = math.fsum(a * (b - mean) ** 2 for a, b in zip(p, scaled, strict=True))
        return entropy, spread / temperature


class carried_losses:
    def chunks_first(model, series, rows, width):
        """先に区切りを全部作り、h と c を別々に切り離す"""
        length = (len(series) - 1) // rows
        index = torch.arange(rows)[:, None] * length + torch.arange(length)
        losses, state = [], None
        for part in index.split(width, dim=1):
            if part.shape[1] < width:
                break
            prediction, (h, c) = model(series[part][..., None], state)
            state = h.detach(), c.detach()
            losses.append((prediction[..., 0] - series[part + 1]).pow(2).mean())
        return torch.stack(losses)

    def state_without_gradient(model, series, rows, width):
        """状態だけを、no_grad でもう一度読んで求める"""
        length = (len(series) - 1) // rows
        x, y = (
            series[k : rows * length + k].reshape(rows, length // 1, 1)[
                :, : length // width * width
            ]
            for k in (0, 1)
        )
        losses, state = [], None
        for a, b in zip(x.split(width, 1), y.split(width, 1), strict=True):
            losses.append(F.mse_loss(model(a, state)[0], b))
            with torch.no_grad():
                _, state = model(a.detach(), state)
        return torch.stack(losses)

    def time_first(model, series, rows, width):
        """時刻を先に並べた表 (長さ, rows) を作り、行をまとめて取る"""
        length = (len(series) - 1) // rows
        table = series.unfold(0, length + 1, length)[:rows].T
        found, state = series.new_zeros(length // width), None
        losses = []
        for k in range(len(found)):
            part = table[k * width : (k + 1) * width + 1].T.unsqueeze(2)
            prediction, state = model(part[:, :-1], state)
            state = [each.detach() for each in state]
            losses.append(((prediction - part[:, 1:]) ** 2).sum() / (rows * width))
        return torch.stack(losses)


class brackets:
    def stacked(text):
        """開いた場所を積み、閉じるたびに 1 つ取り出す。リストで返す"""
        counts, waiting = [0, 0, 0], []
        for place, char in enumerate(text):
            match char:
                case "「":
                    counts[0] += 1
                    waiting.append(place)
                case "」":
                    counts[1] += 1
                    counts[2] += bool(waiting and waiting.pop() < place)
        return counts

    def removed(text):
        """ほかの文字を除き、となり合う「」を消していく。消えた組の数が 3 つめ"""
        left = "".join(char for char in text if char in "「」")
        opened, closed = left.count("「"), left.count("」")
        while "「」" in left:
            left = left.replace("「」", "")
        return opened, closed, closed - left.count("」")

    def deepest(text):
        """開けば 1、閉じれば -1 の累積和。0 を下回った深さが、相手なしに閉じた数"""
        steps = np.array([0] + [(char == "「") - (char == "」") for char in text])
        opened, closed = (steps > 0).sum(), (steps < 0).sum()
        return opened, closed, closed + steps.cumsum().min()

    def from_the_end(text):
        """後ろから読む。閉じて待つものの数を持ち、開いたときに組にする"""
        opened = closed = paired = waiting = 0
        for char in reversed(text):
            if char == "」":
                closed, waiting = closed + 1, waiting + 1
            if char == "「":
                opened += 1
                if waiting:
                    paired, waiting = paired + 1, waiting - 1
        return opened, closed, paired
