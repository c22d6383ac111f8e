"""「長い記憶を試す」の誤答。"""

import math

import numpy as np
import torch


def _marked(x):
    """印の付いた 2 つの値 (B, 2)。時刻の順に並ぶ。"""
    return x[..., 0][x[..., 1] == 1].view(-1, 2)


def _y(x):
    """正しい答え (B, 1)。"""
    return (x[..., 0] * x[..., 1]).sum(1, keepdim=True)


def _loss(prediction, y):
    return (prediction - y).square().mean()


class adding_loss:
    def broadcast(prediction, x):
        """ひな形のまま（誤りが残っている）"""
        return _loss(prediction, _y(x).squeeze(1))

    def summed(prediction, x):
        """平均でなく、2 乗の和を返している"""
        return (prediction - _y(x)).square().sum()

    def not_averaged(prediction, x):
        """系列ごとの 2 乗を、平均せずに返している"""
        return (prediction - _y(x)).square()

    def root(prediction, x):
        """平方根を取っている（RMSE）"""
        return _loss(prediction, _y(x)).sqrt()

    def absolute(prediction, x):
        """2 乗でなく、絶対値を平均している"""
        return (prediction - _y(x)).abs().mean()

    def halved(prediction, x):
        """2 乗誤差を 2 で割っている"""
        return _loss(prediction, _y(x)) / 2

    def square_of_mean(prediction, x):
        """差を 2 乗してから平均せず、平均してから 2 乗している"""
        return (prediction - _y(x)).mean().square()

    def all_values(prediction, x):
        """印を見ずに、すべての値を足している"""
        return _loss(prediction, x[..., 0].sum(1, keepdim=True))

    def count_of_marks(prediction, x):
        """値でなく、印を足している（答えがいつも 2 になる）"""
        return _loss(prediction, x[..., 1].sum(1, keepdim=True))

    def unmarked(prediction, x):
        """印の付いていない値を足している"""
        return _loss(prediction, (x[..., 0] * (1 - x[..., 1])).sum(1, keepdim=True))

    def product(prediction, x):
        """2 つの値を、足さずに掛けている"""
        return _loss(prediction, _marked(x).prod(1, keepdim=True))

    def mean_of_two(prediction, x):
        """2 つの値の和でなく、平均を答えにしている"""
        return _loss(prediction, _marked(x).mean(1, keepdim=True))

    def mean_over_time(prediction, x):
        """和でなく、全時刻の平均を答えにしている"""
        return _loss(prediction, (x[..., 0] * x[..., 1]).mean(1, keepdim=True))

    def last_only(prediction, x):
        """後の印の値だけを答えにしている"""
        return _loss(prediction, _marked(x)[:, 1:])

    def argmax_twice(prediction, x):
        """argmax で見つかる 1 つめの値を、二度足している"""
        return _loss(prediction, 2 * _marked(x)[:, :1])

    def whole_batch(prediction, x):
        """系列ごとでなく、バッチ全体で足した答えと比べている"""
        return _loss(prediction, _y(x).sum())

    def batch_mean(prediction, x):
        """系列ごとの答えでなく、答えの平均と比べている"""
        return _loss(prediction, _y(x).mean())

    def detached(prediction, x):
        """予測を detach して、勾配を切っている"""
        return _loss(prediction.detach(), _y(x))

    def in_float32(prediction, x):
        """float32 にして計算している"""
        return _loss(prediction.float(), _y(x).float())

    def in_float64(prediction, x):
        """いつも float64 にして計算している"""
        return _loss(prediction.double(), _y(x).double())

    def in_place(prediction, x):
        """渡された x に書き込んでいる"""
        x[..., 0] *= x[..., 1]
        return _loss(prediction, x[..., 0].sum(1, keepdim=True))


def _values(n, length, rng):
    return rng.random((n, length), dtype=np.float32)


def _marks(n, length, rng):
    """違う 2 か所を一様に選んだ、正しい印。"""
    places = rng.random((n, length)).argsort(1)[:, :2]
    return _marks_at(n, length, places[:, 0], places[:, 1])


def _marks_at(n, length, first, second):
    marks = np.zeros((n, length), np.float32)
    marks[np.arange(n), first] = 1
    marks[np.arange(n), second] = 1
    return marks


def _pack(values, marks):
    """値と印から、正しい (x, y) を作る。"""
    y = (values * marks).sum(1, keepdims=True)
    return np.stack([values, marks], 2).astype(np.float32), y.astype(np.float32)


class make_adding:
    def marks_may_coincide(n, length, rng):
        """印の場所を二度別々に選んでいて、同じ場所に当たることがある"""
        first, second = rng.integers(length, size=(2, n))
        return _pack(_values(n, length, rng), _marks_at(n, length, first, second))

    def coinciding_value_doubled(n, length, rng):
        """印の場所が重なったときに、その値を二度足している"""
        first, second = rng.integers(length, size=(2, n))
        values, rows = _values(n, length, rng), np.arange(n)
        x, _ = _pack(values, _marks_at(n, length, first, second))
        return x, (values[rows, first] + values[rows, second])[:, None]

    def one_in_each_half(n, length, rng):
        """印を、前半と後半に 1 つずつ付けている"""
        half = length // 2
        first, second = rng.integers(half, size=n), rng.integers(half, length, size=n)
        return _pack(_values(n, length, rng), _marks_at(n, length, first, second))

    def second_after_first(n, length, rng):
        """1 つめの印より後ろから 2 つめを選んでいて、選ばれやすさが偏っている"""
        first = rng.integers(length - 1, size=n)
        second = rng.integers(first + 1, length)
        return _pack(_values(n, length, rng), _marks_at(n, length, first, second))

    def neighbours(n, length, rng):
        """印を、隣り合う 2 か所に付けている"""
        first = rng.integers(length - 1, size=n)
        return _pack(_values(n, length, rng), _marks_at(n, length, first, first + 1))

    def never_the_last(n, length, rng):
        """最後の時刻に、印が付くことがない"""
        marks = np.pad(_marks(n, max(length - 1, 2), rng), ((0, 0), (0, 1)))[:, :length]
        return _pack(_values(n, length, rng), marks)

    def ends_only(n, length, rng):
        """いつも、最初と最後の時刻に印を付けている"""
        return _pack(_values(n, length, rng), _marks_at(n, length, 0, length - 1))

    def same_marks(n, length, rng):
        """どの系列も、同じ 2 か所に印を付けている"""
        marks = np.repeat(_marks(1, length, rng), n, axis=0)
        return _pack(_values(n, length, rng), marks)

    def same_values(n, length, rng):
        """どの系列も、同じ値を並べている"""
        values = np.repeat(_values(1, length, rng), n, axis=0)
        return _pack(values, _marks(n, length, rng))

    def one_value_each(n, length, rng):
        """1 つの系列の中で、どの時刻も同じ値になっている"""
        values = np.repeat(_values(n, 1, rng), length, axis=1)
        return _pack(values, _marks(n, length, rng))

    def largest_marked(n, length, rng):
        """印を選ぶ乱数に値そのものを使っていて、大きい値にばかり印が付く"""
        values = _values(n, length, rng)
        places = values.argsort(1)[:, -2:]
        return _pack(values, _marks_at(n, length, places[:, 0], places[:, 1]))

    def extremes_marked(n, length, rng):
        """いちばん小さい値と、いちばん大きい値に印を付けている"""
        values = _values(n, length, rng)
        return _pack(values, _marks_at(n, length, values.argmin(1), values.argmax(1)))

    def sorted_values(n, length, rng):
        """値を、小さい順に並べている"""
        return _pack(np.sort(_values(n, length, rng), axis=1), _marks(n, length, rng))

    def one_mark(n, length, rng):
        """印が 1 か所しかない"""
        first = rng.integers(length, size=n)
        return _pack(_values(n, length, rng), _marks_at(n, length, first, first))

    def random_marks(n, length, rng):
        """どの時刻にも確率 2 / length で印を付けていて、数が 2 とは限らない"""
        marks = (rng.random((n, length)) < 2 / length).astype(np.float32)
        return _pack(_values(n, length, rng), marks)

    def ends_minus_one(n, length, rng):
        """印のない所を、0 でなく -1 にしている"""
        values, marks = _values(n, length, rng), _marks(n, length, rng)
        x, y = _pack(values, marks)
        x[..., 1] = 2 * marks - 1
        return x, y

    def marks_one_and_two(n, length, rng):
        """2 つめの印を、1 でなく 2 にしている"""
        x, y = _pack(_values(n, length, rng), _marks(n, length, rng))
        x[np.arange(n), length - 1 - x[:, ::-1, 1].argmax(1), 1] = 2
        return x, y

    def normal_values(n, length, rng):
        """値を、一様分布でなく標準正規分布から取っている"""
        return _pack(rng.standard_normal((n, length)), _marks(n, length, rng))

    def minus_one_to_one(n, length, rng):
        """値を、0 から 1 でなく -1 から 1 の間で取っている"""
        return _pack(2 * _values(n, length, rng) - 1, _marks(n, length, rng))

    def zero_to_half(n, length, rng):
        """値を、0 から 0.5 の間で取っている（和が 1 を超えないように）"""
        return _pack(_values(n, length, rng) / 2, _marks(n, length, rng))

    def integers(n, length, rng):
        """値を、0 か 1 の整数にしている"""
        return _pack(rng.integers(2, size=(n, length)), _marks(n, length, rng))

    def one_decimal(n, length, rng):
        """値を、小数 1 桁に丸めている"""
        return _pack(_values(n, length, rng).round(1), _marks(n, length, rng))

    def unmarked_zero(n, length, rng):
        """印のない所の値を 0 にしている（印を見なくても解けてしまう）"""
        marks = _marks(n, length, rng)
        return _pack(_values(n, length, rng) * marks, marks)

    def swapped_columns(n, length, rng):
        """x の（値、印）の順が逆"""
        x, y = _pack(_values(n, length, rng), _marks(n, length, rng))
        return x[..., ::-1].copy(), y

    def axes_swapped(n, length, rng):
        """x を (n, 2, length) の順で返している"""
        x, y = _pack(_values(n, length, rng), _marks(n, length, rng))
        return x.transpose(0, 2, 1), y

    def flat_y(n, length, rng):
        """y を (n, 1) でなく (n,) の形で返している"""
        x, y = _pack(_values(n, length, rng), _marks(n, length, rng))
        return x, y[:, 0]

    def sum_of_all(n, length, rng):
        """y に、印のない値まで足している"""
        values = _values(n, length, rng)
        x, _ = _pack(values, _marks(n, length, rng))
        return x, values.sum(1, keepdims=True)

    def product(n, length, rng):
        """y が、2 つの値の和でなく積になっている"""
        values, marks = _values(n, length, rng), _marks(n, length, rng)
        return _pack(values, marks)[0], values[marks == 1].reshape(n, 2).prod(1, keepdims=True)

    def mean(n, length, rng):
        """y が、2 つの値の和でなく平均になっている"""
        x, y = _pack(_values(n, length, rng), _marks(n, length, rng))
        return x, y / 2

    def returned_in_reverse(n, length, rng):
        """(y, x) の順で返している"""
        return _pack(_values(n, length, rng), _marks(n, length, rng))[::-1]

    def only_x(n, length, rng):
        """x だけを返し、y を返していない"""
        return _pack(_values(n, length, rng), _marks(n, length, rng))[0]

    def in_float64(n, length, rng):
        """float32 にせず、float64 のまま返している"""
        values, marks = rng.random((n, length)), _marks(n, length, rng)
        return np.stack([values, marks], 2), (values * marks).sum(1, keepdims=True)

    def torch_tensors(n, length, rng):
        """NumPy の配列でなく、テンソルで返している"""
        x, y = _pack(_values(n, length, rng), _marks(n, length, rng))
        return torch.from_numpy(x), torch.from_numpy(y)

    def own_seed(n, length, rng):
        """渡された rng でなく、自分で作った default_rng(0) を使っている"""
        rng = np.random.default_rng(0)
        return _pack(_values(n, length, rng), _marks(n, length, rng))

    def global_values(n, length, rng):
        """値を、渡された rng でなく np.random から取っている"""
        return _pack(np.random.rand(n, length), _marks(n, length, rng))

    def own_marks(n, length, rng):
        """印を、渡された rng でなく自分で作った default_rng(0) から選んでいる"""
        return _pack(_values(n, length, rng), _marks(n, length, np.random.default_rng(0)))


def _variance(values, probabilities):
    mean = sum(p * v for p, v in zip(probabilities, values, strict=True))
    return sum(p * (v - mean) ** 2 for p, v in zip(probabilities, values, strict=True))


class window_mse:
    def uniform(length, window, values, probabilities):
        """値の分布を見ずに、U(0, 1) の分散 1/12 を使っている"""
        return 2 / 12 * (1 - window / length)

    def window_ignored(length, window, values, probabilities):
        """窓を見ずに、何も覚えないときの誤差を返している"""
        return 2 * _variance(values, probabilities)

    def one_mark(length, window, values, probabilities):
        """いつも片方の印だけが見えると決めつけている"""
        return _variance(values, probabilities)

    def seen_share(length, window, values, probabilities):
        """窓の外でなく、窓の中にある割合を掛けている"""
        return 2 * _variance(values, probabilities) * window / length

    def both_missed_only(length, window, values, probabilities):
        """印が 2 つとも見えないときだけを数え、片方が見えないときを忘れている"""
        hidden = length - window
        missed = hidden * (hidden - 1) / (length * (length - 1))
        return 2 * _variance(values, probabilities) * missed

    def all_or_nothing(length, window, values, probabilities):
        """片方でも見えなければ、何も覚えないときと同じだけ誤ると考えている"""
        both_seen = window * (window - 1) / (length * (length - 1))
        return 2 * _variance(values, probabilities) * (1 - both_seen)

    def first_mark_always_hidden(length, window, values, probabilities):
        """1 つめの印は見えず、2 つめだけが窓に入りうると考えている"""
        return _variance(values, probabilities) * (2 - window / length)

    def one_mark_counted(length, window, values, probabilities):
        """印を 1 つしか数えていない"""
        return _variance(values, probabilities) * (1 - window / length)

    def window_shorter(length, window, values, probabilities):
        """窓を 1 時刻短く数えている"""
        return 2 * _variance(values, probabilities) * min(1, (length - window + 1) / length)

    def window_longer(length, window, values, probabilities):
        """窓を 1 時刻長く数えている"""
        return 2 * _variance(values, probabilities) * max(0, length - window - 1) / length

    def equal_probabilities(length, window, values, probabilities):
        """どの値も同じ確率で出るとして、分散を求めている"""
        equal = [1 / len(values)] * len(values)
        return 2 * _variance(values, equal) * (1 - window / length)

    def second_moment(length, window, values, probabilities):
        """見えない値に、平均でなく 0 を当てている（分散でなく 2 乗の平均になる）"""
        square = sum(p * v**2 for p, v in zip(probabilities, values, strict=True))
        mean = sum(p * v for p, v in zip(probabilities, values, strict=True))
        hidden = length - window
        both = hidden * (hidden - 1) / (length * (length - 1))
        one = 2 * hidden * window / (length * (length - 1))
        return both * (2 * square + 2 * mean**2) + one * square

    def fixed_bias(length, window, values, probabilities):
        """窓の中の印の数によらず、見えた値に同じ数を足している"""
        mean = sum(p * v for p, v in zip(probabilities, values, strict=True))
        hidden = length - window
        both = hidden * (hidden - 1) / (length * (length - 1))
        one = 2 * hidden * window / (length * (length - 1))
        spread = 4 * both + one - (2 * both + one) ** 2
        return 2 * _variance(values, probabilities) * hidden / length + mean**2 * spread

    def four_variances(length, window, values, probabilities):
        """2 つの独立な値の和の分散を、2 倍でなく 4 倍にしている"""
        return 4 * _variance(values, probabilities) * (1 - window / length)

    def root(length, window, values, probabilities):
        """平方根を取っている（RMSE）"""
        return math.sqrt(2 * _variance(values, probabilities) * (1 - window / length))


def _latch(limit, i=20.0, f=20.0, small=0.01, scale=100.0):
    small = small / limit
    return {
        "weight_ih": [[0, 2 * i], [0, -2 * f], [small, 0], [0, 0]],
        "weight_hh": [[0], [0], [0], [0]],
        "bias": [-i, f, 0, 20],
        "scale": scale * limit,
    }


class latch_lstm:
    def adds(limit):
        """新しい印が来ても忘却ゲートを閉じず、前の値に足している"""
        return _latch(limit) | {"weight_ih": [[0, 40], [0, 0], [0.01 / limit, 0], [0, 0]]}

    def keeps_the_first(limit):
        """忘却ゲートが印で開き、印がないと閉じている（i と同じ向き）"""
        return _latch(limit, f=-20.0)

    def leaky_forget(limit):
        """忘却ゲートが 1 に届かず、長い系列で減っている"""
        return _latch(limit, f=5.0)

    def leaky_input(limit):
        """入力ゲートが閉じきらず、印のない値が漏れている"""
        return _latch(limit, i=5.0)

    def input_always_open(limit):
        """入力ゲートをいつも開いている"""
        return _latch(limit) | {"bias": [20, 20, 0, 20]}

    def for_one(limit):
        """limit によらず、値を 100 分の 1 にしている"""
        return _latch(1.0)

    def saturated(limit):
        """候補値を小さくせず、tanh が直線から外れている"""
        return _latch(limit, small=1.0, scale=1.0)

    def not_scaled_back(limit):
        """小さくした値を、scale で戻していない"""
        return _latch(limit, scale=1.0 / limit)

    def half_output(limit):
        """出力ゲートのバイアスが 0 で、半分しか取り出していない"""
        return _latch(limit) | {"bias": [-20, 20, 0, 0]}

    def gate_order_ifog(limit):
        """行を i, f, o, g の順に並べている"""
        small = 0.01 / limit
        return _latch(limit) | {
            "weight_ih": [[0, 40], [0, -40], [0, 0], [small, 0]],
            "bias": [-20, 20, 20, 0],
        }

    def gate_order_fgio(limit):
        """行を f, g, i, o の順に並べている"""
        small = 0.01 / limit
        return _latch(limit) | {
            "weight_ih": [[0, -40], [small, 0], [0, 40], [0, 0]],
            "bias": [20, 0, -20, 20],
        }

    def columns_swapped(limit):
        """列を（印、値）の順に並べている"""
        small = 0.01 / limit
        return _latch(limit) | {"weight_ih": [[40, 0], [-40, 0], [0, small], [0, 0]]}

    def scale_inverted(limit):
        """scale に、掛け直す数でなく、小さくした倍率を入れている"""
        return _latch(limit, scale=0.01 / limit**2)


class compare:
    def one_generator(models, fit, seed):
        """ひな形のまま（誤りが残っている）"""
        generator = torch.Generator().manual_seed(seed)
        return {name: fit(model, generator) for name, model in models.items()}

    def seed_by_order(models, fit, seed):
        """モデルごとに、違う種（seed + 何番目か）を使っている"""
        return {
            name: fit(model, torch.Generator().manual_seed(seed + k))
            for k, (name, model) in enumerate(models.items())
        }

    def fixed_seed(models, fit, seed):
        """渡された seed でなく、いつも種 0 を使っている"""
        return {
            name: fit(model, torch.Generator().manual_seed(0)) for name, model in models.items()
        }

    def unseeded(models, fit, seed):
        """生成器に種を与えていない"""
        return {name: fit(model, torch.Generator()) for name, model in models.items()}

    def trained_twice(models, fit, seed):
        """どのモデルも二度訓練し、二度めの誤差を返している"""
        errors = {}
        for name, model in models.items():
            generator = torch.Generator().manual_seed(seed)
            fit(model, generator)
            errors[name] = fit(model, generator)
        return errors

    def global_seed(models, fit, seed):
        """torch.manual_seed で大域の乱数に種を与え、その生成器を渡している"""
        errors = {}
        for name, model in models.items():
            torch.manual_seed(seed)
            errors[name] = fit(model, torch.default_generator)
        return errors

    def values_only(models, fit, seed):
        """名前を付けず、誤差のリストを返している"""
        return [fit(model, torch.Generator().manual_seed(seed)) for model in models.values()]

    def best_only(models, fit, seed):
        """誤差でなく、いちばん小さかったモデルの名前だけを返している"""
        errors = {
            name: fit(model, torch.Generator().manual_seed(seed)) for name, model in models.items()
        }
        return min(errors, key=errors.get, default="")

    def differences(models, fit, seed):
        """誤差でなく、最初のモデルの誤差との差を返している"""
        errors = {
            name: fit(model, torch.Generator().manual_seed(seed)) for name, model in models.items()
        }
        return {name: error - next(iter(errors.values())) for name, error in errors.items()}
