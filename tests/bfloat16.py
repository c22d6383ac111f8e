"""bfloat16 の LSTM を計算できる CPU でだけ動かす試験の印。"""

import pytest
import torch

needs_bfloat16 = pytest.mark.skipif(
    not torch.ops.mkldnn._is_mkldnn_bf16_supported(),
    reason="この CPU では、PyTorch が bfloat16 の LSTM を断る",
)
