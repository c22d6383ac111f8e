"""長さの違う系列に再帰層を走らせる。パディングは結果に影響しません。

GPU では packing を、CPU では同じ結果になるもっと速い方法を使います。
"""

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


def count_parameters(module: nn.Module) -> int:
    """訓練されるパラメータの数を数える。

    Parameters
    ----------
    module : nn.Module

    Returns
    -------
    int

    Examples
    --------
    >>> count_parameters(nn.Linear(40, 1))
    41
    """
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def output_size(recurrent: nn.Module) -> int:
    """再帰層の 1 時刻の出力の次元を返す。

    Parameters
    ----------
    recurrent : nn.Module

    Returns
    -------
    int

    Examples
    --------
    >>> output_size(nn.GRU(3, 8, bidirectional=True))
    16
    """
    return recurrent.hidden_size * (2 if recurrent.bidirectional else 1)


def run(recurrent: nn.Module, x: Tensor, lengths: Tensor | None = None) -> tuple[Tensor, Tensor]:
    """再帰層を走らせ、全時刻の出力と、最後の層の本当の最終状態を返す。

    Parameters
    ----------
    recurrent : nn.Module
        ``batch_first=True`` の再帰層。
    x : Tensor, (batch, time, input)
    lengths : Tensor, (batch,), optional
        系列ごとの長さ。省くとすべて ``time``。

    Returns
    -------
    output : Tensor, (batch, time, 方向数 × hidden)
    last : Tensor, (batch, 方向数 × hidden)
        順方向は最後の時刻、逆方向は最初の時刻の状態を連結したもの。

    Raises
    ------
    ValueError
        ``batch_first=True`` でないとき、長さが 0 の系列があるとき。

    Examples
    --------
    >>> output, last = run(nn.LSTM(3, 2, batch_first=True), torch.zeros(5, 7, 3))
    >>> torch.equal(output[:, -1], last)
    True
    """
    if not recurrent.batch_first:
        raise ValueError("再帰層には batch_first=True が必要です。")
    if lengths is not None and bool((lengths < 1).any()):
        empty = (lengths < 1).nonzero().flatten().tolist()
        raise ValueError(
            f"系列の長さはどれも 1 以上が必要ですが、バッチの {empty} 番目の長さが 0 でした。"
        )
    if lengths is not None and isinstance(recurrent, nn.RNNBase) and x.device.type == "cpu":
        return _run_without_packing(recurrent, x, lengths)
    if lengths is None:
        output, state = recurrent(x)
    else:
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        output, state = recurrent(packed)
        output, _ = pad_packed_sequence(output, batch_first=True, total_length=x.shape[1])
    h_n = state[0] if isinstance(state, tuple) else state
    directions = 2 if recurrent.bidirectional else 1
    return output, torch.cat(tuple(h_n[-directions:]), dim=-1)


def reverse_sequences(x: Tensor, lengths: Tensor) -> Tensor:
    """それぞれの系列を、自分の長さの中で逆順にする。パディングは動かさない。

    Parameters
    ----------
    x : Tensor, (batch, time, features)
    lengths : Tensor, (batch,)

    Returns
    -------
    Tensor, (batch, time, features)

    Examples
    --------
    >>> x = torch.tensor([[1, 2, 3, 0], [4, 5, 0, 0]]).unsqueeze(-1)
    >>> reverse_sequences(x, torch.tensor([3, 2])).squeeze(-1)
    tensor([[3, 2, 1, 0],
            [5, 4, 0, 0]])
    """
    time = torch.arange(x.shape[1], device=x.device)
    last = lengths.to(x.device)[:, None] - 1
    source = torch.where(time <= last, last - time, time)
    return x.gather(1, source[:, :, None].expand_as(x))


_FUNCTIONS = {
    "LSTM": torch.lstm,
    "GRU": torch.gru,
    "RNN_TANH": torch.rnn_tanh,
    "RNN_RELU": torch.rnn_relu,
}


def _run_without_packing(recurrent: nn.RNNBase, x: Tensor, lengths: Tensor):
    """packing と同じ結果を、CPU で速く計算する。

    CPU では、長さの違う系列を packing して逆伝播すると、時刻ごとにバッチ全体の大きさの 0 が作られ、
    時間が長さの 2 乗で増える。そこで、逆方向の層には反転した系列を読ませ、どちらの方向でも
    パディングが系列の後ろに来るようにする。後ろにあるものは、前の出力に影響しない。
    """
    time = x.shape[1]
    x = x[:, : int(lengths.max())]
    directions = 2 if recurrent.bidirectional else 1
    outside = ~inside(x, lengths)
    for layer in range(recurrent.num_layers):
        if layer > 0:
            x = nn.functional.dropout(x, recurrent.dropout, recurrent.training)
        weights = recurrent.all_weights[layer * directions :]
        outputs = [_one_direction(recurrent, x, weights[0])]
        if recurrent.bidirectional:
            backward = _one_direction(recurrent, reverse_sequences(x, lengths), weights[1])
            outputs.append(reverse_sequences(backward, lengths))
        x = torch.cat(outputs, dim=-1)
    last = [outputs[0][torch.arange(len(x)), lengths - 1], *(o[:, 0] for o in outputs[1:])]
    output = nn.functional.pad(x.masked_fill(outside, 0), (0, 0, 0, time - x.shape[1]))
    return output, torch.cat(last, dim=-1)


def _one_direction(recurrent: nn.RNNBase, x: Tensor, weights: list[Tensor]) -> Tensor:
    zeros = x.new_zeros(1, len(x), recurrent.hidden_size)
    state = (zeros, zeros) if recurrent.mode == "LSTM" else zeros
    return _FUNCTIONS[recurrent.mode](
        x, state, weights, recurrent.bias, 1, 0.0, recurrent.training, False, True
    )[0]


def inside(output: Tensor, lengths: Tensor) -> Tensor:
    time = torch.arange(output.shape[1], device=output.device)
    return (time < lengths.to(output.device)[:, None]).unsqueeze(-1)
