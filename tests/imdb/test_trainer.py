"""trainer：どこで止められても続けられ、止めなかった訓練とビットまで同じになる。"""

import pytest
import torch

from lstm_text.device import generator
from lstm_text.imdb import (
    MODEL,
    STATE,
    Adversarial,
    EncodedTexts,
    Labelled,
    Plan,
    Shape,
    Workers,
    best_weights,
    build_classifier,
    differences,
    train,
)
from lstm_text.storage import atomic, load_tensors
from lstm_text.text import training_batches

PLAN = Plan(epochs=3, batch_size=4)


class Killed(BaseException):
    pass


def reviews():
    g = generator(0)
    ids = torch.randint(2, 20, (200,), generator=g, dtype=torch.int32)
    return Labelled(EncodedTexts(ids, torch.arange(0, 201, 10)), [0, 1] * 10, max_length=9)


def run(folder, plan=PLAN, scores=(0.5, 0.9, 0.7), report=lambda progress: None, **about):
    model = build_classifier(
        torch.ones(20), Shape(4, 3, weight_dropout=0.3, word_dropout=0.1), seed=0
    )
    data = reviews()
    result = train(
        model,
        Adversarial(1.0),
        lambda seed: training_batches(data, plan.batch_size, generator(seed)),
        lambda: {"score": scores[done(folder)]},
        plan,
        folder,
        about,
        report=report,
    )
    return model, result


def done(folder):
    try:
        return len(load_tensors(folder / STATE, "訓練の途中").about["rows"])
    except FileNotFoundError:
        return 0


def content(folder):
    tensors, about = load_tensors(folder / STATE, "訓練の途中")
    rows = [{k: v for k, v in row.items() if k != "seconds"} for row in about["rows"]]
    return {k: v.clone() for k, v in tensors.items()}, rows, (folder / MODEL).read_bytes()


def assert_same(one, two):
    assert one[0].keys() == two[0].keys()
    for name in one[0]:
        assert torch.equal(one[0][name], two[0][name]), name
    assert one[1:] == two[1:]


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory):
    folder = tmp_path_factory.mktemp("unbroken")
    run(folder)
    return content(folder)


def test_twice_the_same(unbroken, tmp_path):
    run(tmp_path)
    assert_same(content(tmp_path), unbroken)


@pytest.mark.parametrize("step", [1, 4, 5, 6, 10, 11, 15])
def test_killed_at_any_step(unbroken, tmp_path, step):
    """15 回の更新のどこで止められても、失うのは 1 エポック（5 回）まで。"""
    steps = []

    def report(progress):
        steps.append(progress)
        if len(steps) == step:
            raise Killed

    with pytest.raises(Killed):
        run(tmp_path, report=report)
    assert done(tmp_path) == (step - 1) // 5
    run(tmp_path)
    assert_same(content(tmp_path), unbroken)


@pytest.mark.parametrize("nth", range(5))
@pytest.mark.parametrize("when", ["before", "after"])
def test_killed_around_any_replacement_of_a_file(unbroken, tmp_path, monkeypatch, nth, when):
    """model と state のどちらを置き換える前でも後でも。置き換えは全部で 2 + 2 + 1 回。"""
    count, original = [], atomic.os.replace

    def replace(*paths):
        count.append(paths)
        if len(count) <= nth:
            return original(*paths)
        if when == "after":
            original(*paths)
        raise Killed

    monkeypatch.setattr(atomic.os, "replace", replace)
    with pytest.raises(Killed):
        run(tmp_path)
    monkeypatch.setattr(atomic.os, "replace", original)
    run(tmp_path)
    assert_same(content(tmp_path), unbroken)
    assert sorted(path.name for path in tmp_path.iterdir()) == [MODEL, STATE]


def test_a_finished_run_is_left_alone(tmp_path):
    run(tmp_path)
    before = (tmp_path / STATE).stat().st_mtime_ns
    model, rows = run(tmp_path)
    assert len(rows) == 3 and (tmp_path / STATE).stat().st_mtime_ns == before
    assert torch.equal(model.head.weight, content(tmp_path)[0]["model.head.weight"])


def test_the_best_epoch_is_kept(tmp_path):
    run(tmp_path)
    weights, about = best_weights(tmp_path)
    assert about["row"]["epoch"] == 2 and about["row"]["score"] == 0.9
    assert not torch.equal(weights["head.weight"], content(tmp_path)[0]["model.head.weight"])


def test_other_settings_are_refused_by_name(tmp_path):
    run(tmp_path, shape={"hidden": 3})
    with pytest.raises(ValueError, match=r"設定が違う.*plan\.epochs は前が 3、今は 4"):
        run(tmp_path, plan=Plan(epochs=4, batch_size=4), shape={"hidden": 3})
    with pytest.raises(ValueError, match=r"shape\.hidden は前が 3、今は 5"):
        run(tmp_path, shape={"hidden": 5})


def test_a_broken_state_is_refused_and_left_for_the_reader_to_judge(tmp_path):
    run(tmp_path)
    whole = (tmp_path / STATE).read_bytes()
    (tmp_path / STATE).write_bytes(whole[:-10])
    with pytest.raises(ValueError, match="途中で切れているか"):
        run(tmp_path)
    (tmp_path / STATE).write_bytes(whole[:-1] + bytes([whole[-1] ^ 1]))
    with pytest.raises(ValueError, match="書き換えられています"):
        run(tmp_path)


def test_a_loss_that_is_not_finite_stops(tmp_path):
    with pytest.raises(FloatingPointError, match="学習率を下げて"):
        run(tmp_path, plan=Plan(epochs=1, batch_size=4, learning_rate=float("inf")))
    assert not (tmp_path / STATE).exists()


class TestPlan:
    def test_rate_goes_up_and_down_to_zero(self):
        plan = Plan(learning_rate=1.0)
        rates = [plan.rate(i / 200) for i in range(1, 201)]
        assert max(rates) == pytest.approx(1.0) and rates.index(max(rates)) == 9
        assert rates[-1] == 0 and all(rate >= 0 for rate in rates)

    def test_epoch_seeds_do_not_depend_on_the_number_of_epochs(self):
        seeds = [Plan(epochs=n).epoch_seed(2) for n in (2, 9)]
        assert seeds[0] == seeds[1] != Plan().epoch_seed(1)
        assert Plan(seed=1).epoch_seed(1) != Plan(seed=0).epoch_seed(1)

    def test_bad_plans(self):
        with pytest.raises(ValueError, match="1 以上"):
            Plan(epochs=0)
        with pytest.raises(ValueError, match="'float16' でした"):
            Plan(precision="float16")


def test_differences_are_named():
    assert differences({"a": 1, "b": {"c": 2}}, {"a": 1, "b": {"c": 2}}) == ""
    assert differences({}, {"a": 1}) == "a は前が None、今は 1"


def test_alone_the_whole_batch_is_mine():
    assert torch.equal(Workers().share(torch.arange(3))[0], torch.arange(3))
