"""「主張と検証」の答え。raise の行を消して、あなたのコードを書いてください。

確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=10.1`）。
"""

import math
import statistics  # noqa: F401


def success_interval(successes, n):
    """練習 10.1: 成功率の区間。

    n 回（1 以上）のうち successes 回成功したときの、成功率の Wilson の区間。
    下端と上端の組 (low, high) を float で返す。z = 1.96 とする。
    計算上 0 より小さくなったら 0、1 より大きくなったら 1 に直す。
    下のコードは、10 回とも成功すると、区間の幅が 0 になってしまう。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください
    p, z = successes / n, 1.96
    half = z * math.sqrt(p * (1 - p) / n)
    return max(0.0, p - half), min(1.0, p + half)


def sign_test(first, second):
    """練習 10.2: 種ごとの差を検定する。

    first と second は、2 つのモデルの種ごとの成績（float）のリスト。長さは同じで、種の順も同じ。
    成績が等しい種は除く。残りの n 個の種で、勝ち負けが 1 つずつ五分五分に決まるとしたとき、
    実際と同じか、それよりも五分五分から離れた勝敗になる確率（両側）を float で返す。
    n = 0 なら 1.0 を返す。種は何千個でもよい。小さな確率も桁まで正しく。
    """
    raise NotImplementedError


def time_ratio(bench, warmup, rounds):
    """練習 10.3: 時間の比の測り方。

    bench.a() と bench.b() は、2 つの層を 1 回ずつ動かす。bench.clock() は、今の時刻（秒）を返す。
    はじめの何回かは準備の時間が混じる。計算機は、途中で遅くなったり、1 回だけ待たされたりする。
    それでも動かない比を返す。warmup は、どちらも測らずに動かしておく回数。rounds は測る組の数で、
    1 組は a と b を 1 回ずつ。組ごとの「a の時間 / b の時間」の中央値を float で返す。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください
    start = bench.clock()
    for _ in range(rounds):
        bench.a()
    middle = bench.clock()
    for _ in range(rounds):
        bench.b()
    return (middle - start) / (bench.clock() - middle)


def sign_test_power(n, win, alpha):
    """練習 10.4: 種をいくつ使えば、差を見つけられるか。

    n 個（1 以上）の種のそれぞれで、1 つめのモデルが確率 win で勝ち、そうでなければ負ける
    （引き分けはなく、種どうしは独立）。練習 10.2 の検定の確率（両側）が alpha 以下なら
    「差がある」と言うことにする。「差がある」と言う確率（検出力）を float で返す。n は 100 を超える
    こともある。
    例：n = 10、win = 0.8、alpha = 0.05 なら、およそ 0.376。
    """
    raise NotImplementedError


def my_question():
    """練習 10.5: 自分の問いを 1 つ、測って報告する。

    次の 5 つのキーを持つ辞書を返す。数は、自分で測ったものを書き写しても、ここで測ってもよい
    （確かめは 10 秒で打ち切られる。延ばすなら pytest --answers answers --seconds 60）。

    question  問い。「…か。」で終わる文
    fixed     そろえた条件の名前から値への辞書（学習率、更新の回数、データなど）。1 つ以上
    seeds     使った種（整数）のリスト。3 つ以上で、どれも違う
    values    比べた条件の名前から、種ごとの結果のリスト（種と同じ順、同じ数）への辞書。2 つ以上
              数にならなかった種（発散した、上限までに届かなかった）は None
    answer    問いへの答え。測った数を 1 つ以上入れた文。None があれば、その数も。種を変えても結果が
              少しも変わらなければ、「どの種でも同じ」とも書く
    """
    raise NotImplementedError
