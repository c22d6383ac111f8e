"""「長い記憶を試す」の誤答。"""

import numpy as np
import torch


def _marked(x):
    """印の付いた 2 つの値 (B, 2)。時刻の順に並ぶ。"""
    return x[..., 0][x[..., 1] == 1].view(-1, 2)


class adding_targets:
    def flat(x):
        """(B, 1) でなく (B,) の形で返している"""
        return (x[..., 0] * x[..., 1]).sum(1)

    def three_axes(x):
        """軸が 1 つ多い（(B, 1, 1) になっている）"""
        return x.prod(2, keepdim=True).sum(1, keepdim=True)

    def not_summed(x):
        """値に印を掛けただけで、足していない"""
        return x[..., 0] * x[..., 1]

    def two_values(x):
        """2 つの値を、足さずに並べて返している"""
        return _marked(x)

    def all_values(x):
        """印を見ずに、すべての値を足している"""
        return x[..., 0].sum(1, keepdim=True)

    def count_of_marks(x):
        """値でなく、印を足している（いつも 2 になる）"""
        return x[..., 1].sum(1, keepdim=True)

    def both_columns(x):
        """値も印もすべて足している"""
        return x.sum((1, 2))[:, None]

    def unmarked(x):
        """印の付いていない値を足している"""
        return (x[..., 0] * (1 - x[..., 1])).sum(1, keepdim=True)

    def product(x):
        """2 つの値を、足さずに掛けている"""
        return _marked(x).prod(1, keepdim=True)

    def mean(x):
        """2 つの値の和でなく、平均を返している"""
        return _marked(x).mean(1, keepdim=True)

    def mean_over_time(x):
        """和でなく、全時刻の平均を取っている"""
        return (x[..., 0] * x[..., 1]).mean(1, keepdim=True)

    def difference(x):
        """2 つの値を、足さずに引いている"""
        first, second = _marked(x).split(1, dim=1)
        return first - second

    def first_only(x):
        """先の印の値だけを返している"""
        return _marked(x)[:, :1]

    def last_only(x):
        """後の印の値だけを返している"""
        return _marked(x)[:, 1:]

    def argmax_twice(x):
        """argmax で見つかる 1 つめの値を、二度足している"""
        return 2 * _marked(x)[:, :1]

    def places(x):
        """値でなく、印の付いた時刻の番号を足している"""
        return (x[..., 1] * torch.arange(x.shape[1])).sum(1, keepdim=True)

    def two_largest(x):
        """印を見ずに、大きい値を 2 つ足している"""
        return x[..., 0].topk(2).values.sum(1, keepdim=True)

    def one_in_each_half(x):
        """印が、前半と後半に 1 つずつあると決めつけている"""
        values, marks = x[..., 0], x[..., 1]
        half = x.shape[1] // 2
        first = values.gather(1, marks[:, :half].argmax(1, keepdim=True))
        return first + values.gather(1, half + marks[:, half:].argmax(1, keepdim=True))

    def whole_batch(x):
        """系列ごとでなく、バッチ全体で足している"""
        return _marked(x).sum().expand(len(x), 1)

    def batch_axis(x):
        """時刻の軸でなく、系列の軸で足している"""
        return (x[..., 0] * x[..., 1]).sum(0)[:, None]

    def first_sequence(x):
        """どの系列にも、最初の系列の答えを返している"""
        return _marked(x)[:1].sum(1, keepdim=True).expand(len(x), 1)

    def in_place(x):
        """渡された x に書き込んでいる"""
        x[..., 0] *= x[..., 1]
        return x[..., 0].sum(1, keepdim=True)

    def in_float32(x):
        """float32 にして計算している"""
        return (x[..., 0] * x[..., 1]).float().sum(1, keepdim=True)


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


class constant_mse:
    def variance(y_train, y_val):
        """y_train でなく、y_val の平均を定数にしている（y_val の分散になる）"""
        return y_val.var(correction=0).item()

    def training_loss(y_train, y_val):
        """y_val でなく、y_train の平均二乗誤差を返している"""
        return y_train.var(correction=0).item()

    def unbiased_variance(y_train, y_val):
        """y_val.var() を返している（y_val 自身の平均から測った、m - 1 で割る分散）"""
        return y_val.var().item()

    def training_variance(y_train, y_val):
        """y_train.var() を返している（n - 1 で割る、訓練データの分散）"""
        return y_train.var(correction=min(1, len(y_train) - 1)).item()

    def swapped(y_train, y_val):
        """y_train と y_val が逆"""
        return ((y_train - y_val.mean()) ** 2).mean().item()

    def pooled(y_train, y_val):
        """y_train と y_val を合わせた平均を、定数にしている"""
        return ((y_val - torch.cat([y_train, y_val]).mean()) ** 2).mean().item()

    def always_one(y_train, y_val):
        """定数を、y_train から決めずに 1 としている"""
        return ((y_val - 1) ** 2).mean().item()

    def always_zero(y_train, y_val):
        """定数を 0 としている"""
        return (y_val**2).mean().item()

    def theory(y_train, y_val):
        """y_val を見ずに、加算問題の理論値 1/6 を返している"""
        return 1 / 6

    def median(y_train, y_val):
        """平均でなく、中央値を定数にしている"""
        return ((y_val - y_train.median()) ** 2).mean().item()

    def midrange(y_train, y_val):
        """平均でなく、最大と最小のまん中を定数にしている"""
        return ((y_val - (y_train.max() + y_train.min()) / 2) ** 2).mean().item()

    def last_target(y_train, y_val):
        """y_train の最後の 1 つを定数にしている"""
        return ((y_val - y_train[-1]) ** 2).mean().item()

    def every_pair(y_train, y_val):
        """平均を取らず、y_train のそれぞれを答えとしている"""
        return ((y_val - y_train.T) ** 2).mean().item()

    def absolute(y_train, y_val):
        """二乗でなく、絶対値の誤差を平均している"""
        return (y_val - y_train.mean()).abs().mean().item()

    def root(y_train, y_val):
        """平方根を取っている（RMSE）"""
        return ((y_val - y_train.mean()) ** 2).mean().sqrt().item()

    def total(y_train, y_val):
        """平均でなく、二乗誤差の和を返している"""
        return ((y_val - y_train.mean()) ** 2).sum().item()

    def square_of_mean(y_train, y_val):
        """誤差を二乗してから平均せず、平均してから二乗している"""
        return (y_val - y_train.mean()).mean().item() ** 2

    def not_averaged(y_train, y_val):
        """それぞれの二乗誤差を、平均せずに返している"""
        return (y_val - y_train.mean()) ** 2

    def halved(y_train, y_val):
        """二乗誤差を 2 で割っている"""
        return ((y_val - y_train.mean()) ** 2).mean().item() / 2

    def in_float32(y_train, y_val):
        """float32 にして計算している"""
        return ((y_val.float() - y_train.float().mean()) ** 2).mean().item()

    def with_constant(y_train, y_val):
        """損失だけでなく、定数も返している"""
        constant = y_train.mean()
        return ((y_val - constant) ** 2).mean().item(), constant.item()
