"""「主張と検証」の答え。raise の行を消して、あなたのコードを書いてください。

確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=10.1`）。
"""

import math  # noqa: F401
import statistics  # noqa: F401


def coverage(interval, n, chance):
    """練習 10.1: 95 % の区間は、95 % 当たるか。

    interval(successes, n) は、n 回のうち successes 回成功したときの区間 (low, high) を返す関数。
    本当の成功率が chance のとき、n 回試して区間を作ることを何度も繰り返すと、区間が chance を含む
    割合はいくつになるか。乱数を使わずに求め、float で返す。low か high が chance とちょうど
    等しければ、含むとみなす。n は 1 以上 1,000 以下、chance は 0 以上 1 以下。
    例：interval が、いつも (0.4, 0.6) を返すなら、chance = 0.5 で 1.0、chance = 0.7 で 0.0。
    """
    raise NotImplementedError


def sign_flip_test(first, second):
    """練習 10.2: 勝敗だけでなく、差の大きさも。

    first と second は、2 つのモデルが当てた件数（int、0 以上 25,000 以下）の、種ごとのリスト。
    長さ n は同じで、種の順も同じ。n は 0 以上 60 以下。どの種でも、2 つの差は 300 件以下。
    種ごとの差 first[i] - second[i] に、1 か -1 を 1 つずつ掛ける 2^n 通りのうち、差の合計の
    絶対値が、実際の合計の絶対値以上になるものの割合を float で返す。
    小さな割合も桁まで正しく。種が多くても、何秒もかからずに返す。
    例：first = [7, 9, 4]、second = [5, 8, 4] なら 0.5（差 2、1、0 の 8 通りのうち、合計が
    3 か -3 になるのは 4 通り）。
    """
    raise NotImplementedError


def time_ratio(bench, warmup, rounds):
    """練習 10.3: 時間の比の測り方。

    bench.a() と bench.b() は、2 つの層を 1 回ずつ動かす。bench.clock() は、今の時刻（秒）を返す。
    はじめの何回かは準備の時間が混じる。計算機は、途中で遅くなったり、1 回だけ待たされたりする。
    それでも動かない比を返す。測る前に、a と b をそれぞれ warmup 回、時計を見ずに動かす。
    rounds は測る組の数で、1 組は a と b を 1 回ずつ。
    組ごとの「a の時間 / b の時間」の中央値を float で返す。
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
    （引き分けはなく、種どうしは独立）。勝ちの数を硬貨の表の数と比べた確率（練習 7.6 の、正確な
    両側の p 値）が alpha 以下なら、「差がある」と言うことにする（ちょうど alpha でも言う）。
    「差がある」と言う確率（検出力）を float で返す。n は 200 以下。
    例：n = 10、win = 0.8、alpha = 0.05 なら、およそ 0.376。
    """
    raise NotImplementedError


def my_question():
    """練習 10.5: 自分の問いを 1 つ、測って報告する。

    初めの 15 分は、本の記録で形に慣れる。records.read("clipping", "book/records") の
    values(contest="adding", model="LSTM", lr=0.01, clip=None)["score"] と、clip=1.0 のものが、
    60 の種の誤差。1/12 より大きい（または None の）種を 1、ほかを 0 とし、「しないほうが、外れる
    種が 20 ポイント以上多い」を判定する。それから、自分の問いに替える。records は lstm_text の中。

    次の 8 つのキーを持つ辞書を返す。数は、自分で測ったものを書き写しても、ここで測ってもよい
    （確かめは 10 秒で打ち切られる。延ばすなら pytest --answers answers --seconds 60）。

    question   問い。「…か。」で終わる文
    fixed      そろえた条件の名前から値への辞書（学習率、更新の回数、データなど）。1 つ以上
    bound      境目。測る前に決める。0 以上
    seeds      使った種（整数）のリスト。6 つ以上で、どれも違う
    values     比べた条件の名前から、種ごとの結果のリスト（種と同じ順、同じ数）への辞書。2 つ以上
    compared   そのうちの 2 つの名前の組 (a, b)。「a は b より、境目を超えて大きい」という主張を試す
    judgement  その主張への判断。"支持"、"反証"、"保留" のどれか。a - b の 95 % 区間を境目と比べる。
               区間は、種ごとの差の平均から作る（lstm_text.records.mean_interval）。
               結果が 1 と 0 だけなら、割合の差から作る（lstm_text.records.rate_difference）。
               どちらも、ふつうの数（float と int）で渡す。比を問うなら、対数をとって差にする
    answer     問いへの答え。測った数を、算用数字で 1 つ以上入れた文（条件の名前、境目、そろえた
               条件、種の番号の中の数は、別）。
               種を変えても結果が少しも変わらなければ、「どの種でも同じ」とも書く

    数にならなかった種（発散した、上限までに届かなかった）は None とし、いくつあったかを、算用数字で
    answer に書く。
    compared の 2 つに None は入れられない。届いたかどうかを比べるなら、1 と 0 にする。
    """
    raise NotImplementedError
