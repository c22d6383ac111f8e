"""make records：どの命令に、何を渡すか。GPU の組は、時間を決めて、1 つの命令で。"""

import pytest

import make
from lstm_text.experiments import gpu


class Recorded(make.Workshop):
    """命令を動かさずに、書き留める。"""

    def __init__(self, **settings):
        self.ran, self.extras = [], []
        defaults = {name: value for name, (value, _) in make.SETTINGS.items()}
        super().__init__(defaults | {"CONSTRAINTS": ""} | settings)

    def environment(self, *extras):
        self.extras += extras

    def run(self, *command, **environment):
        self.ran.append(([str(part) for part in command][2:], environment))


def test_one_command_measures_the_set_for_a_gpu():
    shop = Recorded(DEVICE="cuda", BUDGET="60")
    make.records(shop)
    ((command, environment),) = shop.ran
    assert command == [
        "lstm_text.experiments", "--folder", "book/records", "--gpu", "--budget", "60",
    ]  # fmt: skip
    assert environment["LSTM_TEXT_DEVICE"] == "cuda"
    assert shop.extras == []  # 単語ベクトルも ONNX も、組の実験は使わない


def test_the_budget_of_the_package_is_the_one_the_help_names():
    shop = Recorded(DEVICE="cuda:1")
    make.records(shop)
    ((command, environment),) = shop.ran
    assert command[-1] == "--gpu" and environment["LSTM_TEXT_DEVICE"] == "cuda:1"
    assert f"（初めは {gpu.BUDGET:.0f}）" in make.SETTINGS["BUDGET"][1]
    assert gpu.BUDGET < 8 * 60


@pytest.mark.parametrize(
    ("settings", "options"),
    [
        ({"DEVICE": "cuda", "NAME": "speed"}, ["speed"]),
        ({"DEVICE": "cuda", "LIST": "1"}, ["--list"]),
        ({"DEVICE": "cpu", "NAME": "recall adding"}, ["recall", "adding"]),
    ],
)
def test_what_is_named_is_measured_in_full(settings, options):
    shop = Recorded(**settings)
    make.records(shop)
    ((command, environment),) = shop.ran
    assert command[3:] == options and environment["LSTM_TEXT_DEVICE"] == settings["DEVICE"]


def test_without_a_device_the_package_chooses(monkeypatch):
    shop = Recorded(NAME="recall")
    make.records(shop)
    assert "LSTM_TEXT_DEVICE" not in shop.ran[0][1]
