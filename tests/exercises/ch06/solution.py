"""「時系列と生成」の解答。"""

import torch
import torch.nn.functional as F


def make_windows(series, width):
    n = len(series) - width
    inputs = torch.stack([series[i : i + width] for i in range(n)])
    targets = torch.stack([series[i + 1 : i + 1 + width] for i in range(n)])
    return inputs.unsqueeze(-1), targets.unsqueeze(-1)


def free_run(predict, start, steps):
    window = start
    predictions = []
    for _ in range(steps):
        value = predict(window)
        predictions.append(value)
        window = torch.cat([window[1:], value.reshape(1)])
    return torch.stack(predictions)


def sample_index(logits, temperature, u):
    probabilities = torch.softmax(logits / temperature, dim=0)
    total = 0.0
    for index, probability in enumerate(probabilities.tolist()):
        total += probability
        if total > u:
            return index
    return index  # 丸め誤差で和が u に届かなかったとき


def one_hot_windows(text, width):
    chars = sorted(set(text))
    index = {char: i for i, char in enumerate(chars)}
    ids = torch.tensor([index[char] for char in text])
    one_hot = F.one_hot(ids, len(chars)).float()
    n = len(text) - width
    x = torch.stack([one_hot[i : i + width] for i in range(n)])
    return x, one_hot[width:], chars
