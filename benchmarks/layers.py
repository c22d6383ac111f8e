"""再帰層の速さとメモリを測り、torch.nn との比にして表を出す。

python -m benchmarks.layers                     測って、表を出す
python -m benchmarks.layers --folder 記録        測って、記録（JSON）にも残す
python -m benchmarks.layers --show --folder 記録  記録から表を出すだけ
"""

import argparse
import tempfile
from pathlib import Path

from lstm_text.experiments import bench_layers, make
from lstm_text.records import Record, read

NAMES = tuple(bench_layers.LIBRARIES)


def ratio(values: dict, what: str, name: str) -> float:
    """``torch.nn`` を 1 としたときの、時間（``forward``、``both``）かメモリ（``memory``）。"""
    mine, theirs = (values[each][what] for each in (name, NAMES[0]))
    if what == "memory":
        return mine / theirs if theirs > 0 else float("nan")
    return mine["median"] / theirs["median"]


def floor(kind: str, size: list[int], rates: dict) -> float:
    """順伝播と逆伝播の行列積だけにかかる時間（ミリ秒）。入力の勾配は要らないとする。"""
    batch, length, features, hidden = size
    step, chunk = (max(rates[what].values()) for what in ("step", "chunk"))
    each = 2 * batch * length * {"RNN": 1, "LSTM": 4, "GRU": 3}[kind] * hidden / 1e6
    # 入力側の 2 回と W_hh の勾配は束ごとに、状態側の順伝播と逆伝播は 1 時刻ずつ
    return each * ((2 * features + hidden) / max(step, chunk) + 2 * hidden / step)


def tables(record: Record) -> str:
    """記録を、読むための表にする。"""
    rates = record.values(what="matmul")
    compiler = record.values(what="compiler")["C"]["compiler"] or "なし（C の層は測っていない）"
    lines = [
        record.origin(),
        f"C のコンパイラ：{compiler}",
        "",
        "行列積 (行, H) @ (H, 4H) の速さ（GFLOP/s、行は 1 時刻ぶん / 束 1 つぶん）",
    ]
    lines += [
        f"  B, H = {size:8}"
        + "".join(f"  {n} {each['step'][n]:6.1f} / {each['chunk'][n]:6.1f}" for n in each["step"])
        for size, each in rates.items()
    ]
    lines += ["", "torch.nn を 1 としたときの比（順伝播 / 順伝播＋逆伝播 / メモリ）"]
    for result in record.select(what="layer"):
        kind, size = result["unit"]["kind"], result["unit"]["size"]
        values = result["values"]
        row = f"  {kind:4} B={size[0]:<3} T={size[1]:<4} D={size[2]:<3} H={size[3]:<3}"
        row += f"  nn {values[NAMES[0]]['both']['median']:8.2f} ms"
        for name in list(values)[1:]:
            three = " / ".join(
                f"{ratio(values, w, name):4.2f}" for w in ("forward", "both", "memory")
            )
            row += f"  {name} {three}"
        if (own := rates.get(f"{size[0]},{size[3]}")) is not None:
            row += f"  床 {floor(kind, size, own):6.2f} ms"
        lines.append(row)
    for result in record.select(what="torch.compile"):
        values = result["values"]
        if values:
            once = values["torch.compile"]["seconds_to_compile"]
            lines.append(f"  大きさ {result['unit']['size']} の LSTM（コンパイル {once:.0f} 秒）")
            for name in list(values)[1:]:
                two = " / ".join(f"{ratio(values, w, name):4.2f}" for w in ("forward", "both"))
                lines.append(f"    {name} {two}")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser("python -m benchmarks.layers", description="再帰層を比べる")
    parser.add_argument("--folder", type=Path, help="記録を置くフォルダ（省くと残さない）")
    parser.add_argument("--show", action="store_true", help="測らずに、ある記録の表を出す")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        if not chosen.show:
            for done, total in make(bench_layers, bench_layers.Settings(), folder):
                print(f"\r{done} / {total}", end="", flush=True)
            print()
        print(tables(read("bench_layers", folder, "cpu")))


if __name__ == "__main__":
    main()
