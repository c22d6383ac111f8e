"""「主張と検証」の誤答。"""

import math
import statistics

Z = 1.96


def _wilson(successes, n, z=Z):
    """切りそろえる前の正しい区間。"""
    p = successes / n
    center, half = p + z**2 / (2 * n), z * math.sqrt(p * (1 - p) / n + z**2 / (4 * n**2))
    return (center - half) / (1 + z**2 / n), (center + half) / (1 + z**2 / n)


def _clipped(low, high):
    return max(0.0, low), min(1.0, high)


class success_interval:
    def normal(successes, n):
        """p ± z √(p(1-p)/n) の式を使っている（0 回や n 回の成功で幅が 0 になる）"""
        p = successes / n
        half = Z * math.sqrt(p * (1 - p) / n)
        return _clipped(p - half, p + half)

    def no_shift(successes, n):
        """中心に z²/(2n) を足していない"""
        p = successes / n
        half = Z * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n**2))
        scale = 1 + Z**2 / n
        return _clipped((p - half) / scale, (p + half) / scale)

    def not_scaled(successes, n):
        """全体を 1 + z²/n で割っていない"""
        scale = 1 + Z**2 / n
        low, high = _wilson(successes, n)
        return _clipped(low * scale, high * scale)

    def center_not_scaled(successes, n):
        """幅だけを 1 + z²/n で割り、中心を割っていない"""
        low, high = _wilson(successes, n)
        center = successes / n + Z**2 / (2 * n)
        return _clipped(center - (high - low) / 2, center + (high - low) / 2)

    def square_missing(successes, n):
        """平方根の中の z²/(4n²) を忘れている"""
        p = successes / n
        center, half = p + Z**2 / (2 * n), Z * math.sqrt(p * (1 - p) / n)
        scale = 1 + Z**2 / n
        return _clipped((center - half) / scale, (center + half) / scale)

    def four_n(successes, n):
        """平方根の中を z²/(4n²) でなく z²/(4n) にしている"""
        p = successes / n
        center, half = p + Z**2 / (2 * n), Z * math.sqrt(p * (1 - p) / n + Z**2 / (4 * n))
        scale = 1 + Z**2 / n
        return _clipped((center - half) / scale, (center + half) / scale)

    def one_sigma(successes, n):
        """z を 1 にしている（95 % でなく 68 % ほどの区間）"""
        return _clipped(*_wilson(successes, n, 1.0))

    def two_sigma(successes, n):
        """z を 2 にしている"""
        return _clipped(*_wilson(successes, n, 2.0))

    def ninety_percent(successes, n):
        """z を 1.645 にしている（90 % の区間）"""
        return _clipped(*_wilson(successes, n, 1.645))

    def failures(successes, n):
        """失敗の割合の区間を返している"""
        return _clipped(*_wilson(n - successes, n))

    def reversed_ends(successes, n):
        """下端と上端の順が逆"""
        return _clipped(*_wilson(successes, n))[::-1]

    def percent(successes, n):
        """割合でなく % で返している"""
        low, high = _clipped(*_wilson(successes, n))
        return 100 * low, 100 * high

    def center_and_half(successes, n):
        """両端でなく、中心と幅の半分を返している"""
        low, high = _clipped(*_wilson(successes, n))
        return (low + high) / 2, (high - low) / 2

    def added_two(successes, n):
        """成功と失敗を 2 回ずつ足してから、ふつうの式を使っている（近いが、別の区間）"""
        p, m = (successes + 2) / (n + 4), n + 4
        half = Z * math.sqrt(p * (1 - p) / m)
        return _clipped(p - half, p + half)


def _outcomes(first, second):
    """勝ちと負けの数。"""
    pairs = list(zip(first, second, strict=True))
    return sum(a > b for a, b in pairs), sum(a < b for a, b in pairs)


def _tail(least, n):
    """n 個のうち least 個以上勝つ確率。"""
    return sum(math.comb(n, k) for k in range(least, n + 1)) / 2**n


class sign_test:
    def one_sided(first, second):
        """片側の確率を返している（2 倍していない）"""
        wins, losses = _outcomes(first, second)
        return _tail(max(wins, losses), wins + losses)

    def first_side(first, second):
        """first が勝つ側だけを見て 2 倍している"""
        wins, losses = _outcomes(first, second)
        return min(1.0, 2 * _tail(wins, wins + losses))

    def not_capped(first, second):
        """2 倍したあと、1 で抑えていない"""
        wins, losses = _outcomes(first, second)
        return 2.0 * _tail(max(wins, losses), wins + losses)

    def strictly_more(first, second):
        """実際と同じ勝敗の確率を含めていない"""
        wins, losses = _outcomes(first, second)
        n = wins + losses
        return 1.0 if n == 0 else min(1.0, 2 * _tail(max(wins, losses) + 1, n))

    def ties_kept(first, second):
        """成績が等しい種を除かず、種の数に入れている"""
        wins, losses = _outcomes(first, second)
        return min(1.0, 2 * _tail(max(wins, losses), len(first)))

    def ties_are_wins(first, second):
        """成績が等しい種を、first の勝ちに数えている"""
        wins, losses = _outcomes(first, second)
        wins = len(first) - losses
        return min(1.0, 2 * _tail(max(wins, losses), wins + losses))

    def ties_are_losses(first, second):
        """成績が等しい種を、first の負けに数えている"""
        wins, losses = _outcomes(first, second)
        losses = len(first) - wins
        return min(1.0, 2 * _tail(max(wins, losses), wins + losses))

    def only_observed(first, second):
        """実際とちょうど同じ勝敗の確率だけを、2 倍して返している"""
        wins, losses = _outcomes(first, second)
        n = wins + losses
        return min(1.0, 2 * math.comb(n, wins) / 2**n)

    def normal_approximation(first, second):
        """正規分布で近似している"""
        wins, losses = _outcomes(first, second)
        n = wins + losses
        return 1.0 if n == 0 else math.erfc(abs(wins - losses) / math.sqrt(2 * n))

    def complement(first, second):
        """1 から引いた確率を返している"""
        wins, losses = _outcomes(first, second)
        return 1 - min(1.0, 2 * _tail(max(wins, losses), wins + losses))

    def unpaired(first, second):
        """種の組を崩し、成績を小さい順に並べてから比べている"""
        wins, losses = _outcomes(sorted(first), sorted(second))
        return min(1.0, 2 * _tail(max(wins, losses), wins + losses))

    def share_of_wins(first, second):
        """確率でなく、勝った割合を返している"""
        wins, losses = _outcomes(first, second)
        return wins / (wins + losses) if wins + losses else 1.0


class time_ratio:
    def mean_of_ratios(pairs, warmup):
        """中央値でなく平均をとっている"""
        return statistics.fmean(a / b for a, b in pairs[warmup:])

    def ratio_of_medians(pairs, warmup):
        """組ごとの比でなく、中央値どうしの比になっている"""
        first, second = zip(*pairs[warmup:], strict=True)
        return statistics.median(first) / statistics.median(second)

    def ratio_of_sums(pairs, warmup):
        """合計どうしの比になっている"""
        first, second = zip(*pairs[warmup:], strict=True)
        return sum(first) / sum(second)

    def ratio_of_best(pairs, warmup):
        """いちばん速い時間どうしの比になっている"""
        first, second = zip(*pairs[warmup:], strict=True)
        return min(first) / min(second)

    def inverted(pairs, warmup):
        """b / a になっている"""
        return statistics.median(b / a for a, b in pairs[warmup:])

    def warmup_kept(pairs, warmup):
        """はじめの warmup 組を捨てていない"""
        return statistics.median(a / b for a, b in pairs)

    def warmup_only(pairs, warmup):
        """捨てるはずの、はじめの warmup 組を使っている"""
        return statistics.median(a / b for a, b in pairs[: warmup or 1])

    def one_too_many(pairs, warmup):
        """1 組多く捨てている"""
        return statistics.median(a / b for a, b in pairs[warmup + 1 :] or pairs[-1:])

    def last_dropped(pairs, warmup):
        """はじめでなく、終わりの warmup 組を捨てている"""
        return statistics.median(a / b for a, b in pairs[: len(pairs) - warmup])

    def lower_middle(pairs, warmup):
        """偶数個のとき、中央の 2 つを平均せず、小さいほうを返している"""
        return statistics.median_low(a / b for a, b in pairs[warmup:])

    def upper_middle(pairs, warmup):
        """偶数個のとき、中央の 2 つを平均せず、大きいほうを返している"""
        return statistics.median_high(a / b for a, b in pairs[warmup:])

    def not_sorted(pairs, warmup):
        """並べ替えずに、測った順の真ん中を返している"""
        ratios = [a / b for a, b in pairs[warmup:]]
        half = len(ratios) // 2
        return (ratios[half] + ratios[-half - 1]) / 2

    def difference(pairs, warmup):
        """比でなく差の中央値になっている"""
        return statistics.median(a - b for a, b in pairs[warmup:])
