"""「IMDb 感情分析」の練習。"""

import copy
import math
import re
from collections import Counter
from fractions import Fraction
from functools import partial

import numpy as np
import torch
from torch import nn

from tests.exercises.engine.cases import expect_single, single
from tests.exercises.engine.compare import agree_closely, expect, require_kind
from tests.exercises.engine.exercise import Exercise, Kind, Stage, require
from tests.exercises.engine.forbidden import runs_of
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
        ([[6], [1 + t % 5 for t in range(300)], [0] * 40], 0),
    )
    for sequences, *pad in cases:
        longest = max(len(each) for each in sequences)
        fill = pad[0] if pad else 0
        ids = [[each[t] if t < len(each) else fill for t in range(longest)] for each in sequences]
        want = (torch.tensor(ids), torch.tensor([len(each) for each in sequences]))
        expect(f(sequences, *pad), want, names)


def check_encode_splits(f):
    """訓練用の文だけを、回数も文字コードも見た勝ち抜きの順で番号に直したものと一致する。"""
    train = [
        ["the", "movie", "Movie", "was", "good", "good", "good", "good", "zoo"],
        ["was", "bad", "!", "the", "the"],
        [],
        ["apple", "the", "movie", "was", "名作", "bad"],
    ]
    test = [["zoo", "zoo", "zoo", "unseen", "the"], ["unseen", "Movie", "unseen", "good"], []]
    cases = [(train, test, max_size) for max_size in (9, 11, 12, 50, 2)]
    for train, test, max_size in (*cases, ([["b", "a"]], [["a"]], 3)):
        counts = Counter(token for tokens in train for token in tokens).items()
        place = {
            token: sum((-m, other) < (-n, token) for other, m in counts) for token, n in counts
        }
        number = {token: 2 + k for token, k in place.items() if 2 + k < max_size}
        got = f(train, test, max_size)
        require_one_per_token(got, train, test)
        want, names = [], []
        for split, part in (("train", train), ("test", test)):
            want.append([[number.get(token, 1) for token in tokens] for tokens in part])
            names.append(
                [
                    [
                        f"max_size = {max_size} のとき、{split}[{i}] の {token!r} の番号"
                        for token in tokens
                    ]
                    for i, tokens in enumerate(part)
                ]
            )
        expect(got, want, names)


def require_one_per_token(got, train, test):
    """2 つの組で、どちらにも文の数だけリストが並び、それぞれに語の数だけ並ぶ。"""
    pair = " (train の番号, test の番号) の組"
    require_kind(isinstance(got, tuple | list), got, "戻り値", pair)
    sentence = f"戻り値は{pair}のはずですが、{len(got)} 個の値が並んでいます。"
    require(len(got) == 2, sentence, Stage.SHAPE)
    for split, part, rows in zip(("train", "test"), (train, test), got, strict=True):
        require_kind(isinstance(rows, tuple | list), rows, f"{split} の番号", "リストのリスト")
        sentence = f"{split} は {len(part)} 文なのに、番号のリストは {len(rows)} 個です。"
        require(len(rows) == len(part), sentence, Stage.SHAPE)
        for i, (row, tokens) in enumerate(zip(rows, part, strict=True)):
            require_kind(isinstance(row, tuple | list), row, f"{split}[{i}] の番号", "リスト")
            sentence = f"{split}[{i}] は {len(tokens)} 語なのに、番号は {len(row)} 個です。"
            require(len(row) == len(tokens), sentence, Stage.SHAPE)


def check_length_buckets(f):
    """どの番号も一度ずつで、短い順に、升の数が limit を超える手前まで入れてある。"""
    cases = (
        ([11, 9, 12, 3, 3, 13, 3, 7, 10, 8], 28),
        ([3, 1, 2], 50),
        ([5, 4, 4, 6], 12),
        ([8, 6, 7], 8),
        ([3], 3),
        ([6, 1, 5, 2, 4, 3], 12),
        ([1 + 37 * k % 101 for k in range(400)], 640),
    )
    for lengths, limit in cases:
        want, rest = [], sorted(lengths)
        while rest:
            size = max(k for k in range(1, len(rest) + 1) if k * rest[k - 1] <= limit)
            want, rest = [*want, rest[:size]], rest[size:]
        got = f(lengths, limit)
        require_batches(got, want)
        found = [index for batch in got for index in batch]
        require_every_index(found, len(lengths))
        found = [sorted(lengths[k] for k in batch) for batch in got]
        require_limit(found, limit)
        sizes, due = ([len(batch) for batch in batches] for batches in (found, want))
        sentence = f"ミニバッチの大きさは順に {due} のはずですが、{sizes} でした。"
        require(sizes == due, sentence, Stage.SHAPE)
        expect(found, want, "ミニバッチの中の系列の長さ")


def require_batches(got, want):
    """空でないリストを並べたリストである。"""
    if not isinstance(got, tuple | list):
        expect(got, want, None)
    require(
        all(isinstance(batch, tuple | list) for batch in got),
        "戻り値は、番号のリストを並べたリストのはずです。",
        Stage.TYPE,
    )
    require(all(map(len, got)), "空のミニバッチがあります。", Stage.SHAPE)


def require_limit(found, limit):
    """どのミニバッチの升の数も、limit を超えない。"""
    for i, batch in enumerate(found):
        cells = len(batch) * batch[-1]
        sentence = (
            f"{i} 番のミニバッチは、{len(batch)} 件で、いちばん長い系列が {batch[-1]} なので、"
            f"升は {cells} 個です。limit の {limit} を超えます。"
        )
        require(cells <= limit, sentence)


def require_every_index(found, count):
    """0 から count - 1 までの番号が、ちょうど一度ずつ現れる。"""
    for index in range(count):
        times = sum(index == each for each in found)
        require(times > 0, f"番号 {index} の系列が、どのミニバッチにもありません。")
        require(times == 1, f"番号 {index} の系列が {times} 回現れます。")
    require(len(found) == count, f"系列は {count} 件ですが、番号が {len(found)} 個あります。")


def check_masked_mean(f):
    """値と勾配が、系列を 1 つずつ切り出した平均と一致する。パディングには何が入っていてもよい。"""
    rng = np.random.default_rng(74)
    cases = ((2, 5, 1, 3), 7), ((4, 6, 3), 6), ((1,), 1), ((5, 5), 5), ((300, 7), 300)
    for lengths, steps in cases:
        output = normal(rng, len(lengths), steps, 4)
        if steps == 6:  # 本当の時刻の出力が、まるごと 0 のことも、1 つの成分だけ 0 のこともある
            output[0, 1], output[1, 3, 2], output[1, 5] = 0, 0, 0
        agree_on(output, partial(masked, f, lengths), means(lengths))
    agree_on(1e150 * output, partial(masked, f, lengths), means(lengths))
    for beyond in (torch.nan, torch.inf, -torch.inf):
        spoiled = output.clone()
        spoiled[1, 7:] = beyond
        agree_on(spoiled, partial(masked, f, lengths), means(lengths))
    expect_single(partial(masked, f, lengths), means(lengths), [output], "戻り値 (B, H)")


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
    cases = (
        ((3, 5, 2, 4), 3, 4, 2),
        ((3, 3, 6), 4, 2, 1),
        ((4,), 2, 5, 3),
        ((1, 2, 2), 1, 3, 1),
        ((1,), 2, 3, 1),
        ((40, 300, 1, 120), 2, 3, 2),
    )
    for lengths, input_size, hidden_size, layers in cases:
        lstm = normal_lstm(rng, input_size, hidden_size, layers)
        joined = normal(rng, sum(lengths), input_size)
        if len(lengths) == 3:  # 系列の途中と終わりに、0 だけの入力もある
            joined[[1, -1]] = 0
        agree_on(joined, partial(together, f, lstm, lengths), one_by_one(lstm, lengths))
    want = one_by_one(lstm, lengths)(joined)
    small = copy.deepcopy(lstm).float()
    expect(together(f, small, lengths, single(joined)), single(want), "戻り値 (B, H)")
    with runs_of(nn.LSTM) as runs:
        together(f, lstm, lengths, joined)
    require(
        len(runs) <= 1,
        f"値は合っていますが、lstm を {len(runs)} 回走らせています。"
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


def check_paired_p_value(f):
    """硬貨の裏表を残らず数えた確率と一致する。小さな p 値も、桁まで比べる。"""
    rng = np.random.default_rng(76)
    cases = (  # どちらも当てた、first だけ、second だけ、どちらも外した
        (4, 5, 1, 2),
        (3, 2, 7, 1),
        (0, 3, 3, 2),
        (1, 4, 3, 0),
        (5, 0, 0, 3),
        (0, 1, 0, 0),
        (0, 0, 9, 0),
        (40, 0, 20, 7),
        (600, 1000, 1030, 200),
        (2000, 700, 1200, 300),
    )
    for counts in cases:
        kinds = np.repeat([(True, True), (True, False), (False, True), (False, False)], counts, 0)
        first, second = torch.from_numpy(rng.permutation(kinds).T.copy())
        _, only_first, only_second, _ = counts
        name = f"first だけが {only_first} 件、second だけが {only_second} 件を当てたときの p 値"
        agree_closely(f(first, second), coins(only_first, only_second), name)


def coins(only_first, only_second):
    """同じか、もっと偏った裏表の並びの割合。"""
    n, gap = only_first + only_second, abs(only_first - only_second)
    return float(
        Fraction(sum(math.comb(n, k) for k in range(n + 1) if abs(2 * k - n) >= gap), 2**n)
    )


def check_best_temperature(f):
    """損失の傾きが 0 になる温度と、6 桁まで一致する。"""
    rng = np.random.default_rng(77)
    logits = 3 * normal(rng, 400)
    noisy = (logits / 2 + normal(rng, 400) > 0).double()
    cases = (
        (torch.tensor([1.3, 1.3, -1.3, 1.3]), torch.tensor([1.0, 1, 0, 0])),  # σ(1.3 / T) = 3 / 4
        (logits, noisy),
        (torch.tensor([3.0, -1]), torch.ones(2)),
        (0.02 * logits, noisy),
        (100 * logits, noisy),
        (logits + 1, noisy),
        (torch.tensor([650.0, 650, -650, 650]), torch.tensor([1.0, 1, 0, 0])),  # T は 500 を超える
        (torch.tensor([0.0026, 0.0026, -0.0026, 0.0026]), torch.tensor([1.0, 1, 0, 0])),
    )
    for each, labels in cases:
        name = f"z の絶対値の平均が {float(each.abs().mean()):.3g} の {len(each)} 件での T"
        agree_closely(f(each, labels), flattest(each, labels), name, 5e-6)  # 6 桁への丸めまで
    got = f(single(logits), single(noisy))
    agree_closely(got, flattest(logits, noisy), "float32 のロジットでの T", 1e-3)


def flattest(logits, labels):
    """1/T について下に凸な損失の傾きの、符号の変わる所。"""
    low, high = 1e-4, 1e4
    for _ in range(100):
        middle = (low + high) / 2 if high - low < low else math.sqrt(low * high)
        slope = ((torch.sigmoid(logits.double() * middle) - labels) * logits).sum()
        low, high = (middle, high) if slope < 0 else (low, middle)
    return 1 / middle


def check_blind_pair(f):
    """隣り合う語の組を n 語まで残らず数えても、2 つの文は同じで、評価だけが違う。"""
    shortest, *_ = [agree_on_blindness(f, n) for n in (1, 3, 2, 4, 7, 40)]
    # いつも同じ文を返す答えは、n が文の長さなら、文そのものが n 語の組になって見分けられる。
    agree_on_blindness(f, max(500, shortest))


def agree_on_blindness(f, n):
    """評価の語も、n 語までの組も、約束のとおりである。肯定の文の長さを返す。"""
    pair = f(n)
    fits = isinstance(pair, tuple | list) and len(pair) == 2
    require_kind(fits, pair, "戻り値", " (肯定の文, 否定の文) の組")
    for tokens, label, name in zip(pair, ("good", "bad"), ("肯定", "否定"), strict=True):
        require_tokens(tokens, f"n = {n} のとき、{name}の文")
        opinions = [token for token in tokens if token in ("good", "bad")]
        require(
            opinions[-1:] == [label],
            f"n = {n} のとき、{name}の文で最後に現れる評価の語は {label!r} のはずですが、"
            + (f"{opinions[-1]!r} でした。" if opinions else "評価の語がありません。"),
        )
    require_same_windows(pair, n)
    return len(pair[0])


def require_tokens(tokens, name):
    """str のリストである。"""
    require(
        isinstance(tokens, tuple | list) and all(isinstance(token, str) for token in tokens),
        f"{name}は、トークン（str）のリストのはずです。",
        Stage.TYPE,
    )


def require_same_windows(pair, n):
    """隣り合う k 語の組が、1 から n までのどの k でも、同じだけ現れる。

    k 語の組は、初めの k - 1 語の組の番号と、最後の語の番号で表す。n が大きくても、すぐ数え終わる。
    """
    number = {token: i for i, token in enumerate(dict.fromkeys([*pair[0], *pair[1]]))}
    words = [np.array([number[token] for token in tokens]) for tokens in pair]
    windows = [np.zeros_like(each) for each in words]  # 0 語の組
    for k in range(1, min(n, max(map(len, words))) + 1):
        lasts = [each[k - 1 :] for each in words]
        windows = [
            head[: len(last)] * len(number) + last
            for head, last in zip(windows, lasts, strict=True)
        ]
        _, ids = np.unique(np.concatenate(windows), return_inverse=True)
        windows = np.split(ids, [len(windows[0])])
        counts = np.array([np.bincount(each, minlength=ids.max() + 1) for each in windows])
        for tokens, each in zip(pair, windows, strict=True):
            for start in np.flatnonzero(counts[0, each] != counts[1, each])[:1]:
                shown = shortened(tokens[start : start + k])
                positive, negative = counts[:, each[start]]
                sentence = (
                    f"n = {n} のとき、{k} 語の組「{shown}」が、"
                    f"肯定の文に {positive} 回、否定の文に {negative} 回現れます。"
                )
                require(False, sentence)


def shortened(window):
    """長い組は、両端だけにする。"""
    return " ".join(window if len(window) < 8 else (*window[:3], "…", *window[-3:]))


NEGATIONS = ("not", "never")
MOST = 6


class Suspect:
    """4 つの答え方の 1 つ。知っている否定の語のほかは読み飛ばす。尋ねられた文を覚えている。"""

    def __init__(self, kind, known):
        self._kind, self._known = kind, known
        self.asked = []

    def __call__(self, text):
        words = words_of(text)
        sentence = f"尋ねてよいのは {MOST} 文までです。{MOST + 1} 文めを尋ねました。"
        require(len(self.asked) < MOST, sentence)
        self.asked.append((words, reply(self._kind, self._known, words)))
        return self.asked[-1][1]


def words_of(text):
    """文を、小文字の語に分ける。評価の語は 1 つだけ。"""
    sentence = f"answer に渡すのは、文字列（str）の文です。{type(text).__name__} を渡しています。"
    require(isinstance(text, str), sentence, Stage.RUN)
    words = re.findall(r"[a-z']+", text.lower())
    count = sum(word in ("good", "bad") for word in words)
    sentence = f"文には good か bad を 1 つだけ入れます。「{text[:60]}」には {count} 個あります。"
    require(count == 1, sentence, Stage.RUN)
    return words


def reply(kind, known, words):
    """その答え方なら、肯定と答えるか。"""
    place = next(i for i, word in enumerate(words) if word in ("good", "bad"))
    good = words[place] == "good"
    count = sum(word in known for word in words)
    if kind == "A":
        return good
    if kind == "B":
        return good and count == 0
    if kind == "C":
        return good != any(word in known for word in words[max(0, place - 2) : place])
    return good != (count % 2 == 1)


KNOWLEDGE = (("not",), ("never",), NEGATIONS)


def check_unmask(f):
    """4 つの答え方と、知っている否定の語の 3 通りを、残らず言い当てる。同じ相手にも 2 度会う。"""
    rng = np.random.default_rng(78)
    cases = [(kind, known) for kind in "ABCD" for known in KNOWLEDGE] * 2
    cases = [cases[k] for k in rng.permutation(len(cases))]
    suspects = [Suspect(*case) for case in cases]
    found = [f(suspect) for suspect in suspects]  # 先に全員に会うと、誤りを見分けられる
    for got in found:
        require_kind(isinstance(got, str), got, "戻り値", "文字列 A、B、C、D のどれか")
        require(got in set("ABCD"), f'戻り値は "A" から "D" のはずですが、{got!r} でした。')
    for (kind, known), suspect, got in zip(cases, suspects, found, strict=True):
        require(got == kind, mistaken(kind, known, suspect.asked, got))


def mistaken(kind, known, asked, got):
    """取り違えた相手と、尋ねた文では分けられなかったのか、読み違えたのか。"""
    who = f"{kind}（知っている否定の語は {' と '.join(known)}）を、{got} としています。"
    fits = any(
        all(reply(got, words_known, words) == heard for words, heard in asked)
        for words_known in KNOWLEDGE
    )
    if fits:
        return f"{who}尋ねた {len(asked)} 文には、{got} も同じに答えることがあります。"
    return f"{who}{got} なら、尋ねた文のどれかに、違う答えを返します。"


EXERCISES = (
    Exercise(
        id="7.1",
        name="pad_batch",
        title="長さをそろえる",
        section="パディングを正しく扱う",
        difficulty=1,
        minutes=10,
        hints=(
            "このコードは、文の長さを、何を数えて求めているでしょうか。"
            "その数え方と、本当の長さが食い違う文を探します。",
            "ids の 1 行だけを見て、どこまでが文か、いつもわかるでしょうか。"
            "pad が 0 で、[3, 0] と [3] を一緒にそろえてみます。",
            "長さは、そろえる前に決まっています。",
        ),
        check=check_pad_batch,
        kind=Kind.MEND,
    ),
    Exercise(
        id="7.2",
        name="encode_splits",
        title="語彙を作り、番号に直す",
        section="語彙",
        difficulty=2,
        minutes=15,
        hints=(
            "誤りは 2 つあります。1 つは、数える文の選び方です。テスト用の文にしか現れない語は、"
            "訓練のときには知りようがありません。",
            "もう 1 つは、語彙にない語の番号です。0 番はパディングで、ほかの語と分けておきます。",
        ),
        check=check_encode_splits,
        kind=Kind.MEND,
    ),
    Exercise(
        id="7.3",
        name="length_buckets",
        title="升の数で区切る",
        section="データセットと、長さバケツ",
        difficulty=2,
        minutes=15,
        hints=(
            "長さ 2、3、9 の系列を 1 つのミニバッチにすると、升はいくつになるでしょうか。"
            "長さの和の 14 ではありません。",
            "升の数は、件数 × いちばん長い系列の長さです。短い順に入れていくので、"
            "いちばん長いのは、いつも、いま入れようとしている系列です。",
            "いま入れようとしている系列も、件数に数えます。",
        ),
        check=check_length_buckets,
        kind=Kind.MEND,
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
            "0 × nan は nan なので、マスクを掛けるだけでは足りません。masked_fill か torch.where で"
            "パディングの所を 0 に置き換えてから、時刻の軸で足します。",
        ),
        check=check_masked_mean,
    ),
    Exercise(
        id="7.5",
        name="final_states",
        title="本当の最終状態",
        section="パッキング",
        difficulty=2,
        minutes=20,
        hints=(
            "長い順に並べてパッキングするところまでは、正しく動いています。戻し方を疑います。",
            "4 つの系列を order = [1, 3, 0, 2] の順に並べました。元の 0 番は、並べたあとの何番めに"
            "あるでしょうか。h_n[-1][order] の 0 番めは、並べたあとの 1 番めです。",
            "並べ替えを元に戻すのは、逆の並べ替え torch.tensor(order).argsort() です。あるいは、"
            "pack_sequence に enforce_sorted=False を渡せば、並べ替えも戻すのも任せられます。",
        ),
        check=check_final_states,
        kind=Kind.MEND,
    ),
    Exercise(
        id="7.6",
        name="paired_p_value",
        title="片方だけが当てたレビュー",
        section="語順をほとんど見ない比べ相手",
        difficulty=2,
        minutes=25,
        hints=(
            "片方だけが当てたレビューが n 件あれば、裏表の並びは 2 の n 乗通りで、"
            "どれも同じ確率です。そのうち表が k 回のものは math.comb(n, k) 通りです。",
            "裏表は半々なので、多いほうへの偏りと少ないほうへの偏りは、同じ確率です。"
            "片側を 2 倍します。ちょうど半分ずつのときは、2 倍すると 1 を超えます。",
            "2.0 ** n は n = 1024 であふれ、0.5 ** n は n = 1075 で 0 になります。Python の整数は"
            "あふれません。整数のまま足してから、整数どうしで割ります。",
        ),
        check=check_paired_p_value,
        kind=Kind.DERIVE,
    ),
    Exercise(
        id="7.7",
        name="blind_pair",
        title="n 語の組では読めない 2 つの文",
        section="治す：否定が答えを決める文を混ぜる",
        difficulty=2,
        minutes=20,
        hints=(
            "n = 1 なら、good bad と bad good です。語は同じで、最後の評価の語だけが違います。",
            "good と bad が、同じ n 語の組に一緒に入らなければ、どちらが先かは組からわかりません。"
            "あいだに、評価でない語をはさみます。",
            "文の端では、組が途中で切れます。good の前後にも bad の前後にも同じ語が同じだけあれば、"
            "2 つを入れ替えても、組の数は変わりません。",
        ),
        check=check_blind_pair,
        kind=Kind.DESIGN,
    ),
    Exercise(
        id="7.8",
        name="unmask",
        title="モデルを尋問する",
        section="あいだを、レビューの言葉で埋める",
        difficulty=2,
        minutes=20,
        hints=(
            "not good に否定と答えるのは、B でも、C でも、D でもあります。"
            "同じ所に not を入れた bad の文と、対で尋ねます。",
            "C と D は、否定の語が遠くにあるか、2 つあるときに分かれます。"
            "その文に C と D が何と答えるかを、先に書き出しておきます。",
            "not を知らないモデルは、not の入ったどの文にも、A と同じに答えます。A と決めるのは、"
            "never でも尋ねてからです。答えを動かす語が 1 つ見つかれば、あとはその語で足ります。",
        ),
        check=check_unmask,
        kind=Kind.DESIGN,
    ),
    Exercise(
        id="7.9",
        name="best_temperature",
        title="いちばんよい温度",
        section="確信度を信じてよいか",
        difficulty=3,
        minutes=30,
        hints=(
            "1 件の損失 log(1 + exp(z / T)) - y z / T を、T で微分します。"
            "平均した傾きが 0 になる T を探します。",
            "傾きの符号は、z (y - sigmoid(z / T)) の平均の符号と同じです。"
            "T が小さすぎれば負、大きすぎれば正です。",
            "0.001 と 1000 のあいだを、比で半分に分けていきます。middle = sqrt(low * high) での"
            "傾きの符号を見て、残すほうを選びます。50 回も分ければ足ります。",
        ),
        check=check_best_temperature,
        kind=Kind.DERIVE,
    ),
)
