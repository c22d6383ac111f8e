"""「はしごを登る」の誤答。"""

import math
from collections import Counter

import numpy as np
import torch
from torch.nn import functional as F


def _pairs(n, gap, alone, right=None):
    """組ごとに、second だけが当てた件数 alone から作る。right は first が当てる件数。"""
    right, pairs = 9 * n // 10 if right is None else right, []
    order = torch.arange(n)
    first = order < right
    for b in alone:
        second = (order < right - gap - b) | ((order >= right) & (order < right + b))
        pairs.append((first, second))
    return tuple(pairs)


class two_pairs:
    def exchanged(n, gap):
        """2 つの組の順が逆になっている"""
        return _pairs(n, gap, (n // 10, 0))

    def second_better(n, gap):
        """first と second が逆で、second のほうが gap 件多く当てている"""
        return tuple(pair[::-1] for pair in _pairs(n, gap, (0, n // 10)))

    def always_alike(n, gap):
        """2 つめの組でも、first の外した所は second も外していて、p 値が小さい"""
        return _pairs(n, gap, (0, 0))

    def always_apart(n, gap):
        """1 つめの組でも、first の外した所を second が当てていて、p 値が大きい"""
        return _pairs(n, gap, (n // 10, n // 10))

    def a_few_more(n, gap):
        """2 つめの組で、second だけが当てた件数が gap 件しかなく、p 値が大きくならない"""
        return _pairs(n, gap, (0, gap))

    def twenty_percent(n, gap):
        """first が外すのを 2 割にしている（1 割のはず）"""
        return _pairs(n, gap, (0, n // 10), 8 * n // 10)

    def second_right(n, gap):
        """9 割を当てるのが、first でなく second になっている"""
        return _pairs(n, gap, (0, n // 10 - gap), 9 * n // 10 + gap)

    def gap_lost(n, gap):
        """2 つめの組で、second だけが当てた分を差し引かず、差が gap 件でなくなっている"""
        (first, alike), _ = _pairs(n, gap, (0, 0))
        return (first, alike), (first, alike | ~first)

    def same_answers(n, gap):
        """2 つのモデルの差が 0 件になっている"""
        return _pairs(n, 0, (0, n // 10))

    def by_chance(n, gap):
        """2 つめの組の当たり外れをくじで決めていて、差がちょうど gap 件にならない"""
        draw = torch.from_numpy(np.random.default_rng(0).random((2, n)))
        chance = torch.tensor([[0.9], [0.9 - gap / n]])
        return _pairs(n, gap, (0,))[0], tuple(draw < chance)

    def fixed_number(n, gap):
        """second だけが当てた件数を、n によらず 100 件にしている（n が大きいと足りない）"""
        return _pairs(n, gap, (0, 100))

    def fixed_reviews(n, gap):
        """n を使わず、いつも 25,000 件の当たり外れを作っている"""
        return _pairs(25_000, gap, (0, 2_500))

    def integers(n, gap):
        """bool でなく、0 と 1 の整数で返している"""
        return tuple(
            (first.long(), second.long()) for first, second in _pairs(n, gap, (0, n // 10))
        )


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

    def batch_maximum(gradient, epsilon):
        """系列ごとでなく、ミニバッチ全体の最大で割っていて、桁違いに小さい系列の雑音が 0 になる"""
        direction = gradient / gradient.abs().max()
        norm = _squares(direction)
        return torch.where(norm > 0, epsilon * direction / norm, 0.0)

    def batch_of_zeros(gradient, epsilon):
        """0 の系列をほかの系列の最大で割っていて、どの系列も 0 だと 0 / 0（nan）になる"""
        largest = gradient.abs().amax((1, 2), keepdim=True)
        direction = gradient / torch.where(largest > 0, largest, largest.max())
        return epsilon * direction / direction.norm(dim=(1, 2), keepdim=True).clamp_min(1)

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

    def epsilon_first(gradient, epsilon):
        """割る前に epsilon を掛けていて、とても大きな勾配があふれて inf になる"""
        direction = _scaled(gradient)
        largest = gradient.abs().amax((1, 2), keepdim=True)
        length = largest * direction.norm(dim=(1, 2), keepdim=True)
        return epsilon * gradient / length.masked_fill(length == 0, 1)

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


def _target(teachers, temperature):
    """正しい、正解の代わり。"""
    return torch.sigmoid(teachers.detach() / temperature).mean(0)


def _loss(student, target, temperature):
    return temperature**2 * F.binary_cross_entropy_with_logits(student / temperature, target)


class distillation_loss:
    def averaged_logits(student, teachers, temperature):
        """確率でなく、先生のロジットを平均している"""
        return _loss(student, _target(teachers.mean(0, keepdim=True), temperature), temperature)

    def rounded(student, teachers, temperature):
        """先生たちの確率の平均を、0 か 1 に丸めている"""
        return _loss(student, _target(teachers, temperature).round(), temperature)

    def majority(student, teachers, temperature):
        """先生の答えを 1 人ずつ 0 か 1 に丸め、票の割合を正解にしている"""
        return _loss(student, (teachers > 0).to(student.dtype).mean(0), temperature)

    def first_teacher(student, teachers, temperature):
        """初めの先生だけから学んでいる"""
        return _loss(student, _target(teachers[:1], temperature), temperature)

    def logits_as_target(student, teachers, temperature):
        """先生のロジットを、確率に直さずに正解にしている"""
        return _loss(student, teachers.detach().mean(0) / temperature, temperature)

    def sum_of_teachers(student, teachers, temperature):
        """先生の確率を、平均せずに足している"""
        target = _target(teachers, temperature) * len(teachers)
        return _loss(student, target, temperature)

    def summed(student, teachers, temperature):
        """平均でなく、B 件の和を返している"""
        return _loss(student, _target(teachers, temperature), temperature) * len(student)

    def every_review(student, teachers, temperature):
        """平均せずに、1 件ごとの損失 (B,) を返している"""
        each = [
            _loss(one, target, temperature)
            for one, target in zip(student, _target(teachers, temperature), strict=True)
        ]
        return torch.stack(each)

    def squared_difference(student, teachers, temperature):
        """交差エントロピーでなく、確率の差の 2 乗を平均している"""
        student = torch.sigmoid(student / temperature)
        return temperature**2 * F.mse_loss(student, _target(teachers, temperature))

    def divergence(student, teachers, temperature):
        """交差エントロピーから、先生の答えのエントロピーを引いている（KL）"""
        target = _target(teachers, temperature)
        entropy = _loss(temperature * target.logit(eps=1e-12), target, temperature)
        return _loss(student, target, temperature) - entropy

    def bits(student, teachers, temperature):
        """自然対数でなく、2 を底とする対数で測っている"""
        loss = _loss(student, _target(teachers, temperature), temperature)
        return loss / torch.log(torch.tensor(2.0)).to(student)

    def positive_half(student, teachers, temperature):
        """肯定の側だけを数え、否定の側の (1 - q) log(1 - p) を忘れている"""
        logs = F.logsigmoid(student / temperature)
        return -(temperature**2) * (_target(teachers, temperature) * logs).mean()

    def swapped(student, teachers, temperature):
        """肯定の確率と、否定の確率を取り違えている"""
        return _loss(student, 1 - _target(teachers, temperature), temperature)

    def sigmoid_twice(student, teachers, temperature):
        """ロジットの代わりに、確率を渡している（シグモイドが 2 度掛かる）"""
        target = _target(teachers, temperature)
        student = torch.sigmoid(student / temperature)
        return temperature**2 * F.binary_cross_entropy_with_logits(student, target)

    def teacher_learns(student, teachers, temperature):
        """先生にも勾配を流している"""
        return _loss(student, torch.sigmoid(teachers / temperature).mean(0), temperature)

    def nothing_learns(student, teachers, temperature):
        """生徒のロジットを detach して、勾配を切っている"""
        return _loss(student.detach(), _target(teachers, temperature), temperature)

    def no_factor(student, teachers, temperature):
        """温度の 2 乗を掛けていない"""
        return _loss(student, _target(teachers, temperature), temperature) / temperature**2

    def factor_not_squared(student, teachers, temperature):
        """温度を 2 乗せずに掛けている"""
        return _loss(student, _target(teachers, temperature), temperature) / temperature

    def student_not_divided(student, teachers, temperature):
        """先生のロジットだけを温度で割り、生徒のロジットを割っていない"""
        target = _target(teachers, temperature)
        return temperature**2 * F.binary_cross_entropy_with_logits(student, target)

    def teachers_not_divided(student, teachers, temperature):
        """生徒のロジットだけを温度で割り、先生のロジットを割っていない"""
        return _loss(student, _target(teachers, 1), temperature)

    def probability_divided(student, teachers, temperature):
        """先生のロジットでなく、確率のほうを温度で割っている"""
        return _loss(student, _target(teachers, 1) / temperature, temperature)

    def multiplied(student, teachers, temperature):
        """ロジットを温度で割らずに、温度を掛けている"""
        target = _target(teachers, 1 / temperature)
        return _loss(student, target, 1 / temperature) * temperature**4

    def temperature_ignored(student, teachers, temperature):
        """温度を使っていない（いつも 1）"""
        return _loss(student, _target(teachers, 1), 1)

    def logarithm_of_zero(student, teachers, temperature):
        """確率の対数をとっていて、1 - p が 0 になると nan か inf になる"""
        p, q = torch.sigmoid(student / temperature), _target(teachers, temperature)
        return -(temperature**2) * (q * p.log() + (1 - q) * (1 - p).log()).mean()

    def clamped(student, teachers, temperature):
        """確率を 1e-12 から 1 - 1e-12 に収めていて、大きなロジットの損失が頭打ちになる"""
        p = torch.sigmoid(student / temperature).clamp(1e-12, 1 - 1e-12)
        q = _target(teachers, temperature)
        return -(temperature**2) * (q * p.log() + (1 - q) * (1 - p).log()).mean()

    def exponential_overflows(student, teachers, temperature):
        """log(1 + e^z) をそのまま計算していて、大きなロジットで inf になる"""
        z = student / temperature
        return temperature**2 * ((1 + z.exp()).log() - _target(teachers, temperature) * z).mean()

    def logarithm_cut(student, teachers, temperature):
        """確率を binary_cross_entropy に渡していて、対数が -100 で打ち切られる"""
        p = torch.sigmoid(student / temperature)
        return temperature**2 * F.binary_cross_entropy(p, _target(teachers, temperature))

    def in_float32(student, teachers, temperature):
        """float32 で計算している"""
        target = _target(teachers.float(), temperature)
        return _loss(student.float(), target, temperature).to(student.dtype)

    def always_float64(student, teachers, temperature):
        """float32 のロジットにも、float64 の損失を返している"""
        return _loss(student.double(), _target(teachers.double(), temperature), temperature)


def _losses(logits, labels):
    """段ごとの損失。"""
    each = F.binary_cross_entropy_with_logits(logits, labels.expand_as(logits), reduction="none")
    return each.mean(1)


def _accuracies(logits, labels):
    """段ごとの精度。"""
    return ((logits > 0) == (labels > 0.5)).double().mean(1)


def _reported(best, test, test_labels):
    return int(best), _accuracies(test, test_labels)[best].item()


def _lucky(right, rounds, rng, gap):
    """``gap(right, drawn, left)`` の、``rounds`` 周の平均。"""
    right, n, gaps = torch.from_numpy(right), right.shape[1], []
    for _ in range(rounds):
        drawn = torch.from_numpy(rng.integers(n, size=n))
        left = ~torch.isin(torch.arange(n), drawn)
        gaps.append(float(gap(right.double(), drawn, left)))
    return sum(gaps) / rounds


class luck_of_the_best:
    def against_all(right, rounds, rng):
        """引かれなかったレビューでなく、全部のレビューでの精度を引いている"""

        def gap(hits, drawn, left):
            best = hits[:, drawn].mean(1).argmax()
            return hits[best, drawn].mean() - hits[best].mean()

        return _lucky(right, rounds, rng, gap)

    def chosen_once(right, rounds, rng):
        """段を、引き直す前のデータで 1 度だけ選んでいる"""

        def gap(hits, drawn, left):
            best = hits.mean(1).argmax()
            return hits[best, drawn].mean() - hits[best, left].mean()

        return _lucky(right, rounds, rng, gap)

    def chosen_on_the_left(right, rounds, rng):
        """引かれなかったレビューで、段を選んでいる"""

        def gap(hits, drawn, left):
            best = hits[:, left].mean(1).argmax()
            return hits[best, drawn].mean() - hits[best, left].mean()

        return _lucky(right, rounds, rng, gap)

    def best_of_each(right, rounds, rng):
        """引かれなかったレビューでは、別の段の最高点と比べている"""

        def gap(hits, drawn, left):
            return hits[:, drawn].mean(1).max() - hits[:, left].mean(1).max()

        return _lucky(right, rounds, rng, gap)

    def averaged_over_rungs(right, rounds, rng):
        """いちばんの段でなく、全部の段の平均の差を返している"""

        def gap(hits, drawn, left):
            return hits[:, drawn].mean() - hits[:, left].mean()

        return _lucky(right, rounds, rng, gap)

    def doubles_dropped(right, rounds, rng):
        """重なって引かれたレビューを、1 度しか数えていない"""

        def gap(hits, drawn, left):
            seen = hits[:, ~left].mean(1)
            best = seen.argmax()
            return seen[best] - hits[best, left].mean()

        return _lucky(right, rounds, rng, gap)

    def last_of_equals(right, rounds, rng):
        """同じ精度の段から、番号の大きいほうを選んでいる"""

        def gap(hits, drawn, left):
            score = hits[:, drawn].mean(1)
            best = len(score) - 1 - score.flip(0).argmax()
            return score[best] - hits[best, left].mean()

        return _lucky(right, rounds, rng, gap)

    def worst(right, rounds, rng):
        """いちばん外した段を選んでいる"""

        def gap(hits, drawn, left):
            best = hits[:, drawn].mean(1).argmin()
            return hits[best, drawn].mean() - hits[best, left].mean()

        return _lucky(right, rounds, rng, gap)

    def one_rung_each(right, rounds, rng):
        """段ごとに別々に引き直している"""
        right, n, gaps = torch.from_numpy(right), right.shape[1], []
        for _ in range(rounds):
            draws = [torch.from_numpy(rng.integers(n, size=n)) for _ in right]
            score = torch.stack(
                [row[d].double().mean() for row, d in zip(right, draws, strict=True)]
            )
            best = int(score.argmax())
            left = ~torch.isin(torch.arange(n), draws[best])
            gaps.append(float(score[best] - right[best, left].double().mean()))
        return sum(gaps) / rounds

    def without_replacement(right, rounds, rng):
        """重なりを許さずに、半分ずつに分けている"""
        right, n, gaps = torch.from_numpy(right), right.shape[1], []
        for _ in range(rounds):
            order = torch.from_numpy(rng.permutation(n))
            one, other = order[: n // 2], order[n // 2 :]
            best = right[:, one].double().mean(1).argmax()
            gaps.append(
                float(right[best, one].double().mean() - right[best, other].double().mean())
            )
        return sum(gaps) / rounds

    def reversed_sign(right, rounds, rng):
        """差の符号が逆"""

        def gap(hits, drawn, left):
            best = hits[:, drawn].mean(1).argmax()
            return hits[best, left].mean() - hits[best, drawn].mean()

        return _lucky(right, rounds, rng, gap)

    def in_points(right, rounds, rng):
        """割合でなく % で返している"""

        def gap(hits, drawn, left):
            best = hits[:, drawn].mean(1).argmax()
            return 100 * (hits[best, drawn].mean() - hits[best, left].mean())

        return _lucky(right, rounds, rng, gap)

    def summed(right, rounds, rng):
        """平均でなく、周ごとの差の和を返している"""

        def gap(hits, drawn, left):
            best = hits[:, drawn].mean(1).argmax()
            return rounds * (hits[best, drawn].mean() - hits[best, left].mean())

        return _lucky(right, rounds, rng, gap)

    def own_rng(right, rounds, rng):
        """渡された rng を使っていない"""

        def gap(hits, drawn, left):
            best = hits[:, drawn].mean(1).argmax()
            return hits[best, drawn].mean() - hits[best, left].mean()

        return _lucky(right, rounds, np.random.default_rng(0), gap)


def _told(output, upstream):
    """時刻ごとの、重みについての損失の傾き。"""
    return (output * upstream[:, None]).sum(2)


def _through_softmax(weights, told):
    """重みについての傾きから、得点についての傾き。"""
    return weights * (told - (weights * told).sum(1, keepdim=True))


class attention_slopes:
    def of_weights(scores, output, upstream):
        """得点でなく、重みについての勾配を返している"""
        return _told(output, upstream)

    def only_times_weight(scores, output, upstream):
        """重みの和が 1 のままであることを忘れ、まとめたものとの内積を引いていない"""
        return scores.softmax(1) * _told(output, upstream)

    def diagonal(scores, output, upstream):
        """自分の得点が自分の重みを動かす分 α (1 - α) だけを数え、ほかの重みが減る分を忘れている"""
        weights = scores.softmax(1)
        return weights * (1 - weights) * _told(output, upstream)

    def plain_mean(scores, output, upstream):
        """引くのが、重みつきでない、ふつうの平均になっている"""
        told = _told(output, upstream)
        return scores.softmax(1) * (told - told.mean(1, keepdim=True))

    def without_weight(scores, output, upstream):
        """まとめたものを引いたあと、重みを掛けていない"""
        told = _told(output, upstream)
        return told - (scores.softmax(1) * told).sum(1, keepdim=True)

    def downhill(scores, output, upstream):
        """符号が逆になっている"""
        return -_through_softmax(scores.softmax(1), _told(output, upstream))

    def sum_not_kept(scores, output, upstream):
        """系列ごとでなく、ミニバッチ全体の和を引いている"""
        weights, told = scores.softmax(1), _told(output, upstream)
        return weights * (told - (weights * told).sum())

    def over_sequences(scores, output, upstream):
        """時刻でなく、系列の軸でソフトマックスをとっている"""
        return _through_softmax(scores.softmax(0), _told(output, upstream))

    def sigmoids(scores, output, upstream):
        """ソフトマックスでなく、シグモイドの微分を使っている"""
        weights = scores.sigmoid()
        return weights * (1 - weights) * _told(output, upstream) + 0 * scores

    def feature_mean(scores, output, upstream):
        """特徴の軸で足さずに、平均している"""
        told = (output * upstream[:, None]).mean(2)
        return _through_softmax(scores.softmax(1), told)

    def features_kept(scores, output, upstream):
        """特徴の軸で足していない（(B, T, H) のまま）"""
        weights = scores.softmax(1)[..., None]
        told = output * upstream[:, None]
        return weights * (told - (weights * told).sum(1, keepdim=True))

    def of_output(scores, output, upstream):
        """得点でなく、output についての勾配を返している"""
        return scores.softmax(1)[..., None] * upstream[:, None]

    def overflows(scores, output, upstream):
        """最大値を引かずに指数をとり、大きな得点で nan になる"""
        powers = scores.exp()
        return _through_softmax(powers / powers.sum(1, keepdim=True), _told(output, upstream))

    def cut(scores, output, upstream):
        """傾きを -5 から 5 に切っている"""
        return _through_softmax(scores.softmax(1), _told(output, upstream)).clamp(-5, 5)

    def differences(scores, output, upstream):
        """式を導かず、損失の差（6 次の中心差分）で近似している"""
        told, size = _told(output, upstream).double(), 2e-3
        columns = []
        for one in torch.eye(scores.shape[1], dtype=told.dtype):
            values = [((scores + k * size * one).softmax(1) * told).sum(1) for k in range(-3, 4)]
            near, far, farthest = (values[3 + k] - values[3 - k] for k in (1, 2, 3))
            columns.append((45 * near - 9 * far + farthest) / (60 * size))
        return torch.stack(columns, 1).to(scores.dtype)

    def last_eight(scores, output, upstream):
        """後ろの 8 時刻にしか、勾配を返していない"""
        slopes = _through_softmax(scores.softmax(1), _told(output, upstream))
        early = torch.arange(scores.shape[1]) < scores.shape[1] - 8
        return slopes.masked_fill(early, 0)

    def in_float32(scores, output, upstream):
        """float32 で計算している"""
        slopes = _through_softmax(scores.float().softmax(1), _told(output, upstream).float())
        return slopes.to(scores.dtype)

    def always_float64(scores, output, upstream):
        """float32 の得点にも、float64 の勾配を返している"""
        return _through_softmax(scores.double().softmax(1), _told(output, upstream).double())


def _counts(texts, labels, seen=set):
    """語を含む、肯定と否定のレビューの数。seen に list を渡すと、現れた回数。"""
    counts = {0: Counter(), 1: Counter()}
    for tokens, label in zip(texts, labels, strict=True):
        counts[label].update(seen(tokens))
    return counts[1], counts[0]


def _ratio(p, n):
    return math.log((p + 1) / (n + 1))


def _leanings(texts, labels, leaning=_ratio, seen=set, own=lambda tokens, token, y: (y, 1 - y)):
    """p と n から own（正しくは自分の 1 件）を引いて、leaning に渡す。"""
    positive, negative = _counts(texts, labels, seen)
    rows = []
    for tokens, y in zip(texts, labels, strict=True):
        removed = [own(tokens, token, y) for token in tokens]
        rows.append(
            [
                leaning(positive[token] - p, negative[token] - n)
                for token, (p, n) in zip(tokens, removed, strict=True)
            ]
        )
    return rows


def _clamped(p, n):
    return _ratio(max(p, 0), max(n, 0))


def _as_often(tokens, token, y):
    return tokens.count(token) * y, tokens.count(token) * (1 - y)


class leanings:
    def as_given(texts, labels):
        """ひな形のまま（誤りが 2 つとも残っている）"""
        return _leanings(texts, labels, seen=list, own=lambda *_: (0, 0))

    def self_counted(texts, labels):
        """そのレビュー自身も数えている"""
        return _leanings(texts, labels, own=lambda *_: (0, 0))

    def repeats_counted(texts, labels):
        """1 件に何度も現れた語を、その回数だけ数えている"""
        return _leanings(texts, labels, seen=list, own=_as_often)

    def repeats_left(texts, labels):
        """語を現れた回数だけ数えておいて、自分の分は 1 回しか抜いていない"""
        return _leanings(texts, labels, seen=list)

    def removed_as_often(texts, labels):
        """自分の 1 件を、その語が現れた回数だけ抜いている（抜きすぎ）"""
        return _leanings(texts, labels, _clamped, own=_as_often)

    def wrong_side(texts, labels):
        """自分の 1 件を、反対の側の数から抜いている"""
        return _leanings(texts, labels, _clamped, own=lambda tokens, token, y: (1 - y, y))

    def both_sides(texts, labels):
        """自分の 1 件を、肯定と否定の両方の数から抜いている"""
        return _leanings(texts, labels, _clamped, own=lambda *_: (1, 1))

    def only_from_positive(texts, labels):
        """肯定のレビューでしか、自分の 1 件を抜いていない"""
        return _leanings(texts, labels, own=lambda tokens, token, y: (y, 0))

    def not_put_back(texts, labels):
        """抜いた 1 件を戻さずに、次のレビューへ進んでいる"""
        positive, negative = _counts(texts, labels)
        rows = []
        for tokens, label in zip(texts, labels, strict=True):
            (positive if label else negative).subtract(set(tokens))
            rows.append([_ratio(positive[token], negative[token]) for token in tokens])
        return rows

    def only_earlier(texts, labels):
        """ほかのすべてのレビューでなく、それより前のレビューだけを数えている"""
        rows = []
        for i, tokens in enumerate(texts):
            positive, negative = _counts(texts[:i], labels[:i])
            rows.append([_ratio(positive[token], negative[token]) for token in tokens])
        return rows

    def same_words_removed(texts, labels):
        """自分と同じ語の並びのレビューを、ほかの 1 件なのに、一緒に抜いている"""
        rows = []
        for tokens in texts:
            others = [k for k, other in enumerate(texts) if other != tokens]
            positive, negative = _counts([texts[k] for k in others], [labels[k] for k in others])
            rows.append([_ratio(positive[token], negative[token]) for token in tokens])
        return rows

    def parts_of_words(texts, labels):
        """語の一部でも、同じ文字が並んでいれば数えている"""
        rows = []
        for i, tokens in enumerate(texts):
            others = [k for k in range(len(texts)) if k != i]
            lines = [(" ".join(texts[k]), labels[k]) for k in others]
            found = [[label for line, label in lines if token in line] for token in tokens]
            rows.append([_ratio(sum(each), len(each) - sum(each)) for each in found])
        return rows

    def without_ones(texts, labels):
        """p と n に 1 を足していない（0 のときに、log も割り算もできない）"""

        def leaning(p, n):
            with np.errstate(divide="ignore", invalid="ignore"):
                return np.log(np.float64(p) / n)

        return _leanings(texts, labels, leaning)

    def halves(texts, labels):
        """1 でなく 0.5 を足している"""
        return _leanings(texts, labels, lambda p, n: math.log((p + 0.5) / (n + 0.5)))

    def reversed(texts, labels):
        """p と n が入れ替わり、偏りの符号が逆になっている"""
        return _leanings(texts, labels, lambda p, n: _ratio(n, p))

    def difference(texts, labels):
        """対数比でなく、数の差 p - n を返している"""
        return _leanings(texts, labels, lambda p, n: p - n)

    def not_logarithm(texts, labels):
        """対数をとらずに、比 (p + 1) / (n + 1) を返している"""
        return _leanings(texts, labels, lambda p, n: (p + 1) / (n + 1))

    def share(texts, labels):
        """対数比でなく、肯定の割合 (p + 1) / (p + n + 2) を返している"""
        return _leanings(texts, labels, lambda p, n: (p + 1) / (p + n + 2))

    def bits(texts, labels):
        """自然対数でなく、2 を底とする対数をとっている"""
        return _leanings(texts, labels, lambda p, n: math.log2((p + 1) / (n + 1)))

    def divided_by_totals(texts, labels):
        """p + 1 と n + 1 を、すべての語についてのそれぞれの合計で割っている"""
        positive, negative = _counts(texts, labels)
        words = positive.keys() | negative.keys()
        p_total, n_total = (sum(each.values()) + len(words) for each in (positive, negative))
        return _leanings(texts, labels, lambda p, n: _ratio(p, n) - math.log(p_total / n_total))

    def each_word_once(texts, labels):
        """トークンごとでなく、語の種類ごとに 1 つだけ返している"""
        return _leanings([list(dict.fromkeys(tokens)) for tokens in texts], labels)

    def dictionaries(texts, labels):
        """偏りのリストでなく、語から偏りへの辞書を並べている"""
        rows = zip(texts, _leanings(texts, labels), strict=True)
        return [dict(zip(tokens, row, strict=True)) for tokens, row in rows]

    def summed(texts, labels):
        """トークンごとに分けず、レビューごとの合計を返している"""
        return [math.fsum(row) for row in _leanings(texts, labels)]

    def joined(texts, labels):
        """レビューごとに分けず、すべてを 1 つのリストにつなげている"""
        return [each for row in _leanings(texts, labels) for each in row]

    def in_place(texts, labels):
        """渡された texts のトークンを、偏りで書き換えている"""
        rows = _leanings(texts, labels)
        for tokens, row in zip(texts, rows, strict=True):
            tokens[:] = row
        return rows

    def in_float32(texts, labels):
        """float32 で計算している"""
        return _leanings(texts, labels, lambda p, n: float(np.log(np.float32((p + 1) / (n + 1)))))
