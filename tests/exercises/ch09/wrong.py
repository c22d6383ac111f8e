"""「使い分けと実践」の誤答。"""

import math

import torch
from torch.nn import functional as F


def _masked(x, p, keep):
    """正しい答え。"""
    return x * keep[:, None] / (1 - p)


class locked_dropout:
    def changes_over_time(x, p, keep):
        """keep を使わず、時刻ごとに新しいマスクを引いている"""
        return x * (torch.rand_like(x) >= p) / (1 - p)

    def torch_dropout(x, p, keep):
        """F.dropout を使っている（マスクが時刻ごとに変わる）"""
        return F.dropout(x, p)

    def not_scaled(x, p, keep):
        """1 / (1 - p) 倍していない"""
        return x * keep[:, None]

    def scaled_down(x, p, keep):
        """1 - p で割らずに、1 - p を掛けている"""
        return x * keep[:, None] * (1 - p)

    def divided_by_p(x, p, keep):
        """1 - p でなく p で割っている"""
        return x * keep[:, None] / p

    def multiplied_by_p(x, p, keep):
        """p を掛けている"""
        return x * keep[:, None] * p

    def scaled_up_by_one_plus_p(x, p, keep):
        """1 / (1 - p) 倍でなく、1 + p 倍している"""
        return x * keep[:, None] * (1 + p)

    def scaled_twice(x, p, keep):
        """1 / (1 - p) 倍を二度している"""
        return _masked(x, p, keep) / (1 - p)

    def actual_rate(x, p, keep):
        """1 - p でなく、keep のうち実際に True の割合で割っている"""
        return x * keep[:, None] / keep.double().mean()

    def scaled_only(x, p, keep):
        """0 にする成分がなく、1 / (1 - p) 倍だけしている"""
        return x / (1 - p)

    def unchanged(x, p, keep):
        """何もしていない（評価のときのまま）"""
        return x.clone()

    def inverted(x, p, keep):
        """keep の真偽を逆に使い、残す成分を 0 にしている"""
        return _masked(x, p, ~keep)

    def kept_not_scaled(x, p, keep):
        """0 にせず、残さない成分のほうを 1 / (1 - p) 倍している"""
        return torch.where(keep[:, None], x, x / (1 - p))

    def broadcast_over_time(x, p, keep):
        """keep に時刻の軸を足していないので、系列の軸が時刻の軸とそろってしまっている"""
        return x * (keep if len(keep) == x.shape[1] else keep[:1]) / (1 - p)

    def first_sequence(x, p, keep):
        """どの系列にも、最初の系列の keep を使っている"""
        return _masked(x, p, keep[:1])

    def whole_sequences(x, p, keep):
        """成分ごとでなく、最初の成分の keep で系列ごと落としている"""
        return _masked(x, p, keep[:, :1])

    def first_time_only(x, p, keep):
        """最初の時刻だけに keep を使っている"""
        return torch.cat([_masked(x[:, :1], p, keep), x[:, 1:]], 1)

    def noise_added(x, p, keep):
        """掛けずに、keep を足している"""
        return (x + keep[:, None]) / (1 - p)

    def dropped_to_minus_infinity(x, p, keep):
        """残さない成分を、0 でなく -inf にしている"""
        return (x / (1 - p)).masked_fill(~keep[:, None], -torch.inf)

    def dropped_removed(x, p, keep):
        """残さない成分を 0 にせず、取り除いて一列にしている"""
        return x[keep[:, None].expand_as(x)] / (1 - p)

    def summed_over_time(x, p, keep):
        """時刻の軸をつぶしている（(B, D) になる）"""
        return _masked(x, p, keep).sum(1)

    def mask_returned(x, p, keep):
        """x に掛けず、マスクだけを返している"""
        return (keep[:, None] / (1 - p)).expand_as(x)

    def in_place(x, p, keep):
        """渡された x に書き込んでいる"""
        x.data.mul_(keep[:, None]).div_(1 - p)
        return x.clone()

    def detached(x, p, keep):
        """detach して、勾配を切っている"""
        return _masked(x.detach(), p, keep)

    def in_float32(x, p, keep):
        """float32 にして計算している"""
        return _masked(x.float(), p, keep)


def _cosine(progress):
    """進み具合 0 から 1 を、1 から 0 へ。"""
    return (1 + math.cos(math.pi * progress)) / 2


def _rate(step, warmup, total, base, rise=lambda r: r, fall=_cosine):
    """上がり方と下がり方を選べる学習率。"""
    if step < warmup:
        return base * rise(step / warmup)
    return base * fall((step - warmup) / (total - warmup))


class warmup_cosine:
    def one_step_early(step, warmup, total, base):
        """ウォームアップが (step + 1) / warmup で、1 つ早い（step = 0 で 0 でない）"""
        rate = _rate(step, warmup, total, base)
        return base * (step + 1) / warmup if step < warmup else rate

    def one_step_more(step, warmup, total, base):
        """ウォームアップを warmup + 1 で割り、step = warmup でまだ base に届いていない"""
        rate = _rate(step, warmup, total, base)
        return base * step / (warmup + 1) if step <= warmup else rate

    def one_step_less(step, warmup, total, base):
        """ウォームアップを warmup - 1 で割り、step = warmup の前に base になっている"""
        rate = _rate(step, warmup, total, base)
        return base * step / max(1, warmup - 1) if step < warmup else rate

    def cosine_one_step_early(step, warmup, total, base):
        """余弦が 1 つ早い（step = warmup で、もう下がりはじめている）"""
        rate = _rate(step, warmup, total, base)
        if step < warmup:
            return rate
        return base * _cosine((step - warmup + 1) / (total - warmup))

    def never_zero(step, warmup, total, base):
        """total - warmup + 1 で割り、step = total でもまだ 0 でない"""
        return _rate(step, warmup, total + 1, base)

    def zero_too_early(step, warmup, total, base):
        """total - warmup - 1 で割り、step = total - 1 で 0 になっている"""
        rate = _rate(step, warmup, total, base)
        if step < warmup:
            return rate
        return base * _cosine((step - warmup) / max(1, total - warmup - 1))

    def divided_by_total(step, warmup, total, base):
        """余弦の進み具合を、total - warmup でなく total で割っている（0 まで下がらない）"""
        rate = _rate(step, warmup, total, base)
        return rate if step < warmup else base * _cosine((step - warmup) / total)

    def cosine_from_zero(step, warmup, total, base):
        """余弦を warmup でなく step = 0 から数えている（warmup で急に下がる）"""
        rate = _rate(step, warmup, total, base)
        return rate if step < warmup else base * _cosine(step / total)

    def product(step, warmup, total, base):
        """step = 0 からの余弦に、ウォームアップの割合を掛けている（base に届かない）"""
        rise = min(1.0, step / warmup) if warmup else 1.0
        return base * rise * _cosine(step / total)

    def without_warmup(step, warmup, total, base):
        """ウォームアップがなく、初めから余弦で下がっている"""
        return base * _cosine(step / total)

    def flat_warmup(step, warmup, total, base):
        """ウォームアップの間、ずっと base になっている"""
        return _rate(step, warmup, total, base, rise=lambda r: 1)

    def zero_warmup(step, warmup, total, base):
        """ウォームアップの間、ずっと 0 になっている（// で割った）"""
        return _rate(step, warmup, total, base, rise=lambda r: 0)

    def falling_warmup(step, warmup, total, base):
        """ウォームアップで、base から 0 へ下がっている"""
        return _rate(step, warmup, total, base, rise=lambda r: 1 - r)

    def cosine_warmup(step, warmup, total, base):
        """ウォームアップも、まっすぐでなく余弦で上がっている"""
        return _rate(step, warmup, total, base, rise=lambda r: 1 - _cosine(r))

    def not_falling(step, warmup, total, base):
        """ウォームアップの後、base のまま下がっていない"""
        return _rate(step, warmup, total, base, fall=lambda r: 1)

    def linear(step, warmup, total, base):
        """余弦でなく、まっすぐ下がっている"""
        return _rate(step, warmup, total, base, fall=lambda r: 1 - r)

    def exponential(step, warmup, total, base):
        """余弦でなく、指数で下がっている（0 にならない）"""
        return _rate(step, warmup, total, base, fall=lambda r: math.exp(-5 * r))

    def quarter(step, warmup, total, base):
        """半周期でなく、余弦の 4 分の 1 周期で下がっている"""
        return _rate(step, warmup, total, base, fall=lambda r: math.cos(math.pi * r / 2))

    def full_period(step, warmup, total, base):
        """余弦が一周し、最後に base に戻っている（2π を掛けた）"""
        return _rate(step, warmup, total, base, fall=lambda r: _cosine(2 * r))

    def negative(step, warmup, total, base):
        """1 を足して 2 で割るのを忘れ、学習率が負になっている"""
        return _rate(step, warmup, total, base, fall=lambda r: math.cos(math.pi * r))

    def not_halved(step, warmup, total, base):
        """1 + cos を 2 で割るのを忘れている（base の 2 倍から下がる）"""
        return _rate(step, warmup, total, base, fall=lambda r: 2 * _cosine(r))

    def rising(step, warmup, total, base):
        """1 + cos でなく 1 - cos で、0 から base へ上がっている"""
        return _rate(step, warmup, total, base, fall=lambda r: 1 - _cosine(r))

    def without_pi(step, warmup, total, base):
        """余弦の中で π を掛けていない"""
        return _rate(step, warmup, total, base, fall=lambda r: _cosine(r / math.pi))

    def degrees(step, warmup, total, base):
        """余弦に、ラジアンでなく度（180）を渡している"""
        return _rate(step, warmup, total, base, fall=lambda r: _cosine(180 * r / math.pi))

    def without_base(step, warmup, total, base):
        """base を掛けず、割合のまま返している"""
        return _rate(step, warmup, total, 1.0)

    def falling_without_base(step, warmup, total, base):
        """余弦のほうにだけ、base を掛けていない"""
        rate = _rate(step, warmup, total, base)
        return rate if step < warmup else rate / base

    def fixed_floor(step, warmup, total, base):
        """0 でなく、base の 1 割までで止めている"""
        return _rate(step, warmup, total, base, fall=lambda r: 0.1 + 0.9 * _cosine(r))


def _watch(val_losses, patience, improved=lambda loss, lowest: loss < lowest):
    """（最良、打ち切ったエポック）。``improved`` が改善かどうかを決める。"""
    best = 0
    for epoch, loss in enumerate(val_losses):
        if epoch and improved(loss, val_losses[best]):
            best = epoch
        if epoch - best == patience:
            return best, epoch
    return best, len(val_losses) - 1


class best_epoch:
    def one_more(val_losses, patience):
        """打ち切りが 1 つ遅い（patience 回を超えるまで待っている）"""
        return _watch(val_losses, patience + 1)

    def one_less(val_losses, patience):
        """打ち切りが 1 つ早い（patience - 1 回しか待っていない）"""
        best = 0
        for epoch, loss in enumerate(val_losses):
            if loss < val_losses[best]:
                best = epoch
            elif epoch - best >= patience - 1:
                return best, epoch
        return best, len(val_losses) - 1

    def stop_is_one_later(val_losses, patience):
        """打ち切る条件は合っているが、その次のエポックの番号を返している"""
        best, stop = _watch(val_losses, patience)
        return best, min(stop + 1, len(val_losses) - 1)

    def last_instead_of_best(val_losses, patience):
        """最良のエポックでなく、打ち切ったエポックを返している"""
        _, stop = _watch(val_losses, patience)
        return stop, stop

    def before_waiting(val_losses, patience):
        """最良のエポックを、いつも「打ち切りの patience 前」としている"""
        _, stop = _watch(val_losses, patience)
        return stop - patience, stop

    def best_of_all(val_losses, patience):
        """打ち切った先も見て、全体の最小を最良としている"""
        _, stop = _watch(val_losses, patience)
        return val_losses.index(min(val_losses)), stop

    def patience_ignored(val_losses, patience):
        """打ち切らず、最後まで見ている"""
        return val_losses.index(min(val_losses)), len(val_losses) - 1

    def first_rise(val_losses, patience):
        """patience を使わず、初めて改善しなかったエポックで打ち切っている"""
        return _watch(val_losses, 1)

    def fixed_number(val_losses, patience):
        """改善があっても、初めから patience エポックで打ち切っている"""
        stop = min(patience, len(val_losses) - 1)
        seen = val_losses[: stop + 1]
        return seen.index(min(seen)), stop

    def ties_are_improvements(val_losses, patience):
        """同じ値も改善とみなしている（<= になっていて、後のものを選ぶ）"""
        return _watch(val_losses, patience, lambda loss, lowest: loss <= lowest)

    def small_gains_ignored(val_losses, patience):
        """わずかな改善を、改善とみなしていない（差が 0.001 より大きいかを見ている）"""
        return _watch(val_losses, patience, lambda loss, lowest: loss < lowest - 1e-3)

    def ties_start_over(val_losses, patience):
        """最良は先のものだが、同じ値でも回数を 0 に戻している"""
        best = waited = 0
        for epoch, loss in enumerate(val_losses):
            waited = 0 if loss <= val_losses[best] else waited + 1
            if loss < val_losses[best]:
                best = epoch
            if waited == patience:
                return best, epoch
        return best, len(val_losses) - 1

    def later_of_ties(val_losses, patience):
        """打ち切りは合っているが、同じ最小値のうち後のものを選んでいる"""
        best, stop = _watch(val_losses, patience)
        seen = val_losses[: stop + 1]
        return max(k for k, loss in enumerate(seen) if loss == val_losses[best]), stop

    def never_reset(val_losses, patience):
        """改善しても、数えた回数を 0 に戻していない（続けてでなく、合計で数えている）"""
        best = waited = 0
        for epoch, loss in enumerate(val_losses):
            if loss < val_losses[best]:
                best = epoch
            elif epoch:
                waited += 1
            if waited == patience:
                return best, epoch
        return best, len(val_losses) - 1

    def against_previous(val_losses, patience):
        """それまでの最小でなく、1 つ前のエポックと比べている"""
        waited = 0
        for epoch in range(1, len(val_losses)):
            waited = 0 if val_losses[epoch] < val_losses[epoch - 1] else waited + 1
            if waited == patience:
                seen = val_losses[: epoch + 1]
                return seen.index(min(seen)), epoch
        return val_losses.index(min(val_losses)), len(val_losses) - 1

    def local_minimum(val_losses, patience):
        """1 つ前より下がるたびに最良としている（最小でなくてもよくなっている）"""
        best = 0
        for epoch in range(1, len(val_losses)):
            if val_losses[epoch] < val_losses[epoch - 1]:
                best = epoch
            if epoch - best == patience:
                return best, epoch
        return best, len(val_losses) - 1

    def first_counted_as_failure(val_losses, patience):
        """最初のエポックも、改善しなかった回数に数えている"""
        waited, best = 0, 0
        for epoch, loss in enumerate(val_losses):
            if loss < val_losses[best]:
                best, waited = epoch, 0
            else:
                waited += 1
            if waited == patience:
                return best, epoch
        return best, len(val_losses) - 1

    def largest(val_losses, patience):
        """損失が大きいほど良いとみなしている"""
        return _watch(val_losses, patience, lambda loss, highest: loss > highest)

    def from_one(val_losses, patience):
        """番号を 1 から数えている"""
        best, stop = _watch(val_losses, patience)
        return best + 1, stop + 1

    def number_of_epochs(val_losses, patience):
        """打ち切ったエポックの番号でなく、見たエポックの数を返している"""
        best, stop = _watch(val_losses, patience)
        return best, stop + 1

    def length_when_not_stopped(val_losses, patience):
        """打ち切られないとき、len(val_losses) を返している（1 つ大きい）"""
        best, stop = _watch(val_losses, patience)
        return best, stop if stop - best == patience else len(val_losses)

    def none_when_not_stopped(val_losses, patience):
        """打ち切られないとき、None を返している"""
        best, stop = _watch(val_losses, patience)
        return best, stop if stop - best == patience else None

    def best_when_not_stopped(val_losses, patience):
        """打ち切られないとき、最良のエポックで打ち切ったことにしている"""
        best, stop = _watch(val_losses, patience)
        return best, stop if stop - best == patience else best

    def nothing_when_not_stopped(val_losses, patience):
        """打ち切られないとき、何も返していない（return がくり返しの中にしかない）"""
        best, stop = _watch(val_losses, patience)
        return (best, stop) if stop - best == patience else None

    def loss_returned(val_losses, patience):
        """最良のエポックの番号でなく、その損失を返している"""
        best, stop = _watch(val_losses, patience)
        return val_losses[best], stop

    def swapped(val_losses, patience):
        """（打ち切ったエポック、最良のエポック）の順で返している"""
        best, stop = _watch(val_losses, patience)
        return stop, best

    def best_only(val_losses, patience):
        """最良のエポックだけを返している"""
        return _watch(val_losses, patience)[0]
