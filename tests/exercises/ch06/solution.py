"""「時系列と生成」の解答。"""

import torch
from torch.nn.functional import mse_loss


def split_windows(series, width, split):
    train, test = series[:split], series[split:]
    low, high = train.min(), train.max()
    parts = []
    for part in (train, test):
        scaled = (part - low) / (high - low)
        pieces = scaled.unfold(0, width, 1).unsqueeze(-1)
        parts += [pieces[:-1], pieces[1:]]
    return tuple(parts)


def resting_points(predict, width, grid):
    gaps = torch.stack([predict(c.repeat(width)) - c for c in grid])
    left = (gaps[:-1] * gaps[1:] < 0).nonzero()[:, 0]
    right = left + 1
    share = gaps[left] / (gaps[left] - gaps[right])
    return grid[left] + share * (grid[right] - grid[left])


def sample_index(logits, temperature, u):
    probabilities = torch.softmax(logits / temperature, dim=0)
    total, last = 0.0, 0
    for index, probability in enumerate(probabilities.tolist()):
        if probability > 0:
            last = index
        total += probability
        if total > u:
            return index
    return last  # 丸め誤差で和が u に届かなかったときは、引かれうる最後の文字


def entropy_and_slope(logits, temperature):
    p = torch.softmax(logits / temperature, dim=0)
    entropy = -torch.xlogy(p, p).sum()
    mean = (p * logits).sum()
    variance = (p * (logits - mean) ** 2).sum()
    return entropy.item(), variance.item() / temperature**3


def carried_losses(model, series, rows, width):
    length = (len(series) - 1) // rows
    x = series[: rows * length].view(rows, length, 1)
    y = series[1 : rows * length + 1].view(rows, length, 1)
    state, losses = None, []
    for t in range(0, length - width + 1, width):
        prediction, state = model(x[:, t : t + width], state)
        state = tuple(each.detach() for each in state)
        losses.append(mse_loss(prediction, y[:, t : t + width]))
    return torch.stack(losses)


def brackets(text):
    opened = closed = paired = waiting = 0
    for char in text:
        if char == "「":
            opened += 1
            waiting += 1
        elif char == "」":
            closed += 1
            if waiting:
                paired += 1
                waiting -= 1
    return opened, closed, paired
