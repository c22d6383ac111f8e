"""「IMDb 感情分析」の答え。raise の行を消して、あなたのコードを書いてください。

B は文の数、T はいちばん長い文の長さ、D は入力の次元、H は隠れ状態の次元です。
確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=7.1`）。
"""

from collections import Counter

import torch
from torch.nn.utils.rnn import pack_sequence


def pad_batch(sequences, pad=0):
    """練習 7.1: 長さをそろえる。

    sequences は番号（int）のリストを B 個並べたリスト。長さはまちまちで、どれも 1 以上。
    短い文の後ろに番号 pad を足して長さをそろえた ids (B, T) と、元の長さ lengths (B,) の組を返す。
    どちらも int64 のテンソル。番号も pad も、どんな整数でもよい。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください
    longest = max(len(each) for each in sequences)
    ids = torch.tensor([each + [pad] * (longest - len(each)) for each in sequences])
    lengths = (ids != pad).sum(dim=1)
    return ids, lengths


def encode_splits(train, test, max_size):
    """練習 7.2: 語彙を作り、番号に直す。

    train と test は、文ごとのトークン（str）のリスト。語彙を 1 つ作り、どちらの文も番号に直して、
    (train の番号, test の番号) の組を返す。どちらも、文ごとの番号（int）のリスト。
    番号 0 はパディング、1 は語彙にないトークン。2 からは、訓練用の文での出現回数が多い順で、
    同じ回数なら文字コード順（sorted の順）。
    max_size（2 以上）は、0 と 1 もふくめた、番号の数の上限。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください
    counts = Counter(token for tokens in train + test for token in tokens)
    by_frequency = sorted(counts, key=lambda token: (-counts[token], token))
    number = {token: index for index, token in enumerate(by_frequency[: max_size - 2], start=2)}
    return [
        [[number.get(token, 0) for token in tokens] for tokens in part] for part in (train, test)
    ]


def length_buckets(lengths, limit):
    """練習 7.3: 升の数で区切る。

    lengths は系列の長さ（int）のリスト。系列の番号（0 から）を長さの短い順に並べ
    （同じ長さどうしの順は問わない）、前から順に、ミニバッチに入れていく。
    そろえたあとの升の数 B × T（パディングも数える）が limit を超えるなら、次のミニバッチにする。
    番号のリストのリストを返す。どの系列の長さも、1 以上 limit 以下。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください
    batches = [[]]
    for index in sorted(range(len(lengths)), key=lambda index: lengths[index]):
        if sum(lengths[each] for each in batches[-1]) + lengths[index] > limit:
            batches.append([])
        batches[-1].append(index)
    return batches


def masked_mean(output, lengths):
    """練習 7.4: 系列の中だけの平均。

    output (B, T, H) は、パディングした系列についての再帰層の出力。
    lengths (B,) は本当の長さ（int64、1 以上 T 以下）。
    本当の時刻だけについての、output の平均 (B, H) を返す。
    パディングの所には、どんな値でも（nan や inf でも）入っているかもしれない。
    """
    raise NotImplementedError


def final_states(lstm, sequences):
    """練習 7.5: 本当の最終状態。

    lstm は、batch_first=True で作った単方向の nn.LSTM（何層でもよい）。
    sequences は系列 (T_b, D) を B 個並べたリスト。長さはまちまちで、どれも 1 以上。
    すべての系列をまとめて lstm を一度だけ呼び、いちばん上の層の最後の隠れ状態を、sequences の
    順に並べた (B, H) を返す。どの系列も、それだけを 0 の初期状態から読ませたときと同じになること。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください
    order = sorted(range(len(sequences)), key=lambda b: -len(sequences[b]))  # 長い順
    packed = pack_sequence([sequences[b] for b in order])
    _, (h_n, _) = lstm(packed)
    return h_n[-1][order]  # 元の順に戻す


def paired_p_value(first, second):
    """練習 7.6: 片方だけが当てたレビュー。

    first と second (n,) は、同じ n 件のレビューへの、2 つのモデルの当たり外れ（bool）。
    片方だけが当てたレビューのうち、first が当てたものの数を、表と裏が半々の硬貨の、表の数と比べる。
    これと同じか、もっと偏った数が、多いほうか少ないほうに出る確率（正確な両側の p 値）を返す。
    片方だけが当てたレビューがなければ 1。n は何千件でもよい。
    """
    raise NotImplementedError


def blind_pair(n):
    """練習 7.7: n 語の組では読めない 2 つの文。

    最後に現れる評価の語が "good" なら肯定、"bad" なら否定、という言葉を考える。
    肯定の文と否定の文の組を返す。どちらもトークン（str）のリストで、評価の語のほかに、好きな語を使える。
    k = 1, …, n のどれについても、隣り合う k 語の組が、2 つの文に同じものが同じ数だけ現れること。
    n は 1 以上の整数。
    """
    raise NotImplementedError


def unmask(answer):
    """練習 7.8: モデルを尋問する。

    answer(文) は、文（str）を読んで、肯定なら True、否定なら False を返す。文には、評価の語
    "good" か "bad" を、どちらか 1 つだけ入れる。ほかの語は好きに使えるが、"not" と "never" のほかは
    読み飛ばされる。答え方は、次のどれか。「否定の語」は、"not" と "never" のうち、その answer が
    知っている片方か両方で、知らないほうは読み飛ばす。
    A：評価の語だけで答える。
    B：否定の語が 1 つでもあれば、いつも否定と答える。なければ A と同じ。
    C：評価の語の前の 2 語までに否定の語があれば、1 度だけ裏返す。
    D：文のどこにあっても、否定の語の数が奇数なら裏返す。
    6 文までを尋ねて、"A"、"B"、"C"、"D" のどれかを返す。
    """
    raise NotImplementedError


def best_temperature(logits, labels):
    """練習 7.9: いちばんよい温度。

    logits (n,) はロジット z、labels (n,) は正解 y（0.0 か 1.0）。ロジットを温度 T（正の数）で割った
    ときの交差エントロピーの平均を、いちばん小さくする T を、有効数字 6 桁まで正しく返す（float）。
    当たりと外れの両方があり、T は 0.001 と 1000 のあいだに、ただ 1 つある。
    """
    raise NotImplementedError
