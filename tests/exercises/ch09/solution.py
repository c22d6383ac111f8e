"""「使い分けと実践」の解答。"""

import math

import torch


def locked_dropout(x, p, training, rng):
    if not training:
        return x
    batch, _, features = x.shape
    keep = torch.from_numpy(rng.random((batch, 1, features)) >= p)
    return x * keep / (1 - p)


def warmup_cosine(step, warmup, total, base):
    if step < warmup:
        return base * step / warmup
    progress = min(1.0, (step - warmup) / (total - warmup))
    return base * (1 + math.cos(math.pi * progress)) / 2


def best_epoch(val_losses, patience, min_delta):
    best = 0
    for epoch, loss in enumerate(val_losses):
        if loss < val_losses[best] - min_delta:
            best = epoch
        if epoch - best == patience:
            break
    return best, epoch


def calibration_error(probability, labels, edges):
    confidence = torch.maximum(probability, 1 - probability)
    right = (probability > 0.5) == (labels == 1)
    total = 0.0
    for left, end in zip(edges, [*edges[1:], math.inf], strict=True):
        inside = (confidence >= left) & (confidence < end)
        gap = confidence[inside].sum() - right[inside].sum()
        total += abs(gap.item()) / len(probability)
    return total


def int8_bound(weight, x, per_row):
    largest = weight.abs().amax(dim=1) if per_row else weight.abs().max().expand(len(weight))
    return largest / 127 / 2 * x.abs().sum()
