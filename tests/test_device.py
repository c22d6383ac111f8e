"""device：名前の解釈、日本語のエラー、乱数。"""

import subprocess
import sys

import pytest
import torch

from lstm_text.device import describe, generator, get_device, seeded


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


@pytest.mark.parametrize("name", ["gpu", "CUDA", "cuda:", "cuda:x", "cuda:-1", "cpu:0", "mps", " "])
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
