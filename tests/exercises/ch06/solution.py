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


def tipping_point(predict, width, low, high, steps):
    def end(c):
        window = torch.full((width,), float(c))
        with torch.no_grad():
            for _ in range(steps):
                window = torch.cat([window[1:], predict(window).view(1)])
        return window[-1].item()

    from_low, from_high = end(low), end(high)  # 比べる相手は、初めの両端のまま変えない
    while high - low > 0.001:
        middle = (low + high) / 2
        last = end(middle)
        if abs(last - from_low) < abs(last - from_high):
            low = middle
        else:
            high = middle
    return (low + high) / 2


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
