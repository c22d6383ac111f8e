"""「IMDb 感情分析」の練習。"""

from collections import Counter
from functools import partial

import numpy as np
import torch
from torch import nn

from tests.exercises.engine.compare import expect
from tests.exercises.engine.exercise import Exercise, Stage, require
from tests.exercises.engine.recurrent import agree_gradients, normal


def check_pad_batch(f):
    """番号を 1 つずつ、元のリストと比べる。pad は文の中にも現れる。"""
    names = ("ids (B, T)", "lengths (B,)")
    cases = (
        ([[5, 7, 2], [0, 3, 9, 7, 7], [8], [4, 0]], 7),
        ([[3, 0], [6, 5, 4, 0]],),
        ([[2, 1, 2]], 1),
        ([[4], [5, 6, 0]], -100),
        ([[9], [8], [7]], 0),
    )
    for sequences, *pad in cases:
        longest = max(len(each) for each in sequences)
        fill = pad[0] if pad else 0
        ids = [[each[t] if t < len(each) else fill for t in range(longest)] for each in sequences]
        want = (torch.tensor(ids), torch.tensor([len(each) for each in sequences]))
        expect(f(sequences, *pad), want, names)


def check_build_vocabulary(f):
    """回数も文字コードも見た、勝ち抜きの順と一致する。"""
    reviews = [
        ["the", "movie", "Movie", "was", "good", "good", "good", "good", "zoo"],
        ["was", "bad", "!", "the", "the"],
        [],
        ["apple", "the", "movie", "was", "名作", "bad"],
    ]
    for token_lists, max_size in ((reviews, 9), (reviews, 50), (reviews, 2), ([["b", "a"]], 3)):
        counts = Counter(token for tokens in token_lists for token in tokens).items()
        rank = {token: sum((-m, other) < (-n, token) for other, m in counts) for token, n in counts}
        kept = {token: 2 + place for token, place in rank.items() if 2 + place < max_size}
        want = {"<pad>": 0, "<unk>": 1} | kept
        got = f(token_lists, max_size)
        if isinstance(got, dict):
            sentence = f"max_size = {max_size} のとき、辞書の大きさは {len(want)} のはずですが、"
            require(len(got) == len(want), sentence + f"{len(got)} でした。", Stage.SHAPE)
        expect(got, want, {token: f"{token!r} の番号" for token in want})


def check_length_buckets(f):
    """どの番号も一度ずつで、ミニバッチの長さが短い順に並ぶ。同じ長さの文の順は問わない。"""
    cases = (
        ([9, 2, 10, 2, 7, 100, 3, 2, 11, 7], 4),
        ([3, 1, 2], 5),
        ([5, 4, 4, 6], 2),
        ([8, 6, 7], 1),
    )
    for lengths, batch_size in cases:
        order = sorted(lengths)
        want = [order[k : k + batch_size] for k in range(0, len(order), batch_size)]
        got = f(lengths, batch_size)
        require_sizes(got, want)
        found = [index for batch in got for index in batch]
        require_every_index(found, len(lengths))
        expect(
            [sorted(lengths[k] for k in batch) for batch in got], want, "ミニバッチの中の文の長さ"
        )


def require_sizes(got, want):
    """リストのリストで、ミニバッチの大きさが want と同じ。"""
    if not isinstance(got, tuple | list):
        expect(got, want, None)
    require(
        all(isinstance(batch, tuple | list) for batch in got),
        "戻り値は、番号のリストを並べたリストのはずです。",
        Stage.TYPE,
    )
    found, sizes = ([len(batch) for batch in batches] for batches in (got, want))
    sentence = f"ミニバッチの大きさは順に {sizes} のはずですが、{found} でした。"
    require(found == sizes, sentence, Stage.SHAPE)


def require_every_index(found, count):
    """0 から count - 1 までの番号が、ちょうど一度ずつ現れる。"""
    for index in range(count):
        times = sum(index == each for each in found)
        require(times > 0, f"番号 {index} の文が、どのミニバッチにもありません。")
        require(times == 1, f"番号 {index} の文が {times} 回現れます。")


def check_masked_mean(f):
    """値と勾配が、系列を 1 つずつ切り出した平均と一致する。パディングには乱数が入っている。"""
    rng = np.random.default_rng(74)
    for lengths, steps in (((2, 5, 1, 3), 7), ((4, 6, 3), 6), ((1,), 1), ((5, 5), 5)):
        output = normal(rng, len(lengths), steps, 4)
        agree_on(output, partial(masked, f, lengths), means(lengths))


def masked(f, lengths, output):
    """解答を、output だけの関数にする。"""
    return f(output, torch.tensor(lengths))


def means(lengths):
    """系列を 1 つずつ切り出して平均する正解。"""

    def oracle(output):
        rows = zip(output, lengths, strict=True)
        return torch.stack([sum(row[:n].unbind()) / n for row, n in rows])

    return oracle


def agree_on(argument, answer, oracle):
    """値も、argument についての勾配も一致する。"""
    want = oracle(argument)  # 先に求めておけば、解答が lstm を書き換えても分かる
    expect(answer(argument), want, "戻り値 (B, H)")
    agree_gradients(answer, oracle, [argument])


def check_final_states(f):
    """値と勾配が、系列を 1 つずつ読ませたものと一致する。lstm を呼ぶのは一度だけ。"""
    rng = np.random.default_rng(75)
    cases = (((3, 5, 2, 4), 3, 4, 2), ((3, 3, 6), 4, 2, 1), ((4,), 2, 5, 3), ((1, 2, 2), 1, 3, 1))
    for lengths, input_size, hidden_size, layers in cases:
        lstm = normal_lstm(rng, input_size, hidden_size, layers)
        joined = normal(rng, sum(lengths), input_size)
        agree_on(joined, partial(together, f, lstm, lengths), one_by_one(lstm, lengths))
    calls = []
    with lstm.register_forward_hook(lambda *_: calls.append(lstm)):
        together(f, lstm, lengths, joined)
    require(
        len(calls) <= 1,
        f"値は合っていますが、lstm を {len(calls)} 回呼んでいます。"
        "すべての系列をまとめて、一度だけ呼んでください。",
    )


def together(f, lstm, lengths, sequences):
    """解答を、系列をつなげた 1 つのテンソルの関数にする。"""
    return f(lstm, list(sequences.split(lengths)))


def one_by_one(lstm, lengths):
    """系列を 1 つずつ読ませる正解。"""

    def oracle(sequences):
        states = [lstm(each[None])[1][0] for each in sequences.split(lengths)]
        return torch.stack([h_n[-1, 0] for h_n in states])

    return oracle


def normal_lstm(rng, input_size, hidden_size, layers):
    """重みがすべて N(0, 1) の nn.LSTM。勾配は入力についてだけ見る。"""
    lstm = nn.LSTM(input_size, hidden_size, layers, batch_first=True).requires_grad_(False)
    for weight in lstm.parameters():
        weight.copy_(normal(rng, *weight.shape))
    return lstm


EXERCISES = (
    Exercise(
        id="7.1",
        name="pad_batch",
        title="長さをそろえる",
        section="パディングを正しく扱う",
        difficulty=1,
        minutes=10,
        hints=(
            "そろえる長さは max(len(each) for each in sequences) です。"
            "本当の長さは、足す前のリストから測ります。",
            "each + [pad] * (T - len(each)) は、元のリストを変えない、新しいリストです。",
            "整数のリストから torch.tensor(…) で作ったテンソルは、int64 になります。",
        ),
        check=check_pad_batch,
    ),
    Exercise(
        id="7.2",
        name="build_vocabulary",
        title="語彙を作る",
        section="語彙",
        difficulty=2,
        minutes=15,
        hints=(
            "collections.Counter で、すべての文のトークンをまとめて数えます。",
            "回数は大きい順、トークンは小さい順です。"
            "sorted(counts, key=lambda token: (-counts[token], token)) とすると一度に並びます。",
            '["<pad>", "<unk>"] の後ろに、並べたトークンの初めの max_size - 2 個をつなぎ、'
            "enumerate で番号を付けます。",
        ),
        check=check_build_vocabulary,
    ),
    Exercise(
        id="7.3",
        name="length_buckets",
        title="長さの近いものを集める",
        section="データセットと、長さバケツ",
        difficulty=1,
        minutes=10,
        hints=(
            "並べるのは長さでなく、番号 0, 1, …, len(lengths) - 1 です。",
            "sorted(range(len(lengths)), key=lambda index: lengths[index]) が、短い順の番号です。",
            "order[start : start + batch_size] を、start を batch_size ずつ進めて集めます。"
            "スライスは、終わりがリストの外に出ても、あるだけを返します。",
        ),
        check=check_length_buckets,
    ),
    Exercise(
        id="7.4",
        name="masked_mean",
        title="系列の中だけの平均",
        section="読む：埋め込み、双方向の LSTM、注意機構",
        difficulty=2,
        minutes=15,
        hints=(
            "本当の時刻だけを足して、T でなく、それぞれの系列の長さで割ります。",
            "torch.arange(T) < lengths[:, None] が、本当の時刻で True のマスク (B, T) です。",
            "マスクに最後の軸を足して (B, T, 1) にし、output に掛けて時刻の軸で足します。"
            "割る数は lengths[:, None] の (B, 1) です。",
        ),
        check=check_masked_mean,
    ),
    Exercise(
        id="7.5",
        name="final_states",
        title="本当の最終状態",
        section="パッキング",
        difficulty=3,
        minutes=20,
        hints=(
            "パディングを読ませると、短い系列の状態はその間も動きます。"
            "pack_sequence でパッキングすれば、どの系列も自分の終わりで止まります。",
            "長さの順でない系列には、enforce_sorted=False を渡します。"
            "このとき h_n は、自動で元の順に戻ります。",
            "lstm(packed) の戻り値は output, (h_n, c_n) で、h_n は (層の数, B, H) です。"
            "いちばん上の層は h_n[-1]。",
        ),
        check=check_final_states,
    ),
)
