"""「IMDb 感情分析」の解答。"""

from collections import Counter
from math import comb, sqrt

import torch
from torch.nn.utils.rnn import pack_sequence


def pad_batch(sequences, pad=0):
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    ids = torch.full((len(sequences), int(lengths.max())), pad)
    for row, sequence in zip(ids, sequences, strict=True):
        row[: len(sequence)] = torch.tensor(sequence)
    return ids, lengths


def encode_splits(train, test, max_size):
    counts = Counter(token for tokens in train for token in tokens)
    by_frequency = sorted(counts, key=lambda token: (-counts[token], token))
    number = {token: index for index, token in enumerate(by_frequency[: max_size - 2], start=2)}
    return [
        [[number.get(token, 1) for token in tokens] for tokens in part] for part in (train, test)
    ]


def length_buckets(lengths, limit):
    batches = [[]]
    for index in sorted(range(len(lengths)), key=lambda index: lengths[index]):
        if (len(batches[-1]) + 1) * lengths[index] > limit:  # 短い順なので、これがいちばん長い
            batches.append([])
        batches[-1].append(index)
    return batches


def masked_mean(output, lengths):
    length = lengths.unsqueeze(1)
    outside = torch.arange(output.shape[1]) >= length  # (B, T)：パディングなら True
    return output.masked_fill(outside.unsqueeze(2), 0).sum(dim=1) / length


def final_states(lstm, sequences):
    order = sorted(range(len(sequences)), key=lambda b: -len(sequences[b]))
    packed = pack_sequence([sequences[b] for b in order])
    _, (h_n, _) = lstm(packed)
    return h_n[-1][torch.tensor(order).argsort()]  # order[k] 番めだった系列が、今は k 番め


def paired_p_value(first, second):
    only_first, only_second = int((first & ~second).sum()), int((second & ~first).sum())
    n = only_first + only_second
    fewer = sum(comb(n, k) for k in range(min(only_first, only_second) + 1))
    return min(1.0, 2 * fewer / 2**n)


def blind_pair(n):
    film = ["film"] * (n - 1)
    positive = [*film, "bad", *film, "good", *film]
    negative = [*film, "good", *film, "bad", *film]
    return positive, negative


def unmask(answer):
    for word in ("not", "never"):
        if answer(f"this film is {word} good"):
            continue  # この語は知らないか、A
        if not answer(f"this film is {word} bad"):
            return "B"
        return (
            "C" if answer(f"{word} would I call this film good") else "D"
        )  # 離れていれば C は肯定
    return "A"


def best_temperature(logits, labels):
    low, high = 1e-3, 1e3
    for _ in range(60):
        middle = sqrt(low * high)
        slope = -((torch.sigmoid(logits / middle) - labels) * logits).mean()  # dL/dT と同じ符号
        low, high = (low, middle) if slope > 0 else (middle, high)
    return middle
