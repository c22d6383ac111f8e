"""「双方向 RNN」の練習。"""

from collections import defaultdict
from functools import partial
from itertools import pairwise, product

import numpy as np
import torch
from torch import nn
from torch.func import functional_call
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from lstm_text import IGNORE
from tests.exercises.engine.cases import expect_single
from tests.exercises.engine.compare import agree_closely, expect, same
from tests.exercises.engine.examine import gradients
from tests.exercises.engine.exercise import Exercise, Incorrect, Kind, Stage, require
from tests.exercises.engine.recurrent import (
    agree_gradients,
    agree_slopes,
    normal,
)

# 長さと、パディングをふくむ時刻の数。全員にパディングがある組も、誰にもない組もある。
# パディングの所には、0 でなく乱数を入れる。
PADDED = (((2, 5, 1, 3), 7), ((4, 6, 3), 6), ((1,), 1), ((5, 5), 5), ((300, 9), 300))


def check_last_states(f):
    """値と勾配が、系列を 1 つずつ見たものと一致する。"""
    rng = np.random.default_rng(52)
    for lengths, steps in PADDED:
        output, oracle = normal(rng, len(lengths), steps, 6), picked(lengths)
        answer = with_lengths(f, lengths)
        # 取り出して並べるだけなので、大きさも型も選ばず、ぴったり一致する。
        for each in (output, 1e30 * output, output.float()):
            expect(answer(each), oracle(each), "戻り値 (B, 2H)")
        agree_gradients(answer, oracle, [output])


def with_lengths(f, lengths):
    """系列だけを引数にした関数。"""
    return lambda x: f(x, torch.tensor(lengths))


def picked(lengths):
    """順方向は長さの最後の時刻、逆方向は最初の時刻を取る正解。"""

    def oracle(output):
        size = output.shape[2] // 2
        forward = [row[n - 1, :size] for row, n in zip(output, lengths, strict=True)]
        return torch.cat([torch.stack(forward), output[:, 0, size:]], dim=1)

    return oracle


def check_backward_states(f):
    """値と勾配が、同じ重みを逆方向に持つ、torch の双方向の層の後半と一致する。"""
    rng = np.random.default_rng(53)
    cases = zip(PADDED_SHORT, (nn.LSTM, nn.RNN, nn.GRU, nn.RNN, nn.GRU), strict=True)
    for (lengths, steps), kind in cases:
        layer = random_layer(kind(3, 4, batch_first=True), rng)
        x = normal(rng, len(lengths), steps, 3)
        answer, oracle = (with_lengths(partial(g, layer), lengths) for g in (f, read_backward))
        got, want = answer(x), oracle(x)
        try:
            expect(got, want, BACKWARD)
        except Incorrect as incorrect:
            if incorrect.stage is Stage.VALUE:
                inside = (torch.arange(steps) < torch.tensor(lengths)[:, None])[:, :, None]
                require(
                    not same(torch.as_tensor(got) * inside, want),
                    "パディングの所は 0 のはずですが、0 でない値があります。"
                    "読む所の出力は合っています。",
                )
            raise
        agree_gradients(answer, oracle, [x])
        agree_weight_gradients(f, read_backward, layer, x, torch.tensor(lengths))
    layer = random_layer(nn.GRU(3, 4, batch_first=True), rng).float()
    x, true = normal(rng, 3, 6, 3).float(), torch.tensor([6, 2, 4])
    expect(f(layer, x, true), read_backward(layer, x, true), BACKWARD)


BACKWARD = "戻り値 (B, T, H)"
# 重みの大きい RNN は、長い系列では丸めを育てるので、短い組だけで確かめる。
PADDED_SHORT = (*PADDED[:4], ((12, 9), 14))


def read_backward(layer, x, lengths):
    """同じ重みの双方向の層に、パッキングした系列を読ませ、逆方向の半分を取る正解。"""
    size = layer.hidden_size
    both = type(layer)(layer.input_size, size, batch_first=True, bidirectional=True)
    weights = dict(layer.named_parameters())
    weights |= {f"{name}_reverse": each for name, each in weights.items()}
    packed = pack_padded_sequence(x, lengths, batch_first=True, enforce_sorted=False)
    output = functional_call(both, weights, (packed,))[0]
    padded, _ = pad_packed_sequence(output, batch_first=True, total_length=x.shape[1])
    return padded[:, :, size:]


# 系列の数、時刻の数、特徴の数、遅れ。遅れが 0 の組も、時刻の数を超える組もある。
DELAYED = ((3, 5, 4, 2), (2, 4, 3, 1), (1, 6, 2, 0), (2, 3, 5, 4), (4, 1, 2, 3))


def check_delay(f):
    """値と勾配が、系列を 1 つずつ作り直したものと一致する。"""
    rng = np.random.default_rng(56)
    for batch, time, size, steps in DELAYED:
        x = normal(rng, batch, time, size)
        tags = torch.from_numpy(rng.integers(0, 9, (batch, time)))
        tags[0, -1] = IGNORE  # 初めから数えないタグも、ほかのタグと同じようにずらす
        names = ("x (B, T + steps, D)", "tags (B, T + steps)")
        expect(f(x, tags, steps), delayed(x, tags, steps), names)
        agree_gradients(*(only_x(g, tags, steps) for g in (f, delayed)), [x])
        expect_single(f, delayed, [x, tags, steps], names)


def only_x(f, tags, steps):
    """延ばした x だけを返す関数。"""
    return lambda x: f(x, tags, steps)[0]


def delayed(x, tags, steps):
    """1 つの系列ずつ、x の後ろに 0 を、タグの前に IGNORE を足す正解。"""
    longer = [torch.cat([row, torch.zeros(steps, row.shape[1])]) for row in x]
    later = [[IGNORE] * steps + row for row in tags.tolist()]
    return torch.stack(longer), torch.tensor(later)


def check_best_window_accuracy(f):
    """起こりうる列をすべて数え上げた結果と、float32 の丸めの範囲で一致する。"""
    rng = np.random.default_rng(54)
    chains = [random_chain(rng, symbols) for symbols in (4, 2, 3)]
    # 起こらない組が混ざっても、条件付き確率の分母が 0 になるだけで、上限は決まる。
    chains += [
        (torch.tensor([0.25, 0.75, 0.0]), torch.tensor([[0.0, 1, 0], [0.5, 0, 0.5], [1, 0, 0]])),
        (torch.tensor([0.5, 0.5]), torch.eye(2)),
        (torch.full((4,), 0.25), torch.full((4, 4), 0.25)),
    ]
    reaches = [(3, 1), (1, 0), (2, 1), (2, 0), (3, 2), (2, 2), (1, 3), (4, 0)]
    for start, move in chains:
        shown = [each.numpy().round(2).tolist() for each in (start, move)]
        table = "start = {}、move = {}（2 桁に丸めたもの）".format(*shown)
        for distance, seen in reaches:
            name = f"{table}、distance = {distance}、seen = {seen} のとき、戻り値"
            got = in_either_dtype(f, start, move, distance, seen)
            agree_closely(got, enumerated(start, move, distance, seen), name)


def in_either_dtype(f, start, move, distance, seen):
    """答えを求める。表の型は決めていないので、float64 で動かない答えには、float32 で渡す。

    数の表を .float() で作った答えは、float32 の move となら掛けられる。
    """
    try:
        return f(start, move, distance, seen)
    except Incorrect:
        return f(start.float(), move.float(), distance, seen)


def random_chain(rng, symbols):
    """初めの記号の確率と、推移の表。"""
    start, move = rng.random(symbols) + 0.1, rng.random((symbols, symbols)) ** 2 + 0.02
    return torch.from_numpy(start / start.sum()), torch.from_numpy(move / move.sum(1)[:, None])


def enumerated(start, move, distance, seen):
    """長さ distance + 1 の列をすべて並べ、見える部分ごとに、多いほうのタグの確率を足す。"""
    first, step = start.tolist(), move.tolist()
    weight = defaultdict(lambda: [0.0, 0.0])
    for row in product(range(len(first)), repeat=distance + 1):
        p = first[row[0]]
        for now, after in pairwise(row):
            p *= step[now][after]
        weight[row[: seen + 1]][row[-1] > row[0]] += p
    return sum(max(tags) for tags in weight.values())


def check_cloze_states(f):
    """値と勾配が、語を 1 つずつ抜き、その前と後ろを別々に読ませたものと一致する。"""
    rng = np.random.default_rng(55)
    for batch, steps, d, size in ((3, 5, 4, 2), (1, 1, 2, 3), (2, 2, 3, 4), (1, 12, 3, 3)):
        lstm, x = random_lstm(rng, d, size), normal(rng, batch, steps, d)
        lstm.eval()
        lstm.bias_hh_l0.requires_grad_(False)
        answer, oracle = partial(f, lstm), partial(around, lstm)
        try:
            expect(answer(x), oracle(x), CLOZE)
        except Incorrect as incorrect:
            if incorrect.stage is Stage.VALUE:
                require_unread(answer, x)
            raise
        agree_gradients(answer, oracle, [x])
        agree_weight_gradients(f, around, lstm, x)
    lstm = random_lstm(rng, 3, 4).float()
    x = normal(rng, 2, 6, 3).float()
    expect(f(lstm, x), around(lstm, x), CLOZE)


def agree_weight_gradients(f, oracle, layer, *args):
    """固定していないすべての重みについての勾配が一致する。"""
    learned = {name: each for name, each in layer.named_parameters() if each.requires_grad}
    got, want = (gradients(g(layer, *args), list(learned.values())) for g in (f, oracle))
    agree_slopes([f"{type(layer).__name__.lower()}.{name}" for name in learned], got, want)


CLOZE = "戻り値 (B, T, 2H)"


def random_lstm(rng, d, size):
    """重みが標準正規分布の、双方向の nn.LSTM。"""
    return random_layer(nn.LSTM(d, size, batch_first=True, bidirectional=True), rng)


def random_layer(layer, rng):
    """重みを標準正規分布にした ``layer``。"""
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.copy_(normal(rng, *parameter.shape))
    return layer


def around(lstm, x):
    """時刻ごとに、その語を抜いた前の部分と後ろの部分を、初めから読み直す正解。"""
    nothing = x.new_zeros(len(x), lstm.hidden_size)
    rows = []
    for t in range(x.shape[1]):
        before = lstm(x[:, :t])[1][0][0] if t else nothing
        after = lstm(x[:, t + 1 :])[1][0][1] if t + 1 < x.shape[1] else nothing
        rows.append(torch.cat([before, after], dim=1))
    return torch.stack(rows, dim=1)


def require_unread(answer, x):
    """当てるはずの語を読んでいるなら、値の食い違いより先に、そのことを言う。"""
    plain = answer(x)
    for t in range(x.shape[1]):
        changed = x.clone()
        changed[:, t] += 1
        require(
            same(answer(changed)[:, t], plain[:, t]),
            f"x[:, {t}] だけを取り替えると、戻り値の [:, {t}] も変わります。"
            "当てるはずの語を、読んでしまっています。",
        )


EXERCISES = (
    Exercise(
        id="5.1",
        name="last_states",
        title="本当の最後の状態",
        section="パディングがあるとき",
        difficulty=2,
        minutes=15,
        hints=(
            "順方向が最後に読むのは時刻 lengths[b] です（添字は lengths[b] - 1）。"
            "逆方向が最後に読むのは、どの系列でも最初の時刻です。",
            "output[..., :H] が順方向、output[..., H:] が逆方向です。H は output.shape[2] // 2。",
            "系列ごとに違う時刻を取るには、2 つの添字を並べます。"
            "forward[torch.arange(B), lengths - 1] は (B, H) になります。",
        ),
        check=check_last_states,
        kind=Kind.MEND,
    ),
    Exercise(
        id="5.2",
        name="backward_states",
        title="単方向の層で、逆方向の出力を作る",
        section="パディングがあるとき",
        difficulty=2,
        minutes=20,
        hints=(
            "layer は、渡された系列を先頭から読みます。最後の語から読ませるには、何を渡しますか。"
            "出てきた出力は、どの時刻から並んでいますか。",
            "読む前と読んだ後に、2 度反転します。x.flip(1) では、パディングが前に来て、本文より先に"
            "読まれてしまいます。系列ごとに、長さまでだけを反転します。",
            "系列を 1 つずつ見るなら row[:n].flip(0) です。一度に書くなら、時刻 t に置くものの"
            "添字を表 (B, T) にします。t < n なら n - 1 - t、そうでなければ t です（torch.where）。"
            "同じ表で、出力も元に戻せます。",
        ),
        check=check_backward_states,
    ),
    Exercise(
        id="5.3",
        name="delay",
        title="何語か遅れて答える",
        section="過去だけからは、3/4 しか当たらない",
        difficulty=1,
        minutes=15,
        hints=(
            "時刻 t + steps の出力で、時刻 t のタグを答えます。ずらすのはどちらですか。",
            "ずらすのはタグです。前に IGNORE を steps 個足します。x は、そのあいだも読み続けられる"
            "ように、後ろを延ばすだけです。torch.cat でつなぎます。",
            "steps が 1 なら、時刻 t のタグを、次の記号を読んでから答えます。3/4 の課題の上限は、"
            "双方向と同じ 1 になります。",
        ),
        check=check_delay,
    ),
    Exercise(
        id="5.4",
        name="best_window_accuracy",
        title="何語か先まで見えるときの上限",
        section="過去だけからは、3/4 しか当たらない",
        difficulty=3,
        minutes=25,
        hints=(
            "次の記号は今の記号だけで決まる確率で選ばれるので、読んだもののうちで役に立つのは、"
            "今の記号 i と、見えている最後の記号 j だけです。",
            "組 (i, j) の確率は、start[i] に、move の seen 乗の (i, j) 成分を掛けたものです。"
            "そこから残りの distance - seen 回で i より大きい記号に行く確率が、タグ 1 の確率です。"
            "move の何乗かは、要素ごとの累乗でなく、行列の積で求めます。",
            "組ごとに、タグ 1 の確率と 0 の確率の大きいほうを取り、組の確率を掛けて足します。"
            "seen が distance 以上なら、答えがもう見えているので 1 です。",
        ),
        check=check_best_window_accuracy,
        kind=Kind.DERIVE,
    ),
    Exercise(
        id="5.5",
        name="cloze_states",
        title="当てる語を読まない双方向",
        section="穴埋めなら、両側を読んでも答えを見ない",
        difficulty=2,
        minutes=20,
        hints=(
            "output[:, t - 1] の後半は、後ろから x[:, t - 1] までを読んだ状態です。"
            "当てる語 x[:, t] も読んでいます。「次の数字」を当てたときと同じです。"
            "本物の穴には、読む語がありません。",
            "x[:, t] の手前までを読んだ順方向の状態は output[:, t - 1] の前半に、"
            "x[:, t] の次から後ろを読んだ逆方向の状態は output[:, t + 1] の後半にあります。",
            "順方向は 1 つ後ろへ、逆方向は 1 つ前へずらします。空いた端には"
            " torch.zeros_like(forward[:, :1]) を置きます。",
        ),
        check=check_cloze_states,
        kind=Kind.MEND,
    ),
)
