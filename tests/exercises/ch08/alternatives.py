"""「はしごを登る」の別の正しい答え。"""

import math
from collections import Counter, defaultdict

import numpy as np
import torch
from torch.nn import functional as F


class two_pairs:
    def by_counts(n, gap):
        """4 つの種類の件数から並べる"""
        kinds = torch.tensor([[1, 1], [1, 0], [0, 1], [0, 0]]).bool()
        pairs = []
        for alone in (0, 9 * n // 100):  # second だけが当てた件数
            counts = (9 * n // 10 - gap - alone, gap + alone, alone, n // 10 - alone)
            pairs.append(tuple(kinds.repeat_interleave(torch.tensor(counts), 0).T))
        return pairs

    def lists(n, gap):
        """Python のリストで 1 件ずつ作る"""
        wrong = n // 10
        first = [True] * (n - wrong) + [False] * wrong
        alike = [True] * (n - wrong - gap) + [False] * (wrong + gap)
        apart = [True] * (n - 2 * wrong - gap) + [False] * (wrong + gap) + [True] * wrong
        return [[torch.tensor(first), torch.tensor(each)] for each in (alike, apart)]

    def shuffled(n, gap):
        """並べ替えた番号を区切って、外す所を選ぶ"""
        order = torch.from_numpy(np.random.default_rng(n).permutation(n))
        missed, more, others = order.split([n // 10, gap, n - n // 10 - gap])

        def without(*parts):
            right = torch.ones(n, dtype=torch.bool)
            right[torch.cat(parts)] = False
            return right

        first = without(missed)
        return (first, without(missed, more)), (first, without(more, others[: n // 10]))

    def rolled(n, gap):
        """外した所を、重ねるか、ずらす"""
        right = np.arange(n) >= n // 10
        second = np.arange(n) >= n // 10 + gap
        pairs = (right, second), (right, np.roll(second, n // 2))
        return tuple(tuple(map(torch.from_numpy, pair)) for pair in pairs)


class adversarial_noise:
    def hypot(gradient, epsilon):
        """系列ごとに math.hypot で長さを求める"""
        rows = []
        for each in gradient:
            norm = math.hypot(*each.flatten().tolist())
            rows.append(each / norm * epsilon if norm else torch.zeros_like(each))
        return torch.stack(rows)

    def twice(gradient, epsilon):
        """2 乗しない長さ（絶対値の最大）で割ってから、1 本に並べて正規化する"""
        flat = gradient.flatten(1)
        flat = torch.nan_to_num(flat / flat.abs().max(dim=1, keepdim=True).values)
        return (epsilon * F.normalize(flat, dim=1)).view_as(gradient)

    def power_of_two(gradient, epsilon):
        """2 の累乗でそろえる（丸め誤差が出ない）"""
        largest = gradient.abs().amax((1, 2), keepdim=True)
        _, exponent = torch.frexp(largest)
        half = exponent // 2  # 2 ** -exponent は、表せないほど大きいことがある
        scaled = torch.ldexp(torch.ldexp(gradient, -half), half - exponent)
        norm = torch.linalg.vector_norm(scaled, dim=(1, 2), keepdim=True)
        return torch.where(largest == 0, 0.0, epsilon * scaled / norm)

    def only_nonzero(gradient, epsilon):
        """0 でない系列だけを選んで書き込む"""
        noise = torch.zeros_like(gradient)
        moving = gradient.flatten(1).any(1)
        g = gradient[moving]
        g = g / g.abs().amax((1, 2), keepdim=True)
        noise[moving] = epsilon * g / (g * g).sum((1, 2), keepdim=True).sqrt()
        return noise


class distillation_loss:
    def softplus(student, teachers, temperature):
        """log(1 + e^z) - q z の形"""
        z = student / temperature
        target = torch.sigmoid(teachers.detach() / temperature).mean(0)
        return temperature**2 * (F.softplus(z) - target * z).mean()

    def each_teacher(student, teachers, temperature):
        """先生ごとの損失を平均する（正解について直線なので、同じ値になる）"""
        losses = [
            F.binary_cross_entropy_with_logits(
                student / temperature, (each / temperature).sigmoid()
            )
            for each in teachers.detach()
        ]
        return torch.stack(losses).mean() * temperature * temperature

    def log_sigmoid(student, teachers, temperature):
        """肯定と否定の対数確率を、logsigmoid で別々に求める"""
        student = student / temperature
        with torch.no_grad():
            teachers = teachers / temperature
            yes, no = teachers.sigmoid().mean(0), (-teachers).sigmoid().mean(0)
        total = (yes * F.logsigmoid(student) + no * F.logsigmoid(-student)).sum()
        return -total / len(student) * temperature**2

    def two_classes(student, teachers, temperature):
        """2 クラスの交差エントロピーにする"""
        target = torch.special.expit(teachers / temperature).mean(0).detach()
        logits = torch.stack([torch.zeros_like(student), student], dim=1) / temperature
        loss = F.cross_entropy(logits, torch.stack([1 - target, target], dim=1))
        return loss * temperature**2


class luck_of_the_best:
    def by_counts(right, rounds, rng):
        """引かれた回数を重みにして、当たりを足す"""
        n, total = right.shape[1], 0.0
        hits = torch.from_numpy(right).double()
        for _ in range(rounds):
            times = torch.bincount(torch.from_numpy(rng.integers(n, size=n)), minlength=n)
            score = hits @ times.double()
            best = max(range(len(hits)), key=lambda row: score[row].item())
            left = (times == 0).double()
            total += score[best].item() / n - (hits[best] @ left / left.sum()).item()
        return total / rounds

    def with_sets(right, rounds, rng):
        """集合で、引かれなかった番号を求める"""
        n = right.shape[1]
        gaps = []
        for _ in range(rounds):
            drawn = rng.integers(n, size=n)
            left = sorted(set(range(n)) - set(drawn.tolist()))
            best = np.argmax(right[:, drawn].sum(axis=1))
            gaps.append(right[best, drawn].mean() - right[best, left].mean())
        return np.mean(gaps)

    def single_precision(right, rounds, rng):
        """テンソルに直し、float() の平均で求める"""
        right, total = torch.from_numpy(right), torch.zeros(())
        for _ in range(rounds):
            drawn = torch.from_numpy(rng.integers(right.shape[1], size=right.shape[1]))
            left = ~torch.isin(torch.arange(right.shape[1]), drawn)
            best = right[:, drawn].sum(1).argmax()
            total += right[best, drawn].float().mean() - right[best, left].float().mean()
        return total / rounds


class attention_slopes:
    def centred(scores, output, upstream):
        """出力から、重みつきの平均を引いてから内積をとる"""
        weights = scores.softmax(1)
        summary = torch.bmm(weights[:, None], output)
        return weights * ((output - summary) @ upstream[:, :, None]).squeeze(2)

    def pairs(scores, output, upstream):
        """2 つの時刻の傾きの差を、重みをつけて足す。重みは logsumexp から求める"""
        weights = (scores - scores.logsumexp(1, keepdim=True)).exp()
        told = (output * upstream[:, None]).sum(2)
        return weights * ((told[:, :, None] - told[:, None]) * weights[:, None]).sum(2)

    def jacobian(scores, output, upstream):
        """ソフトマックスのヤコビ行列を系列ごとに作る"""
        rows = []
        for s, h, g in zip(scores, output, upstream, strict=True):
            a = (s - s.max()).exp()
            a = a / a.sum()
            rows.append((torch.diag(a) - torch.outer(a, a)) @ (h @ g))
        return torch.stack(rows)

    def through_numpy(scores, output, upstream):
        """NumPy で計算する"""
        s, h, g = (each.numpy() for each in (scores, output, upstream))
        a = np.exp(s - s.max(axis=1, keepdims=True))
        a /= a.sum(axis=1, keepdims=True)
        told = (h * g[:, None]).sum(axis=2)
        return torch.from_numpy(a * told - a * (a * told).sum(axis=1, keepdims=True))


class leanings:
    def recounted(texts, labels):
        """語ごとに、ほかのレビューを初めから数え直す"""
        rows = []
        for i, tokens in enumerate(texts):
            others = [(texts[j], labels[j]) for j in range(len(texts)) if j != i]
            row = []
            for token in tokens:
                p = sum(token in other and label == 1 for other, label in others)
                n = sum(token in other and label == 0 for other, label in others)
                row.append(math.log((p + 1) / (n + 1)))
            rows.append(row)
        return rows

    def put_back(texts, labels):
        """自分の 1 件を抜いて偏りを求め、また戻す"""
        counts = {0: Counter(), 1: Counter()}
        for tokens, label in zip(texts, labels, strict=True):
            counts[label].update(set(tokens))
        rows = []
        for tokens, label in zip(texts, labels, strict=True):
            counts[label].subtract(set(tokens))
            rows.append([math.log1p(counts[1][t]) - math.log1p(counts[0][t]) for t in tokens])
            counts[label].update(set(tokens))
        return rows

    def numbers_of_reviews(texts, labels):
        """語ごとに、含むレビューの番号の集合を持ち、自分の番号を除いて大きさを見る"""
        found = defaultdict(lambda: (set(), set()))
        for i, tokens in enumerate(texts):
            for token in tokens:
                found[token][labels[i]].add(i)

        def leaning(i, token):
            n, p = (len(where - {i}) for where in found[token])
            return math.log((p + 1) / (n + 1))

        return [[leaning(i, token) for token in tokens] for i, tokens in enumerate(texts)]

    def one_sided(texts, labels):
        """含むレビューの数と、そのうちの肯定の数を、辞書で数える"""
        both, positive = {}, {}
        for tokens, label in zip(texts, labels, strict=True):
            for token in dict.fromkeys(tokens):
                both[token] = both.get(token, 0) + 1
                positive[token] = positive.get(token, 0) + label
        return [
            [-math.log((both[t] - positive[t] + y) / (positive[t] + 1 - y)) for t in tokens]
            for tokens, y in zip(texts, labels, strict=True)
        ]

    def through_numpy(texts, labels):
        """NumPy で、レビューと語の表（含めば 1）を作る"""
        words = sorted({token for tokens in texts for token in tokens})
        column = {token: k for k, token in enumerate(words)}
        present = np.zeros((len(texts), len(words)))
        for i, tokens in enumerate(texts):
            present[i, [column[token] for token in tokens]] = 1
        side = np.array(labels)[:, None] == np.array([0, 1])  # 否定か、肯定か
        n, p = ((present * mine[:, None]).sum(0) - present * mine[:, None] for mine in side.T)
        table = np.log((p + 1) / (n + 1))
        return [[table[i, column[token]] for token in tokens] for i, tokens in enumerate(texts)]

    def through_torch(texts, labels):
        """番号に直して bincount で数え、自分の 1 件を引く"""
        number = {}
        ids = [[number.setdefault(token, len(number)) for token in tokens] for tokens in texts]
        counts = torch.zeros(2, len(number))
        for each, label in zip(ids, labels, strict=True):
            seen = torch.tensor(each, dtype=torch.int64).unique()
            counts[label] += torch.bincount(seen, minlength=len(number))
        rows = []
        for each, label in zip(ids, labels, strict=True):
            n, p = counts[:, each] - torch.tensor([[1.0 - label], [label]])
            rows.append(((p + 1).log() - (n + 1).log()).tolist())
        return rows
