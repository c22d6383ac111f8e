"""渡したモデルやほかのコードに、跡を残す答え。"""

import math
from collections import Counter as Count

import numpy as np
import pytest
import torch
from torch import nn

from tests.exercises import find
from tests.exercises.engine.examine import examine
from tests.exercises.engine.exercise import Exercise, Outcome


def exercise_about(check, id="1.1"):
    return Exercise(id, find(id).name, "", "節", 1, 1, ("一", "二"), check)


def reading(model, x):
    return model(x)


def in_eval_mode(model, x):
    return model.eval()(x)


def with_one_layer_in_eval_mode(model, x):
    model[0].eval()
    return model(x)


def with_another_setting(model, x):
    model[1].in_features = 4
    return model(x)


def with_frozen_weights(model, x):
    result = model(x)
    model[1].bias.requires_grad_(False)
    return result


def with_a_hook(model, x):
    model[0].register_forward_hook(lambda *_: None)
    return model(x)


def with_a_hook_on_a_weight(model, x):
    model[0].weight.register_hook(lambda grad: grad)
    return model(x)


def scaling_the_weights(model, x):
    result = model(x)
    model[1].weight.data *= 2
    return result


def scaling_a_view(model, x):
    result = model(x)
    model[1].weight.detach().numpy()[:] *= 2
    return result


def leaving_gradients(model, x):
    model(x).sum().backward()
    return model(x)


def with_another_weight(model, x):
    model[1].weight = nn.Parameter(model[1].weight.detach().clone())
    return model(x)


def putting_everything_back(model, x):
    before = model.training
    handle = model.register_forward_hook(lambda *_: None)
    model.eval()
    with torch.no_grad():
        model[1].bias += 1
        model[1].bias -= 1
    handle.remove()
    model.train(before)
    return model(x)


def check_reading(f):
    torch.manual_seed(1)
    model = nn.Sequential(nn.Linear(3, 2), nn.Linear(2, 2)).double()
    f(model, torch.ones(4, 3, dtype=torch.float64))


@pytest.mark.parametrize(
    ("f", "words"),
    [
        (in_eval_mode, "訓練モード"),
        (with_one_layer_in_eval_mode, "訓練モード"),
        (with_another_setting, "設定"),
        (with_frozen_weights, "requires_grad"),
        (with_a_hook, "フック"),
        (with_a_hook_on_a_weight, "フック"),
        (with_another_weight, "置き換えています"),
        (leaving_gradients, ".grad を変えた"),
        (scaling_the_weights, "重みを書き換えています"),
        (scaling_a_view, "重みを書き換えています"),
    ],
)
def test_traces_on_a_model_are_named(f, words):
    report = examine(exercise_about(check_reading), f)
    assert report.outcome is Outcome.INCORRECT
    assert words in report.sentence
    assert "渡したモデル" in report.sentence


@pytest.mark.parametrize("f", [reading, putting_everything_back])
def test_reading_a_model_is_allowed(f):
    assert examine(exercise_about(check_reading), f).outcome is Outcome.CORRECT


def backward_into(x):
    x.requires_grad_().sum().backward()
    return x.requires_grad_(False)


TENSOR_TRACES = [
    (False, lambda x: x.requires_grad_(), "requires_grad を変えた"),
    (False, backward_into, ".grad を残しています"),
    (True, lambda x: x.detach_(), "requires_grad を変えた"),
    (True, lambda x: x.sum().backward(), ".grad を残しています"),
]


@pytest.mark.parametrize(("needed", "f", "words"), TENSOR_TRACES)
def test_traces_on_a_tensor_are_named(needed, f, words):
    """入れ子の中のテンソルに残した跡も。"""
    x = torch.ones(2, dtype=torch.float64, requires_grad=needed)
    exercise = exercise_about(lambda f: f([{"x": x}]))
    assert words in examine(exercise, lambda rows: f(rows[0]["x"])).sentence


@pytest.mark.parametrize("needed", [False, True])
def test_gradients_of_copies_are_allowed(needed):
    def f(x):
        copies = [x.detach().requires_grad_() for _ in range(2)]
        (copies[0] ** 2).sum().backward()
        return torch.autograd.grad(copies[1].exp().sum(), copies[1])

    x = torch.ones(2, dtype=torch.float64, requires_grad=needed)
    assert examine(exercise_about(lambda f: f(x)), f).outcome is Outcome.CORRECT


def test_what_the_solution_changes_may_be_changed():
    """2.4 は重みを書き換える問。訓練モードまで変えてよいわけではない。"""
    exercise = find("2.4")
    solution = exercise.part("solution")
    assert examine(exercise, solution).outcome is Outcome.CORRECT

    def f(lstm, value):
        solution(lstm, value)
        lstm.eval()

    assert "訓練モード" in examine(exercise, f).sentence


@pytest.mark.parametrize(
    ("argument", "alter"),
    [
        (torch.ones(2), lambda x: x.data.mul_(2)),
        (torch.ones(2), lambda x: x.numpy().fill(2)),
        (np.ones(2), lambda x: x.fill(2)),
        ([1, 2], lambda x: x.append(3)),
        ([[1], [2]], lambda x: x[0].append(3)),
        ({"a": [1]}, lambda x: x.update(b=2)),
        ({1, 2}, lambda x: x.add(3)),
        (Count("aab"), lambda x: x.update("c")),
    ],
)
def test_changed_arguments_are_found(argument, alter):
    report = examine(exercise_about(lambda f: f(argument)), alter)
    assert "引数を書き換えています" in report.sentence


def test_nan_in_an_argument_is_not_a_change():
    cases = [[0.5, math.nan], torch.tensor([math.nan]), np.array([math.nan])]
    exercise = exercise_about(lambda f: [f(each) for each in cases])
    assert examine(exercise, lambda x: None).outcome is Outcome.CORRECT


def tanh_of_their_own(x):
    return x


@pytest.mark.parametrize(
    ("owner", "name", "sentence"),
    [
        (torch, "tanh", "torch.tanh を置き換え"),
        (torch.Tensor, "tanh", "torch.Tensor.tanh を置き換え"),
        (nn.functional, "linear", "nn.functional.linear を置き換え"),
        (nn, "LSTM", "nn.LSTM を置き換え"),
        (nn.LSTMCell, "forward", "nn.LSTMCell.forward を置き換え"),
        (np, "tanh", "np.tanh を置き換え"),
        (math, "tanh", "math.tanh を置き換え"),
    ],
)
def test_replaced_functions_are_named_and_put_back(owner, name, sentence):
    before = getattr(owner, name)
    solution = find("2.1").part("solution")

    def f(*args):
        result = solution(*args)
        setattr(owner, name, tanh_of_their_own)
        return result

    assert sentence in examine(find("2.1"), f).sentence
    assert getattr(owner, name) is before
