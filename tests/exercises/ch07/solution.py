"""「IMDb 感情分析」の解答。"""

from collections import Counter

import torch
from torch.nn.utils.rnn import pack_sequence


def pad_batch(sequences, pad=0):
    lengths = torch.tensor([len(sequence) for sequence in sequences])
    ids = torch.full((len(sequences), int(lengths.max())), pad)
    for row, sequence in zip(ids, sequences, strict=True):
        row[: len(sequence)] = torch.tensor(sequence)
    return ids, lengths


def build_vocabulary(token_lists, max_size):
    counts = Counter(token for tokens in token_lists for token in tokens)
    by_frequency = sorted(counts, key=lambda token: (-counts[token], token))
    tokens = ["<pad>", "<unk>", *by_frequency[: max_size - 2]]
    return {token: index for index, token in enumerate(tokens)}


def length_buckets(lengths, batch_size):
    order = sorted(range(len(lengths)), key=lambda index: lengths[index])
    return [order[start : start + batch_size] for start in range(0, len(order), batch_size)]


def masked_mean(output, lengths):
    length = lengths.unsqueeze(1)
    mask = torch.arange(output.shape[1]) < length  # (B, T)：本当の時刻なら True
    return (output * mask.unsqueeze(2)).sum(dim=1) / length


def final_states(lstm, sequences):
    packed = pack_sequence(sequences, enforce_sorted=False)
    _, (h_n, _) = lstm(packed)
    return h_n[-1]
