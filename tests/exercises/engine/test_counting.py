"""行列の積と演算を、どんな書き方で使っても数える。"""

import pytest
import torch
import torch.nn.functional as F

from tests.exercises import find
from tests.exercises.engine.counting import Contractions, Products, calls_in
from tests.exercises.engine.watch import Watched

A, B = torch.linspace(-1, 1, 9).view(3, 3), torch.linspace(0, 2, 9).view(3, 3)


def without_gradients(a, b):
    with torch.inference_mode():
        return F.linear(a.clone(), b.clone().T)


@pytest.mark.parametrize(
    "multiply",
    [
        lambda a, b: a @ b,
        lambda a, b: F.linear(a, b.T),
        lambda a, b: F.linear(a, b.T, torch.zeros(3)),
        lambda a, b: torch.linalg.multi_dot([a, b]),
        lambda a, b: torch.tensordot(a, b, 1),
        lambda a, b: torch.einsum("ij,jk->ik", a, b),
        lambda a, b: (a[:, :, None] * b).sum(1),
        lambda a, b: torch.stack([torch.stack([row @ column for column in b.T]) for row in a]),
        lambda a, b: torch.stack([torch.mv(a, column) for column in b.T], 1),
        lambda a, b: torch.zeros(3, 3).addmm_(a, b),
        lambda a, b: torch.mm(a, b, out=torch.zeros(3, 3)),
        lambda a, b: torch.vmap(torch.mv, (None, 1), 1)(a, b),
        without_gradients,
    ],
)
def test_a_product_is_counted_however_it_is_written(multiply):
    with Products() as products:
        result = multiply(A, B)
    assert torch.allclose(result, A @ B)
    assert products.elements == 9


@pytest.mark.parametrize(
    "multiply",
    [
        lambda a, b: a.flatten(0, 1).T @ b.flatten(0, 1),
        lambda a, b: torch.tensordot(a, b, ([0, 1], [0, 1])),
        lambda a, b: torch.einsum("tbg,tbd->gd", a, b),
        lambda a, b: torch.zeros(4, 5).addmm_(a.flatten(0, 1).T, b.flatten(0, 1)),
        lambda a, b: F.linear(a.flatten(0, 1).T, b.flatten(0, 1).T),
    ],
)
def test_terms_added_by_one_product(multiply):
    """時刻 6 つ、系列 2 つの積を 1 回で足せば 12、2 時刻ずつに分ければ 4。"""
    a, b = torch.linspace(-1, 1, 48).view(6, 2, 4), torch.linspace(0, 2, 60).view(6, 2, 5)
    with Contractions() as products:
        whole = multiply(a, b)
    assert products.longest == 12
    with Contractions() as products:
        parts = sum(map(multiply, a.split(2), b.split(2)))
        assert a.flatten(0, 1).T.mv(torch.ones(12)).shape == (4,)  # ベクトルとの積は見ない
    assert products.longest == 4
    assert torch.allclose(whole, parts, atol=1e-5)


def test_three_matrices_take_two_products():
    with Products() as products:
        torch.linalg.multi_dot([A, B, A])
    assert products.elements == 18


def test_copies_and_elementwise_products_are_not_counted():
    with Products() as products:
        torch.cat([torch.diag(A[0]) * B, (1 - A**2)[:, None].clone().squeeze(1)])
    assert products.elements == 0


def test_only_the_calls_of_the_answer_are_counted():
    exercise = find("2.3")
    assert calls_in(Watched(lambda x: None, exercise), A) == 0
    assert calls_in(Watched(lambda x: x.exp().sin(), exercise), A) == 2
