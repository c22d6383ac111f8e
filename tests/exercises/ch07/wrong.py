"""「IMDb 感情分析」の誤答。"""

import math
from collections import Counter

import torch
from torch.nn import functional as F
from torch.nn.utils.rnn import (
    pack_sequence,
    pad_packed_sequence,
    pad_sequence,
    unpad_sequence,
)


def _lengths(sequences):
    return torch.tensor([len(sequence) for sequence in sequences])


def _ids(sequences, pad, width=None):
    """正しい ids。width を渡せば、その幅にする。"""
    width = width or max(map(len, sequences))
    return torch.tensor([(each + [pad] * width)[:width] for each in sequences])


class pad_batch:
    def always_zero(sequences, pad=0):
        """引数の pad を使わず、いつも 0 を足している"""
        return _ids(sequences, 0), _lengths(sequences)

    def left(sequences, pad=0):
        """後ろでなく前に足している"""
        flipped = _ids([each[::-1] for each in sequences], pad)
        return flipped.flip(1), _lengths(sequences)

    def cut_to_shortest(sequences, pad=0):
        """いちばん短い文に合わせて切っている"""
        return _ids(sequences, pad, min(map(len, sequences))), _lengths(sequences)

    def width_of_first(sequences, pad=0):
        """最初の文の長さにそろえている"""
        return _ids(sequences, pad, len(sequences[0])), _lengths(sequences)

    def one_too_wide(sequences, pad=0):
        """いちばん長い文にも、pad を 1 つ足している（T が 1 つ大きい）"""
        return _ids(sequences, pad, 1 + max(map(len, sequences))), _lengths(sequences)

    def padded_lengths(sequences, pad=0):
        """lengths が、どの文もパディングした後の長さ T になっている"""
        ids = _ids(sequences, pad)
        return ids, torch.full((len(ids),), ids.shape[1])

    def counted_lengths(sequences, pad=0):
        """ひな形のまま（誤りが残っている）"""
        ids = _ids(sequences, pad)
        return ids, (ids != pad).sum(1)

    def nonzero_lengths(sequences, pad=0):
        """lengths を、0 でない番号を数えて求めている"""
        ids = _ids(sequences, pad)
        return ids, (ids != 0).sum(1)

    def padding_counts(sequences, pad=0):
        """lengths が、足した pad の数になっている"""
        ids = _ids(sequences, pad)
        return ids, ids.shape[1] - _lengths(sequences)

    def last_indices(sequences, pad=0):
        """lengths が 1 つ小さい（最後の時刻の添字になっている）"""
        return _ids(sequences, pad), _lengths(sequences) - 1

    def sorted_by_length(sequences, pad=0):
        """長い順に並べ替えている"""
        sequences = sorted(sequences, key=len, reverse=True)
        return _ids(sequences, pad), _lengths(sequences)

    def lengths_sorted_only(sequences, pad=0):
        """lengths だけを、大きい順に並べ替えている"""
        return _ids(sequences, pad), _lengths(sequences).sort(descending=True).values

    def same_row(sequences, pad=0):
        """[[pad] * T] * B で作った、どれも同じ 1 つの行に上書きしている"""
        rows = [[pad] * max(map(len, sequences))] * len(sequences)
        for row, sequence in zip(rows, sequences, strict=True):
            row[: len(sequence)] = sequence
        return torch.tensor(rows), _lengths(sequences)

    def last_token_repeated(sequences, pad=0):
        """pad でなく、文の最後の番号を繰り返して足している"""
        width = max(map(len, sequences))
        rows = [each + each[-1:] * (width - len(each)) for each in sequences]
        return torch.tensor(rows), _lengths(sequences)

    def joined(sequences, pad=0):
        """文ごとの行に分けず、すべてを一列につなげている"""
        return torch.tensor([k for each in sequences for k in each]), _lengths(sequences)

    def time_first(sequences, pad=0):
        """ids を (T, B) の順で返している"""
        return _ids(sequences, pad).T, _lengths(sequences)

    def mask(sequences, pad=0):
        """lengths の代わりに、マスク (B, T) を返している"""
        ids = _ids(sequences, pad)
        return ids, torch.arange(ids.shape[1]) < _lengths(sequences)[:, None]

    def int32(sequences, pad=0):
        """ids を int32 にしている"""
        return _ids(sequences, pad).int(), _lengths(sequences)

    def floating(sequences, pad=0):
        """ids が小数になっている（torch.Tensor や torch.zeros で作った）"""
        return _ids(sequences, pad).double(), _lengths(sequences)

    def floating_lengths(sequences, pad=0):
        """lengths が小数になっている"""
        return _ids(sequences, pad), _lengths(sequences).double()

    def lists(sequences, pad=0):
        """どちらもテンソルにせず、リストのまま返している"""
        return _ids(sequences, pad).tolist(), _lengths(sequences).tolist()

    def list_of_lengths(sequences, pad=0):
        """lengths をテンソルにせず、リストのまま返している"""
        return _ids(sequences, pad), _lengths(sequences).tolist()

    def without_lengths(sequences, pad=0):
        """ids だけを返している"""
        return _ids(sequences, pad)

    def returned_in_reverse(sequences, pad=0):
        """(lengths, ids) の順で返している"""
        return _lengths(sequences), _ids(sequences, pad)

    def in_place(sequences, pad=0):
        """渡されたリストそのものに pad を足している（+= や append や extend）"""
        lengths = _lengths(sequences)
        for sequence in sequences:
            sequence += [pad] * (int(lengths.max()) - len(sequence))
        return torch.tensor(sequences), lengths

    def in_place_before_lengths(sequences, pad=0):
        """渡されたリストに pad を足し、その後で長さを測っている"""
        width = max(map(len, sequences))
        for sequence in sequences:
            sequence += [pad] * (width - len(sequence))
        return torch.tensor(sequences), _lengths(sequences)


def _counts(token_lists):
    return Counter(token for tokens in token_lists for token in tokens)


def _by_frequency(counts):
    """正しい順。"""
    return sorted(counts, key=lambda token: (-counts[token], token))


def _numbered(tokens, max_size, specials=("<pad>", "<unk>")):
    """特別なトークンから順に番号を付ける。"""
    return {token: k for k, token in enumerate([*specials, *tokens][:max_size])}


def _encoded(vocabulary, train, test, unknown=1):
    """どちらの文も番号に直す。"""
    return [
        [[vocabulary.get(token, unknown) for token in tokens] for tokens in part]
        for part in (train, test)
    ]


class encode_splits:
    def as_given(train, test, max_size):
        """ひな形のまま（誤りが 2 つとも残っている）"""
        vocabulary = _numbered(_by_frequency(_counts(train + test)), max_size)
        return _encoded(vocabulary, train, test, unknown=0)

    def test_counted(train, test, max_size):
        """テスト用の文の語も数えている"""
        return _encoded(_numbered(_by_frequency(_counts(train + test)), max_size), train, test)

    def test_words_added(train, test, max_size):
        """訓練用の語の後ろに、テスト用の文にだけ現れる語を足している"""
        words = _by_frequency(_counts(train))
        new = [word for word in _by_frequency(_counts(test)) if word not in words]
        return _encoded(_numbered(words + new, max_size), train, test)

    def unknown_is_padding(train, test, max_size):
        """語彙にない語を、パディングと同じ 0 にしている"""
        vocabulary = _numbered(_by_frequency(_counts(train)), max_size)
        return _encoded(vocabulary, train, test, unknown=0)

    def two_vocabularies(train, test, max_size):
        """テスト用の文を、テスト用の文から作った別の語彙で番号に直している"""
        parts = (_numbered(_by_frequency(_counts(part)), max_size) for part in (train, test))
        return [
            _encoded(vocabulary, part, [])[0]
            for vocabulary, part in zip(parts, (train, test), strict=True)
        ]

    def unknown_dropped(train, test, max_size):
        """語彙にない語を捨てていて、文が短くなる"""
        vocabulary = _numbered(_by_frequency(_counts(train)), max_size)
        return [
            [[vocabulary[token] for token in tokens if token in vocabulary] for tokens in part]
            for part in (train, test)
        ]

    def unknown_numbered(train, test, max_size):
        """語彙にない語に出会うたびに、新しい番号を付けている（max_size も超える）"""
        vocabulary = _numbered(_by_frequency(_counts(train)), max_size)
        return [
            [[vocabulary.setdefault(token, len(vocabulary)) for token in tokens] for tokens in part]
            for part in (train, test)
        ]

    def unknown_is_last(train, test, max_size):
        """語彙にない語を、1 でなく、最後の番号 max_size にしている"""
        vocabulary = _numbered(_by_frequency(_counts(train)), max_size)
        return _encoded(vocabulary, train, test, unknown=max_size)

    def unknown_is_none(train, test, max_size):
        """語彙にない語が、番号でなく None になっている"""
        vocabulary = _numbered(_by_frequency(_counts(train)), max_size)
        return _encoded(vocabulary, train, test, unknown=None)

    def specials_not_counted(train, test, max_size):
        """max_size に 0 と 1 を数えていない（2 つ多い）"""
        return _encoded(_numbered(_by_frequency(_counts(train)), max_size + 2), train, test)

    def one_too_few(train, test, max_size):
        """番号が max_size - 1 になる前に止めている（1 つ少ない）"""
        return _encoded(_numbered(_by_frequency(_counts(train)), max_size - 1), train, test)

    def max_size_ignored(train, test, max_size):
        """max_size を使わず、すべてのトークンに番号を付けている"""
        return _encoded(_numbered(_by_frequency(_counts(train)), None), train, test)

    def ties_in_order_of_appearance(train, test, max_size):
        """同じ回数のトークンが、文字コード順でなく、現れた順になっている（most_common のまま）"""
        words = [token for token, _ in _counts(train).most_common()]
        return _encoded(_numbered(words, max_size), train, test)

    def ties_backwards(train, test, max_size):
        """同じ回数のトークンが、文字コードの逆順になっている（回数といっしょに逆にした）"""
        counts = _counts(train)
        words = sorted(counts, key=lambda token: (counts[token], token), reverse=True)
        return _encoded(_numbered(words, max_size), train, test)

    def rarest_first(train, test, max_size):
        """少ない順に番号を付けている"""
        counts = _counts(train)
        words = sorted(counts, key=lambda token: (counts[token], token))
        return _encoded(_numbered(words, max_size), train, test)

    def alphabetical(train, test, max_size):
        """回数を見ず、文字コード順に番号を付けている"""
        return _encoded(_numbered(sorted(_counts(train)), max_size), train, test)

    def number_of_lists(train, test, max_size):
        """出現回数でなく、現れた文の数で並べている"""
        words = _by_frequency(_counts(map(set, train)))
        return _encoded(_numbered(words, max_size), train, test)

    def lower_case(train, test, max_size):
        """大文字を小文字にそろえている"""
        train, test = ([[t.lower() for t in tokens] for tokens in part] for part in (train, test))
        return _encoded(_numbered(_by_frequency(_counts(train)), max_size), train, test)

    def from_zero(train, test, max_size):
        """番号が 0 から始まり、パディングと重なっている"""
        words = _by_frequency(_counts(train))[: max_size - 2]
        return _encoded(_numbered(words, None, specials=()), train, test)

    def from_one(train, test, max_size):
        """番号が 1 から始まり、語彙にない語と重なっている"""
        words = _by_frequency(_counts(train))[: max_size - 2]
        return _encoded(_numbered(words, None, specials=("<pad>",)), train, test)

    def joined(train, test, max_size):
        """文の区切りをなくし、番号を一列につなげている"""
        encoded = _encoded(_numbered(_by_frequency(_counts(train)), max_size), train, test)
        return [[number for row in part for number in row] for part in encoded]

    def train_only(train, test, max_size):
        """train の番号だけを返している"""
        return _encoded(_numbered(_by_frequency(_counts(train)), max_size), train, test)[0]

    def returned_in_reverse(train, test, max_size):
        """(test の番号, train の番号) の順で返している"""
        return _encoded(_numbered(_by_frequency(_counts(train)), max_size), train, test)[::-1]

    def test_appended(train, test, max_size):
        """渡された train に test の文を書き足している（+= や extend）"""
        train += test
        return _encoded(_numbered(_by_frequency(_counts(train)), max_size), train, test)


def _shortest_first(lengths):
    return sorted(range(len(lengths)), key=lambda index: lengths[index])


def _cells(each):
    """そろえたあとの升の数。"""
    return len(each) * max(each)


def _filled(order, lengths, limit, cost=_cells):
    """order の順に、cost が limit を超えないかぎり、同じミニバッチに入れる。"""
    batches = []
    for index in order:
        if batches and cost([lengths[k] for k in (*batches[-1], index)]) <= limit:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches


def _right(lengths, limit):
    """正しい答え。"""
    return _filled(_shortest_first(lengths), lengths, limit)


class length_buckets:
    def tokens_counted(lengths, limit):
        """ひな形のまま（誤りが残っている）"""
        return _filled(_shortest_first(lengths), lengths, limit, sum)

    def padding_counted(lengths, limit):
        """升の数でなく、足したパディングの数を limit までにしている"""
        return _filled(
            _shortest_first(lengths), lengths, limit, lambda each: _cells(each) - sum(each)
        )

    def rows_counted(lengths, limit):
        """limit を、ミニバッチの件数の上限だと思っている"""
        return _filled(_shortest_first(lengths), lengths, limit, len)

    def shortest_counted(lengths, limit):
        """件数に、いちばん短い系列の長さを掛けている"""
        return _filled(_shortest_first(lengths), lengths, limit, lambda each: len(each) * min(each))

    def previous_longest_counted(lengths, limit):
        """件数に、いま入れる系列でなく、1 つ前の系列の長さを掛けている"""
        return _filled(_shortest_first(lengths), lengths, limit, lambda each: len(each) * each[-2])

    def newcomer_not_counted(lengths, limit):
        """いま入れる系列を件数に数えていない（1 件多く入る）"""
        return _filled(
            _shortest_first(lengths), lengths, limit, lambda each: (len(each) - 1) * max(each)
        )

    def checked_too_late(lengths, limit):
        """入れる前の升の数だけを見ているので、超えてから次に移る"""
        return _filled(_shortest_first(lengths), lengths, limit, lambda each: _cells(each[:-1]))

    def limit_excluded(lengths, limit):
        """升の数がちょうど limit になるときも、次のミニバッチにしている（>= で比べている）"""
        return _filled(_shortest_first(lengths), lengths, limit - 1)

    def longest_of_all(lengths, limit):
        """どのミニバッチも、全体でいちばん長い系列に合わせた件数にしている"""
        longest = max(lengths)
        return _filled(_shortest_first(lengths), lengths, limit, lambda each: len(each) * longest)

    def not_sorted(lengths, limit):
        """長さの順に並べず、元の順のまま入れている"""
        return _filled(range(len(lengths)), lengths, limit)

    def longest_first(lengths, limit):
        """長い順に入れている"""
        order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
        return _filled(order, lengths, limit)

    def longest_batch_first(lengths, limit):
        """区切ってから、ミニバッチを長い順に並べている"""
        return _right(lengths, limit)[::-1]

    def one_each(lengths, limit):
        """1 件ずつのミニバッチにしている"""
        return [[index] for index in _shortest_first(lengths)]

    def equal_lengths_only(lengths, limit):
        """長さがちょうど同じ系列だけをまとめている"""
        order = _shortest_first(lengths)
        groups = [[k for k in order if lengths[k] == n] for n in sorted(set(lengths))]
        return [batch for group in groups for batch in _filled(group, lengths, limit)]

    def lengths_returned(lengths, limit):
        """番号でなく、長さを返している"""
        return [[lengths[k] for k in batch] for batch in _right(lengths, limit)]

    def pairs(lengths, limit):
        """番号だけでなく、(長さ, 番号) の組を返している"""
        return [[(lengths[k], k) for k in batch] for batch in _right(lengths, limit)]

    def found_again(lengths, limit):
        """番号を lengths.index(長さ) で探しているので、同じ長さの系列が 1 つになる"""
        return [[lengths.index(lengths[k]) for k in batch] for batch in _right(lengths, limit)]

    def from_one(lengths, limit):
        """番号が 1 から始まっている"""
        return [[k + 1 for k in batch] for batch in _right(lengths, limit)]

    def last_dropped(lengths, limit):
        """最後のミニバッチを返していない"""
        return _right(lengths, limit)[:-1]

    def newcomer_dropped(lengths, limit):
        """入りきらなかった系列を、次のミニバッチに入れずに落としている"""
        batches = [[]]
        for index in _shortest_first(lengths):
            if (len(batches[-1]) + 1) * lengths[index] > limit:
                batches.append([])
            else:
                batches[-1].append(index)
        return [batch for batch in batches if batch]

    def newcomer_in_both(lengths, limit):
        """入りきらなかった系列を、前のミニバッチにも入れている"""
        batches = _right(lengths, limit)
        firsts = [batch[:1] for batch in batches[1:]] + [[]]
        return [batch + first for batch, first in zip(batches, firsts, strict=True)]

    def empty_batch_first(lengths, limit):
        """先頭に、空のミニバッチが残っている"""
        return [[], *_right(lengths, limit)]

    def one_list(lengths, limit):
        """区切らず、1 つのリストで返している"""
        return _shortest_first(lengths)

    def first_batch(lengths, limit):
        """最初のミニバッチだけを返している（return が繰り返しの中にある）"""
        return _right(lengths, limit)[0]

    def sorted_as_strings(lengths, limit):
        """長さを文字列として並べている（"10" が "9" より前に来る）"""
        order = sorted(range(len(lengths)), key=lambda index: str(lengths[index]))
        return _filled(order, lengths, limit)

    def sorted_in_place(lengths, limit):
        """渡された lengths を sort() で並べ替えている（元の番号も分からなくなる）"""
        lengths.sort()
        return _filled(range(len(lengths)), lengths, limit)


def _mask(output, lengths):
    """本当の時刻が 1、パディングが 0 の (B, T, 1)。"""
    return (torch.arange(output.shape[1]) < lengths[:, None]).to(output.dtype)[..., None]


def _total(output, lengths):
    """本当の時刻の和。パディングの値は読まない。"""
    return output.masked_fill(_mask(output, lengths) == 0, 0).sum(1)


def _mean(output, lengths):
    """正しい答え。"""
    return _total(output, lengths) / lengths[:, None]


class masked_mean:
    def padding_included(output, lengths):
        """パディングもふくめた、すべての時刻の平均になっている"""
        return output.mean(1)

    def divided_by_width(output, lengths):
        """パディングを 0 にした後で mean をとり、T で割っている"""
        return (output * _mask(output, lengths)).mean(1)

    def divided_by_longest(output, lengths):
        """どの系列も、いちばん長い系列の長さで割っている"""
        return _total(output, lengths) / lengths.max()

    def divided_by_all(output, lengths):
        """どの系列も、本当の時刻の総数（長さの和）で割っている"""
        return _total(output, lengths) / lengths.sum()

    def multiplied(output, lengths):
        """パディングに 0 を掛けただけで、0 × nan や 0 × inf（nan）が残る"""
        return (output * _mask(output, lengths)).sum(1) / lengths[:, None]

    def padding_added(output, lengths):
        """長さで割ってはいるが、パディングの値も足している"""
        return output.sum(1) / lengths[:, None]

    def not_divided(output, lengths):
        """和のままで、長さで割っていない"""
        return _total(output, lengths)

    def one_too_many(output, lengths):
        """マスクが <= lengths で、パディングを 1 つ巻きこんでいる"""
        return _total(output, lengths + 1) / lengths[:, None]

    def one_too_few(output, lengths):
        """マスクが < lengths - 1 で、最後の時刻を落としている"""
        return _total(output, lengths - 1) / lengths[:, None]

    def one_too_many_counted(output, lengths):
        """パディングを 1 つ巻きこみ、長さ + 1 で割っている"""
        lengths = lengths + 1
        return _total(output, lengths) / lengths[:, None]

    def inverted(output, lengths):
        """マスクの真偽が逆で、パディングの所を足している"""
        return (output * (1 - _mask(output, lengths))).sum(1) / lengths[:, None]

    def first_length(output, lengths):
        """どの系列も、最初の系列の長さで平均している"""
        return output[:, : lengths[0]].mean(1)

    def longest(output, lengths):
        """どの系列も、いちばん長い系列の長さまでで平均している"""
        return output[:, : lengths.max()].mean(1)

    def shortest(output, lengths):
        """どの系列も、いちばん短い系列の長さまでで平均している"""
        return output[:, : lengths.min()].mean(1)

    def from_the_end(output, lengths):
        """後ろから lengths 時刻を平均している（パディングが前にあると思っている）"""
        return _mean(output.flip(1), lengths)

    def nonzero_steps_counted(output, lengths):
        """長さでなく、0 でない時刻の数で割っている"""
        inside = output.masked_fill(_mask(output, lengths) == 0, 0)
        return inside.sum(1) / (inside != 0).any(2).sum(1, keepdim=True)

    def nonzero_elements_counted(output, lengths):
        """長さでなく、成分ごとに、0 でない値の数で割っている"""
        inside = output.masked_fill(_mask(output, lengths) == 0, 0)
        return inside.sum(1) / (inside != 0).sum(1)

    def maximum(output, lengths):
        """平均でなく最大値をとっている"""
        hidden = _mask(output, lengths) == 0
        return output.masked_fill(hidden, -torch.inf).amax(1)

    def last_state(output, lengths):
        """平均でなく、最後の時刻の値を返している"""
        return output[torch.arange(len(output)), lengths - 1]

    def over_everything(output, lengths):
        """系列ごとでなく、全系列の本当の時刻をまとめて平均している"""
        mean = _total(output, lengths).sum(0) / lengths.sum()
        return mean.expand(len(output), -1)

    def scalar(output, lengths):
        """特徴ごとでなく、すべての特徴をまとめて平均している（(B,) になる）"""
        return _mean(output, lengths).mean(1)

    def time_axis_kept(output, lengths):
        """時刻の軸が残っている（(B, 1, H) になる）"""
        return _mean(output, lengths)[:, None]

    def masked_output(output, lengths):
        """パディングを 0 にしただけで、平均していない（(B, T, H) のまま）"""
        return output * _mask(output, lengths)

    def whole_division(output, lengths):
        """// で割り、整数に切り捨てている"""
        return _total(output, lengths) // lengths[:, None]

    def in_place(output, lengths):
        """渡された output のパディングを 0 に書き換えている"""
        mean = _mean(output, lengths)
        output.data.mul_(_mask(output, lengths))
        return mean

    def detached(output, lengths):
        """detach して、勾配を切っている"""
        return _mean(output.detach(), lengths)

    def in_float32(output, lengths):
        """float32 にして計算している"""
        return _mean(output.float(), lengths)


def _alone(lstm, sequence):
    """1 つの系列だけを読ませた output (1, T, H) と (h_n, c_n)。"""
    return lstm(sequence[None])


def _each(lstm, sequences):
    """正しい答え。"""
    return torch.cat([_alone(lstm, sequence)[1][0][-1] for sequence in sequences])


def _padded(lstm, sequences):
    """パディングを読ませた output (B, T, H) と、長さ。"""
    return lstm(pad_sequence(sequences, batch_first=True))[0], _lengths(sequences)


class final_states:
    def last_column(lstm, sequences):
        """パディングも最後まで読ませている（output[:, -1] や、その h_n）"""
        output, _ = _padded(lstm, sequences)
        return output[:, -1]

    def padded_in_front(lstm, sequences):
        """パディングを前に足して読ませている（読む前に状態が 0 でなくなる）"""
        flipped = pad_sequence([sequence.flip(0) for sequence in sequences], batch_first=True)
        return lstm(flipped.flip(1))[1][0][-1]

    def last_column_unpacked(lstm, sequences):
        """パッキングから戻した output の [:, -1] を取っている（短い系列は 0 になる）"""
        packed, _ = lstm(pack_sequence(sequences, enforce_sorted=False))
        return pad_packed_sequence(packed, batch_first=True)[0][:, -1]

    def one_too_late(lstm, sequences):
        """lengths - 1 でなく lengths の添字を取り、パディングを 1 つ読んでいる"""
        output, lengths = _padded(lstm, sequences)
        last = lengths.clamp(max=output.shape[1] - 1)
        return output[torch.arange(len(output)), last]

    def one_too_early(lstm, sequences):
        """lengths - 2 の添字を取っている（最後の 1 つを読む前）"""
        output, lengths = _padded(lstm, sequences)
        return output[torch.arange(len(output)), lengths - 2]

    def lengths_from_values(lstm, sequences):
        """長さを、0 でない入力の時刻を数えて求めている（0 だけの入力も、系列の一部）"""
        padded = pad_sequence(sequences, batch_first=True)
        count = (padded != 0).any(-1).sum(1)
        return lstm(padded)[0][torch.arange(len(sequences)), count - 1]

    def lengths_from_the_last_value(lstm, sequences):
        """長さを、0 でない最後の入力の時刻から求めている（0 だけの入力で終わる系列もある）"""
        padded = pad_sequence(sequences, batch_first=True)
        inside = (padded != 0).any(-1)
        last = (inside * torch.arange(inside.shape[1])).amax(1)
        return lstm(padded)[0][torch.arange(len(sequences)), last]

    def first_column(lstm, sequences):
        """最後でなく、最初の時刻の隠れ状態を返している"""
        return torch.cat([_alone(lstm, sequence)[0][:, 0] for sequence in sequences])

    def cut_to_shortest(lstm, sequences):
        """いちばん短い系列に合わせて切っている"""
        shortest = min(map(len, sequences))
        return _each(lstm, [sequence[:shortest] for sequence in sequences])

    def first_length(lstm, sequences):
        """どの系列も、最初の系列の長さの所から取っている"""
        output, lengths = _padded(lstm, sequences)
        return output[:, lengths[0] - 1]

    def sorted_order(lstm, sequences):
        """長い順に並べたまま、元の順に戻していない"""
        return _each(lstm, sorted(sequences, key=len, reverse=True))

    def shortest_first(lstm, sequences):
        """短い順に並べたまま、元の順に戻していない"""
        return _each(lstm, sorted(sequences, key=len))

    def restored_with_same_order(lstm, sequences):
        """ひな形のまま（誤りが残っている）"""
        order = sorted(range(len(sequences)), key=lambda b: -len(sequences[b]))
        states = _each(lstm, [sequences[b] for b in order])
        return states[order]

    def cell_state(lstm, sequences):
        """隠れ状態 h_n でなく、セル状態 c_n を返している"""
        return torch.cat([_alone(lstm, sequence)[1][1][-1] for sequence in sequences])

    def first_layer(lstm, sequences):
        """いちばん上でなく、いちばん下の層の h_n[0] を返している"""
        return torch.cat([_alone(lstm, sequence)[1][0][0] for sequence in sequences])

    def all_layers(lstm, sequences):
        """すべての層の h_n (層の数, B, H) を返している"""
        return torch.cat([_alone(lstm, sequence)[1][0] for sequence in sequences], 1)

    def layers_joined(lstm, sequences):
        """すべての層の h_n をつなげている（(B, 層の数 * H) になる）"""
        return final_states.all_layers(lstm, sequences).transpose(0, 1).flatten(1)

    def layers_averaged(lstm, sequences):
        """すべての層の h_n を平均している"""
        return final_states.all_layers(lstm, sequences).mean(0)

    def with_cell_state(lstm, sequences):
        """(h_n, c_n) の組で返している"""
        return _each(lstm, sequences), final_states.cell_state(lstm, sequences)

    def last_sequence(lstm, sequences):
        """最後の系列の状態だけを返している"""
        return _each(lstm, sequences[-1:])

    def carried_over(lstm, sequences):
        """前の系列の終わりの状態から、次の系列を始めている"""
        state, states = None, []
        for sequence in sequences:
            _, state = lstm(sequence[None], state)
            states.append(state[0][-1])
        return torch.cat(states)

    def random_start(lstm, sequences):
        """0 でなく、乱数の初期状態から読ませている"""
        shape = (lstm.num_layers, 1, lstm.hidden_size)
        state = torch.randn(shape), torch.randn(shape)
        return torch.cat([lstm(sequence[None], state)[1][0][-1] for sequence in sequences])

    def time_as_batch(lstm, sequences):
        """pad_sequence に batch_first=True を渡さず、時刻と系列の軸が逆になっている"""
        return lstm(pad_sequence(sequences))[1][0][-1]

    def packed_tail(lstm, sequences):
        """PackedSequence の data の最後の B 行を、最後の状態だと思っている"""
        packed, _ = lstm(pack_sequence(sequences, enforce_sorted=False))
        return packed.data[-len(sequences) :]

    def mean(lstm, sequences):
        """最後の状態でなく、本当の時刻の平均を返している"""
        return torch.cat([_alone(lstm, sequence)[0].mean(1) for sequence in sequences])

    def padded_mean(lstm, sequences):
        """最後の状態でなく、パディングもふくめた平均を返している"""
        return _padded(lstm, sequences)[0].mean(1)

    def maximum(lstm, sequences):
        """最後の状態でなく、時刻についての最大値を返している"""
        return torch.cat([_alone(lstm, sequence)[0].amax(1) for sequence in sequences])

    def every_state(lstm, sequences):
        """最後の状態でなく、すべての時刻の隠れ状態のリストを返している"""
        return unpad_sequence(*_padded(lstm, sequences), batch_first=True)

    def list_of_states(lstm, sequences):
        """(B, H) に重ねず、系列ごとのリストのまま返している"""
        return list(_each(lstm, sequences))

    def reversed_time(lstm, sequences):
        """系列を後ろから読ませている"""
        return _each(lstm, [sequence.flip(0) for sequence in sequences])

    def without_last_step(lstm, sequences):
        """最後の時刻を 0 にして読ませている"""
        blanked = [torch.cat([each[:-1], 0 * each[-1:]]) for each in sequences]
        return _each(lstm, blanked)

    def one_by_one(lstm, sequences):
        """まとめずに、系列を 1 つずつか、同じ長さごとに読ませている（lstm を何度も呼んでいる）"""
        return _each(lstm, sequences)

    def inputs_detached(lstm, sequences):
        """系列を detach して、勾配を切っている（.data や torch.tensor での作り直しも同じ）"""
        return _each(lstm, [sequence.detach() for sequence in sequences])

    def in_float32(lstm, sequences):
        """float32 にして返している"""
        return _each(lstm, sequences).float()


def _only(first, second):
    """片方だけが当てた数。"""
    return int((first & ~second).sum()), int((second & ~first).sum())


def _tail(n, fewest):
    """n 回のうち、表が fewest 回以下の確率。"""
    return sum(math.comb(n, k) for k in range(fewest + 1)) / 2**n


class paired_p_value:
    def one_sided(first, second):
        """片側だけの確率で、2 倍していない"""
        b, c = _only(first, second)
        return _tail(b + c, min(b, c))

    def not_capped(first, second):
        """ちょうど半分ずつのとき、真ん中を 2 度数えて 1 を超えている"""
        b, c = _only(first, second)
        return 2 * _tail(b + c, min(b, c))

    def first_must_lose(first, second):
        """first が勝っているときも、少ないほうでなく first の数までを足している"""
        b, c = _only(first, second)
        return min(1.0, 2 * _tail(b + c, b))

    def second_must_lose(first, second):
        """second が勝っているときも、少ないほうでなく second の数までを足している"""
        b, c = _only(first, second)
        return min(1.0, 2 * _tail(b + c, c))

    def more_extreme_only(first, second):
        """届いた数そのものを数えず、もっと偏ったものだけを足している"""
        b, c = _only(first, second)
        return min(1.0, 2 * _tail(b + c, min(b, c) - 1))

    def exactly_this(first, second):
        """もっと偏ったものを数えず、届いた数ちょうどの確率だけを 2 倍している"""
        b, c = _only(first, second)
        return min(1.0, 2 * math.comb(b + c, b) / 2 ** (b + c))

    def half_of_this(first, second):
        """届いた数ちょうどの確率を、半分だけ数えている（mid-p）"""
        b, c = _only(first, second)
        n = b + c
        return min(1.0, 2 * _tail(n, min(b, c)) - math.comb(n, b) / 2**n)

    def normal_curve(first, second):
        """裏表を数えず、正規分布（カイ 2 乗分布）で近似している"""
        b, c = _only(first, second)
        return math.erfc(abs(b - c) / math.sqrt(2 * max(b + c, 1)))

    def normal_curve_corrected(first, second):
        """裏表を数えず、連続性の補正をした正規分布（カイ 2 乗分布）で近似している"""
        b, c = _only(first, second)
        return math.erfc(max(abs(b - c) - 1, 0) / math.sqrt(2 * max(b + c, 1)))

    def unpaired(first, second):
        """組にせず、2 つの精度を別々の硬貨とみて比べている"""
        p, q = first.double().mean().item(), second.double().mean().item()
        error = math.sqrt((p * (1 - p) + q * (1 - q)) / len(first))
        return math.erfc(abs(p - q) / error / math.sqrt(2)) if error else 1.0

    def agreements_counted(first, second):
        """どちらも当てた、どちらも外したレビューまで、硬貨の数に入れている"""
        b, c = _only(first, second)
        return min(1.0, 2 * _tail(len(first), min(b, c)))

    def both_right_counted(first, second):
        """片方だけが当てた数でなく、それぞれが当てた数を比べている"""
        b, c = int(first.sum()), int(second.sum())
        return min(1.0, 2 * _tail(b + c, min(b, c)))

    def complement(first, second):
        """1 から引いていて、差があるほど 1 に近い"""
        b, c = _only(first, second)
        return 1 - min(1.0, 2 * _tail(b + c, min(b, c)))

    def vanishes(first, second):
        """0.5 ** n から順に掛けていて、n が 1,100 ほどを超えると 0 になる"""
        b, c = _only(first, second)
        n, tail, term = b + c, 0.0, 0.5 ** (b + c)
        for k in range(min(b, c) + 1):
            tail += term
            term *= (n - k) / (k + 1)
        return min(1.0, 2 * tail)


def _balanced(slope):
    """slope(T) が正なら T を小さく、負なら大きくして、比で半分ずつ狭める。"""
    low, high = 1e-3, 1e3
    for _ in range(60):
        middle = math.sqrt(low * high)
        low, high = (low, middle) if slope(middle) > 0 else (middle, high)
    return middle


def _slope(logits, labels):
    """正しい、損失の傾きと同じ符号の数。"""
    return lambda t: ((labels - torch.sigmoid(logits / t)) * logits).mean()


class best_temperature:
    def coarse_grid(logits, labels):
        """本文と同じ 0.5 から 3 までの 0.01 刻みから選んでいて、範囲も桁も足りない"""
        grid = torch.linspace(0.5, 3, 251, dtype=logits.dtype)
        losses = [F.binary_cross_entropy_with_logits(logits / t, labels) for t in grid]
        return float(grid[torch.stack(losses).argmin()])

    def reciprocal(logits, labels):
        """T でなく 1 / T を返している（ロジットに掛ける数を求めた）"""
        return 1 / _balanced(_slope(logits, labels))

    def squared_differences(logits, labels):
        """交差エントロピーでなく、確率の差の 2 乗を小さくしている"""

        def slope(t):
            p = torch.sigmoid(logits / t)
            return ((labels - p) * p * (1 - p) * logits).mean()

        return _balanced(slope)

    def confidence_equals_accuracy(logits, labels):
        """損失でなく、確信度の平均と精度が等しくなる T を求めている"""
        accuracy = ((logits > 0) == (labels > 0.5)).to(logits.dtype).mean()
        return _balanced(lambda t: accuracy - torch.sigmoid(logits.abs() / t).mean())

    def logit_not_multiplied(logits, labels):
        """傾きに z を掛け忘れ、確率の平均を正解の平均に合わせている"""
        return _balanced(lambda t: (labels - torch.sigmoid(logits / t)).mean())

    def wrong_way(logits, labels):
        """傾きの符号が逆で、損失が大きくなるほうへ進んでいる"""
        slope = _slope(logits, labels)
        return _balanced(lambda t: -slope(t))

    def unchanged(logits, labels):
        """いつも 1 を返している"""
        return 1.0

    def a_few_steps(logits, labels):
        """T = 1 から、学習率 0.1 で 100 回だけ動かして止めている"""
        t = 1.0
        for _ in range(100):
            t -= 0.1 * _slope(logits, labels)(t).item() / t**2
        return t

    def standard_deviation(logits, labels):
        """ロジットの標準偏差を返している"""
        return float(logits.std())

    def three_digits(logits, labels):
        """小数第 3 位までに丸めている"""
        return round(_balanced(_slope(logits, labels)), 3)

    def clamped(logits, labels):
        """ロジットを -50 から 50 に切ってから求めている"""
        return _balanced(_slope(logits.clamp(-50, 50), labels))

    def bounded(logits, labels):
        """T が 10 を超えないと決めている"""
        return min(10.0, _balanced(_slope(logits, labels)))

    def tensor_of_all(logits, labels):
        """T でなく、T で割ったロジットを返している"""
        return logits / _balanced(_slope(logits, labels))


def _moving(answer):
    """答えを動かす否定の語。なければ None。"""
    return next((w for w in ("not", "never") if not answer(f"it was {w} good")), None)


def _near(answer, word, opinion="bad"):
    return answer(f"it was {word} {opinion}")


def _far(answer, word, opinion="good"):
    return answer(f"{word} would I call it {opinion}")


class unmask:
    def only_not(answer):
        """not だけで尋ねていて、never だけを知る答え方を A だと思う"""
        if _near(answer, "not", "good"):
            return "A"
        if not _near(answer, "not"):
            return "B"
        return "C" if _far(answer, "not") else "D"

    def only_never(answer):
        """never だけで尋ねていて、not だけを知る答え方を A だと思う"""
        if _near(answer, "never", "good"):
            return "A"
        if not _near(answer, "never"):
            return "B"
        return "C" if _far(answer, "never") else "D"

    def without_a_pair(answer):
        """good の文だけで尋ねていて、B と D を区別していない（bad と対にしていない）"""
        word = _moving(answer)
        if word is None:
            return "A"
        return "C" if _far(answer, word) else "D"

    def only_bad(answer):
        """bad の文だけで尋ねていて、A と B を区別していない"""
        word = next((w for w in ("not", "never") if _near(answer, w)), None)
        if word is None:
            return "A"
        return "D" if _far(answer, word, "bad") else "C"

    def near_only(answer):
        """すぐ前の否定の語だけで尋ねていて、C と D を区別していない"""
        word = _moving(answer)
        if word is None:
            return "A"
        return "C" if _near(answer, word) else "B"

    def far_only(answer):
        """離れた否定の語だけで尋ねていて、A と C を区別していない"""
        word = next((w for w in ("not", "never") if not _far(answer, w)), None)
        if word is None:
            return "A"
        return "D" if _far(answer, word, "bad") else "B"

    def two_words_away(answer):
        """2 語前を「離れている」と数えていて、C を D だと思う"""
        word = _moving(answer)
        if word is None:
            return "A"
        if not _near(answer, word):
            return "B"
        return "C" if answer(f"it was {word} very good") else "D"

    def exchanged(answer):
        """離れた good に肯定と答えるのを D、否定と答えるのを C だと思っている（逆）"""
        word = _moving(answer)
        if word is None:
            return "A"
        if not _near(answer, word):
            return "B"
        return "D" if _far(answer, word) else "C"

    def both_words_at_once(answer):
        """not と never を 1 つの文に入れて尋ねていて、両方を知る D を A だと思う"""
        if answer("not never good"):
            return "A"
        if not answer("not never bad"):
            return "B"
        return "C" if answer("not never would I call it good") else "D"

    def unflipped_is_simple(answer):
        """否定の語で否定に変わるものを、どれも B だと思っている"""
        return "A" if _moving(answer) is None else "B"

    def too_many(answer):
        """6 文より多く尋ねている"""
        pairs = [
            (w, _near(answer, w, "good"), _near(answer, w), _far(answer, w), _far(answer, w, "bad"))
            for w in ("not", "never")
        ]
        return next(("BDC"[near + far] for _, good, near, far, _ in pairs if not good), "A")


def _around(first, last, before, between, after):
    return ["film"] * before + [first] + ["film"] * between + [last] + ["film"] * after


def _pair(before, between, after):
    """肯定の文と否定の文。"""
    return (
        _around("bad", "good", before, between, after),
        _around("good", "bad", before, between, after),
    )


class blind_pair:
    def bag_only(n):
        """語の数が同じなだけで、2 語の組からは見分けられる"""
        return _pair(0, 0, 0)

    def three_words(n):
        """n を使わず、いつも 3 語の組までしか通用しない"""
        return _pair(2, 2, 2)

    def hundred_words(n):
        """n を使わず、いつも 100 語をはさんでいる（n が 101 を超えると、見分けられる）"""
        return _pair(100, 100, 100)

    def thousand_words(n):
        """n を使わず、いつも 1,000 語をはさんでいる（n が 1,001 を超えると、見分けられる）"""
        return _pair(1000, 1000, 1000)

    def at_most_hundred(n):
        """はさむ語を 100 語までにしている（n が 101 を超えると、見分けられる）"""
        return _pair(min(n - 1, 100), min(n - 1, 100), min(n - 1, 100))

    def one_short(n):
        """はさむ語が 1 つ足りない"""
        return _pair(max(0, n - 2), max(0, n - 2), max(0, n - 2))

    def nothing_between(n):
        """評価の語のあいだに、何もはさんでいない"""
        return _pair(n - 1, 0, n - 1)

    def nothing_before(n):
        """文の初めに、語を足していない"""
        return _pair(0, n - 1, n - 1)

    def nothing_after(n):
        """文の終わりに、語を足していない"""
        return _pair(n - 1, n - 1, 0)

    def between_only(n):
        """評価の語のあいだにだけはさみ、文の両端に足していない"""
        return _pair(0, n - 1, 0)

    def exchanged(n):
        """肯定の文と否定の文が逆になっている"""
        return _pair(n - 1, n - 1, n - 1)[::-1]

    def one_sentence(n):
        """2 つの文が同じで、評価も同じになっている"""
        return _pair(n - 1, n - 1, n - 1)[:1] * 2

    def one_word(n):
        """評価の語だけを取り替えていて、1 語を数えれば見分けられる"""
        film = ["film"] * (n - 1)
        return [*film, "good", *film], [*film, "bad", *film]

    def other_filler(n):
        """はさむ語が、評価の語の前とあいだと後で違う"""
        a, b, c = (["the"] * (n - 1), ["film"] * (n - 1), ["was"] * (n - 1))
        return [*a, "bad", *b, "good", *c], [*a, "good", *b, "bad", *c]

    def backwards(n):
        """肯定の文を逆さに読んだものを、否定の文にしている（前後の語が違い、組の順も逆になる）"""
        around = [f"word{i}" for i in range(n - 1)]
        positive = [*around, "bad", *around, "good", *around]
        return positive, positive[::-1]

    def no_opinion(n):
        """評価の語を使っていない"""
        return ["film"] * n, ["film"] * n

    def strings(n):
        """トークンのリストでなく、文字列を返している"""
        positive, negative = _pair(n - 1, n - 1, n - 1)
        return " ".join(positive), " ".join(negative)

    def only_positive(n):
        """肯定の文だけを返している"""
        return _pair(n - 1, n - 1, n - 1)[0]
