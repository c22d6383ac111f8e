"""答え合わせの仕組み: どの練習でも起こる誤りを、一つの文で知らせる。"""

import collections
import functools
import random
import re
import sys
import types

import numpy as np
import pytest
import torch

from tests.exercises import check, every_exercise, find
from tests.exercises.ch02.checks import torch_lstm_forward
from tests.exercises.engine.cases import long_scans
from tests.exercises.engine.compare import apart, expect, same
from tests.exercises.engine.examine import examine, tally
from tests.exercises.engine.exercise import Exercise, Incorrect, Kind, Outcome, Stage
from tests.exercises.engine.load import load
from tests.exercises.engine.recurrent import agree, agree_when_saturated, layer_cases

EXERCISES = every_exercise()

# --- どの練習の解答も、こうすると要修正になる --------------------------------------


def returning_none(solution):
    return lambda *args: None


def raising(solution):
    def f(*args):
        raise ValueError("わざと")

    return f


def exiting(solution):
    return lambda *args: sys.exit(3)


def recursing(solution):
    def f(*args):
        return f(*args)

    return f


def with_one_parameter(solution):
    def f(x, /):
        return x

    return f if solution.__code__.co_argcount > 1 else lambda: None


def not_a_function(solution):
    return 3


def yielding(solution):
    def f(*args):
        yield solution(*args)

    return f


def calling_a_stub(solution):
    def other():
        raise NotImplementedError

    return lambda *args: other()


def seeding(solution):
    def f(*args):
        torch.manual_seed(0)
        return solution(*args)

    return f


def seeding_numpy(solution):
    def f(*args):
        np.random.seed(0)
        np.random.rand(1000)
        return solution(*args)

    return f


def seeding_python(solution):
    def f(*args):
        result = solution(*args)
        random.seed(0)
        return result

    return f


def changing_the_default_dtype(solution):
    def f(*args):
        result = solution(*args)
        torch.set_default_dtype(torch.float32)
        return result

    return f


def stopping_gradients(solution):
    def f(*args):
        result = solution(*args)
        torch.set_grad_enabled(False)
        return result

    return f


def repeating_the_first_result(solution):
    results = []

    def f(*args):
        if not results:
            results.append(solution(*args))
        return results[0]

    return f


SPOILERS = [
    (raising, "。ValueError: わざと"),
    (exiting, "exit()"),
    (recursing, "関数が自分を呼び続けています"),
    (with_one_parameter, "個で呼びますが、定義は"),
    (not_a_function, "関数ではありません"),
    (calling_a_stub, "other が、まだ書かれていません"),
    (seeding, "torch.manual_seed で"),
    (seeding_numpy, "np.random.seed で"),
    (seeding_python, "random.seed で"),
    (changing_the_default_dtype, "torch.set_default_dtype"),
    (stopping_gradients, "torch.set_grad_enabled"),
]

RESULT_SPOILERS = [
    (returning_none, "None です。return を忘れていませんか。"),
    (yielding, "generator です。"),
    (repeating_the_first_result, "。"),
]

# lstm を書き換え、None を返す問。
RETURNS_NOTHING = {e.id for e in EXERCISES if e.name == "set_forget_bias"}

# 引数のない設計の問の重みは、いつも同じでよい。探究の問は、いつも同じ報告を返す。
WITHOUT_ARGUMENTS = {"remember_sign", "bracket_counter"}
ALWAYS_THE_SAME = {e.id for e in EXERCISES if e.name in WITHOUT_ARGUMENTS or e.kind is Kind.EXPLORE}

# 返すのは 0 と 1 だけなので、float32 に丸めても変わらない。
ZEROS_AND_ONES = {"6.4"}

# 小数のテンソルを返さない問。
WITHOUT_FLOATS = {
    *("remember_sign", "largest_learning_rate", "set_forget_bias", "largest_hidden"),
    *("bracket_counter", "forget_bias_for", "open_both", "window_mse", "keeping_bias"),
    *("latch_lstm", "compare", "adding_gru", "gru_slope", "best_window_accuracy", "sample_index"),
    *("entropy_and_slope", "brackets", "pad_batch", "encode_splits", "length_buckets"),
    *("paired_p_value", "blind_pair", "unmask", "best_temperature", "luck_of_the_best"),
    *("two_pairs", "leanings", "tipping_point"),
    *("same_distance", "best_epoch", "calibration_error", "my_choice", "coverage"),
    *("sign_flip_test", "time_ratio", "sign_test_power", "my_question", "checkpoint_plan"),
    *("truncated_gradients", "truncation_plan", "same_when_cut", "scan_costs"),
}


def assert_incorrect(exercise, f, words):
    """要修正となり、その文に ``words`` があり、大域の設定は元のまま。"""
    before = torch.get_rng_state(), torch.get_default_dtype()
    report = examine(exercise, f)
    assert report.outcome is Outcome.INCORRECT
    assert words in report.sentence
    assert report.sentence.count("。") <= 2
    assert "調べられませんでした" not in report.sentence
    assert torch.is_grad_enabled()
    assert torch.equal(torch.get_rng_state(), before[0])
    assert torch.get_default_dtype() is before[1]


def by_name(each):
    return getattr(each, "__name__", "")


each_exercise = pytest.mark.parametrize("exercise", EXERCISES, ids=lambda exercise: exercise.id)


@pytest.mark.parametrize(("spoil", "words"), SPOILERS, ids=by_name)
@pytest.mark.parametrize("id", ["1.2", "2.1", "2.4", "2.6"])
def test_spoiled_solution_is_incorrect(id, spoil, words):
    exercise = find(id)
    assert_incorrect(exercise, spoil(exercise.part("solution")), words)


@pytest.mark.parametrize(("spoil", "words"), RESULT_SPOILERS, ids=by_name)
@pytest.mark.parametrize(
    "exercise", [e for e in EXERCISES if e.id not in RETURNS_NOTHING], ids=lambda e: e.id
)
def test_spoiled_result_is_incorrect(exercise, spoil, words):
    if spoil is repeating_the_first_result and exercise.id in ALWAYS_THE_SAME:
        pytest.skip("いつも同じ値を返す問")
    assert_incorrect(exercise, spoil(exercise.part("solution")), words)


def last_tensor(value, alter):
    """入れ子の最後の浮動小数のテンソルを ``alter`` したもの。"""
    if isinstance(value, torch.Tensor) and value.is_floating_point():
        return alter(value)
    if isinstance(value, dict):
        values = list(value.values())
        changed = last_tensor(values, alter)
        return value if changed is values else dict(zip(value, changed, strict=True))
    if isinstance(value, list | tuple):
        for i in reversed(range(len(value))):
            changed = last_tensor(value[i], alter)
            if changed is not value[i]:
                return [*value[:i], changed, *value[i + 1 :]]
    return value


def nudge_the_last_element(tensor):
    step = torch.zeros(tensor.numel())
    step[-1] = 1e-7
    return tensor + step.reshape(tensor.shape)


def nan_in_the_last_element(tensor):
    return nudge_the_last_element(tensor) * torch.where(
        nudge_the_last_element(torch.zeros_like(tensor)) > 0, torch.nan, 1.0
    )


def round_to_float32(tensor):
    return tensor.float().double()


ALTERATIONS = [
    (torch.Tensor.float, "float32 です"),
    (round_to_float32, "float32 に丸めた"),
    (lambda tensor: tensor[None], "の形は"),
    (lambda tensor: [tensor.tolist()], "list です"),
    (nudge_the_last_element, "のはずですが"),
    (nan_in_the_last_element, "nan でした"),
    (lambda tensor: tensor.to("meta"), "CPU に置く約束"),
]


def examine_altered(exercise, alter):
    """戻り値を ``alter`` した解答を確かめた結果と、変わった戻り値があったか。"""
    solution, touched = exercise.part("solution"), []

    def f(*args):
        with torch.no_grad():
            result = solution(*args)
            changed = last_tensor(result, alter)
        touched.append(changed is not result)
        return changed

    return examine(exercise, f), any(touched)


@pytest.mark.parametrize(("alter", "words"), ALTERATIONS)
@pytest.mark.parametrize(
    "exercise", [e for e in EXERCISES if e.name not in WITHOUT_FLOATS], ids=lambda e: e.id
)
def test_altered_result_is_incorrect(exercise, alter, words):
    if alter is round_to_float32 and exercise.id in ZEROS_AND_ONES:
        pytest.skip("丸めても変わらない問")
    report, touched = examine_altered(exercise, alter)
    assert touched, f"{exercise.name} を WITHOUT_FLOATS に加える"
    assert report.outcome is Outcome.INCORRECT
    assert words in report.sentence


@pytest.mark.parametrize("name", sorted(WITHOUT_FLOATS))
def test_no_tensor_of_floats_is_returned(name):
    (exercise,) = (e for e in EXERCISES if e.name == name)
    assert not examine_altered(exercise, torch.Tensor.float)[1]


@pytest.mark.parametrize(
    ("id", "accepted"), [("1.3", True), ("2.5", True), ("1.1", False), ("4.3", False)]
)
def test_numpy_is_refused_only_where_gradients_are_asked(id, accepted):
    """勾配を見ない問では、同じ型と形の NumPy の配列でよい。"""
    solution = find(id).part("solution")

    def f(*args):
        with torch.no_grad():
            return last_tensor(solution(*args), torch.Tensor.numpy)

    report = examine(find(id), f)
    assert (report.outcome is Outcome.CORRECT) is accepted
    assert accepted or "NumPy の配列" in report.sentence


# --- それでも正しい答え -----------------------------------------------------------


@each_exercise
def test_printing_is_allowed_and_shown(exercise):
    def f(*args):
        print("途中の値")
        print("警告", file=sys.stderr)
        return exercise.part("solution")(*args)

    report = examine(exercise, f)
    assert report.outcome is Outcome.CORRECT
    assert report.printed.startswith("途中の値\n警告\n")


def test_endless_printing_is_cut():
    def f(*args):
        for _ in range(100):
            print("長い行" * 1000)
        return find("1.1").part("solution")(*args)

    assert len(examine(find("1.1"), f).printed) <= 2000


def test_using_random_numbers_in_passing_is_allowed():
    """nn.RNNCell を作るだけでも乱数は動く。答えが変わらないなら、いくつ引いても構わない。"""

    @functools.wraps(find("1.1").part("solution"))
    def f(*args):
        torch.rand(3)
        np.random.rand()
        random.random()
        np.random.standard_normal(10_000)
        [random.gauss(0, 1) for _ in range(1000)]
        return find("1.1").part("solution")(*args)

    assert examine(find("1.1"), f).outcome is Outcome.CORRECT


def test_seeds_put_back_are_allowed():
    def f(*args):
        states = np.random.get_state(), random.getstate()
        np.random.seed(0)
        random.seed(0)
        np.random.set_state(states[0])
        random.setstate(states[1])
        return find("1.1").part("solution")(*args)

    assert examine(find("1.1"), f).outcome is Outcome.CORRECT


@pytest.mark.parametrize("seed", [torch.manual_seed, np.random.seed, random.seed])
def test_a_measurement_of_their_own_may_be_seeded(seed):
    def f():
        seed(0)
        return find("9.1").part("alternatives").written_down()

    assert examine(find("9.1"), f).outcome is Outcome.CORRECT


@pytest.mark.filterwarnings("ignore")  # torch の中の警告
def test_compiled_answer_is_correct():
    compiled = torch.compile(find("4.3").part("solution"), backend="eager")
    report = examine(find("4.3"), lambda *args: compiled(*args))
    assert report.outcome is Outcome.CORRECT, report.sentence


# --- 型と、長い系列 ---------------------------------------------------------------------


def check_lstm(f):
    """nn.LSTM と、値も勾配も一致する。"""
    names = ("output (B, T, H)", ("h_n (B, H)", "c_n (B, H)"))
    cases = layer_cases(gates=4, states=2)
    agree(f, torch_lstm_forward, cases, names)
    agree_when_saturated(f, torch_lstm_forward, cases[0], names)


def lstm_forward(step, zeros=None):
    """時刻 t の状態を ``step`` に通す LSTM。"""

    def f(x, h0, c0, *weights):
        h, c, output = h0, c0, []
        for t in range(x.shape[1]):
            h, c = step(t, *torch.lstm_cell(x[:, t], (h, c), *weights))
            output.append(h)
        output = torch.stack(output, 1)
        return output if zeros is None else output + zeros(output), (h, c)

    return f


def detached_every_eight(t, h, c):
    return (h.detach(), c.detach()) if t % 8 == 7 else (h, c)


def cut_at_five(t, h, c):
    if h.requires_grad:
        h.register_hook(lambda grad: grad.clamp(-5, 5))
    return h, c


@pytest.mark.parametrize("step", [detached_every_eight, cut_at_five])
def test_truncated_gradients_are_found(step):
    report = examine(exercise_about(check_lstm), lstm_forward(step))
    assert report.outcome is Outcome.INCORRECT
    assert "についての勾配" in report.sentence


def test_zeros_may_have_the_default_dtype():
    """型を書かない torch.zeros は、どの型の引数で呼ばれても、その型になる。"""
    f = lstm_forward(lambda t, h, c: (h, c), lambda output: torch.zeros(output.shape))
    assert examine(exercise_about(check_lstm), f).outcome is Outcome.CORRECT


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
def test_a_fixed_dtype_is_refused(dtype):
    """いつも同じ型で計算する答え。文は、どちらの型も正しいとは教えない。"""
    solution = find("4.3").part("solution")
    other = {torch.float64: "float32", torch.float32: "float64"}[dtype]
    report = examine(find("4.3"), lambda *args: solution(*(each.to(dtype) for each in args)))
    assert report.outcome is Outcome.INCORRECT
    assert f"引数と同じ型（{other}）で返してください" in report.sentence
    assert f"型は {other} のはず" not in report.sentence


@pytest.mark.parametrize(
    "copied",
    [
        torch.tensor,
        lambda w: w.clone().detach(),
        lambda w: torch.from_numpy(w.detach().numpy().copy()),
        lambda w: torch.nn.Parameter(w),
    ],
)
def test_copied_weights_lose_their_gradients(copied):
    solution = find("4.3").part("solution")

    def f(w_ih, *others):
        return solution(copied(w_ih), *others)

    sentence = examine(find("4.3"), f).sentence
    assert "w_ih まで勾配が届きません" in sentence
    assert "torch.tensor()" in sentence


def test_long_scans_break_a_division_by_a_running_product():
    for a, b, h0 in long_scans():
        states, h = [], h0
        for each_a, each_b in zip(a, b, strict=True):
            h = each_a * h + each_b
            states.append(h)
        assert torch.stack(states).isfinite().all()
        product = a.cumprod(0)
        assert not (product * (h0 + (b / product).cumsum(0))).isfinite().all()


# --- 読み込めないファイル -----------------------------------------------------------

ANSWER = """\"\"\"答え\"\"\"\n\n\ndef rnn_forward(x):\n    return x * 2\n"""


def loading(folder, content):
    """その中身のファイルを読み込めないと知らせる文。"""
    path = folder / "ch01.py"
    path.write_bytes(content)
    with pytest.raises(Incorrect) as caught:
        load(path)
    return caught.value.sentence


@pytest.mark.parametrize("encoding", ["cp932", "euc-jp", "utf-16", "utf-16-le"])
def test_other_encodings_are_named(encoding, tmp_path):
    expected = "ch01.py の文字コードを読めません。UTF-8 で保存し直してください。"
    assert loading(tmp_path, ANSWER.encode(encoding)) == expected


@pytest.mark.parametrize(
    "content",
    [
        ANSWER.encode("utf-8-sig"),
        ANSWER.replace("\n", "\r\n").encode(),
        ("# coding: cp932\n" + ANSWER).encode("cp932"),
    ],
)
def test_readable_files_are_loaded(content, tmp_path):
    path = tmp_path / "ch01.py"
    path.write_bytes(content)
    assert load(path).rnn_forward(3) == 6


@pytest.mark.parametrize("pair", [("x * 2", "x　* 2"), ("(x)", "（x）"), ("* 2", "＊ 2")])
def test_full_width_characters_are_pointed_out(pair, tmp_path):
    sentence = loading(tmp_path, ANSWER.replace(*pair).encode())
    assert "全角の文字や空白が混じっていれば、半角に直してください。" in sentence


def test_ordinary_syntax_errors_say_nothing_about_width(tmp_path):
    sentence = loading(tmp_path, ANSWER.replace("def", "dof").encode())
    assert "4 行目 `dof rnn_forward(x):` を Python として読めません" in sentence
    assert "全角" not in sentence


# --- 誤答と正答の数 ------------------------------------------------------------------


def test_every_kind_is_counted():
    """``-s`` を付けて走らせると、表が見える。"""
    table = tally(EXERCISES)
    for kind, row in table.items():
        print(f"{kind.value}　" + "　".join(f"{name} {count}" for name, count in row.items()))
    assert sum(row["問"] for row in table.values()) == len(EXERCISES)
    assert all(row["誤答"] >= 3 * row["問"] for row in table.values())
    assert all(row["正答"] >= 2 * row["問"] for row in table.values())


# --- 前の練習の関数 ---------------------------------------------------------------


LAYER = """
import torch

def gru_step(x, h, w_ih, w_hh, b_ih, b_hh):
    x_r, x_z, x_n = (x @ w_ih.T + b_ih).chunk(3, dim=1)
    h_r, h_z, h_n = (h @ w_hh.T + b_hh).chunk(3, dim=1)
    z = torch.sigmoid(x_z + h_z + EXTRA)
    return (1 - z) * torch.tanh(x_n + torch.sigmoid(x_r + h_r) * h_n) + z * h

def gru_layer(x, h0, *weights):
    def step(x_t):
        return gru_step(x_t, h, *weights)

    h, output = h0, []
    for x_t in x.unbind(1):
        h = step(x_t)
        output.append(h)
    return torch.stack(output, 1), h
"""


def check_gru_layer(f):
    """4.1 のセルを端まで回したものと、同じ値になる。"""
    x, h0, *weights = layer_cases(gates=3, states=1)[0]
    cell, h, output = find("4.1").part("solution"), h0, []
    for x_t in x.unbind(1):
        h = cell(x_t, h, *weights)
        output.append(h)
    expect(f(x, h0, *weights), (torch.stack(output, 1), h), ("output (B, T, H)", "h_n (B, H)"))


@pytest.mark.parametrize(("extra", "blamed"), [("1", True), ("0", False)])
def test_a_mistake_in_an_earlier_exercise_is_told(extra, blamed):
    found = {}
    exec(LAYER.replace("EXTRA", extra).replace("1), h\n", "1), h0\n"), found)
    later = Exercise("4.5", "gru_slope", "", "節", 1, 1, ("一", "二"), check_gru_layer)
    sentence = examine(later, found["gru_layer"]).sentence
    assert ("gru_slope が呼んでいる gru_step（練習 4.1）も、要修正です" in sentence) is blamed
    assert ("h_n" in sentence) is not blamed


def test_a_state_carried_to_the_next_call_is_told():
    kept = {}

    def f(x, h0, *weights):
        h0 = kept.get(h0.shape, h0)
        output, h_n = find("1.1").part("solution")(x, h0, *weights)
        kept.clear()
        kept[h0.shape] = h_n.detach()
        return output, h_n

    assert "二度目に呼ぶと答えが変わります" in examine(find("1.1"), f).sentence


# --- 順序と文 -------------------------------------------------------------------


def exercise_about(check):
    return Exercise("1.1", "rnn_forward", "", "節", 1, 1, ("一", "二"), check)


def test_first_stage_is_reported():
    """引数の書き換えより形が先、値より引数の書き換えが先。"""

    def f(x):
        x += 1
        return x

    x = torch.zeros(2, 3, dtype=torch.float64)
    shape = exercise_about(lambda f: expect(f(x), torch.ones(3, 2), "y (A, B)"))
    value = exercise_about(lambda f: expect(f(x), torch.zeros(2, 3), "y (A, B)"))
    assert "y の形は (A, B) = (3, 2) のはずですが、(2, 3) です。" in examine(shape, f).sentence
    assert "引数を書き換えています" in examine(value, f).sentence


def test_error_shows_only_the_readers_last_line():
    def helper(x):
        return x @ x

    def f(x):
        return helper(x)

    exercise = exercise_about(lambda f: f(torch.zeros(2, 3)))
    sentence = examine(exercise, f).sentence
    assert sentence.startswith("test_checking.py の ")
    assert "行目 `return x @ x` でエラーになりました" in sentence
    assert sentence.endswith("。RuntimeError: 行列の形が合わないので掛けられません（2x3 と 2x3）。")


def test_explained_not_implemented_error_is_an_error():
    def f(x):
        raise NotImplementedError("この型では計算できません")

    report = examine(exercise_about(lambda f: f(1)), f)
    assert report.outcome is Outcome.INCORRECT
    assert "この型では計算できません" in report.sentence


def test_unforeseen_result_is_incorrect():
    def check(f):
        (_,) = f(1)

    report = examine(exercise_about(check), lambda x: x)
    assert report.outcome is Outcome.INCORRECT
    assert "調べられませんでした" in report.sentence


@pytest.mark.parametrize(
    ("got", "want"),
    [
        ([1, 2.0], (1, 2.0)),
        (np.float64(0.5), 0.5),
        (torch.tensor(0.5), 0.5),
        (np.int64(3), 3),
        (0.1 + 0.2, 0.3),
        (1, 1.0),
        (float("inf"), float("inf")),
        (torch.tensor([torch.nan]), torch.tensor([torch.nan])),
        ({"b": 1, "a": "x"}, {"a": "x", "b": 1}),
        (torch.ones(3, 2).T, torch.ones(2, 3)),
        (torch.nn.Parameter(torch.ones(2)), torch.ones(2)),
        (torch.zeros(0, 3), torch.zeros(0, 3)),
        (np.bool_(True), True),
        (float("nan"), float("nan")),
        (np.ones((2, 3)), torch.ones(2, 3, dtype=torch.float64)),
        (np.float64(0.5), torch.tensor(0.5, dtype=torch.float64)),
        (np.arange(3)[::-1], torch.tensor([2, 1, 0])),
        (types.MappingProxyType({"a": 1}), {"a": 1}),
        (collections.UserDict(a=1), {"a": 1}),
        (collections.namedtuple("Pair", "a b")(1, 2), (1, 2)),
        (torch.tensor(0.1) * 3, torch.tensor(0.3)),
    ],
)
def test_same(got, want):
    assert same(got, want)


@pytest.mark.parametrize(
    ("got", "want"),
    [
        (3.0, 3),
        (True, 1),
        (float("nan"), 0.5),
        (0.5, float("inf")),
        ("3", 3),
        ([1], [1, 2]),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1, "b": 2}, {"a": 1}),
        (torch.ones(2, dtype=torch.int32), torch.ones(2, dtype=torch.int64)),
        (torch.ones(2), np.ones(2)),
        (torch.tensor([torch.inf]), torch.tensor([torch.nan])),
        (torch.ones(1, 2), torch.ones(2)),
        (None, torch.ones(2)),
        (1, None),
    ],
)
def test_not_same(got, want):
    assert not same(got, want)


def test_worst_element_is_named():
    want = torch.arange(6.0).reshape(2, 3)
    got = want.clone()
    got[1, 2] += 0.5
    got[0, 0] += 0.1
    with pytest.raises(Incorrect) as caught:
        expect(got, want, "output (B, T)")
    assert caught.value.stage is Stage.VALUE
    assert caught.value.sentence == "output[1, 2] は 5 のはずですが、5.5 でした。"


# --- ノートブック -----------------------------------------------------------------


def test_check_prints_the_result(capsys):
    check("2.1", find("2.1").part("solution"))
    assert capsys.readouterr().out == "○ 2.1 合格　flip_unit（ユニットの符号を裏返す）\n"


def test_check_names_the_mistake_and_gives_hints(capsys):
    check("2.1", find("2.1").part("wrong").one_bias, hint=1)
    heading, mistake, _, section, hint = capsys.readouterr().out.splitlines()
    assert heading.startswith("× 2.1 要修正")
    assert (
        mistake.strip()
        == "「2 本のバイアスのうち、b_ih しか裏返していない」という誤りと同じ結果です。"
    )
    assert section.strip().startswith("読む所: 2 章「")
    assert hint.strip().startswith("ヒント 1: ")


def test_a_right_number_of_the_wrong_type_is_not_called_other_mistakes():
    """2.6 の初めの呼び出しでは、いくつもの誤答が正しい整数を返すが、小数ではない。"""
    exercise = find("2.6")
    report = examine(exercise, lambda *args: float(exercise.part("solution")(*args)))
    assert "整数（int）" in report.sentence
    assert report.mistakes == ("整数でなく、小数で返している",)


def test_at_most_two_mistakes_are_named(monkeypatch):
    """初めの呼び出しで約束に反すると、多くの誤答が当てはまる。"""
    wrong = find("2.6").part("wrong").no_bias
    exercise = find("2.6")
    report = examine(exercise, wrong)
    for count, named_too in ((2, True), (3, False)):
        names = [(f"誤り {k}", wrong) for k in range(count)]
        monkeypatch.setattr("tests.exercises.engine.examine.named", lambda *_, names=names: names)
        assert bool(examine(exercise, wrong).mistakes) is named_too
    assert report.mistakes == ("バイアスを数えていない",)


def test_near_numbers_are_told_apart():
    for want, got in ((1e-12, 1.0000001e-12), (0.5, 0.5 + 1e-9), (1.0, 1.0 + 2e-15), (2.0, 3.0)):
        assert len(set(apart(want, got))) == 2
    assert apart(0.1, float("nan")) == ("0.1", "nan")


def test_a_number_near_the_right_one_is_told_with_enough_digits():
    """2.8 で、残る割合が share とごくわずかに違うとき。"""
    solution = find("2.8").part("solution")
    sentence = examine(find("2.8"), lambda *args: solution(*args) + 1e-7).sentence
    share, kept = re.search(r"share = (\S+) のとき.*残るのは (\S+) 倍", sentence).groups()
    assert share != kept


def overflowing_lstm(x, h, c, w_ih, w_hh, b_ih, b_hh):
    """シグモイドを exp(a) / (1 + exp(a)) と書いた LSTM。a が 710 を超えると nan になる。"""
    output = []
    for x_t in x.unbind(1):
        inner = (x_t @ w_ih.T + b_ih + h @ w_hh.T + b_hh).chunk(4, dim=1)
        i, f, o = (inner[k].exp() / (1 + inner[k].exp()) for k in (0, 1, 3))
        c = f * c + i * torch.tanh(inner[2])
        h = o * torch.tanh(c)
        output.append(h)
    return torch.stack(output, 1), (h, c)


def test_nan_is_explained():
    sentence = examine(exercise_about(check_lstm), overflowing_lstm).sentence
    assert "nan でした" in sentence and "大きな数の exp" in sentence


def test_error_in_a_cell(capsys):
    cell = {}
    exec(compile("def rnn_forward(*args):\n    return args[9]\n", "<cell 1>", "exec"), cell)
    check("1.1", cell["rnn_forward"])
    assert "セル の 2 行目" in capsys.readouterr().out


def test_number_may_be_given_as_a_number():
    assert find(2.3) is find("2.3")


def test_check_of_an_unknown_exercise():
    with pytest.raises(ValueError, match=r"練習 9\.9 はありません"):
        check("9.9", print)
