"""「はしごを登る」の誤答。"""

import torch
from torch.nn import functional as F


def _outside(scores, lengths):
    return torch.arange(scores.shape[1]) >= lengths[:, None]


def _weights(scores, lengths):
    """正しい重み。"""
    return scores.masked_fill(_outside(scores, lengths), -torch.inf).softmax(1)


def _pooled(weights, output, lengths):
    """重みつきの和。パディングの値は読まない。"""
    output = output.masked_fill(_outside(output, lengths)[..., None], 0)
    return (weights[..., None] * output).sum(1)


class attention_mean:
    def padding_read(scores, output, lengths):
        """パディングも、本当の時刻と一緒に読んでいる"""
        return (scores.softmax(1)[..., None] * output).sum(1)

    def masked_after(scores, output, lengths):
        """ソフトマックスのあとで重みを 0 にしただけで、重みの和が 1 にならない"""
        return _pooled(scores.softmax(1), output, lengths)

    def scores_zero(scores, output, lengths):
        """パディングの得点を、-inf でなく 0 にしている"""
        weights = scores.masked_fill(_outside(scores, lengths), 0).softmax(1)
        return _pooled(weights, output, lengths)

    def one_short(scores, output, lengths):
        """長さを 1 つ短く数え、本当の最後の時刻を読んでいない"""
        return _pooled(_weights(scores, lengths - 1), output, lengths)

    def one_long(scores, output, lengths):
        """長さを 1 つ長く数え、パディングを 1 つ読んでいる"""
        return _pooled(_weights(scores, lengths + 1), output, lengths + 1)

    def over_sequences(scores, output, lengths):
        """時刻でなく、系列の軸でソフトマックスをとっている"""
        weights = scores.masked_fill(_outside(scores, lengths), -torch.inf).softmax(0)
        return _pooled(weights, output, lengths)

    def plain_mean(scores, output, lengths):
        """得点を使わず、ふつうの平均をとっている"""
        return _pooled(_weights(torch.zeros_like(scores), lengths), output, lengths)

    def divided_by_length(scores, output, lengths):
        """重みの和は 1 なのに、さらに長さで割っている"""
        return _pooled(_weights(scores, lengths), output, lengths) / lengths[:, None]

    def not_divided(scores, output, lengths):
        """指数をとっただけで、その和で割っていない"""
        return _pooled(scores.exp(), output, lengths)

    def scores_as_weights(scores, output, lengths):
        """ソフトマックスを通さず、得点をそのまま重みにしている"""
        return _pooled(scores.masked_fill(_outside(scores, lengths), 0), output, lengths)

    def best_only(scores, output, lengths):
        """得点のいちばん高い時刻だけを読んでいる"""
        best = _weights(scores, lengths).argmax(1)
        return output[torch.arange(len(output)), best] + 0 * scores.sum()

    def sigmoids(scores, output, lengths):
        """指数でなく、シグモイドの和で割っている"""
        weights = scores.sigmoid().masked_fill(_outside(scores, lengths), 0)
        return _pooled(weights / weights.sum(1, keepdim=True), output, lengths)

    def reversed(scores, output, lengths):
        """得点の低い時刻ほど重くしている"""
        return _pooled(_weights(-scores, lengths), output, lengths)

    def weights_only(scores, output, lengths):
        """出力をまとめずに、重み (B, T) を返している"""
        return _weights(scores, lengths)

    def not_summed(scores, output, lengths):
        """重みを掛けただけで、時刻の軸で足していない（(B, T, H) のまま）"""
        output = output.masked_fill(_outside(output, lengths)[..., None], 0)
        return _weights(scores, lengths)[..., None] * output

    def overflows(scores, output, lengths):
        """最大値を引かずに指数をとり、大きな得点で inf / inf（nan）になる"""
        powers = scores.exp().masked_fill(_outside(scores, lengths), 0)
        return _pooled(powers / powers.sum(1, keepdim=True), output, lengths)

    def maximum_of_batch(scores, output, lengths):
        """引く最大値を、系列ごとでなく、ミニバッチ全体からとっている"""
        outside = _outside(scores, lengths)
        powers = scores.masked_fill(outside, -torch.inf)
        powers = (powers - powers.max()).exp()
        return _pooled(powers / powers.sum(1, keepdim=True), output, lengths)

    def maximum_with_padding(scores, output, lengths):
        """引く最大値を、パディングの得点も入れてとっている"""
        powers = (scores - scores.amax(1, keepdim=True)).exp()
        powers = powers.masked_fill(_outside(scores, lengths), 0)
        return _pooled(powers / powers.sum(1, keepdim=True), output, lengths)

    def filled_with_minus_1e9(scores, output, lengths):
        """パディングの得点を -1e9 にしていて、それより低い得点の系列ではパディングを読む"""
        weights = scores.masked_fill(_outside(scores, lengths), -1e9).softmax(1)
        return _pooled(weights, output, lengths)

    def added_minus_infinity(scores, output, lengths):
        """パディングの得点に -inf を足していて、nan が nan のまま残る"""
        mask = torch.zeros_like(scores).masked_fill(_outside(scores, lengths), -torch.inf)
        return _pooled((scores + mask).softmax(1), output, lengths)

    def zero_times_nan(scores, output, lengths):
        """パディングの重みは 0 だが、output の nan に掛けた 0 × nan が残る"""
        return (_weights(scores, lengths)[..., None] * output).sum(1)

    def detached_scores(scores, output, lengths):
        """重みを detach して、得点への勾配を切っている"""
        return _pooled(_weights(scores.detach(), lengths), output, lengths)

    def in_place(scores, output, lengths):
        """渡された scores に -inf を書き込んでいる"""
        scores.data.masked_fill_(_outside(scores, lengths), -torch.inf)
        return _pooled(scores.softmax(1), output, lengths)

    def in_float32(scores, output, lengths):
        """重みを float32 で計算している"""
        weights = _weights(scores.float(), lengths).to(output.dtype)
        return _pooled(weights, output, lengths)


def _scaled(gradient):
    """系列ごとに、絶対値の最大を 1 にした向き。すべて 0 なら 0。"""
    largest = gradient.abs().amax((1, 2), keepdim=True)
    return gradient / largest.masked_fill(largest == 0, 1)


def _noise(gradient, epsilon, norm=lambda g: g.norm(dim=(1, 2), keepdim=True)):
    """向きを norm で割り、ε 倍する。0 の系列は 0。"""
    direction = _scaled(gradient)
    length = norm(direction)
    return epsilon * direction / length.masked_fill(length == 0, 1)


def _squares(gradient):
    """2 乗の和の平方根をそのまま求めた長さ。"""
    return gradient.square().sum((1, 2), keepdim=True).sqrt()


class adversarial_noise:
    def each_token(gradient, epsilon):
        """系列ごとでなく、1 語ごとに長さを epsilon にしている"""
        return _noise(gradient, epsilon, lambda g: g.norm(dim=2, keepdim=True))

    def each_feature(gradient, epsilon):
        """系列ごとでなく、特徴ごとに長さを epsilon にしている"""
        return _noise(gradient, epsilon, lambda g: g.norm(dim=1, keepdim=True))

    def whole_batch(gradient, epsilon):
        """系列ごとでなく、ミニバッチ全体で長さを epsilon にしている"""
        largest = gradient.abs().max().clamp_min(torch.finfo(gradient.dtype).tiny)
        direction = gradient / largest
        return epsilon * direction / direction.norm()

    def sign(gradient, epsilon):
        """勾配の符号に epsilon を掛けている（長さが epsilon にならない）"""
        return epsilon * gradient.sign()

    def not_normalized(gradient, epsilon):
        """長さで割らずに、勾配に epsilon を掛けている"""
        return epsilon * gradient

    def unit_length(gradient, epsilon):
        """長さを 1 にしただけで、epsilon を掛けていない"""
        return _noise(gradient, 1.0)

    def downhill(gradient, epsilon):
        """向きが逆で、損失が減るほうへ動かしている"""
        return -_noise(gradient, epsilon)

    def squared_norm(gradient, epsilon):
        """長さでなく、その 2 乗で割っている"""
        return _noise(gradient, epsilon) / _squares(gradient).masked_fill(
            _squares(gradient) == 0, 1
        )

    def absolute_sum(gradient, epsilon):
        """長さでなく、絶対値の和で割っている"""
        return _noise(gradient, epsilon, lambda g: g.abs().sum((1, 2), keepdim=True))

    def largest_value(gradient, epsilon):
        """長さでなく、絶対値の最大で割っている"""
        return epsilon * _scaled(gradient)

    def root_mean_square(gradient, epsilon):
        """2 乗の和でなく、2 乗の平均の平方根で割っている"""
        return _noise(gradient, epsilon, lambda g: g.square().mean((1, 2), keepdim=True).sqrt())

    def added_to_gradient(gradient, epsilon):
        """雑音だけでなく、勾配に雑音を足したものを返している"""
        return gradient + _noise(gradient, epsilon)

    def random_direction(gradient, epsilon):
        """勾配の向きでなく、でたらめな向きに動かしている"""
        return _noise(torch.randn_like(gradient), epsilon)

    def zero_divided_by_zero(gradient, epsilon):
        """勾配が 0 の系列で、0 / 0（nan）になる"""
        direction = gradient / gradient.abs().amax((1, 2), keepdim=True)
        return epsilon * direction / direction.norm(dim=(1, 2), keepdim=True)

    def small_number_added(gradient, epsilon):
        """長さに 1e-12 を足していて、小さな勾配では雑音が短くなる"""
        return epsilon * gradient / (_squares(gradient) + 1e-12)

    def smallest_length(gradient, epsilon):
        """長さを 1e-12 以上とみなしていて、小さな勾配では雑音が短くなる"""
        return epsilon * gradient / _squares(gradient).clamp_min(1e-12)

    def squares_vanish(gradient, epsilon):
        """とても小さな勾配の 2 乗が 0 になり、0 の系列とみなしている"""
        norm = _squares(gradient)
        return torch.where(norm > 0, epsilon * gradient / norm, 0.0)

    def squares_overflow(gradient, epsilon):
        """とても大きな勾配の 2 乗が inf になり、雑音が 0 になる"""
        norm = _squares(gradient)
        small = norm < 1e-100
        return torch.where(small, _noise(gradient, epsilon), epsilon * gradient / norm)

    def always_float64(gradient, epsilon):
        """float32 の勾配にも、float64 の雑音を返している"""
        return _noise(gradient.double(), epsilon)

    def in_float32(gradient, epsilon):
        """float32 で計算している"""
        return _noise(gradient.float(), epsilon).to(gradient.dtype)

    def one_vector(gradient, epsilon):
        """1 本のベクトル (B, T × D) のまま返している"""
        return _noise(gradient, epsilon).flatten(1)

    def in_place(gradient, epsilon):
        """渡された勾配に書き込んでいる"""
        return gradient.data.copy_(_noise(gradient, epsilon)).clone()


def _target(teachers):
    """正しい、正解の代わり。"""
    return teachers.detach().sigmoid().mean(0)


def _loss(student, target):
    return F.binary_cross_entropy_with_logits(student, target)


class distillation_loss:
    def averaged_logits(student, teachers):
        """確率でなく、先生のロジットを平均している"""
        return _loss(student, teachers.detach().mean(0).sigmoid())

    def rounded(student, teachers):
        """先生たちの確率の平均を、0 か 1 に丸めている"""
        return _loss(student, _target(teachers).round())

    def majority(student, teachers):
        """先生の答えを 1 人ずつ 0 か 1 に丸め、票の割合を正解にしている"""
        return _loss(student, (teachers > 0).to(student.dtype).mean(0))

    def first_teacher(student, teachers):
        """初めの先生だけから学んでいる"""
        return _loss(student, _target(teachers[:1]))

    def logits_as_target(student, teachers):
        """先生のロジットを、確率に直さずに正解にしている"""
        return _loss(student, teachers.detach().mean(0))

    def sum_of_teachers(student, teachers):
        """先生の確率を、平均せずに足している"""
        return _loss(student, teachers.detach().sigmoid().sum(0))

    def summed(student, teachers):
        """平均でなく、B 件の和を返している"""
        return _loss(student, _target(teachers)) * len(student)

    def every_review(student, teachers):
        """平均せずに、1 件ごとの損失 (B,) を返している"""
        return F.binary_cross_entropy_with_logits(student, _target(teachers), reduction="none")

    def squared_difference(student, teachers):
        """交差エントロピーでなく、確率の差の 2 乗を平均している"""
        return F.mse_loss(student.sigmoid(), _target(teachers))

    def divergence(student, teachers):
        """交差エントロピーから、先生の答えのエントロピーを引いている（KL）"""
        target = _target(teachers)
        return _loss(student, target) - _loss(target.logit(eps=1e-12), target)

    def bits(student, teachers):
        """自然対数でなく、2 を底とする対数で測っている"""
        return _loss(student, _target(teachers)) / torch.log(torch.tensor(2.0)).to(student)

    def positive_half(student, teachers):
        """肯定の側だけを数え、否定の側の (1 - q) log(1 - p) を忘れている"""
        return -(_target(teachers) * F.logsigmoid(student)).mean()

    def swapped(student, teachers):
        """肯定の確率と、否定の確率を取り違えている"""
        return _loss(student, 1 - _target(teachers))

    def sigmoid_twice(student, teachers):
        """ロジットの代わりに、確率を渡している（シグモイドが 2 度掛かる）"""
        return _loss(student.sigmoid(), _target(teachers))

    def teacher_learns(student, teachers):
        """先生にも勾配を流している"""
        return _loss(student, teachers.sigmoid().mean(0))

    def nothing_learns(student, teachers):
        """生徒のロジットを detach して、勾配を切っている"""
        return _loss(student.detach(), _target(teachers))

    def logarithm_of_zero(student, teachers):
        """確率の対数をとっていて、1 - p が 0 になると nan か inf になる"""
        p, q = student.sigmoid(), _target(teachers)
        return -(q * p.log() + (1 - q) * (1 - p).log()).mean()

    def clamped(student, teachers):
        """確率を 1e-12 から 1 - 1e-12 に収めていて、大きなロジットの損失が頭打ちになる"""
        p, q = student.sigmoid().clamp(1e-12, 1 - 1e-12), _target(teachers)
        return -(q * p.log() + (1 - q) * (1 - p).log()).mean()

    def logarithm_cut(student, teachers):
        """確率を binary_cross_entropy に渡していて、対数が -100 で打ち切られる"""
        return F.binary_cross_entropy(student.sigmoid(), _target(teachers))

    def in_float32(student, teachers):
        """float32 で計算している"""
        return _loss(student.float(), _target(teachers.float())).to(student.dtype)

    def always_float64(student, teachers):
        """float32 のロジットにも、float64 の損失を返している"""
        return _loss(student.double(), _target(teachers.double()))
