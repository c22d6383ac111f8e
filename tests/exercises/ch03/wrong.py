"""「長い記憶を試す」の誤答。"""

import copy
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

    def positive_products(prediction, x):
        """値と印の積が正の所だけを集めていて、印の付いた 0 が抜ける"""
        products = x[..., 0] * x[..., 1]
        return _loss(prediction, products[products > 0].reshape(-1, 2).sum(1, keepdim=True))

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
        """渡された引数に書き込んでいる"""
        x[..., 0] *= x[..., 1]
        return _loss(prediction, x[..., 0].sum(1, keepdim=True))


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

    def same_values_merged(length, window, values, probabilities):
        """同じ値が 2 度あると、片方の確率を捨てている（辞書に入れるなど）"""
        merged = dict(zip(values, probabilities, strict=True))
        return 2 * _variance(merged.keys(), merged.values()) * (1 - window / length)

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


def _lost(length, b):
    """最後までの距離ごとの、値の失われる割合。"""
    return 1 - (1 / (1 + math.exp(-b))) ** np.arange(length)


def _leak(lost):
    """失われる割合の 2 乗の平均と、違う 2 か所の積の平均。"""
    square, n = np.mean(lost**2), len(lost)
    return square, (lost.sum() ** 2 - n * square) / (n * (n - 1))


def _mse(length, b):
    """正しい誤差。"""
    square, product = _leak(_lost(length, b))
    return 2 * square / 3 + product / 2


def _halved(length, error, mse=_mse, low=-40.0, high=40.0):
    """``low`` から ``high`` までで、誤差 ``mse`` が error になる b。"""
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if mse(length, middle) > error else (low, middle)
    return middle


class keeping_bias:
    def no_product(length, error):
        """2 乗を開いたときの、2 つの値の積の項を忘れている"""
        return _halved(length, error, lambda n, b: 2 * _leak(_lost(n, b))[0] / 3)

    def product_once(length, error):
        """2 乗を開いたときの、積の項の 2 倍を忘れている"""

        def mse(n, b):
            square, product = _leak(_lost(n, b))
            return 2 * square / 3 + product / 4

        return _halved(length, error, mse)

    def variance_only(length, error):
        """値の 2 乗の平均に、1/3 でなく分散の 1/12 を使い、積の項も 0 とみている"""
        return _halved(length, error, lambda n, b: 2 * _leak(_lost(n, b))[0] / 12)

    def places_may_coincide(length, error):
        """2 つの印が同じ場所に付くこともある、として平均している"""

        def mse(n, b):
            lost = _lost(n, b)
            return 2 * np.mean(lost**2) / 3 + np.mean(lost) ** 2 / 2

        return _halved(length, error, mse)

    def one_mark(length, error):
        """印を 1 つしか数えていない"""
        return _halved(length, error, lambda n, b: np.mean(_lost(n, b) ** 2) / 3)

    def both_at_the_start(length, error):
        """どちらの値も、先頭から運ぶとしている"""
        return _halved(length, error, lambda n, b: 7 / 6 * _lost(n, b)[-1] ** 2)

    def mean_distance(length, error):
        """距離を、その平均に置き換えている"""

        def mse(n, b):
            return 7 / 6 * (1 - (1 / (1 + math.exp(-b))) ** ((n - 1) / 2)) ** 2

        return _halved(length, error, mse)

    def straight_line(length, error):
        """失われる割合を、距離と 1 - f の積で近似している"""

        def mse(n, b):
            square, product = _leak(np.arange(n) / (1 + math.exp(b)))
            return 2 * square / 3 + product / 2

        return _halved(length, error, mse)

    def one_step_too_many(length, error):
        """最後の時刻に足した値にも、f を 1 回掛けている"""

        def mse(n, b):
            square, product = _leak(_lost(n + 1, b)[1:])
            return 2 * square / 3 + product / 2

        return _halved(length, error, mse)

    def root(length, error):
        """error を、誤差の 2 乗の平均でなく、その平方根とみている"""
        return _halved(length, error**2)

    def forget_gate(length, error):
        """b でなく、f を返している"""
        return 1 / (1 + math.exp(-_halved(length, error)))

    def leak(length, error):
        """b でなく、1 - f を返している"""
        return 1 / (1 + math.exp(_halved(length, error)))

    def sign_reversed(length, error):
        """シグモイドを逆に解くときに、符号を間違えている"""
        return -_halved(length, error)

    def log_of_leak(length, error):
        """シグモイドを逆に解かず、1 - f の対数の符号を変えたものを返している"""
        return math.log1p(math.exp(_halved(length, error)))

    def positive_only(length, error):
        """b を 0 より大きい所でしか探していない（誤差が大きくてよければ、f は 0.5 より小さい）"""
        return _halved(length, error, low=0.0)

    def above_minus_two(length, error):
        """b を -2 より大きい所でしか探していない（誤差がもっと大きくてよければ、f は 0 に近い）"""
        return _halved(length, error, low=-2.0)

    def up_to_thirteen(length, error):
        """b を 13 までしか探していない（誤差が小さければ、もっと大きい）"""
        return _halved(length, error, low=-13.0, high=13.0)

    def times_thirty(length, error):
        """系列長によらず、T = 30 のときのバイアスを返している"""
        return _halved(30, error)


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

    def nearly_closed(limit):
        """ゲートの中身が ±10.5 で、500 時刻のあいだの漏れが、1 % をわずかに超える"""
        return _latch(limit, i=10.5, f=10.5)

    def input_always_open(limit):
        """入力ゲートをいつも開いている"""
        return _latch(limit) | {"bias": [20, 20, 0, 20]}

    def for_one(limit):
        """値の縮め方が足りず、大きな limit で tanh が曲がる"""
        return _latch(1.0)

    def tiny_for_all(limit):
        """limit によらない、とても小さな数で縮めていて、小さな limit で h が 0 になる"""
        return _latch(1e250)

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

    def copies_trained(models, fit, seed):
        """渡されたモデルでなく、その写しを訓練している"""
        return {
            name: fit(copy.deepcopy(model), torch.Generator().manual_seed(seed))
            for name, model in models.items()
        }

    def global_seed(models, fit, seed):
        """torch.manual_seed で、大域の乱数に種を与えている"""
        errors = {}
        for name, model in models.items():
            torch.manual_seed(seed)
            errors[name] = fit(model, torch.default_generator)
        return errors

    def reinitialized(models, fit, seed):
        """訓練の前に、モデルの重みを初期化し直している"""
        errors = {}
        for name, model in models.items():
            for part in model.children():
                part.reset_parameters()
            errors[name] = fit(model, torch.Generator().manual_seed(seed))
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
