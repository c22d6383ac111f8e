"""「使い分けと実践」の解答。"""

import math


def locked_dropout(x, p, keep):
    return x * keep.unsqueeze(1) / (1 - p)


def warmup_cosine(step, warmup, total, base):
    if step < warmup:
        return base * step / warmup
    progress = (step - warmup) / (total - warmup)
    return base * (1 + math.cos(math.pi * progress)) / 2


def best_epoch(val_losses, patience):
    best = 0
    for epoch, loss in enumerate(val_losses):
        if loss < val_losses[best]:
            best = epoch
        if epoch - best == patience:
            break
    return best, epoch
