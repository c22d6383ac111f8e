"""「IMDb 感情分析」の別の正しい答え。"""

import itertools
import math
from collections import Counter, defaultdict
from fractions import Fraction

import numpy as np
import torch
from scipy.optimize import brentq
from scipy.stats import binomtest
from torch.nn import functional as F
from torch.nn.utils.rnn import (
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
    pad_sequence,
)

from lstm_text.text import Vocabulary


class pad_batch:
    def lists(sequences, pad=0):
        """リストのまま足りない分を足し、最後にテンソルにする。リストで返す"""
        longest = max(map(len, sequences))
        rows = [each + [pad] * (longest - len(each)) for each in sequences]
        return [torch.tensor(rows), torch.LongTensor([len(each) for each in sequences])]

    def torch_utility(sequences, pad=0):
        """pad_sequence を使う"""
        rows = [torch.tensor(each) for each in sequences]
        lengths = torch.stack([torch.tensor(len(row)) for row in rows])
        return pad_sequence(rows, batch_first=True, padding_value=pad), lengths

    def transposed(sequences, pad=0):
        """zip_longest で時刻ごとに並べ、転置する（連続でないテンソル）"""
        columns = list(itertools.zip_longest(*sequences, fillvalue=pad))
        return torch.tensor(columns).T, torch.tensor(list(map(len, sequences)))

    def through_numpy(sequences, pad=0):
        """NumPy の配列にマスクで書きこむ"""
        lengths = np.array([len(each) for each in sequences])
        ids = np.full((len(sequences), lengths.max()), pad)
        ids[np.arange(ids.shape[1]) < lengths[:, None]] = np.concatenate(sequences)
        return torch.from_numpy(ids), torch.from_numpy(lengths)


class encode_splits:
    def most_common_of_sorted(train, test, max_size):
        """文字コード順に並べてから数え、most_common で取る（同じ回数なら先に数えた順）"""
        counts = Counter(sorted(itertools.chain.from_iterable(train)))
        number = dict.fromkeys(["<pad>", "<unk>"])
        number |= counts.most_common(max_size - 2)
        number = {token: index for index, token in enumerate(number)}
        encoded = [[[number.get(t, number["<unk>"]) for t in review] for review in train]]
        encoded.append([[number.get(t, number["<unk>"]) for t in review] for review in test])
        return encoded

    def default_is_unknown(train, test, max_size):
        """知らない語が 1 になる defaultdict を使う"""
        counts = {}
        for tokens in train:
            for token in tokens:
                counts[token] = counts.get(token, 0) + 1
        tokens = sorted(sorted(counts), key=counts.get, reverse=True)
        number = defaultdict(lambda: 1, zip(tokens, range(2, max_size), strict=False))
        return tuple([list(map(number.__getitem__, tokens)) for tokens in s] for s in (train, test))

    def book_vocabulary(train, test, max_size):
        """この本の Vocabulary に任せる"""
        vocabulary = Vocabulary.build(train, max_size)
        return [*map(vocabulary.encode, train)], [*map(vocabulary.encode, test)]


class length_buckets:
    def split_at_counts(lengths, limit):
        """入るだけの件数を求めてから、まとめて切り取る"""
        order = torch.tensor(lengths).argsort(stable=True)
        sorted_lengths, batches = torch.tensor(lengths)[order], []
        while len(order):
            fits = sorted_lengths * torch.arange(1, len(order) + 1) <= limit
            n = int(fits.sum())  # 短い順なので、升の数は増える一方
            batches.append(order[:n].tolist())
            order, sorted_lengths = order[n:], sorted_lengths[n:]
        return batches

    def ties_backwards(lengths, limit):
        """同じ長さなら後ろの系列から。NumPy の整数の組で返す"""
        order = len(lengths) - 1 - np.argsort(lengths[::-1], kind="stable")
        batches, now = [], []
        for index in order:
            if now and max(lengths[k] for k in (*now, index)) * (len(now) + 1) > limit:
                batches.append(tuple(now))
                now = []
            now.append(index)
        return (*batches, tuple(now))

    def text_order_inside(lengths, limit):
        """ミニバッチの中では、元の順に並べる"""
        pairs = sorted((length, index) for index, length in enumerate(lengths))
        batches = []
        while pairs:
            size = 1
            while size < len(pairs) and (size + 1) * pairs[size][0] <= limit:
                size += 1
            batches.append(sorted(index for _, index in pairs[:size]))
            pairs = pairs[size:]
        return batches

    def counted_padding(lengths, limit):
        """本当の長さの和に、パディングの数を足して升の数にする"""
        batches = [[]]
        for index in np.argsort(lengths).tolist():
            trial = [lengths[k] for k in (*batches[-1], index)]
            padding = sum(max(trial) - each for each in trial)
            if sum(trial) + padding > limit:
                batches.append([])
            batches[-1].append(index)
        return batches


class masked_mean:
    def one_by_one(output, lengths):
        """系列ごとに切り出して平均する"""
        return torch.stack([row[:n].mean(0) for row, n in zip(output, lengths, strict=True)])

    def weighted(output, lengths):
        """1 / 長さ の重みを作り、行列積で足す"""
        inside = torch.arange(output.shape[1])[None] < lengths[:, None]
        weight = inside.to(output.dtype) / lengths[:, None]
        return torch.einsum("bt,bth->bh", weight, torch.where(inside[..., None], output, 0.0))

    def cumulative(output, lengths):
        """累積和の、長さの所を取る"""
        last = (lengths - 1)[:, None, None].expand(-1, 1, output.shape[2])
        return output.cumsum(1).gather(1, last).squeeze(1) / lengths[:, None]

    def filled(output, lengths):
        """パディングを nan にして nanmean をとる"""
        padding = torch.arange(output.shape[1]) >= lengths[:, None]
        return output.masked_fill(padding[..., None], torch.nan).nanmean(dim=1)


class final_states:
    def picked_from_padded(lstm, sequences):
        """パディングして読ませ、output の本当の最後の時刻を取る"""
        lengths = torch.tensor([len(sequence) for sequence in sequences])
        output, _ = lstm(pad_sequence(sequences, batch_first=True))
        return output[torch.arange(len(sequences)), lengths - 1]

    def sorted_and_restored(lstm, sequences):
        """長い順に並べてパッキングし、逆の並べ替えで元に戻す"""
        order = sorted(range(len(sequences)), key=lambda b: -len(sequences[b]))
        _, (h_n, _) = lstm(pack_sequence([sequences[b] for b in order]))
        restore = torch.tensor(order).argsort()
        return h_n[-1, restore]

    def unpacked(lstm, sequences):
        """パッキングして読ませ、戻した output から最後の時刻を集める"""
        lengths = torch.tensor([len(sequence) for sequence in sequences])
        padded = pad_sequence(sequences, batch_first=True, padding_value=9.0)
        packed = pack_padded_sequence(padded, lengths, batch_first=True, enforce_sorted=False)
        output, lengths = pad_packed_sequence(lstm(packed)[0], batch_first=True)
        last = (lengths - 1).view(-1, 1, 1).expand(-1, 1, lstm.hidden_size)
        return output.gather(1, last).squeeze(1)


class paired_p_value:
    def scipy_test(first, second):
        """scipy の二項検定"""
        only_first, only_second = (first > second).sum().item(), (first < second).sum().item()
        n = only_first + only_second
        return binomtest(only_first, n).pvalue if n else 1.0

    def every_outcome(first, second):
        """表の数の全部から、同じか、もっと偏ったものを選んで足す"""
        apart = first.numpy() ^ second.numpy()
        n, heads = int(apart.sum()), int((apart & first.numpy()).sum())
        extreme = [k for k in range(n + 1) if abs(2 * k - n) >= abs(2 * heads - n)]
        return float(sum(Fraction(math.comb(n, k), 2**n) for k in extreme))

    def logarithms(first, second):
        """対数で足す。0 次元のテンソルで返す"""
        right = torch.stack([first, second]).double()
        b, c = (right[0] * (1 - right[1])).sum(), (right[1] * (1 - right[0])).sum()
        k = torch.arange(min(b, c) + 1)
        n = b + c
        terms = torch.lgamma(n + 1) - torch.lgamma(k + 1) - torch.lgamma(n - k + 1)
        return torch.exp(terms.logsumexp(0) + (1 - n) * math.log(2)).clamp(max=1)


class best_temperature:
    def newton(logits, labels):
        """log T についてのニュートン法。傾きも曲がりも、符号つきのロジットから求める"""
        s = (logits * (2 * labels - 1)).double()
        log_t = s.abs().mean().log()
        for _ in range(100):
            z = s * torch.exp(-log_t)
            slope, p = (z * torch.sigmoid(-z)).mean(), torch.sigmoid(z)
            curve = (z * z * p * (1 - p)).mean()
            log_t = log_t - (slope / (curve + slope.abs())).clamp(-1, 1)
        return log_t.exp().item()

    def root(logits, labels):
        """1 / T についての傾きの根を、scipy で求める"""
        z, y = logits.double(), labels.double()
        beta = brentq(
            lambda b: ((torch.sigmoid(b * z) - y) * z).sum().item(), 1e-4, 1e4, xtol=1e-14
        )
        return 1 / beta

    def golden_section(logits, labels):
        """損失そのものを比べて、対数の目盛りで区間を狭める（黄金分割）"""
        z, y = logits.double(), labels.double()

        def loss(log_t):
            return F.binary_cross_entropy_with_logits(z / math.exp(log_t), y).item()

        low, high, ratio = math.log(1e-3), math.log(1e3), (math.sqrt(5) - 1) / 2
        while high - low > 1e-9:
            left, right = high - ratio * (high - low), low + ratio * (high - low)
            if loss(left) < loss(right):
                high = right
            else:
                low = left
        return math.exp(low)


class unmask:
    def all_at_once(answer):
        """語ごとに、近い bad と離れた good を尋ね、4 つの答えの表を引く"""
        for word in ("never", "not"):
            near = answer(f"It was {word} bad.")
            far = answer(f"I would {word} tell you that this was good.")
            kind = {(True, False): "D", (False, False): "B", (True, True): "C"}.get((near, far))
            if kind:
                return kind
        return "A"

    def doubled(answer):
        """C と D を、否定の語を 2 つ重ねて分ける"""
        moved = [word for word in ("not", "never") if not answer(f"{word} good")]
        if not moved:
            return "A"
        word = moved[0]
        if not answer(f"{word} bad"):
            return "B"
        return "C" if answer(f"{word} {word} bad") else "D"

    def after_the_opinion(answer):
        """否定の語を、評価の語の後に置く"""
        behind = {word: answer(f"good it was {word}") for word in ("not", "never")}
        if all(behind.values()):  # A か C
            flips = [answer(f"a {word} so bad film") for word in behind]
            return "C" if any(flips) else "A"
        word = min(behind, key=behind.get)
        return "D" if answer(f"bad it was {word}") else "B"

    def every_suspect(answer):
        """12 通りの容疑者を並べ、答えの合わないものを消していく"""

        def reply(kind, known, words):
            good, place = (
                "good" in words,
                next(i for i, w in enumerate(words) if w in ("good", "bad")),
            )
            count = sum(word in known for word in words)
            near = any(word in known for word in words[max(0, place - 2) : place])
            rules = {"A": good, "B": good and not count, "C": good != near}
            return rules.get(kind, good != (count % 2 == 1))

        suspects = [(kind, known) for kind in "ABCD" for known in ("not", "never", "not never")]
        suspects = [(kind, known.split()) for kind, known in suspects]
        for text in (
            "not good",
            "never good",
            "not bad",
            "never bad",
            "not a b good",
            "never a b good",
        ):
            words, heard = text.split(), answer(text)
            suspects = [
                (kind, known) for kind, known in suspects if reply(kind, known, words) == heard
            ]
        return suspects[0][0]


class blind_pair:
    def other_words(n):
        """違う語を並べて、はさむ"""
        around = [f"word{i}" for i in range(n - 1)]
        return [
            (*around, first, *around, last, *around)
            for first, last in (("bad", "good"), ("good", "bad"))
        ]

    def wider(n):
        """要るより多くはさむ"""
        around = ["the", "film", "was", "very", "long", "and"] * n
        return (
            [*around, "bad", *around, "good", *around],
            [*around, "good", *around, "bad", *around],
        )

    def at_least_a_hundred(n):
        """小さな n でも、100 語より少なくは挟まない"""
        around = ["film"] * max(n, 100)
        return tuple(
            [*around, first, *around, last, *around]
            for first, last in (("bad", "good"), ("good", "bad"))
        )

    def repeated(n):
        """評価の語を 3 つ使う"""
        dots = ["."] * n
        pattern = {"good": ("good", "bad", "good"), "bad": ("good", "good", "bad")}
        pair = (
            [token for each in words for token in (*dots, each)] + dots
            for words in pattern.values()
        )
        return list(pair)
