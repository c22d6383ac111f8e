"""「使い分けと実践」の答え。raise の行を消して、あなたのコードを書いてください。

B は系列の数、T は系列長、D は特徴の次元です。
確かめるには、プロジェクトの一番上で `make check`（1 題だけなら `make check EX=9.1`）。
"""

import math  # noqa: F401

import torch


def my_choice():
    """練習 9.1: 自分の課題で、モデルを 1 つ選んで報告する。

    次の 6 つのキーを持つ辞書を返す。数は、自分で測ったものを書き写しても、ここで測ってもよい
    （確かめは 10 秒で打ち切られる。延ばすなら pytest --answers answers --seconds 60）。

    task      何に答える課題か。1 文
    seeds     使った種（整数）のリスト。3 つ以上で、どれも違う
    measured  候補の名前から、種ごとの成績と費用への辞書。2 つ以上。1 つは、系列を読まない相手
              {"LSTM": {"score": […], "cost": […]}, "語の数": {…}}
              score は大きいほど良い数（検証のデータで測る）、cost は秒などの正の数。
              どちらも、種と同じ順、同じ数
    limit     費用の上限。選ぶ候補は、どの種でも、これを超えない
    choice    選んだ候補の名前
    reason    選んだ理由。measured か、テストで測った数を、算用数字で 1 つ以上入れた文。
              選んだ 1 つのテストの数も、「テスト」の言葉の後に書く。
              種を変えても成績が少しも変わらなければ、「どの種でも同じ」とも書く
    """
    raise NotImplementedError


def same_distance(total, warmup, base):
    """練習 9.2: 歩く距離をそろえる。

    更新の番号 step = 0, 1, …, total - 1 の学習率（float）を並べた、長さ total のリストを返す。
    total と warmup は整数で、warmup は 0 以上、total より小さい。base は正の数。
    step が 0 から warmup までは、0 から頂点まで、まっすぐ上がる（warmup が 0 なら頂点から始まる）。
    その後は、余弦（cos の半周期）に沿ってなめらかに下がり、ちょうど step = total で 0 になる。
    頂点の高さは、学習率の和が base * total になるように、あなたが決める。
    """
    raise NotImplementedError


def locked_dropout(x, p, training, rng):
    """練習 9.3: 時刻で変わらないドロップアウト。

    x は (B, T, D)、p は 0 以上 1 未満の落とす確率。training は、訓練中なら True、評価のときは
    False。rng は乱数の元（np.random.Generator）。固定マスクにするほかは、nn.Dropout と同じ約束。
    直す前に、期待値が nn.Dropout と同じか、評価のときに何もしないか、どの時刻も同じかの、
    3 つの検査を書いて、下のコードに試す。
    """
    raise NotImplementedError  # この行を消し、下の誤りを直してください
    steps = []
    for x_t in x.unbind(dim=1):
        keep = torch.from_numpy(rng.random(x_t.shape) >= p)
        steps.append(x_t * keep)
    return torch.stack(steps, dim=1)


def best_epoch(val_losses, patience, min_delta):
    """練習 9.4: 早期終了。

    val_losses は、エポックごとの検証の損失（float）のリスト。patience は 1 以上の整数、
    min_delta は 0 以上の数。初めの損失は数で、その後には、発散した nan が混じることがある。
    前から順に見て、最後に改善した損失（まだなければ、初めの損失）より、min_delta を超えて
    小さくなったら改善とみなす（差がちょうど min_delta なら改善ではない。nan も改善ではない）。
    patience 回続けて改善しなかったら、そのエポックで打ち切り、その先は見ない。
    最後に改善したエポック（なければ 0）と、最後に見たエポックの組を返す。
    どちらも番号（0 から数えた int）。打ち切られなければ、最後に見たのは len(val_losses) - 1。
    """
    raise NotImplementedError


def averaged_weights(history, decay):
    """練習 9.5: 重みの指数移動平均。

    history は、更新するごとの重みを並べた (n, N)（n は 1 以上）。decay は 0 以上 1 未満の数。
    平均は 0 から始め、更新のたびに decay 倍し、新しい重みを (1 - decay) 倍して足す。
    0 から始めたぶん、平均は 0 に寄る。更新ごとに 1 つの数で割って直し、並べた (n, N) を返す。
    重みがずっと同じなら、直した平均も、1 回めからその重みに等しい。勾配は、history まで届くように
    する（torch.no_grad() の中で計算しない）。
    """
    raise NotImplementedError


def calibration_error(probability, labels, edges):
    """練習 9.6: 期待較正誤差。

    probability (N,) は肯定である確率、labels (N,) は正解（肯定なら 1、否定なら 0 の整数）。
    答えは、確率が 0.5 より大きければ肯定、そうでなければ否定。確信度は、答えたほうの確率。
    edges は、確信度の区間の左の端を小さい順に並べたリストで、0.5 から始まる。
    区間は、左の端を含み、次の区間の左の端を含まない。最後の区間は 1 までで、1 も含む。
    区間ごとの「平均の確信度と精度の差の絶対値」を、件数の割合で重みをつけて足した float を返す。
    """
    raise NotImplementedError


def int8_bound(weight, x, per_row):
    """練習 9.7: int8 に丸めたときの、答えのずれの上限。

    weight は (H, D)、x は (D,)。weight を、幅 step の目盛りのいちばん近い所に丸める。
    step は、絶対値の最大がちょうど目盛り 127 になる幅。per_row が True なら行ごとに、
    False なら全体で 1 つ決める（すべて 0 なら、step も 0）。
    丸める前と後の weight @ x のずれの絶対値は、いくつを超えないか。どの重みのずれも step の半分
    以下、ということだけから言える上限のうち、いちばん小さいもの (H,) を、行ごとに返す。
    勾配は流さなくてよい。
    """
    raise NotImplementedError
