"""「IMDb 感情分析」の別の正しい答え。"""

import itertools
from collections import Counter, OrderedDict

import numpy as np
import torch
from torch.nn.utils.rnn import (
    pack_padded_sequence,
    pack_sequence,
    pad_packed_sequence,
    pad_sequence,
)


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


class build_vocabulary:
    def most_common_of_sorted(token_lists, max_size):
        """文字コード順に並べてから数え、most_common で取る（同じ回数なら先に数えた順）"""
        counts = Counter(sorted(itertools.chain.from_iterable(token_lists)))
        vocabulary = {"<pad>": 0, "<unk>": 1}
        for token, _ in counts.most_common(max_size - 2):
            vocabulary[token] = len(vocabulary)
        return vocabulary

    def sorted_twice(token_lists, max_size):
        """文字コード順に並べてから、回数で安定に並べ替える"""
        counts = {}
        for tokens in token_lists:
            for token in tokens:
                counts[token] = counts.get(token, 0) + 1
        tokens = sorted(sorted(counts), key=counts.get, reverse=True)
        numbered = zip(tokens, range(2, max_size), strict=False)
        return dict(numbered) | {"<unk>": 1, "<pad>": 0}

    def one_at_a_time(token_lists, max_size):
        """残りのうち最良のものを 1 つずつ取り出す。OrderedDict で返す"""
        every = [token for tokens in token_lists for token in tokens]
        left, found = set(every), OrderedDict([("<pad>", 0), ("<unk>", 1)])
        while left and len(found) < max_size:
            best = min(left, key=lambda token: (-every.count(token), token))
            left.remove(best)
            found[best] = len(found)
        return found


class length_buckets:
    def argsort(lengths, batch_size):
        """torch の argsort と split"""
        order = torch.tensor(lengths).argsort(stable=True)
        return [batch.tolist() for batch in order.split(batch_size)]

    def ties_backwards(lengths, batch_size):
        """同じ長さなら後ろの文から。NumPy の整数の組で返す"""
        order = np.argsort(lengths[::-1], kind="stable")
        order = len(lengths) - 1 - order
        return [tuple(order[k : k + batch_size]) for k in range(0, len(order), batch_size)]

    def text_order_inside(lengths, batch_size):
        """ミニバッチの中では、元の文の順に並べる"""
        pairs = sorted((length, index) for index, length in enumerate(lengths))
        batches = []
        while pairs:
            batches.append(sorted(index for _, index in pairs[:batch_size]))
            pairs = pairs[batch_size:]
        return batches

    def filled_up(lengths, batch_size):
        """短い文から順に、今のミニバッチへ足していく"""
        batches = [[]]
        for index in np.argsort(lengths):
            if len(batches[-1]) == batch_size:
                batches.append([])
            batches[-1].append(int(index))
        return batches


class masked_mean:
    def one_by_one(output, lengths):
        """系列ごとに切り出して平均する"""
        return torch.stack([row[:n].mean(0) for row, n in zip(output, lengths, strict=True)])

    def weighted(output, lengths):
        """1 / 長さ の重みを作り、行列積で足す"""
        time = torch.arange(output.shape[1])
        weight = (time[None] < lengths[:, None]).to(output.dtype) / lengths[:, None]
        return torch.einsum("bt,bth->bh", weight, output)

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
