"""「RNN とその限界」の誤答。"""

import torch


class rnn_step:
    def without_tanh(x, h, w_ih, w_hh, b_ih, b_hh):
        """tanh を通していない"""
        return x @ w_ih.T + b_ih + h @ w_hh.T + b_hh

    def sigmoid(x, h, w_ih, w_hh, b_ih, b_hh):
        """tanh の代わりにシグモイドを使っている"""
        return torch.sigmoid(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)

    def relu(x, h, w_ih, w_hh, b_ih, b_hh):
        """tanh の代わりに ReLU を使っている"""
        return torch.relu(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)

    def without_hidden(x, h, w_ih, w_hh, b_ih, b_hh):
        """前の隠れ状態を使っていない"""
        return torch.tanh(x @ w_ih.T + b_ih + b_hh)

    def without_input(x, h, w_ih, w_hh, b_ih, b_hh):
        """入力を使っていない"""
        return torch.tanh(b_ih + h @ w_hh.T + b_hh)

    def without_b_hh(x, h, w_ih, w_hh, b_ih, b_hh):
        """b_hh を足し忘れている"""
        return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T)

    def without_b_ih(x, h, w_ih, w_hh, b_ih, b_hh):
        """b_ih を足し忘れている"""
        return torch.tanh(x @ w_ih.T + h @ w_hh.T + b_hh)

    def without_bias(x, h, w_ih, w_hh, b_ih, b_hh):
        """バイアスを二つとも足し忘れている"""
        return torch.tanh(x @ w_ih.T + h @ w_hh.T)

    def bias_twice(x, h, w_ih, w_hh, b_ih, b_hh):
        """b_ih を二度足し、b_hh を足していない"""
        return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_ih)

    def w_hh_not_transposed(x, h, w_ih, w_hh, b_ih, b_hh):
        """w_hh の転置を忘れている"""
        return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh + b_hh)

    def tanh_before_sum(x, h, w_ih, w_hh, b_ih, b_hh):
        """入力の項と状態の項に別々に tanh をかけてから足している"""
        return torch.tanh(x @ w_ih.T + b_ih) + torch.tanh(h @ w_hh.T + b_hh)

    def bias_outside(x, h, w_ih, w_hh, b_ih, b_hh):
        """バイアスを tanh の外で足している"""
        return torch.tanh(x @ w_ih.T + h @ w_hh.T) + b_ih + b_hh

    def product_of_terms(x, h, w_ih, w_hh, b_ih, b_hh):
        """入力の項と状態の項を足さずに掛けている"""
        return torch.tanh((x @ w_ih.T + b_ih) * (h @ w_hh.T + b_hh))

    def residual(x, h, w_ih, w_hh, b_ih, b_hh):
        """tanh の結果に、前の隠れ状態を足している"""
        return h + torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)

    def first_row_only(x, h, w_ih, w_hh, b_ih, b_hh):
        """どの系列にも、最初の系列の隠れ状態を使っている"""
        return torch.tanh(x @ w_ih.T + b_ih + h[:1] @ w_hh.T + b_hh)

    def mean_hidden(x, h, w_ih, w_hh, b_ih, b_hh):
        """隠れ状態を系列どうしで平均している"""
        return torch.tanh(x @ w_ih.T + b_ih + h.mean(0, keepdim=True) @ w_hh.T + b_hh)

    def in_place(x, h, w_ih, w_hh, b_ih, b_hh):
        """渡された h に書き込んでいる"""
        new = torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
        h.copy_(new)
        return new

    def detached(x, h, w_ih, w_hh, b_ih, b_hh):
        """前の隠れ状態を detach して、勾配を切っている"""
        return torch.tanh(x @ w_ih.T + b_ih + h.detach() @ w_hh.T + b_hh)

    def no_grad(x, h, w_ih, w_hh, b_ih, b_hh):
        """torch.no_grad() の中で計算している"""
        with torch.no_grad():
            return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)

    def in_float32(x, h, w_ih, w_hh, b_ih, b_hh):
        """float32 にして計算している"""
        x, h, w_ih, w_hh, b_ih, b_hh = (a.float() for a in (x, h, w_ih, w_hh, b_ih, b_hh))
        return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh)

    def transposed_output(x, h, w_ih, w_hh, b_ih, b_hh):
        """(H, B) の向きで返している"""
        return torch.tanh(x @ w_ih.T + b_ih + h @ w_hh.T + b_hh).T
