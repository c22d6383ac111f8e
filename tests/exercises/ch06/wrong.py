"""「時系列と生成」の誤答。"""

import torch
import torch.nn.functional as F


def _pairs(values, width):
    """窓と、1 時刻先の目標 (n, width, 1)。"""
    pieces = values.unfold(0, width, 1).unsqueeze(-1).clone()
    return pieces[:-1], pieces[1:]


def _scaled(series, low, high):
    return (series - low) / (high - low)


def _by_train(series, split):
    """正しい目盛り。"""
    return _scaled(series, series[:split].min(), series[:split].max())


class split_windows:
    def peeking(series, width, split):
        """ひな形のまま（誤りが 2 つとも残っている）"""
        inputs, targets = _pairs(_scaled(series, series.min(), series.max()), width)
        return inputs[:split], targets[:split], inputs[split:], targets[split:]

    def scaled_by_all(series, width, split):
        """分けてから窓にしているが、目盛りを全体の最小値と最大値で決めている"""
        scaled = _scaled(series, series.min(), series.max())
        return (*_pairs(scaled[:split], width), *_pairs(scaled[split:], width))

    def crossing(series, width, split):
        """目盛りは訓練だけで決めているが、窓にしてから窓の番号で分けている"""
        inputs, targets = _pairs(_by_train(series, split), width)
        return inputs[:split], targets[:split], inputs[split:], targets[split:]

    def crossing_to_test(series, width, split):
        """訓練の窓は境目の手前で止めているが、テストの窓が訓練の部分にかかっている"""
        inputs, targets = _pairs(_by_train(series, split), width)
        n = split - width
        return inputs[:n], targets[:n], inputs[n:], targets[n:]

    def last_target_in_test(series, width, split):
        """訓練の最後の目標が、テストの 1 つめの値になっている"""
        scaled = _by_train(series, split)
        return (*_pairs(scaled[: split + 1], width), *_pairs(scaled[split:], width))

    def first_test_window_before(series, width, split):
        """テストの 1 つめの窓が、訓練の最後の値から始まっている"""
        scaled = _by_train(series, split)
        return (*_pairs(scaled[:split], width), *_pairs(scaled[split - 1 :], width))

    def scaled_apart(series, width, split):
        """テストの部分を、テストの最小値と最大値で目盛りを替えている"""
        train, test = (_scaled(e, e.min(), e.max()) for e in (series[:split], series[split:]))
        return (*_pairs(train, width), *_pairs(test, width))

    def test_not_scaled(series, width, split):
        """テストの部分の目盛りを替えていない"""
        train = _by_train(series, split)[:split]
        return (*_pairs(train, width), *_pairs(series[split:], width))

    def not_scaled(series, width, split):
        """目盛りを替えていない"""
        return (*_pairs(series[:split], width), *_pairs(series[split:], width))

    def clamped(series, width, split):
        """テストの値を、0 から 1 に切りそろえている"""
        scaled = _by_train(series, split).clamp(0, 1)
        return (*_pairs(scaled[:split], width), *_pairs(scaled[split:], width))

    def standardized(series, width, split):
        """最小値と最大値でなく、平均と標準偏差で目盛りを替えている"""
        train = series[:split]
        scaled = (series - train.mean()) / train.std(correction=0)
        return (*_pairs(scaled[:split], width), *_pairs(scaled[split:], width))

    def divided_by_largest(series, width, split):
        """最小値を引かず、最大値で割っているだけ"""
        scaled = series / series[:split].max()
        return (*_pairs(scaled[:split], width), *_pairs(scaled[split:], width))

    def not_shifted(series, width, split):
        """目標が入力と同じ窓になっている（1 時刻先へずらしていない）"""
        train_x, _, test_x, _ = _right(series, width, split)
        return train_x, train_x.clone(), test_x, test_x.clone()

    def shifted_back(series, width, split):
        """入力と目標が逆（目標が 1 時刻前になっている）"""
        train_x, train_y, test_x, test_y = _right(series, width, split)
        return train_y, train_x, test_y, test_x

    def next_value_only(series, width, split):
        """目標が、窓でなく、次の値 1 つになっている"""
        train_x, train_y, test_x, test_y = _right(series, width, split)
        return train_x, train_y[:, -1:], test_x, test_y[:, -1:]

    def not_overlapping(series, width, split):
        """1 つずつでなく、width ずつずらしている（窓が重ならない）"""
        return tuple(each[::width] for each in _right(series, width, split))

    def shuffled(series, width, split):
        """訓練の窓の順を入れ替えている"""
        train_x, train_y, test_x, test_y = _right(series, width, split)
        return train_x.flip(0), train_y.flip(0), test_x, test_y

    def test_first(series, width, split):
        """（テスト、訓練）の順に返している"""
        train_x, train_y, test_x, test_y = _right(series, width, split)
        return test_x, test_y, train_x, train_y

    def inputs_first(series, width, split):
        """(train_x, test_x, train_y, test_y) の順に返している（scikit-learn の順）"""
        train_x, train_y, test_x, test_y = _right(series, width, split)
        return train_x, test_x, train_y, test_y

    def last_axis_missing(series, width, split):
        """最後の軸がなく、(n, width) になっている"""
        return tuple(each.squeeze(-1) for each in _right(series, width, split))

    def in_float32(series, width, split):
        """float32 にしている"""
        return tuple(each.float() for each in _right(series, width, split))


def _right(series, width, split):
    """正しい答え。"""
    scaled = _by_train(series, split)
    return (*_pairs(scaled[:split], width), *_pairs(scaled[split:], width))


def _slide(window, following):
    """正しい窓の進め方。"""
    return torch.cat([window[1:], following])


def _end(predict, width, c, steps, slide=_slide):
    """c ばかりの窓から自由走行させた、終わりの値。"""
    window = torch.full((width,), float(c))
    for _ in range(steps):
        following = predict(window).detach().view(1)
        window = slide(window, following)
    return float(following)


def _halved(end, low, high, precision=0.001):
    """終わりの値が ``end`` のときの、正しい二分探索。"""
    from_low, from_high = end(low), end(high)
    while high - low > precision:
        middle = (low + high) / 2
        nearer_low = abs(end(middle) - from_low) < abs(end(middle) - from_high)
        low, high = (middle, high) if nearer_low else (low, middle)
    return (low + high) / 2


def _searched(below, low, high):
    """``below`` が真なら境目より下、と見る二分探索。"""
    while high - low > 0.001:
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) else (low, middle)
    return (low + high) / 2


class tipping_point:
    def only_one_step(predict, width, low, high, steps):
        """自由走行させず、1 点先の答えが c より下かだけを見ている"""
        return _searched(lambda c: _end(predict, width, c, 1) < c, low, high)

    def one_step_short(predict, width, low, high, steps):
        """steps より 1 回少なく進めている"""

        def end(c):
            return _end(predict, width, c, steps - 1) if steps > 1 else c

        return _halved(end, low, high)

    def one_step_long(predict, width, low, high, steps):
        """steps より 1 回多く進めている"""
        return _halved(lambda c: _end(predict, width, c, steps + 1), low, high)

    def oldest_kept(predict, width, low, high, steps):
        """いちばん古い値を捨てていない（窓が伸びていく）"""

        def slide(window, following):
            return torch.cat([window, following])

        return _halved(lambda c: _end(predict, width, c, steps, slide), low, high)

    def put_in_front(predict, width, low, high, steps):
        """答えを、窓の後ろでなく前に足している"""

        def slide(window, following):
            return torch.cat([following, window[:-1]])

        return _halved(lambda c: _end(predict, width, c, steps, slide), low, high)

    def whole_window_replaced(predict, width, low, high, steps):
        """答えを 1 つ足すたびに、窓の全部を答えに替えている"""

        def slide(window, following):
            return following.repeat(width)

        return _halved(lambda c: _end(predict, width, c, steps, slide), low, high)

    def moved_before_reading(predict, width, low, high, steps):
        """窓を先に 1 つずらし、後ろに来た古い値を含めたまま読ませている"""

        def end(c):
            window = torch.full((width,), float(c))
            for _ in range(steps):
                window = window.roll(-1)
                window[-1] = predict(window.clone()).detach()
            return float(window[-1])

        return _halved(end, low, high)

    def one_wide(predict, width, low, high, steps):
        """c を width 個並べず、1 個だけの窓を読ませている"""
        return _halved(lambda c: _end(predict, 1, c, steps), low, high)

    def nearer_to_starts(predict, width, low, high, steps):
        """終わりの値どうしでなく、low と high そのもののどちらに近いかを見ている"""

        def below(c):
            last = _end(predict, width, c, steps)
            return abs(last - low) < abs(last - high)

        return _searched(below, low, high)

    def below_its_start(predict, width, low, high, steps):
        """終わりの値が、出発した c より下かを見ている"""
        return _searched(lambda c: _end(predict, width, c, steps) < c, low, high)

    def low_ends_lower(predict, width, low, high, steps):
        """low の終わりの値のほうが、いつも小さいと決めている"""
        level = (_end(predict, width, low, steps) + _end(predict, width, high, steps)) / 2
        return _searched(lambda c: _end(predict, width, c, steps) < level, low, high)

    def close_enough(predict, width, low, high, steps):
        """low の終わりの値から 0.1 以内に着くかを見ている"""
        goal = _end(predict, width, low, steps)
        return _searched(lambda c: abs(_end(predict, width, c, steps) - goal) < 0.1, low, high)

    def ends_of_narrowed(predict, width, low, high, steps):
        """比べる相手の終わりの値を、狭めた区間の両端から求め直している"""
        while high - low > 0.001:
            middle = (low + high) / 2
            a, last, b = (_end(predict, width, c, steps) for c in (low, middle, high))
            low, high = (middle, high) if abs(last - a) < abs(last - b) else (low, middle)
        return (low + high) / 2

    def other_half(predict, width, low, high, steps):
        """境目のない側の半分を残している"""
        from_low, from_high = (_end(predict, width, c, steps) for c in (low, high))

        def below(c):
            last = _end(predict, width, c, steps)
            return abs(last - from_low) > abs(last - from_high)

        return _searched(below, low, high)

    def ten_times(predict, width, low, high, steps):
        """区間の幅によらず、10 回だけ半分にしている"""
        return _halved(lambda c: _end(predict, width, c, steps), low, high, (high - low) / 2**10)

    def thousandth_of_interval(predict, width, low, high, steps):
        """0.001 でなく、初めの区間の幅の 0.001 倍で止めている"""
        return _halved(lambda c: _end(predict, width, c, steps), low, high, 0.001 * (high - low))

    def too_coarse(predict, width, low, high, steps):
        """区間の幅が 0.01 になったところで止めている"""
        return _halved(lambda c: _end(predict, width, c, steps), low, high, 0.01)

    def every_value(predict, width, low, high, steps):
        """二分探索でなく、low から 0.001 ずつ動かして全部試している"""
        from_low, from_high = (_end(predict, width, c, steps) for c in (low, high))
        for number in range(int((high - low) / 0.001) + 1):
            last = _end(predict, width, low + 0.001 * number, steps)
            if abs(last - from_low) >= abs(last - from_high):
                break
        return low + 0.001 * number

    def pair(predict, width, low, high, steps):
        """境目でなく、狭めた区間の両端を返している"""
        place = _halved(lambda c: _end(predict, width, c, steps), low, high)
        return place - 0.0005, place + 0.0005


def _draw(probabilities, u):
    """確率から引く。"""
    return _first(probabilities.cumsum(0) > u, probabilities)


def _first(above, probabilities):
    """初めて u を超えた番号。どこでも超えなければ、確率が 0 でない最後の番号。"""
    drawable = probabilities.nonzero().flatten().tolist() or [len(probabilities) - 1]
    return int(above.int().argmax()) if above.any() else drawable[-1]


class sample_index:
    def multiplied(logits, temperature, u):
        """温度で割らずに、温度を掛けている"""
        return _draw(torch.softmax(logits * temperature, 0), u)

    def ignored(logits, temperature, u):
        """温度を使っていない（softmax の後で割って正規化し直しても、同じ結果になる）"""
        return _draw(torch.softmax(logits, 0), u)

    def probabilities_divided(logits, temperature, u):
        """ロジットでなく、softmax の後の確率を温度で割っている"""
        return _draw(torch.softmax(logits, 0) / temperature, u)

    def probabilities_raised(logits, temperature, u):
        """確率を 1 / temperature 乗したまま、和を 1 に戻していない"""
        return _draw(torch.softmax(logits, 0) ** (1 / temperature), u)

    def overflowing(logits, temperature, u):
        """最大値を引かずに exp をとり、あふれて nan になっている"""
        weights = torch.exp(logits / temperature)
        return _draw(weights / weights.sum(), u)

    def shifted_after_dividing_by_maximum(logits, temperature, u):
        """最大値を引く代わりに、最大値で割っている"""
        return _draw(torch.softmax(logits / logits.max() / temperature, 0), u)

    def without_exp(logits, temperature, u):
        """exp をとらず、ロジットを和で割ったものを確率としている"""
        scaled = logits / temperature
        return _draw(scaled / scaled.sum(), u)

    def argmax(logits, temperature, u):
        """u を使わず、いちばん確率の高い番号を返している"""
        return int(logits.argmax())

    def own_random(logits, temperature, u):
        """u を使わず、torch.multinomial で引いている"""
        return int(torch.multinomial(torch.softmax(logits / temperature, 0), 1))

    def uniform(logits, temperature, u):
        """確率を使わず、int(u * V) を返している"""
        return int(u * len(logits))

    def at_least_u(logits, temperature, u):
        """「u より大きい」でなく「u 以上」で止めている（確率 0 の文字を引くことがある）"""
        probabilities = torch.softmax(logits / temperature, 0)
        return _first(probabilities.cumsum(0) >= u, probabilities)

    def not_cumulative(logits, temperature, u):
        """累積和をとらず、確率そのものを u と比べている"""
        probabilities = torch.softmax(logits / temperature, 0)
        return _first(probabilities > u, probabilities)

    def past_the_end(logits, temperature, u):
        """丸めのため、どこまで足しても u を超えないとき、番号が V になっている"""
        return int((torch.softmax(logits / temperature, 0).cumsum(0) <= u).sum())

    def nothing_above(logits, temperature, u):
        """丸めのため、どこまで足しても u を超えないとき、何も返していない"""
        total = 0.0
        for index, probability in enumerate(torch.softmax(logits / temperature, 0).tolist()):
            total += probability
            if total > u:
                return index
        return None

    def first_of_all(logits, temperature, u):
        """丸めのため、どこまで足しても u を超えないとき、0 番を返している（argmax）"""
        return int((torch.softmax(logits / temperature, 0).cumsum(0) > u).int().argmax())

    def last_of_all(logits, temperature, u):
        """丸めのため、どこまで足しても u を超えないとき、確率 0 の文字でも最後の番号にしている"""
        count = int((torch.softmax(logits / temperature, 0).cumsum(0) <= u).sum())
        return min(count, len(logits) - 1)

    def one_too_late(logits, temperature, u):
        """番号が 1 つ大きい（u を超えた所の次を返している）"""
        return _draw(torch.softmax(logits / temperature, 0), u) + 1

    def one_too_early(logits, temperature, u):
        """番号が 1 つ小さい（u を超える手前を返している）"""
        return _draw(torch.softmax(logits / temperature, 0), u) - 1

    def from_the_end(logits, temperature, u):
        """確率を後ろの番号から足している"""
        return len(logits) - 1 - _draw(torch.softmax(logits / temperature, 0).flip(0), u)

    def sorted_first(logits, temperature, u):
        """確率の高い順に並べ替えてから足し、その番号に戻している"""
        probabilities, order = torch.softmax(logits / temperature, 0).sort(descending=True)
        return int(order[_draw(probabilities, u)])

    def rank(logits, temperature, u):
        """確率の高い順に並べ替えてから足し、順位を返している"""
        return _draw(torch.softmax(logits / temperature, 0).sort(descending=True).values, u)

    def probability(logits, temperature, u):
        """番号でなく、その確率を返している"""
        probabilities = torch.softmax(logits / temperature, 0)
        return float(probabilities[_draw(probabilities, u)])

    def one_hot(logits, temperature, u):
        """番号でなく、one-hot ベクトルを返している"""
        index = _draw(torch.softmax(logits / temperature, 0), u)
        return F.one_hot(torch.tensor(index), len(logits))


def _moments(logits, temperature):
    """確率、エントロピー、ロジットの分散。"""
    p = torch.softmax(logits / temperature, 0)
    mean = (p * logits).sum()
    return p, float(-torch.xlogy(p, p).sum()), float((p * (logits - mean) ** 2).sum())


class entropy_and_slope:
    def at_one(logits, temperature):
        """微分を τ = 1 のときの式（分散そのもの）で答えている"""
        _, entropy, variance = _moments(logits, temperature)
        return entropy, variance

    def squared(logits, temperature):
        """分散を τ³ でなく、τ² で割っている"""
        _, entropy, variance = _moments(logits, temperature)
        return entropy, variance / temperature**2

    def divided_once(logits, temperature):
        """分散を τ³ でなく、τ で割っている"""
        _, entropy, variance = _moments(logits, temperature)
        return entropy, variance / temperature

    def sign(logits, temperature):
        """微分の符号が逆（温度を上げるとエントロピーが減ることになる）"""
        _, entropy, variance = _moments(logits, temperature)
        return entropy, -variance / temperature**3

    def by_inverse_temperature(logits, temperature):
        """τ でなく、1 / τ で微分している"""
        _, entropy, variance = _moments(logits, temperature)
        return entropy, -variance / temperature

    def second_moment(logits, temperature):
        """平均を引かず、ロジットの 2 乗の平均を分散としている"""
        p, entropy, _ = _moments(logits, temperature)
        return entropy, float((p * logits**2).sum()) / temperature**3

    def plain_variance(logits, temperature):
        """確率で重みを付けず、ロジットのふつうの分散を使っている"""
        _, entropy, _ = _moments(logits, temperature)
        return entropy, float(logits.var(correction=0)) / temperature**3

    def log_term_forgotten(logits, temperature):
        """-Σ p log p の微分で、log Σ exp の微分を落としている（平均を引き忘れた形）"""
        p, entropy, _ = _moments(logits, temperature)
        change = p * logits / temperature**2
        log_p = torch.log_softmax(logits / temperature, 0)
        return entropy, float(-torch.where(p > 0, change * log_p, 0).sum())

    def temperature_ignored(logits, temperature):
        """温度を使っていない"""
        _, entropy, variance = _moments(logits, 1.0)
        return entropy, variance

    def multiplied(logits, temperature):
        """ロジットを温度で割らず、掛けている"""
        _, entropy, variance = _moments(logits, 1 / temperature)
        return entropy, variance / temperature**3

    def in_bits(logits, temperature):
        """自然対数でなく、2 を底とする対数で求めている"""
        _, entropy, variance = _moments(logits, temperature)
        bit = torch.tensor(2.0).log().item()
        return entropy / bit, variance / temperature**3 / bit

    def positive_sum(logits, temperature):
        """エントロピーの符号が逆（Σ p log p）"""
        _, entropy, variance = _moments(logits, temperature)
        return -entropy, variance / temperature**3

    def perplexity(logits, temperature):
        """エントロピーでなく、その指数（何択か）を返している"""
        _, entropy, variance = _moments(logits, temperature)
        return torch.tensor(entropy).exp().item(), variance / temperature**3

    def log_of_zero(logits, temperature):
        """p log p をそのまま計算し、確率が 0 になる所で nan になっている"""
        p, _, variance = _moments(logits, temperature)
        return float(-(p * p.log()).sum()), variance / temperature**3

    def nudged_logarithm(logits, temperature):
        """nan を避けようと、log の中に小さな数（1e-12）を足している"""
        p, _, variance = _moments(logits, temperature)
        return float(-(p * (p + 1e-12).log()).sum()), variance / temperature**3

    def nudged_more(logits, temperature):
        """nan を避けようと、log の中に小さな数（1e-8）を足している"""
        p, _, variance = _moments(logits, temperature)
        return float(-(p * (p + 1e-8).log()).sum()), variance / temperature**3

    def difference_of_squares(logits, temperature):
        """2 乗の平均から平均の 2 乗を引いていて、桁が落ちる"""
        p, entropy, _ = _moments(logits, temperature)
        variance = (p * logits**2).sum() - (p * logits).sum() ** 2
        return entropy, float(variance) / temperature**3

    def difference_of_log_squares(logits, temperature):
        """小さな微分の桁がなくなっている（(log p)² の平均から H² を引いた、途中で丸めた、など）"""
        log_p = torch.log_softmax(logits / temperature, 0)
        p, entropy, _ = _moments(logits, temperature)
        return entropy, float((p * log_p**2).sum() - entropy**2) / temperature

    def seven_points(logits, temperature):
        """微分の式でなく、温度を 1 % ずつ動かした 7 点の数値微分で求めている（桁が足りない）"""
        weights = {1: 45, 2: -9, 3: 1}
        step = 1e-2 * temperature
        change = sum(
            weight * sign * _moments(logits, temperature + sign * k * step)[1]
            for k, weight in weights.items()
            for sign in (1, -1)
        )
        return _moments(logits, temperature)[1], change / (60 * step)

    def large_difference(logits, temperature):
        """H を、最大値を引かずに log Σ exp と平均の差で求め、大きなロジットで桁が落ちている"""
        p, _, variance = _moments(logits, temperature)
        z = logits / temperature
        return float(z.logsumexp(0) - (p * z).sum()), variance / temperature**3

    def nudged(logits, temperature):
        """微分の式でなく、温度を少し動かした差で求めている（桁が足りない）"""
        _, entropy, _ = _moments(logits, temperature)
        _, above, _ = _moments(logits, temperature + 1e-4)
        _, below, _ = _moments(logits, temperature - 1e-4)
        return entropy, (above - below) / 2e-4


def _chunks(series, rows, width):
    """正しく並べた、区切りごとの入力と目標 (rows, width, 1)。"""
    length = (len(series) - 1) // rows
    x = series[: rows * length].view(rows, length, 1)
    y = series[1 : rows * length + 1].view(rows, length, 1)
    for t in range(0, length - width + 1, width):
        yield x[:, t : t + width], y[:, t : t + width]


def _in_order(series, rows, width):
    """窓を出てきた順に rows 個ずつまとめた、入力と目標。"""
    n = (len(series) - 1) // width
    x = series[: n * width].view(n, width, 1)
    y = series[1 : n * width + 1].view(n, width, 1)
    for k in range(0, n - rows + 1, rows):
        yield x[k : k + rows], y[k : k + rows]


def _carry(model, chunks, carried, loss=F.mse_loss):
    """``carried`` が返す状態を持ち越しながらの損失。"""
    state, losses = None, []
    for x, y in chunks:
        prediction, state = model(x, state)
        state = carried(state)
        losses.append(loss(prediction, y))
    return torch.stack(losses)


def _cut(state):
    """正しい持ち越し方。"""
    return tuple(each.detach() for each in state)


class carried_losses:
    def windows_in_order(model, series, rows, width):
        """ひな形のまま（誤りが 2 つとも残っている）"""
        return _carry(model, _in_order(series, rows, width), tuple)

    def windows_in_order_detached(model, series, rows, width):
        """勾配は切ったが、となり合う窓が同じ区切りに入り、状態が続きでない窓へ渡る"""
        return _carry(model, _in_order(series, rows, width), _cut)

    def graph_kept(model, series, rows, width):
        """並べ方は正しいが、状態を切り離していない（勾配が、ずっと前の区切りまで流れる）"""
        return _carry(model, _chunks(series, rows, width), tuple)

    def only_h_detached(model, series, rows, width):
        """h だけを切り離し、c を切り離していない"""
        chunks = _chunks(series, rows, width)
        return _carry(model, chunks, lambda state: (state[0].detach(), state[1]))

    def only_c_detached(model, series, rows, width):
        """c だけを切り離し、h を切り離していない"""
        chunks = _chunks(series, rows, width)
        return _carry(model, chunks, lambda state: (state[0], state[1].detach()))

    def started_over(model, series, rows, width):
        """状態を持ち越さず、区切りごとに 0 から始めている"""
        return _carry(model, _chunks(series, rows, width), lambda state: None)

    def cell_state_lost(model, series, rows, width):
        """h だけを持ち越し、c を 0 に戻している"""
        chunks = _chunks(series, rows, width)
        return _carry(model, chunks, lambda state: (state[0].detach(), 0 * state[1].detach()))

    def rows_mixed(model, series, rows, width):
        """状態の行を、となりの続きものへ渡している"""
        chunks = _chunks(series, rows, width)
        return _carry(model, chunks, lambda state: tuple(s.detach().roll(1, 1) for s in state))

    def shuffled(model, series, rows, width):
        """区切りの順を入れ替えたまま、状態を持ち越している"""
        chunks = list(_chunks(series, rows, width))
        order = [*range(1, len(chunks)), 0]
        losses = _carry(model, [chunks[k] for k in order], _cut)
        return losses.roll(1)

    def target_is_input(model, series, rows, width):
        """1 つ先でなく、入力そのものを目標にしている"""
        return _carry(model, ((x, x) for x, _ in _chunks(series, rows, width)), _cut)

    def summed(model, series, rows, width):
        """誤差の平均でなく、和をとっている"""

        def total(prediction, y):
            return F.mse_loss(prediction, y, reduction="sum")

        return _carry(model, _chunks(series, rows, width), _cut, total)

    def only_last_step(model, series, rows, width):
        """区切りの最後の時刻の誤差だけを数えている"""

        def last(prediction, y):
            return F.mse_loss(prediction[:, -1], y[:, -1])

        return _carry(model, _chunks(series, rows, width), _cut, last)

    def averaged(model, series, rows, width):
        """区切りごとでなく、全体の平均を 1 つ返している"""
        return _carry(model, _chunks(series, rows, width), _cut).mean()

    def last_chunk_missing(model, series, rows, width):
        """最後の区切りを落としている"""
        return _carry(model, _chunks(series, rows, width), _cut)[:-1]

    def all_detached(model, series, rows, width):
        """series を作り直したか、損失を切り離したかして、series から損失までの計算が切れている"""
        return _carry(model, _chunks(series, rows, width), _cut).detach()


def _paired(text, before):
    """正しく数えた 3 つ。``before`` は、閉じる前に「待っている数」を直す関数。"""
    opened = closed = paired = waiting = 0
    for place, char in enumerate(text):
        if char == "「":
            opened, waiting = opened + 1, waiting + 1
        if char == "」":
            closed += 1
            waiting = before(waiting, place)
            if waiting > 0:
                paired, waiting = paired + 1, waiting - 1
    return opened, closed, paired


def _counted(text):
    """正しい答え。"""
    return _paired(text, lambda waiting, place: waiting)


class brackets:
    def not_nested(text):
        """開いているかどうかだけを覚え、入れ子を数えていない（正規表現の 「.*?」 も同じ）"""
        return _paired(text, lambda waiting, place: min(waiting, 1))

    def smaller(text):
        """3 つめを、開いた数と閉じた数の小さいほうにしている（順を見ていない）"""
        opened, closed, _ = _counted(text)
        return opened, closed, min(opened, closed)

    def below_zero(text):
        """開いていないのに閉じたとき、開いている数を負にしている（次に開いた括弧が閉じられない）"""
        steps = [(char == "「") - (char == "」") for char in text]
        depth = [sum(steps[:place]) for place in range(len(text))]
        opened, closed, _ = _counted(text)
        return opened, closed, sum(d > 0 and s < 0 for d, s in zip(depth, steps, strict=True))

    def never_closing(text):
        """閉じても、開いている数を減らしていない（1 度開いたら、ずっと開いている）"""
        opened, closed, _ = _counted(text)
        first = text.find("「")
        return opened, closed, text[first:].count("」") if opened else 0

    def four_characters(text):
        """直前の 4 文字の中に「があるときだけ、開いているとしている"""
        opened, closed, _ = _counted(text)
        near = [text[max(0, i - 4) : i] for i, char in enumerate(text) if char == "」"]
        return opened, closed, sum("「" in each for each in near)

    def letters_inside(text):
        """3 つめに、括弧の中の文字の数を返している"""
        opened, closed, _ = _counted(text)
        inside = waiting = 0
        for char in text:
            waiting = max(0, waiting - (char == "」"))
            inside += waiting > 0 and char not in "「」"
            waiting += char == "「"
        return opened, closed, inside

    def unmatched(text):
        """3 つめに、開いていないときに閉じた数を返している"""
        opened, closed, paired = _counted(text)
        return opened, closed, closed - paired

    def left_open(text):
        """3 つめに、開いたまま残った数を返している"""
        opened, closed, paired = _counted(text)
        return opened, closed, opened - paired

    def only_matched_closed(text):
        """閉じた数に、開いていないときに閉じたものを入れていない"""
        opened, _, paired = _counted(text)
        return opened, paired, paired

    def only_matched_opened(text):
        """開いた数に、開いたまま残ったものを入れていない"""
        _, closed, paired = _counted(text)
        return paired, closed, paired

    def double_quotes(text):
        """『』も数えている"""
        return _counted(text.translate(str.maketrans("『』", "「」")))

    def half_width(text):
        """全角と半角をそろえていて、半角の ｢ と ｣ も数えている"""
        return _counted(text.translate(str.maketrans("｢｣", "「」")))

    def closed_first(text):
        """（閉じた数、開いた数、開いているときに閉じた数）の順に返している"""
        opened, closed, paired = _counted(text)
        return closed, opened, paired

    def share(text):
        """3 つめに、数でなく、閉じた数で割った割合を返している"""
        opened, closed, paired = _counted(text)
        return opened, closed, paired / max(closed, 1)

    def only_share(text):
        """組でなく、3 つめだけを返している"""
        return _counted(text)[2]

    def each_line(text):
        """改行のたびに、開いている数を 0 に戻している"""
        return tuple(map(sum, zip(*map(_counted, text.split("\n")), strict=True)))
