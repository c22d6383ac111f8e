"""練習の試験の用意：誤答の結果の控え。"""

import pytest

from tests.exercises.engine import examine
from tests.exercises.engine.kept import Kept


@pytest.fixture(scope="session")
def kept():
    return Kept()


@pytest.fixture(autouse=True)
def _run_each_wrong_answer_once(kept, monkeypatch):
    monkeypatch.setattr(examine, "evidence_of_wrong", kept)
    yield
    kept.forget_calls()
