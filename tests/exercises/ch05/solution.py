"""「双方向 RNN」の解答。"""

import torch

from lstm_text import IGNORE


def last_states(output, lengths):
    forward, backward = output.chunk(2, dim=2)
    rows = torch.arange(len(output))
    return torch.cat([forward[rows, lengths - 1], backward[:, 0]], dim=1)


def backward_states(layer, x, lengths):
    time, length = torch.arange(x.shape[1]), lengths[:, None]
    inside = time < length
    source = torch.where(inside, length - 1 - time, time)  # (B, T)：どの時刻から取るか
    rows = torch.arange(len(x))[:, None]
    output, _ = layer(x[rows, source])  # 最後の語が先頭に、パディングは後ろのまま
    return output[rows, source] * inside[:, :, None]  # 読んだ順を、時刻の順に戻す


def delay(x, tags, steps):
    batch, _, size = x.shape
    longer = torch.cat([x, x.new_zeros(batch, steps, size)], dim=1)
    later = torch.cat([tags.new_full((batch, steps), IGNORE), tags], dim=1)
    return longer, later


def best_window_accuracy(start, move, distance, seen):
    if seen >= distance:
        return 1.0
    so_far = torch.linalg.matrix_power(move, seen)  # 今の記号 i から、見えている最後の記号 j へ
    rest = torch.linalg.matrix_power(move, distance - seen)  # j から、タグを決める記号へ
    symbols = torch.arange(len(start))
    larger = (symbols > symbols[:, None]).to(move.dtype)  # i の行では、i より大きい記号が 1
    p = larger @ rest.T  # (i, j) のとき、タグが 1 の確率
    return (start[:, None] * so_far * torch.maximum(p, 1 - p)).sum().item()


def cloze_states(lstm, x):
    output, _ = lstm(x)
    forward, backward = output.chunk(2, dim=2)
    nothing = torch.zeros_like(forward[:, :1])
    before = torch.cat([nothing, forward[:, :-1]], dim=1)
    after = torch.cat([backward[:, 1:], nothing], dim=1)
    return torch.cat([before, after], dim=2)
