"""セルを時間方向に回す層。双方向、積み重ね、長さの違う系列を扱います。

``RNN``、``LSTM``、``GRU`` の引数・重みの名前・出力は ``torch.nn`` の同名の層と同じです。
``ours.load_state_dict(theirs.state_dict())`` で重みが移り、出力も勾配も一致します。
引数は :class:`RecurrentLayer` と同じです。
"""

import torch
from torch import Tensor, nn
from torch.nn.functional import dropout, linear
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence

from lstm_text.cells import Cell, GRUCell, LSTMCell, ResetBeforeGRUCell, RNNCell, check_features


def run_over_time(
    cell: type[Cell],
    x: Tensor,
    state: tuple[Tensor, ...],
    weights: tuple[Tensor, Tensor, Tensor | None, Tensor | None],
    valid: Tensor | None = None,
    backward: bool = False,
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """1 つのセルを、系列の端から端まで 1 方向に回す。

    系列が終わった時刻（``valid`` が偽）では状態を据え置き、出力を 0 にします。逆向きでは、本当の
    最後に来るまで初期状態のまま待つので、パディングは順向きにも逆向きにも影響しません。

    Parameters
    ----------
    cell : type of Cell
        ``step`` を使うセルのクラス。
    x : Tensor, (time, batch, input)
    state : tuple of Tensor, それぞれ (batch, hidden)
    weights : tuple, ``(weight_ih, weight_hh, bias_ih, bias_hh)``
    valid : Tensor of bool, (time, batch, 1), optional
        その時刻が系列の中なら真。
    backward : bool
        真なら最後の時刻から最初の時刻へ回す。

    Returns
    -------
    output : Tensor, (time, batch, hidden)
    state : tuple of Tensor, それぞれ (batch, hidden)

    Examples
    --------
    >>> weights = (torch.ones(1, 1), torch.ones(1, 1), None, None)
    >>> output, (h,) = run_over_time(RNNCell, torch.zeros(3, 1, 1), (torch.zeros(1, 1),), weights)
    >>> output.shape, h.item()
    (torch.Size([3, 1, 1]), 0.0)
    """
    w_ih, w_hh, b_ih, b_hh = weights
    gates_x = linear(x, w_ih, b_ih).unbind()  # 入力側は全時刻を 1 回の行列積で
    order = range(len(x) - 1, -1, -1) if backward else range(len(x))
    outputs = [None] * len(x)
    for t in order:
        new_state = cell.step(gates_x[t], state, w_hh, b_hh)
        outputs[t] = new_state[0]
        if valid is None:
            state = new_state
        else:
            state = tuple(
                torch.where(valid[t], new, old) for new, old in zip(new_state, state, strict=True)
            )
    output = torch.stack(outputs)
    return (output if valid is None else output * valid), state


class RecurrentLayer(nn.Module):
    """``RNN``、``LSTM``、``GRU`` に共通する部分。違いはセルだけです。

    Parameters
    ----------
    input_size, hidden_size : int
        入力の次元 D と、隠れ状態の次元 H。
    num_layers : int
        積み重ねる層の数。
    bias : bool
        偽ならバイアスを持たない。
    batch_first : bool
        真なら入出力の形が ``(batch, time, …)``、偽なら ``(time, batch, …)``。
    dropout : float
        最後の層を除く各層の出力に掛けるドロップアウトの率。
    bidirectional : bool
        真なら逆向きの層を並べ、出力を連結する。

    Examples
    --------
    >>> [name for name, _ in RNN(3, 2, bias=False).named_parameters()]
    ['weight_ih_l0', 'weight_hh_l0']
    """

    cell: type[Cell]

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        num_layers: int = 1,
        bias: bool = True,
        batch_first: bool = False,
        dropout: float = 0.0,
        bidirectional: bool = False,
    ):
        super().__init__()
        if num_layers < 1:
            raise ValueError(f"num_layers には 1 以上の整数が必要ですが、{num_layers} でした。")
        if not 0 <= dropout <= 1:
            raise ValueError(f"dropout には 0 以上 1 以下の数が必要ですが、{dropout} でした。")
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, dropout
        self.bidirectional = bidirectional
        self.directions = ("", "_reverse") if bidirectional else ("",)
        for layer in range(num_layers):
            size = input_size if layer == 0 else hidden_size * len(self.directions)
            for direction in self.directions:
                # セルが作った重みを、PyTorch の名前（weight_ih_l0_reverse など）で登録する
                for name, parameter in self.cell(size, hidden_size, bias).named_parameters():
                    self.register_parameter(f"{name}_l{layer}{direction}", parameter)

    def extra_repr(self) -> str:
        """``print`` したときの表示。"""
        text = f"{self.input_size}, {self.hidden_size}"
        for name, default in [
            ("num_layers", 1), ("bias", True), ("batch_first", False),
            ("dropout", 0.0), ("bidirectional", False),
        ]:  # fmt: skip
            if getattr(self, name) != default:
                text += f", {name}={getattr(self, name)}"
        return text

    def weights(self, layer: int, direction: str) -> tuple[Tensor | None, ...]:
        """1 つの層・方向の ``(weight_ih, weight_hh, bias_ih, bias_hh)`` を返す。"""
        names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        return tuple(getattr(self, f"{name}_l{layer}{direction}", None) for name in names)

    def forward(self, input, state=None, lengths=None):
        """系列を最初から最後まで処理する。

        Parameters
        ----------
        input : Tensor または PackedSequence
            ``(time, batch, input)``、``batch_first=True`` なら ``(batch, time, input)``。
            バッチなしの ``(time, input)`` も受け取る。
        state : Tensor、LSTM では Tensor の組, optional
            初期状態。``(層数 × 方向数, batch, hidden)``。省くと 0。
        lengths : Tensor or list of int, (batch,), optional
            それぞれの系列の本当の長さ（1 以上）。それより後の入力は結果に影響しない。

        Returns
        -------
        output : Tensor または PackedSequence
            最後の層の全時刻の隠れ状態 ``(time, batch, 方向数 × hidden)``。系列の外は 0。
        state : Tensor、LSTM では Tensor の組
            各層・各方向の最後の状態 ``(層数 × 方向数, batch, hidden)``。

        Raises
        ------
        TypeError, ValueError
            入力や状態の型か形が合わないとき、長さが 0 の系列があるとき。
        """
        if isinstance(input, PackedSequence):
            return self._forward_packed(input, state)
        check_features(input, self.input_size, self.weight_ih_l0.dtype, "入力")
        if input.dim() == 2:
            return self._forward_unbatched(input, state, lengths)
        if input.dim() != 3:
            raise ValueError(
                "入力には 3 次元（バッチなしなら 2 次元）が必要ですが、"
                f"形は {tuple(input.shape)} でした。"
            )
        x = input.transpose(0, 1) if self.batch_first else input
        if x.shape[0] == 0:
            raise ValueError("長さ 0 の系列は処理できません。1 時刻以上の入力が必要です。")
        state = self._check_state(state, x)
        valid = None if lengths is None else self._valid(lengths, x)
        last_states = []
        for layer in range(self.num_layers):
            if layer > 0:
                x = dropout(x, self.dropout, self.training)
            outputs = []
            for direction in self.directions:
                k = len(last_states)
                output, last = self._run_over_time(
                    x, tuple(s[k] for s in state), self.weights(layer, direction),
                    valid, backward=direction == "_reverse",
                )  # fmt: skip
                outputs.append(output)
                last_states.append(last)
            x = torch.cat(outputs, dim=-1) if self.bidirectional else outputs[0]
        output = x.transpose(0, 1) if self.batch_first else x
        return output, self._pack_state([torch.stack(s) for s in zip(*last_states, strict=True)])

    def _run_over_time(self, x, state, weights, valid, backward):
        return run_over_time(self.cell, x, state, weights, valid, backward)

    def _pack_state(self, states):
        return tuple(states) if self.cell.states > 1 else states[0]

    def _unpack_state(self, state):
        if self.cell.states == 1:
            return (state,)
        if not isinstance(state, (tuple, list)) or len(state) != self.cell.states:
            raise TypeError("LSTM の状態には (h_0, c_0) の組が必要です。")
        return tuple(state)

    def _check_state(self, state, x: Tensor) -> tuple[Tensor, ...]:
        shape = (self.num_layers * len(self.directions), x.shape[1], self.hidden_size)
        if state is None:
            return tuple(x.new_zeros(shape) for _ in range(self.cell.states))
        states = self._unpack_state(state)
        for s in states:
            check_features(s, self.hidden_size, self.weight_ih_l0.dtype, "初期状態")
            if s.shape != shape:
                raise ValueError(f"初期状態の形は {shape} が必要ですが、{tuple(s.shape)} でした。")
        return states

    def _valid(self, lengths, x: Tensor) -> Tensor:
        lengths = torch.as_tensor(lengths, device=x.device)
        time, batch = x.shape[:2]
        if lengths.shape != (batch,) or lengths.is_floating_point():
            raise ValueError(
                f"lengths には系列ごとの整数 {batch} 個が必要ですが、"
                f"形 {tuple(lengths.shape)}、dtype {lengths.dtype} でした。"
            )
        if not x.is_meta and not bool(((lengths >= 1) & (lengths <= time)).all()):
            raise ValueError(
                f"lengths はどれも 1 以上 {time} 以下が必要ですが、{lengths.tolist()} でした。"
            )
        return (torch.arange(time, device=x.device)[:, None] < lengths)[..., None]

    def _forward_packed(self, packed: PackedSequence, state):
        x, lengths = pad_packed_sequence(packed, batch_first=self.batch_first)
        output, state = self(x, state, lengths)
        packed_output = pack_padded_sequence(
            output, lengths, self.batch_first, enforce_sorted=packed.sorted_indices is None
        )
        return packed_output, state

    def _forward_unbatched(self, input: Tensor, state, lengths):
        batch_axis = 0 if self.batch_first else 1
        if state is not None:
            state = self._pack_state([s.unsqueeze(1) for s in self._unpack_state(state)])
        output, state = self(input.unsqueeze(batch_axis), state, lengths)
        state = [s.squeeze(1) for s in self._unpack_state(state)]
        return output.squeeze(batch_axis), self._pack_state(state)


class RNN(RecurrentLayer):
    """単純 RNN の層。``nn.RNN``（tanh）と同じ計算をする。

    Examples
    --------
    >>> theirs, ours = nn.RNN(3, 2, batch_first=True), RNN(3, 2, batch_first=True)
    >>> ours.load_state_dict(theirs.state_dict())
    <All keys matched successfully>
    >>> x = torch.arange(12.0).reshape(1, 4, 3)
    >>> torch.allclose(ours(x)[0], theirs(x)[0])
    True
    """

    cell = RNNCell


class LSTM(RecurrentLayer):
    """LSTM の層。``nn.LSTM`` と同じ計算をする。

    Examples
    --------
    >>> output, (h_n, c_n) = LSTM(3, 2, num_layers=2, batch_first=True)(torch.zeros(5, 7, 3))
    >>> output.shape, h_n.shape, c_n.shape
    (torch.Size([5, 7, 2]), torch.Size([2, 5, 2]), torch.Size([2, 5, 2]))
    """

    cell = LSTMCell


class GRU(RecurrentLayer):
    """GRU の層。``nn.GRU`` と同じ計算をする。

    Examples
    --------
    >>> GRU(3, 2, bidirectional=True)(torch.zeros(7, 5, 3))[0].shape
    torch.Size([7, 5, 4])
    """

    cell = GRUCell


class ResetBeforeGRU(RecurrentLayer):
    """リセットゲートを行列積の前に掛ける GRU の層。PyTorch に同じものはない。

    Examples
    --------
    >>> ResetBeforeGRU(3, 2)(torch.zeros(7, 5, 3))[0].shape
    torch.Size([7, 5, 2])
    """

    cell = ResetBeforeGRUCell
