"""compiler：C の関数を作れないときに、何が要るかを言う。重みは、全部が元の場所から詰め直される。"""

import pytest
import torch

from lstm_text.fast import compiled, compiler

needs_compiler = pytest.mark.skipif(
    not compiler.available(),
    reason="C のコンパイラ（cc か、環境変数 CC）が要ります",
)


def test_no_compiler_is_told(monkeypatch):
    monkeypatch.setenv("CC", "no-such-compiler")
    with pytest.raises(RuntimeError, match="no-such-compiler を呼べません"):
        compiled.LSTM(2, 3)(torch.zeros(1, 1, 2))


@needs_compiler
def test_a_failing_compiler_is_told(monkeypatch, tmp_path):
    wrong = tmp_path / "wrong.c"
    wrong.write_text("int f( {", encoding="utf-8")
    monkeypatch.setattr(compiler, "SOURCE", wrong)
    with pytest.raises(RuntimeError, match=r"wrong\.c をコンパイルできません[\s\S]*error"):
        compiler.library()


BROKEN = 'while [ "$1" != -o ]; do shift; done\necho broken > "$2"'
"""ライブラリの代わりに、壊れたものを書くコンパイラ。"""


def test_a_library_that_cannot_be_loaded_is_told(monkeypatch, tmp_path):
    """/tmp が noexec のときなど。"""
    fake = tmp_path / "cc"
    fake.write_text(f"#!/bin/sh\n{BROKEN}\n")
    fake.chmod(0o755)
    monkeypatch.setenv("CC", str(fake))
    with pytest.raises(RuntimeError, match=r"読み込めません[\s\S]*TMPDIR"):
        compiler.library()


@needs_compiler
@pytest.mark.parametrize("columns", [1, 8, 31, 32, 33, 70])
def test_packing_keeps_every_weight(columns):
    w = torch.arange(1.0, 1 + 5 * columns).reshape(5, columns)
    packed = compiler.packed(w)
    kept = packed[packed != 0]
    assert sorted(kept.tolist()) == w.flatten().tolist()
    assert len(packed) % 5 == 0 and len(packed) < 5 * (columns + 32)


@pytest.mark.parametrize("script", ["exit 1", BROKEN, "exit 0"])
def test_a_compiler_that_does_not_work_is_no_compiler(script, monkeypatch, tmp_path):
    """開発者ツールのない Mac の cc は、呼べるが、何も作らない。"""
    fake = tmp_path / "cc"
    fake.write_text(f"#!/bin/sh\n{script}\n")
    fake.chmod(0o755)
    monkeypatch.setenv("CC", str(fake))
    assert not compiler.available() and compiler.version() == ""


def test_a_repaired_compiler_is_found(monkeypatch):
    works = compiler.available()
    with monkeypatch.context() as patch:
        patch.setenv("CC", "no-such-compiler")
        assert not compiler.available()
    assert compiler.available() == works
