"""device：名前の解釈、日本語のエラー、乱数。"""

import subprocess
import sys

import pytest
import torch

from lstm_text import device as device_module
from lstm_text.__main__ import REPORT
from lstm_text.device import describe, generator, get_device, lstm_faults, seeded


@pytest.fixture
def no_gpu(monkeypatch):
    monkeypatch.delenv("LSTM_TEXT_DEVICE", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)


@pytest.fixture
def two_gpus(monkeypatch):
    monkeypatch.delenv("LSTM_TEXT_DEVICE", raising=False)
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)


def test_auto_takes_the_cpu_where_there_is_no_gpu(no_gpu):
    assert get_device() == torch.device("cpu")


def test_auto_takes_cuda_where_there_is_one(two_gpus):
    assert get_device() == torch.device("cuda")


def test_environment_decides_and_the_argument_wins(two_gpus, monkeypatch):
    monkeypatch.setenv("LSTM_TEXT_DEVICE", "cuda:1")
    assert get_device() == torch.device("cuda:1")
    assert get_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize(
    "name", ["gpu", "CUDA", "cuda:", "cuda:x", "cuda:-1", "cpu:0", "MPS", "mps:1", "mps:", " "]
)
def test_unknown_name_is_told_in_japanese(name):
    with pytest.raises(ValueError, match="必要ですが"):
        get_device(name)


def test_cuda_without_a_gpu_is_told_in_japanese(no_gpu, monkeypatch):
    monkeypatch.setenv("LSTM_TEXT_DEVICE", "cuda")
    with pytest.raises(RuntimeError, match="LSTM_TEXT_DEVICE=cpu"):
        get_device()


def test_number_beyond_the_last_gpu(two_gpus):
    with pytest.raises(RuntimeError, match="2 個"):
        get_device("cuda:2")


def test_mps_is_never_chosen_but_by_name(no_gpu, monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    monkeypatch.setattr(device_module, "_warn_of_faults", lambda device: None)
    assert get_device() == torch.device("cpu")
    assert get_device("mps") == torch.device("mps")
    assert get_device("mps:0") == torch.device("mps:0")


def test_mps_that_is_not_there_is_told_in_japanese(monkeypatch):
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    monkeypatch.setenv("LSTM_TEXT_DEVICE", "mps")
    with pytest.raises(RuntimeError, match=r"mps が.*MPS（Apple の GPU）.*LSTM_TEXT_DEVICE=cpu"):
        get_device()


CPU = torch.device("cpu")
CASES = [(shape, kind) for shape in ("1 層", "2 層の双方向") for kind in ("", "、長さつき")]
OTHER = torch.device("cpu", 0)  # CPU を、ほかのデバイスの代わりにする


def sabotage(monkeypatch, change) -> None:
    """代わりのデバイスでだけ、答えを変える。"""
    right = device_module._lstm_answers

    def answers(device, layers, steps, lengths):
        found = right(CPU, layers, steps, lengths)
        return found if device == CPU else change(found, layers, lengths)

    monkeypatch.setattr(device_module, "_lstm_answers", answers)


def test_the_same_answers_are_no_fault():
    assert lstm_faults(OTHER, steps=9) == []


@pytest.mark.parametrize("part", ["出力", "最後の状態", "勾配"])
def test_one_wrong_part_is_named(monkeypatch, part):
    def change(found, layers, lengths):
        return found | {part: found[part].flip(0)} if layers > 1 and lengths else found

    sabotage(monkeypatch, change)
    assert lstm_faults(OTHER, steps=9) == [f"2 層の双方向、長さつきの{part}"]


def test_rounding_is_no_fault_but_nan_is(monkeypatch):
    sabotage(monkeypatch, lambda found, *_: {k: v * 1.001 for k, v in found.items()})
    assert lstm_faults(OTHER, steps=9) == []
    monkeypatch.undo()
    sabotage(monkeypatch, lambda found, *_: found | {"勾配": found["勾配"] * float("nan")})
    assert len(lstm_faults(OTHER, steps=9)) == 4


def test_what_cannot_be_computed_is_a_fault(monkeypatch):
    def change(found, layers, lengths):
        raise RuntimeError("not implemented")

    sabotage(monkeypatch, change)
    assert lstm_faults(OTHER, steps=9)[0] == "1 層は計算できません：not implemented"


@pytest.mark.parametrize("broken", ["lengths", "layers", "start", "gradients"])
def test_a_broken_lstm_is_found(monkeypatch, broken):
    """答えを作る側でなく、層そのものを壊す。"""

    class Broken(torch.nn.LSTM):
        def forward(self, inputs, state=None):
            given = [0 * each for each in state] if broken == "start" else state
            outputs, states = super().forward(inputs, given)
            if broken == "lengths" and not isinstance(inputs, torch.Tensor):
                padded, _ = torch.nn.utils.rnn.pad_packed_sequence(inputs, batch_first=True)
                states = super().forward(padded, state)[1]
            if broken == "layers" and self.num_layers > 1:
                states = tuple(state.flip(0) for state in states)
            if broken == "gradients" and isinstance(outputs, torch.Tensor):
                outputs = outputs.detach() + 0 * outputs
            return outputs, states

    right, whole = device_module._lstm_answers, torch.nn.LSTM

    def answers(device, *rest):
        with monkeypatch.context() as here:
            here.setattr(torch.nn, "LSTM", whole if device == CPU else Broken)
            return right(CPU, *rest)

    monkeypatch.setattr(device_module, "_lstm_answers", answers)
    expected = {
        "lengths": ["1 層、長さつきの最後の状態と勾配", "2 層の双方向、長さつきの最後の状態と勾配"],
        "layers": [f"2 層の双方向{kind}の最後の状態と勾配" for kind in ("", "、長さつき")],
        "start": [f"{shape}{kind}の出力と最後の状態と勾配" for shape, kind in CASES],
        "gradients": ["1 層の勾配", "2 層の双方向の勾配"],
    }[broken]
    assert lstm_faults(OTHER, steps=9) == expected


def test_a_wrong_device_is_warned_of_once(monkeypatch):
    asked = []
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    faults = lambda device, steps: asked.append(steps) or ["1 層の勾配"]  # noqa: E731
    monkeypatch.setattr(device_module, "lstm_faults", faults)
    device_module._warn_of_faults.cache_clear()
    with pytest.warns(UserWarning, match=r"mps では.*（1 層の勾配）.*LSTM_TEXT_DEVICE=cpu"):
        get_device("mps")
    get_device("mps")  # 2 度目は言わない
    assert asked == [12]
    device_module._warn_of_faults.cache_clear()


@pytest.mark.parametrize(
    ("faults", "told"), [([], "CPU と同じです"), (["a", "b"], "違います：a、b")]
)
def test_the_report_tells_of_the_lstm(monkeypatch, faults, told):
    monkeypatch.setattr(device_module, "get_device", lambda: torch.device("meta"))
    monkeypatch.setattr(device_module, "lstm_faults", lambda device: faults)
    assert list(REPORT["デバイス"]())[1].endswith(told)
    monkeypatch.setattr(device_module, "get_device", lambda: CPU)
    assert not any("nn.LSTM" in line for line in REPORT["デバイス"]())


def test_the_check_leaves_the_random_numbers_alone():
    before = torch.random.get_rng_state()
    lstm_faults(OTHER, steps=3)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_flush_denormal_is_on_on_the_cpu():
    torch.set_flush_denormal(False)
    tiny = torch.tensor([1e-38])
    assert (tiny * 0.1).item() != 0
    get_device("cpu")
    assert (tiny * 0.1).item() == 0


def test_describe_names_threads_and_version():
    text = describe(torch.device("cpu"))
    assert f"{torch.get_num_threads()} スレッド" in text
    assert torch.__version__ in text


def test_generator_repeats():
    assert torch.equal(torch.rand(4, generator=generator(3)), torch.rand(4, generator=generator(3)))


def test_seeded_repeats_and_leaves_the_outside_alone():
    outside = torch.random.get_rng_state()
    with seeded(1):
        first = torch.rand(2)
    with seeded(1):
        second = torch.rand(2)
    assert torch.equal(first, second)
    assert torch.equal(outside, torch.random.get_rng_state())


def test_importing_the_package_costs_nothing():
    code = "import sys, lstm_text; print([m for m in sys.modules if m in ('torch', 'numpy')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
