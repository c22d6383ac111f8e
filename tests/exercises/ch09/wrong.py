"""「使い分けと実践」の誤答。"""

import copy
import itertools
import math

import numpy as np
import torch
from torch.nn import functional as F


def _keep(x, p, rng):
    """系列と成分ごとのマスク (B, 1, D)。"""
    return torch.from_numpy(rng.random((x.shape[0], 1, x.shape[2])) >= p)


def _masked(x, p, rng):
    """訓練中の正しい答え。"""
    return x * _keep(x, p, rng) / (1 - p)


class locked_dropout:
    def changes_over_time(x, p, training, rng):
        """ひな形のまま（誤りが残っている）"""
        steps = x.unbind(dim=1)
        kept = [x_t * torch.from_numpy(rng.random(x_t.shape) >= p) for x_t in steps]
        return torch.stack(kept, dim=1)

    def changes_and_scaled(x, p, training, rng):
        """時刻ごとに新しいマスクを引いている（ほかは正しい）"""
        if not training:
            return x
        return x * torch.from_numpy(rng.random(x.shape) >= p) / (1 - p)

    def torch_dropout(x, p, training, rng):
        """F.dropout を使っている（マスクが時刻ごとに変わる）"""
        return F.dropout(x, p, training)

    def not_scaled(x, p, training, rng):
        """1 / (1 - p) 倍していない"""
        return x * _keep(x, p, rng) if training else x

    def scaled_in_evaluation(x, p, training, rng):
        """訓練中は 1 / (1 - p) 倍せず、評価のときに 1 - p 倍している（もとの論文のやり方）"""
        return x * _keep(x, p, rng) if training else x * (1 - p)

    def evaluation_scaled_too(x, p, training, rng):
        """評価のときも 1 / (1 - p) 倍している"""
        return _masked(x, p, rng) if training else x / (1 - p)

    def dropped_in_evaluation(x, p, training, rng):
        """評価のときも落としている"""
        return _masked(x, p, rng)

    def only_in_evaluation(x, p, training, rng):
        """訓練と評価が逆で、評価のときにだけ落としている"""
        return x if training else _masked(x, p, rng)

    def scaled_in_float32(x, p, training, rng):
        """1 / (1 - p) を、float32 に丸めている"""
        return x * (_keep(x, p, rng).float() / (1 - p)) if training else x

    def scaled_down(x, p, training, rng):
        """1 - p で割らずに、1 - p を掛けている"""
        return x * _keep(x, p, rng) * (1 - p) if training else x

    def divided_by_p(x, p, training, rng):
        """1 - p でなく p で割っている"""
        return x * _keep(x, p, rng) / p if training else x

    def scaled_twice(x, p, training, rng):
        """1 / (1 - p) 倍を二度している"""
        return _masked(x, p, rng) / (1 - p) if training else x

    def actual_rate(x, p, training, rng):
        """1 - p でなく、実際に残った割合で割っている"""
        keep = _keep(x, p, rng)
        return x * keep / keep.double().mean() if training else x

    def scaled_only(x, p, training, rng):
        """0 にする成分がなく、1 / (1 - p) 倍だけしている"""
        return x / (1 - p) if training else x

    def inverted(x, p, training, rng):
        """落とす確率と残す確率が逆で、割合 p だけ残している"""
        return x * ~_keep(x, p, rng) / (1 - p) if training else x

    def exact_number(x, p, training, rng):
        """いつもちょうど割合 p だけ落としている（1 つずつ、確率 p で落としていない）"""
        if not training:
            return x
        keep = torch.ones(x.shape[0] * x.shape[2], dtype=torch.bool)
        keep[rng.permutation(len(keep))[: round(p * len(keep))]] = False
        return x * keep.reshape(x.shape[0], 1, -1) / (1 - p)

    def shared_by_two(x, p, training, rng):
        """隣り合う 2 つの系列に、同じマスクを使っている"""
        keep = _keep(x[::2], p, rng).repeat_interleave(2, dim=0)
        return x * keep[: len(x)] / (1 - p) if training else x

    def first_sequence(x, p, training, rng):
        """どの系列にも、同じマスクを使っている"""
        return x * _keep(x[:1], p, rng) / (1 - p) if training else x

    def whole_sequences(x, p, training, rng):
        """成分ごとでなく、系列ごと落としている"""
        return x * _keep(x[..., :1], p, rng) / (1 - p) if training else x

    def whole_steps(x, p, training, rng):
        """成分ごとでなく、時刻ごとにまるごと落としている"""
        return x * _keep(x[..., :1].mT, p, rng).mT / (1 - p) if training else x

    def first_time_only(x, p, training, rng):
        """最初の時刻だけを落としている"""
        return torch.cat([_masked(x[:, :1], p, rng), x[:, 1:]], 1) if training else x

    def changes_every_eight(x, p, training, rng):
        """8 時刻ごとにマスクを引き直している"""
        if not training:
            return x
        return torch.cat([_masked(piece, p, rng) for piece in x.split(8, dim=1)], 1)

    def own_seed(x, p, training, rng):
        """rng を使わず、自分で決めた種から引いている（呼ぶたびに同じマスク）"""
        return _masked(x, p, np.random.default_rng(0)) if training else x

    def torch_rand(x, p, training, rng):
        """rng でなく、torch.rand から引いている"""
        keep = torch.rand(x.shape[0], 1, x.shape[2]) >= p
        return x * keep / (1 - p) if training else x

    def numpy_rand(x, p, training, rng):
        """rng でなく、np.random.rand から引いている"""
        keep = torch.from_numpy(np.random.rand(x.shape[0], 1, x.shape[2]) >= p)
        return x * keep / (1 - p) if training else x

    def copied_rng(x, p, training, rng):
        """rng の写しから引いていて、渡された rng が進まない"""
        return _masked(x, p, copy.deepcopy(rng)) if training else x

    def drawn_in_evaluation(x, p, training, rng):
        """評価のときにも、使わないマスクを rng から引いている"""
        masked = _masked(x, p, rng)
        return masked if training else x

    def detached(x, p, training, rng):
        """detach して、勾配を切っている"""
        return _masked(x.detach(), p, rng) if training else x

    def detached_in_evaluation(x, p, training, rng):
        """評価のときだけ、detach して勾配を切っている"""
        return _masked(x, p, rng) if training else x.detach()

    def in_float32(x, p, training, rng):
        """float32 にして計算している"""
        return _masked(x.float(), p, rng) if training else x


def _cosine(progress):
    """進み具合 0 から 1 を、1 から 0 へ。"""
    return (1 + math.cos(math.pi * progress)) / 2


def _shape(total, warmup, rise=lambda r: r, fall=_cosine):
    """頂点を 1 とした形。上がり方と下がり方を選べる。"""
    shape = [rise(step / warmup) for step in range(warmup)]
    return shape + [fall(k / (total - warmup)) for k in range(total - warmup)]


def _walk(shape, distance):
    """和が ``distance`` になるように伸ばす。"""
    return [distance / sum(shape) * height for height in shape]


class same_distance:
    def not_raised(total, warmup, base):
        """頂点を base のままにしている（歩く距離が、一定のときの半分ほどしかない）"""
        return [base * height for height in _shape(total, warmup)]

    def always_doubled(total, warmup, base):
        """warmup が 0 のときも、頂点を base の 2 倍にしている（頂点から始まる分、歩きすぎる）"""
        return [2 * base * height for height in _shape(total, warmup)]

    def only_the_cosine(total, warmup, base):
        """余弦の部分だけで base * total を歩き、ウォームアップの分を数えていない"""
        shape = _shape(total, warmup)
        return [base * total / sum(shape[warmup:]) * height for height in shape]

    def each_part(total, warmup, base):
        """上がる所と下がる所を別々に伸ばしている（境目でとぶ）"""
        shape = _shape(total, warmup)
        rise = [2 * base * warmup / max(1, warmup - 1) * height for height in shape[:warmup]]
        return rise + _walk(shape[warmup:], base * total - sum(rise))

    def one_too_many(total, warmup, base):
        """step = total の 0 まで入れ、total + 1 個を返している"""
        return [*_walk(_shape(total, warmup), base * total), 0.0]

    def from_one(total, warmup, base):
        """step = 0 でなく 1 から total までを並べている"""
        return _walk([*_shape(total, warmup)[1:], 0.0], base * total) if total > 1 else [base]

    def one_step_early(total, warmup, base):
        """ウォームアップが (step + 1) / warmup で、1 つ早い（step = 0 で 0 でない）"""
        return _walk(_shape(total, warmup, rise=lambda r: r + 1 / warmup), base * total)

    def cosine_one_step_early(total, warmup, base):
        """余弦が 1 つ早い（step = warmup で、もう下がりはじめている）"""
        rest = total - warmup
        shape = _shape(total, warmup, fall=lambda r: _cosine(r + 1 / rest))
        return _walk(shape, base * total) if sum(shape) else [base]

    def cosine_from_zero(total, warmup, base):
        """余弦を warmup でなく step = 0 から数えている（warmup で急に下がる）"""
        shape = _shape(total, warmup)[:warmup]
        shape += [_cosine(step / total) for step in range(warmup, total)]
        return _walk(shape, base * total)

    def product(total, warmup, base):
        """step = 0 からの余弦に、ウォームアップの割合を掛けている（頂点が warmup より前に来る）"""
        shape = [min(1, k / warmup if warmup else 1) * _cosine(k / total) for k in range(total)]
        return _walk(shape, base * total)

    def straight_down(total, warmup, base):
        """余弦でなく、まっすぐ下がっている"""
        return _walk(_shape(total, warmup, fall=lambda r: 1 - r), base * total)

    def cosine_warmup(total, warmup, base):
        """ウォームアップも、まっすぐでなく余弦で上がっている"""
        return _walk(_shape(total, warmup, rise=lambda r: 1 - _cosine(r)), base * total)

    def flat_warmup(total, warmup, base):
        """ウォームアップの間、ずっと頂点の高さにしている"""
        return _walk(_shape(total, warmup, rise=lambda r: 1.0), base * total)

    def distance_is_base(total, warmup, base):
        """和を base * total でなく base にしている"""
        return _walk(_shape(total, warmup), base)

    def without_base(total, warmup, base):
        """和を total にしている（base を掛けていない）"""
        return _walk(_shape(total, warmup), total)

    def constant(total, warmup, base):
        """上げも下げもせず、一定の base を並べている"""
        return [base] * total

    def only_the_peak(total, warmup, base):
        """学習率を並べず、頂点の高さだけを返している"""
        return base * total / sum(_shape(total, warmup))


def _better(loss, lowest, min_delta):
    return loss < lowest - min_delta


def _watch(val_losses, patience, min_delta, improved=_better):
    """（最良、打ち切ったエポック）。``improved`` が改善かどうかを決める。"""
    best = 0
    for epoch, loss in enumerate(val_losses):
        if epoch and improved(loss, val_losses[best], min_delta):
            best = epoch
        if epoch - best == patience:
            return best, epoch
    return best, len(val_losses) - 1


def _least(values):
    """最小の番号。nan は見ない。"""
    return min((k for k, v in enumerate(values) if v == v), key=values.__getitem__)


class best_epoch:
    def one_more(val_losses, patience, min_delta):
        """打ち切りが 1 つ遅い（patience 回を超えるまで待っている）"""
        return _watch(val_losses, patience + 1, min_delta)

    def one_less(val_losses, patience, min_delta):
        """打ち切りが 1 つ早い（patience - 1 回しか待っていない）"""
        best = 0
        for epoch, loss in enumerate(val_losses):
            if _better(loss, val_losses[best], min_delta):
                best = epoch
            elif epoch - best >= patience - 1:
                return best, epoch
        return best, len(val_losses) - 1

    def stop_is_one_later(val_losses, patience, min_delta):
        """打ち切る条件は合っているが、その次のエポックの番号を返している"""
        best, stop = _watch(val_losses, patience, min_delta)
        return best, min(stop + 1, len(val_losses) - 1)

    def last_instead_of_best(val_losses, patience, min_delta):
        """最良のエポックでなく、打ち切ったエポックを返している"""
        _, stop = _watch(val_losses, patience, min_delta)
        return stop, stop

    def before_waiting(val_losses, patience, min_delta):
        """最良のエポックを、いつも「打ち切りの patience 前」としている"""
        _, stop = _watch(val_losses, patience, min_delta)
        return stop - patience, stop

    def best_of_all(val_losses, patience, min_delta):
        """打ち切った先も見て、全体の最小を最良としている"""
        _, stop = _watch(val_losses, patience, min_delta)
        return _least(val_losses), stop

    def smallest_seen(val_losses, patience, min_delta):
        """最後に改善したエポックでなく、見た中で最小のエポックを返している"""
        _, stop = _watch(val_losses, patience, min_delta)
        return _least(val_losses[: stop + 1]), stop

    def patience_ignored(val_losses, patience, min_delta):
        """打ち切らず、最後まで見ている"""
        return _watch(val_losses, len(val_losses), min_delta)

    def first_rise(val_losses, patience, min_delta):
        """patience を使わず、初めて改善しなかったエポックで打ち切っている"""
        return _watch(val_losses, 1, min_delta)

    def fixed_number(val_losses, patience, min_delta):
        """改善があっても、初めから patience エポックで打ち切っている"""
        return _watch(val_losses[: patience + 1], patience + 1, min_delta)

    def from_one_point_zero(val_losses, patience, min_delta):
        """最良の損失を、初めの損失でなく 1.0 から始めている"""
        best, lowest, waited = 0, 1.0, 0
        for epoch, loss in enumerate(val_losses):
            if _better(loss, lowest, min_delta):
                best, lowest, waited = epoch, loss, 0
            elif epoch:
                waited += 1
            if waited == patience:
                return best, epoch
        return best, len(val_losses) - 1

    def from_zero(val_losses, patience, min_delta):
        """最良の損失を、初めの損失でなく 0 から始めている"""
        best, lowest, waited = 0, 0.0, 0
        for epoch, loss in enumerate(val_losses):
            if _better(loss, lowest, min_delta):
                best, lowest, waited = epoch, loss, 0
            elif epoch:
                waited += 1
            if waited == patience:
                return best, epoch
        return best, len(val_losses) - 1

    def nan_is_an_improvement(val_losses, patience, min_delta):
        """改善しない条件のほうを書いているので、nan が改善になっている"""
        return _watch(val_losses, patience, min_delta, lambda loss, low, d: not loss >= low - d)

    def nan_stops(val_losses, patience, min_delta):
        """nan を見たら、patience を待たずに打ち切っている"""
        best = 0
        for epoch, loss in enumerate(val_losses):
            if _better(loss, val_losses[best], min_delta):
                best = epoch
            if epoch - best == patience or math.isnan(loss):
                return best, epoch
        return best, len(val_losses) - 1

    def nan_not_counted(val_losses, patience, min_delta):
        """nan のエポックを、改善しなかった回数に数えていない"""
        best = waited = 0
        for epoch, loss in enumerate(val_losses):
            if _better(loss, val_losses[best], min_delta):
                best, waited = epoch, 0
            elif epoch and not math.isnan(loss):
                waited += 1
            if waited == patience:
                return best, epoch
        return best, len(val_losses) - 1

    def ties_are_improvements(val_losses, patience, min_delta):
        """同じ値や、差がちょうど min_delta のときも、改善とみなしている（<= になっている）"""
        return _watch(val_losses, patience, min_delta, lambda loss, low, d: loss <= low - d)

    def only_ties_are_improvements(val_losses, patience, min_delta):
        """差がちょうど min_delta のとき（min_delta > 0）だけ、改善とみなしている"""
        return _watch(
            val_losses,
            patience,
            min_delta,
            lambda loss, low, d: loss < low - d or (d > 0 and loss == low - d),
        )

    def min_delta_ignored(val_losses, patience, min_delta):
        """min_delta を使っていない"""
        return _watch(val_losses, patience, 0.0)

    def min_delta_added(val_losses, patience, min_delta):
        """min_delta を引かずに足している（少し悪くなっても改善になる）"""
        return _watch(val_losses, patience, -min_delta)

    def min_delta_is_relative(val_losses, patience, min_delta):
        """min_delta を、差でなく割合とみなしている"""
        return _watch(
            val_losses, patience, min_delta, lambda loss, low, d: loss < low - d * abs(low)
        )

    def against_smallest(val_losses, patience, min_delta):
        """最後に改善した損失でなく、見た中の最小と比べている（少しずつの改善が積もらない）"""
        best, lowest = 0, val_losses[0]
        for epoch, loss in enumerate(val_losses):
            if _better(loss, lowest, min_delta):
                best = epoch
            lowest = min(lowest, loss) if loss == loss else lowest
            if epoch - best == patience:
                return best, epoch
        return best, len(val_losses) - 1

    def small_gains_ignored(val_losses, patience, min_delta):
        """わずかな改善を、改善とみなしていない（差が 0.001 より大きいかを見ている）"""
        return _watch(val_losses, patience, max(min_delta, 1e-3))

    def gains_within_rounding_ignored(val_losses, patience, min_delta):
        """min_delta をごくわずかに超える改善を、計算の誤差とみなして数えていない"""
        return _watch(val_losses, patience, min_delta + 1e-8)

    def ties_start_over(val_losses, patience, min_delta):
        """最良は先のものだが、同じ値でも回数を 0 に戻している"""
        best = waited = 0
        for epoch, loss in enumerate(val_losses):
            waited = 0 if loss <= val_losses[best] - min_delta or epoch == 0 else waited + 1
            if _better(loss, val_losses[best], min_delta):
                best = epoch
            if waited == patience:
                return best, epoch
        return best, len(val_losses) - 1

    def never_reset(val_losses, patience, min_delta):
        """改善しても、数えた回数を 0 に戻していない（続けてでなく、合計で数えている）"""
        best = waited = 0
        for epoch, loss in enumerate(val_losses):
            if _better(loss, val_losses[best], min_delta):
                best = epoch
            elif epoch:
                waited += 1
            if waited == patience:
                return best, epoch
        return best, len(val_losses) - 1

    def against_previous(val_losses, patience, min_delta):
        """最後に改善した損失でなく、1 つ前のエポックと比べている"""
        best = 0
        for epoch, (previous, loss) in enumerate(itertools.pairwise(val_losses), start=1):
            if _better(loss, previous, min_delta):
                best = epoch
            if epoch - best == patience:
                return best, epoch
        return best, len(val_losses) - 1

    def first_counted_as_failure(val_losses, patience, min_delta):
        """最初のエポックも、改善しなかった回数に数えている"""
        waited, best = 0, 0
        for epoch, loss in enumerate(val_losses):
            if _better(loss, val_losses[best], min_delta):
                best, waited = epoch, 0
            else:
                waited += 1
            if waited == patience:
                return best, epoch
        return best, len(val_losses) - 1

    def largest(val_losses, patience, min_delta):
        """損失が大きいほど良いとみなしている"""
        return _watch(val_losses, patience, min_delta, lambda loss, low, d: loss > low + d)

    def from_one(val_losses, patience, min_delta):
        """番号を 1 から数えている"""
        best, stop = _watch(val_losses, patience, min_delta)
        return best + 1, stop + 1

    def number_of_epochs(val_losses, patience, min_delta):
        """打ち切ったエポックの番号でなく、見たエポックの数を返している"""
        best, stop = _watch(val_losses, patience, min_delta)
        return best, stop + 1

    def length_when_not_stopped(val_losses, patience, min_delta):
        """打ち切られないとき、len(val_losses) を返している（1 つ大きい）"""
        best, stop = _watch(val_losses, patience, min_delta)
        return best, stop if stop - best == patience else len(val_losses)

    def none_when_not_stopped(val_losses, patience, min_delta):
        """打ち切られないとき、None を返している"""
        best, stop = _watch(val_losses, patience, min_delta)
        return best, stop if stop - best == patience else None

    def nothing_when_not_stopped(val_losses, patience, min_delta):
        """打ち切られないとき、何も返していない（return が繰り返しの中にしかない）"""
        best, stop = _watch(val_losses, patience, min_delta)
        return (best, stop) if stop - best == patience else None

    def loss_returned(val_losses, patience, min_delta):
        """最良のエポックの番号でなく、その損失を返している"""
        best, stop = _watch(val_losses, patience, min_delta)
        return val_losses[best], stop

    def swapped(val_losses, patience, min_delta):
        """（打ち切ったエポック、最良のエポック）の順で返している"""
        best, stop = _watch(val_losses, patience, min_delta)
        return stop, best

    def best_only(val_losses, patience, min_delta):
        """最良のエポックだけを返している"""
        return _watch(val_losses, patience, min_delta)[0]


def _parts(probability, labels):
    """確信度と、当たったかどうか。"""
    confidence = torch.maximum(probability, 1 - probability)
    return confidence, (probability > 0.5) == (labels == 1)


def _averages(history, decay):
    """0 から始め、直していない平均 (n, N)。"""
    average, averages = torch.zeros_like(history[0]), []
    for weights in history:
        average = decay * average + (1 - decay) * weights
        averages.append(average)
    return torch.stack(averages)


def _shares(history, decay):
    """k 回の更新までの、割合の合計 (n, 1)。"""
    k = torch.arange(1, len(history) + 1, dtype=history.dtype)[:, None]
    return 1 - decay**k


def _averaged(history, decay):
    return _averages(history, decay) / _shares(history, decay)


class averaged_weights:
    def not_corrected(history, decay):
        """0 に寄ったぶんを直していない"""
        return _averages(history, decay)

    def from_the_first(history, decay):
        """0 でなく、1 回めの重みから始めている（1 回めの重みの割合が大きいまま残る）"""
        averages = [history[0]]
        for weights in history[1:]:
            averages.append(decay * averages[-1] + (1 - decay) * weights)
        return torch.stack(averages)

    def from_the_first_and_corrected(history, decay):
        """1 回めの重みから始めたうえに、割って直している"""
        return averaged_weights.from_the_first(history, decay) / _shares(history, decay)

    def corrected_value_kept(history, decay):
        """直した平均を、次の更新に使っている"""
        average, averages = torch.zeros_like(history[0]), []
        for k, weights in enumerate(history, start=1):
            average = (decay * average + (1 - decay) * weights) / (1 - decay**k)
            averages.append(average)
        return torch.stack(averages)

    def power_not_taken(history, decay):
        """いつも 1 - decay で割っている（1 回めの後でしか正しくない）"""
        return _averages(history, decay) / (1 - decay)

    def one_update_late(history, decay):
        """更新の回数を 1 つ多く数えて割っている"""
        k = torch.arange(2, len(history) + 2, dtype=history.dtype)[:, None]
        return _averages(history, decay) / (1 - decay**k)

    def last_total_for_all(history, decay):
        """どの更新の後も、最後の割合の合計で割っている"""
        return _averages(history, decay) / _shares(history, decay)[-1]

    def swapped(history, decay):
        """decay と 1 - decay が逆になっている"""
        return _averaged(history, 1 - decay)

    def plain_mean(history, decay):
        """decay を使わず、それまでの重みをただ平均している"""
        k = torch.arange(1, len(history) + 1, dtype=history.dtype)[:, None]
        return history.cumsum(dim=0) / k

    def last_eight(history, decay):
        """8 回より前の更新を数えていない"""
        rows = [
            _averaged(history[max(0, k - 8) : k], decay)[-1] for k in range(1, len(history) + 1)
        ]
        return torch.stack(rows)

    def one_behind(history, decay):
        """1 つ前の更新までの平均を返している（1 回めは、重みそのもの）"""
        return torch.cat([history[:1], _averaged(history, decay)[:-1]])

    def always_float64(history, decay):
        """float64 に変えてから計算し、そのまま返している"""
        return _averaged(history.double(), decay)

    def detached(history, decay):
        """detach して、勾配を切っている"""
        return _averaged(history.detach(), decay)


def _summed(confidence, right, edges, total=None, gap=abs, inside=None):
    """区間ごとの差を足す。差のとり方、割る数、区間への入れ方を選べる。"""
    inside = inside or (lambda left, end: (confidence >= left) & (confidence < end))
    found = 0.0
    for left, end in zip(edges, [*edges[1:], math.inf], strict=True):
        rows = inside(left, end)
        found += gap((confidence[rows].sum() - right[rows].sum()).item())
    return found / (total or len(confidence))


class calibration_error:
    def probability_as_confidence(probability, labels, edges):
        """確信度を、答えたほうでなく、肯定である確率としている（否定の答えが区間の外になる）"""
        _, right = _parts(probability, labels)
        return _summed(probability, right, edges)

    def label_as_right(probability, labels, edges):
        """当たったかどうかでなく、正解が肯定かどうかを数えている"""
        confidence, _ = _parts(probability, labels)
        return _summed(confidence, labels == 1, edges)

    def half_is_positive(probability, labels, edges):
        """確率がちょうど 0.5 のとき、肯定と答えている"""
        confidence, _ = _parts(probability, labels)
        return _summed(confidence, (probability >= 0.5) == (labels == 1), edges)

    def right_end_included(probability, labels, edges):
        """区間に、左の端でなく右の端を含めている"""
        confidence, right = _parts(probability, labels)

        def inside(left, end):
            return (confidence > left) & (confidence <= end) | (
                (confidence == left) & (left == edges[0])
            )

        return _summed(confidence, right, edges, inside=inside)

    def both_ends_included(probability, labels, edges):
        """区間に両方の端を含め、境目の上のものを 2 度数えている"""
        confidence, right = _parts(probability, labels)

        def inside(left, end):
            return (confidence >= left) & (confidence <= end)

        return _summed(confidence, right, edges, inside=inside)

    def certain_left_out(probability, labels, edges):
        """確信度がちょうど 1 のものを、どの区間にも入れていない"""
        confidence, right = _parts(probability, labels)

        def inside(left, end):
            return (confidence >= left) & (confidence < min(end, 1.0))

        return _summed(confidence, right, edges, inside=inside)

    def last_bin_forgotten(probability, labels, edges):
        """最後の区間を数えていない"""
        confidence, right = _parts(probability, labels)

        def inside(left, end):
            return (confidence >= left) & (confidence < (end if end < math.inf else left))

        return _summed(confidence, right, edges, inside=inside)

    def one_bin(probability, labels, edges):
        """区間に分けず、全体の平均どうしの差を返している"""
        return _summed(*_parts(probability, labels), [0.5])

    def each_review(probability, labels, edges):
        """区間の平均でなく、1 件ごとの差の絶対値を平均している"""
        confidence, right = _parts(probability, labels)
        return (confidence - right.to(confidence.dtype)).abs().mean().item()

    def signed(probability, labels, edges):
        """差の絶対値をとっていない（自信過剰と自信不足が打ち消し合う）"""
        return _summed(*_parts(probability, labels), edges, gap=lambda each: each)

    def squared(probability, labels, edges):
        """絶対値でなく、差の 2 乗を足している"""
        return _summed(*_parts(probability, labels), edges, gap=lambda each: each**2)

    def equal_weights(probability, labels, edges):
        """件数の重みをつけず、区間の差をそのまま平均している"""
        confidence, right = _parts(probability, labels)
        gaps = []
        for left, end in zip(edges, [*edges[1:], math.inf], strict=True):
            rows = (confidence >= left) & (confidence < end)
            if rows.any():
                gap = confidence[rows].mean() - right[rows].to(confidence.dtype).mean()
                gaps.append(abs(gap.item()))
        return sum(gaps) / len(gaps)

    def not_divided(probability, labels, edges):
        """N で割っていない"""
        return _summed(*_parts(probability, labels), edges, total=1)

    def empty_bin_is_nan(probability, labels, edges):
        """空の区間の平均をとって、nan になっている"""
        confidence, right = _parts(probability, labels)
        total = 0.0
        for left, end in zip(edges, [*edges[1:], math.inf], strict=True):
            rows = (confidence >= left) & (confidence < end)
            gap = confidence[rows].mean() - right[rows].to(confidence.dtype).mean()
            total += abs(gap.item()) * rows.sum().item() / len(rows)
        return total

    def percent(probability, labels, edges):
        """割合でなく % で返している"""
        return 100 * _summed(*_parts(probability, labels), edges)


def _steps(weight, per_row):
    """行ごとの目盛りの幅 (H,)。"""
    largest = weight.abs().amax(dim=1) if per_row else weight.abs().max().expand(len(weight))
    return largest / 127


class int8_bound:
    def whole_step(weight, x, per_row):
        """丸めのずれを、目盛りの幅の半分でなく、幅 1 つ分としている"""
        return _steps(weight, per_row) * x.abs().sum()

    def two_hundred_fifty_five(weight, x, per_row):
        """目盛りの幅を、最大の絶対値の 255 分の 1 としている"""
        return _steps(weight, per_row) * 127 / 255 / 2 * x.abs().sum()

    def over_128(weight, x, per_row):
        """目盛りの幅を、最大の絶対値の 128 分の 1 としている"""
        return _steps(weight, per_row) * 127 / 128 / 2 * x.abs().sum()

    def without_absolute_value(weight, x, per_row):
        """x の絶対値をとらず、ずれが打ち消し合うとしている"""
        return _steps(weight, per_row) / 2 * x.sum().abs()

    def euclidean(weight, x, per_row):
        """絶対値の和でなく、2 乗の和の平方根を使っている（ずれがそろう向きを考えていない）"""
        return _steps(weight, per_row) / 2 * x.norm()

    def cauchy_schwarz(weight, x, per_row):
        """コーシー・シュワルツの不等式を使っている（正しい上限だが、いちばん小さくはない）"""
        return _steps(weight, per_row) / 2 * x.norm() * len(x) ** 0.5

    def largest_input(weight, x, per_row):
        """どの成分も、x のいちばん大きい成分と同じだとみなしている（上限だが、大きすぎる）"""
        return _steps(weight, per_row) / 2 * x.abs().max() * len(x)

    def step_not_zero(weight, x, per_row):
        """step が 0 にならないように、小さな数で止めている"""
        return _steps(weight, per_row).clamp(min=1e-11) / 2 * x.abs().sum()

    def standard_deviation(weight, x, per_row):
        """上限でなく、丸めのずれを一様分布とみなしたときの標準偏差を返している"""
        return _steps(weight, per_row) / 12**0.5 * x.norm()

    def actual(weight, x, per_row):
        """上限でなく、この重みを丸めたときの実際のずれを返している"""
        steps = _steps(weight, per_row)[:, None]
        rounded = torch.where(steps > 0, (weight / steps).round() * steps, weight)
        return ((rounded - weight) @ x).abs()

    def always_per_row(weight, x, per_row):
        """per_row が False でも、行ごとに目盛りを決めている"""
        return _steps(weight, True) / 2 * x.abs().sum()

    def always_whole(weight, x, per_row):
        """per_row が True でも、全体で 1 つの目盛りを使っている"""
        return _steps(weight, False) / 2 * x.abs().sum()

    def first_row_for_all(weight, x, per_row):
        """per_row が False のとき、全体でなく、1 行めの最大しか見ていない"""
        steps = _steps(weight, True)
        return (steps if per_row else steps[0].expand(len(weight))) / 2 * x.abs().sum()

    def largest_without_sign(weight, x, per_row):
        """絶対値の最大でなく、重みの最大から目盛りを決めている"""
        largest = weight.amax(dim=1) if per_row else weight.max().expand(len(weight))
        return largest / 127 / 2 * x.abs().sum()

    def range_of_weights(weight, x, per_row):
        """最大と最小の差を 254 等分した目盛りを使っている（0 について対称でない）"""
        high, low = weight.amax(dim=1), weight.amin(dim=1)
        if not per_row:
            high, low = high.max().expand(len(weight)), low.min().expand(len(weight))
        return (high - low) / 254 / 2 * x.abs().sum()


def _choice(**changes):
    """形の整った報告。"""
    report = {
        "task": "問い合わせの文を 3 つの窓口に分ける。",
        "seeds": [0, 1, 2],
        "measured": {
            "LSTM": {"score": [0.92, 0.9, 0.93], "cost": [20.0, 21.0, 20.5]},
            "語の数": {"score": [0.88, 0.87, 0.88], "cost": [0.5, 0.6, 0.5]},
        },
        "limit": 60.0,
        "choice": "LSTM",
        "reason": "3 つの種のどれでも、LSTM は 90 % を下回らなかった。テストは 91 % だった。",
    }
    return report | changes


def _measured(**changes):
    return _choice()["measured"] | changes


class my_choice:
    def two_seeds():
        """種が 2 つしかない"""
        rows = {"LSTM": {"score": [0.92, 0.9], "cost": [20.0, 21.0]}}
        rows["語の数"] = {"score": [0.88, 0.87], "cost": [0.5, 0.6]}
        return _choice(seeds=[0, 1], measured=rows)

    def nothing_beside():
        """比べる相手がいない"""
        return _choice(measured={"LSTM": _choice()["measured"]["LSTM"]})

    def only_averages():
        """種ごとの成績でなく、平均だけを書いている"""
        return _choice(measured=_measured(LSTM={"score": [0.917], "cost": [20.5]}))

    def cost_is_missing():
        """費用を測っていない"""
        return _choice(measured=_measured(LSTM={"score": [0.92, 0.9, 0.93]}))

    def over_the_limit():
        """選んだ候補が、費用の上限を超えている"""
        return _choice(limit=20.0)

    def beaten_on_both():
        """どの種でも成績と費用の両方で負ける候補を選んでいる"""
        heavy = {"score": [0.85, 0.86, 0.87], "cost": [40.0, 41.0, 40.5]}
        return _choice(measured=_measured(大きいLSTM=heavy), choice="大きいLSTM")

    def choice_not_measured():
        """測っていない候補を選んでいる"""
        return _choice(choice="GRU")

    def reason_without_numbers():
        """理由に、測った数がない"""
        return _choice(reason="すべての種で LSTM が上だった。")

    def only_a_count():
        """理由に、測った数でなく、候補や種の数だけがある"""
        return _choice(reason="3 つの種で良かったほうを 1 つ選んだ。")

    def only_in_a_name():
        """理由に、測った数でなく、候補の名前の中の数だけがある"""
        rows = {"2 層": _choice()["measured"]["LSTM"], "1 層": _choice()["measured"]["語の数"]}
        return _choice(measured=rows, choice="2 層", reason="2 層のほうが、どの種でも上だった。")

    def only_the_limit():
        """理由に、測った数でなく、測る前に決めた上限だけがある"""
        return _choice(reason="決めておいた 60 秒に収まり、成績も上だった。")

    def only_references():
        """理由に、測った数でなく、節の番号やソフトウェアの版だけがある"""
        return _choice(reason="9.3 節のとおりに選び、PyTorch 2.1 で測った。")

    def only_times_read():
        """理由に、測った数でなく、テストを読んだ回数や件数だけがある"""
        return _choice(reason="検証で良かったほうを選び、テストの 500 件は 1 度だけ読んだ。")

    def kanji_numerals():
        """理由に、測った数を、算用数字でなく漢数字で書いている"""
        return _choice(reason="検証は九割から九割三分、テストは九割一分だった。")

    def without_the_test():
        """理由に、選んだ 1 つのテストの数がない"""
        return _choice(reason="LSTM は 0.92、語の数は 0.88 だった。")

    def the_same_rows():
        """2 つの候補の成績と費用が、写したようにまったく同じになっている"""
        row = {"score": [0.92, 0.9, 0.93], "cost": [20.0, 21.0, 20.5]}
        return _choice(measured=_measured(LSTM=row, GRU=dict(row)))

    def never_varies():
        """種を変えても、成績がまったく変わっていない"""
        rows = {"LSTM": {"score": [0.9] * 3, "cost": [20.0] * 3}}
        rows["語の数"] = {"score": [0.8] * 3, "cost": [0.5] * 3}
        return _choice(measured=rows)

    def diverged():
        """発散した種の nan が残っている"""
        row = {"score": [0.92, math.nan, 0.93], "cost": [20.0, 21.0, 20.5]}
        return _choice(measured=_measured(LSTM=row))

    def free_of_charge():
        """費用が 0 になっている（測っていない）"""
        row = {"score": [0.92, 0.9, 0.93], "cost": [0.0, 0.0, 0.0]}
        return _choice(measured=_measured(LSTM=row))
