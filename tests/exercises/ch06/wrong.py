"""「時系列と生成」の誤答。"""

import torch
import torch.nn.functional as F


def _windows(series, width):
    """すべての窓 (points - width + 1, width, 1)。"""
    return series.unfold(0, width, 1).unsqueeze(-1).clone()


class make_windows:
    def not_shifted(series, width):
        """目標が入力と同じ窓になっている（1 時刻先へずらしていない）"""
        pieces = _windows(series, width)[:-1]
        return pieces, pieces.clone()

    def shifted_back(series, width):
        """入力と目標が逆（目標が 1 時刻前になっている）"""
        pieces = _windows(series, width)
        return pieces[1:], pieces[:-1]

    def next_value_only(series, width):
        """目標が、窓でなく、次の値 1 つになっている"""
        return _windows(series, width)[:-1], series[width:, None, None]

    def next_value_repeated(series, width):
        """目標のどの時刻も、窓の次の値になっている"""
        inputs = _windows(series, width)[:-1]
        return inputs, series[width:, None, None].expand_as(inputs)

    def two_ahead(series, width):
        """目標が 2 時刻先へずれている"""
        pieces = _windows(series, width)
        return pieces[:-2], pieces[2:]

    def one_missing(series, width):
        """最後の窓を 1 つ落としている（n = points - width - 1）"""
        pieces = _windows(series, width)
        return pieces[:-2], pieces[1:-1]

    def one_too_many(series, width):
        """目標のない最後の窓も、入力に入れている（n = points - width + 1）"""
        pieces = _windows(series, width)
        return pieces, pieces[1:]

    def wrapped(series, width):
        """最後の窓の目標が、系列の初めの値に戻っている"""
        pieces = _windows(series, width)
        return pieces, _windows(torch.cat([series, series[:1]]), width)[1:]

    def not_overlapping(series, width):
        """1 つずつでなく、width ずつずらしている（窓が重ならない）"""
        pieces = _windows(series, width)
        return pieces[:-1:width], pieces[1::width]

    def last_axis_missing(series, width):
        """最後の軸がなく、(n, width) になっている"""
        pieces = _windows(series, width).squeeze(-1)
        return pieces[:-1], pieces[1:]

    def axis_in_the_middle(series, width):
        """形が (n, 1, width) になっている"""
        pieces = _windows(series, width).transpose(1, 2)
        return pieces[:-1], pieces[1:]

    def time_first(series, width):
        """形が (width, n, 1) になっている"""
        pieces = _windows(series, width).transpose(0, 1)
        return pieces[:, :-1], pieces[:, 1:]

    def reshaped(series, width):
        """(width, n, 1) に並べたものを、reshape で (n, width, 1) にしている（値が混ざる）"""
        pieces = _windows(series, width)
        return [each.transpose(0, 1).reshape(each.shape) for each in (pieces[:-1], pieces[1:])]

    def reversed_windows(series, width):
        """窓の中の時刻が逆順になっている"""
        pieces = _windows(series, width).flip(1)
        return pieces[:-1], pieces[1:]

    def inputs_only(series, width):
        """inputs だけを返している"""
        return _windows(series, width)[:-1]

    def in_float32(series, width):
        """float32 にしている"""
        pieces = _windows(series, width).float()
        return pieces[:-1], pieces[1:]


def _run(predict, window, steps, advance):
    """窓を ``advance`` で進めながらの予測のリスト。"""
    predictions = []
    for _ in range(steps):
        predictions.append(predict(window))
        window = advance(window, predictions[-1].reshape(1))
    return predictions


def _slide(window, value):
    """正しい進め方。"""
    return torch.cat([window[1:], value])


class free_run:
    def window_never_moves(predict, start, steps):
        """窓を動かさず、毎回 start から予測している"""
        return torch.stack(_run(predict, start, steps, lambda window, value: window))

    def window_grows(predict, start, steps):
        """古い値を捨てていないので、窓が毎回伸びている"""
        return torch.stack(_run(predict, start, steps, lambda *pair: torch.cat(pair)))

    def last_overwritten(predict, start, steps):
        """窓をずらさず、最後の値に予測を上書きしている（捨てるのが新しいほうになっている）"""
        return torch.stack(
            _run(predict, start, steps, lambda window, value: torch.cat([window[:-1], value]))
        )

    def added_in_front(predict, start, steps):
        """予測を窓の前に足し、後ろの値を捨てている"""
        return torch.stack(
            _run(predict, start, steps, lambda window, value: torch.cat([value, window[:-1]]))
        )

    def first_overwritten(predict, start, steps):
        """いちばん古い値の所に、そのまま予測を書きこんでいる（時刻の順が崩れる）"""
        return torch.stack(
            _run(predict, start, steps, lambda window, value: torch.cat([value, window[1:]]))
        )

    def rolled_only(predict, start, steps):
        """窓を roll で回しただけで、予測を入れていない"""
        return torch.stack(_run(predict, start, steps, lambda window, value: window.roll(-1)))

    def zero_added(predict, start, steps):
        """予測の代わりに 0 を窓に足している"""
        return torch.stack(
            _run(predict, start, steps, lambda window, value: _slide(window, 0 * value))
        )

    def last_repeated(predict, start, steps):
        """予測の代わりに、窓の最後の値をもう一度足している"""
        return torch.stack(
            _run(predict, start, steps, lambda window, value: _slide(window, window[-1:]))
        )

    def two_dropped(predict, start, steps):
        """毎回、古い値を 2 つ捨てている（窓が縮む）"""
        return torch.stack(
            _run(predict, start, steps, lambda window, value: torch.cat([window[2:], value]))
        )

    def with_start(predict, start, steps):
        """start も戻り値に入れている"""
        return torch.cat([start, torch.stack(_run(predict, start, steps, _slide))])

    def shifted_result(predict, start, steps):
        """戻り値が 1 時刻ずれて、start の最後の値から始まっている"""
        predictions = torch.stack(_run(predict, start, steps, _slide))
        return torch.cat([start[-1:], predictions[:-1]])

    def first_skipped(predict, start, steps):
        """最初の予測を返さず、2 つめから並べている"""
        return torch.stack(_run(predict, start, steps + 1, _slide)[1:])

    def one_too_many(predict, start, steps):
        """steps + 1 回予測している"""
        return torch.stack(_run(predict, start, steps + 1, _slide))

    def one_missing(predict, start, steps):
        """steps - 1 回しか予測していない"""
        return torch.cat(
            [start[:0], *(p.reshape(1) for p in _run(predict, start, steps, _slide)[:-1])]
        )

    def last_only(predict, start, steps):
        """最後の予測だけを返している"""
        return _run(predict, start, steps, _slide)[-1]

    def last_window(predict, start, steps):
        """予測した値でなく、最後の窓を返している"""
        window = start
        for _ in range(steps):
            window = _slide(window, predict(window).reshape(1))
        return window

    def column(predict, start, steps):
        """(steps, 1) の形で返している"""
        return torch.stack(_run(predict, start, steps, _slide)).unsqueeze(1)

    def list_of_values(predict, start, steps):
        """テンソルにまとめず、予測のリストのまま返している"""
        return _run(predict, start, steps, _slide)

    def reversed_result(predict, start, steps):
        """新しい予測から順に並べている"""
        return torch.stack(_run(predict, start, steps, _slide)).flip(0)

    def in_place(predict, start, steps):
        """渡された start に書き込んでいる"""
        predictions = []
        for _ in range(steps):
            predictions.append(predict(start))
            start.copy_(_slide(start, predictions[-1].reshape(1)))
        return torch.stack(predictions)

    def in_float32(predict, start, steps):
        """float32 にして返している"""
        return torch.stack(_run(predict, start, steps, _slide)).float()


def _draw(probabilities, u):
    """確率から引く。和が u に届かなければ最後の番号。"""
    above = (probabilities.cumsum(0) > u).tolist()
    return above.index(True) if True in above else len(above) - 1


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
        above = (torch.softmax(logits / temperature, 0).cumsum(0) >= u).tolist()
        return above.index(True) if True in above else len(above) - 1

    def not_cumulative(logits, temperature, u):
        """累積和をとらず、確率そのものを u と比べている"""
        above = (torch.softmax(logits / temperature, 0) > u).tolist()
        return above.index(True) if True in above else len(above) - 1

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


def _one_hot(text, chars):
    return F.one_hot(torch.tensor([chars.index(char) for char in text]), len(chars)).float()


def _cut(table, width):
    """すべての窓 (len - width + 1, width, V)。"""
    return table.unfold(0, width, 1).transpose(1, 2)


class one_hot_windows:
    def order_of_appearance(text, width):
        """文字を、文字コード順でなく現れた順に並べている"""
        chars = list(dict.fromkeys(text))
        table = _one_hot(text, chars)
        return _cut(table, width)[:-1], table[width:], chars

    def backwards(text, width):
        """文字を、文字コードの大きい順に並べている"""
        chars = sorted(set(text), reverse=True)
        table = _one_hot(text, chars)
        return _cut(table, width)[:-1], table[width:], chars

    def duplicates(text, width):
        """同じ文字を 1 つにまとめていない（V = len(text) になる）"""
        chars = sorted(text)
        table = _one_hot(text, chars)
        return _cut(table, width)[:-1], table[width:], chars

    def lower_case(text, width):
        """大文字を小文字にそろえている"""
        return _correct(text.lower(), width)

    def without_spaces(text, width):
        """空白と改行を除いている"""
        return _correct("".join(text.split()), width)

    def last_of_window(text, width):
        """t が、窓の次の文字でなく、窓の最後の文字になっている"""
        x, _, chars = _correct(text, width)
        return x, x[:, -1], chars

    def two_ahead(text, width):
        """t が、窓の次の次の文字になっている"""
        x, t, chars = _correct(text, width)
        return x[:-1], t[1:], chars

    def shifted_windows(text, width):
        """t が、次の一文字でなく、1 つずらした窓になっている"""
        x, t, chars = _correct(text, width)
        return x, torch.cat([x[:, 1:], t.unsqueeze(1)], 1), chars

    def target_numbers(text, width):
        """t が one-hot でなく、番号になっている"""
        x, t, chars = _correct(text, width)
        return x, t.argmax(1), chars

    def input_numbers(text, width):
        """x が one-hot でなく、番号になっている"""
        x, t, chars = _correct(text, width)
        return x.argmax(2), t, chars

    def integers(text, width):
        """F.one_hot の整数のまま返している"""
        x, t, chars = _correct(text, width)
        return x.long(), t.long(), chars

    def booleans(text, width):
        """真偽値（bool）のまま返している"""
        x, t, chars = _correct(text, width)
        return x.bool(), t.bool(), chars

    def one_missing(text, width):
        """最後の窓を 1 つ落としている（n = len(text) - width - 1）"""
        x, t, chars = _correct(text, width)
        return x[:-1], t[:-1], chars

    def one_too_many(text, width):
        """次の文字のない最後の窓も、x に入れている（n = len(text) - width + 1）"""
        chars = sorted(set(text))
        table = _one_hot(text, chars)
        return _cut(table, width), table[width:], chars

    def not_overlapping(text, width):
        """一文字ずつでなく、width 文字ずつずらしている（窓が重ならない）"""
        x, t, chars = _correct(text, width)
        return x[::width], t[::width], chars

    def transposed(text, width):
        """x の形が (n, V, width) になっている"""
        x, t, chars = _correct(text, width)
        return x.transpose(1, 2), t, chars

    def flattened(text, width):
        """x が窓ごとに一列につながっている（(n, width * V) になる）"""
        x, t, chars = _correct(text, width)
        return x.flatten(1), t, chars

    def bag_of_characters(text, width):
        """窓の中の文字を足し合わせ、順序をなくしている（x が (n, V) になる）"""
        x, t, chars = _correct(text, width)
        return x.sum(1), t, chars

    def dictionary(text, width):
        """chars に、リストでなく文字から番号への辞書を返している"""
        x, t, chars = _correct(text, width)
        return x, t, {char: i for i, char in enumerate(chars)}

    def without_chars(text, width):
        """chars を返していない"""
        return _correct(text, width)[:2]


def _correct(text, width):
    """正しい答え。"""
    chars = sorted(set(text))
    table = _one_hot(text, chars)
    return _cut(table, width)[:-1], table[width:], chars
