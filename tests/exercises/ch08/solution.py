"""「はしごを登る」の解答。"""

import torch
from torch.nn.functional import binary_cross_entropy_with_logits


def attention_mean(scores, output, lengths):
    outside = torch.arange(scores.shape[1]) >= lengths[:, None]
    weights = scores.masked_fill(outside, -torch.inf).softmax(dim=1)
    return (weights[..., None] * output.masked_fill(outside[..., None], 0)).sum(dim=1)


def adversarial_noise(gradient, epsilon):
    largest = gradient.abs().amax(dim=(1, 2), keepdim=True)
    direction = gradient / torch.where(largest > 0, largest, 1)  # どの数も -1 から 1
    norm = direction.norm(dim=(1, 2), keepdim=True)  # すべて 0 の系列のほかは 1 以上
    return epsilon * direction / norm.clamp_min(1)


def distillation_loss(student, teachers):
    target = teachers.detach().sigmoid().mean(dim=0)
    return binary_cross_entropy_with_logits(student, target)
