"""試験のための、3 つの答え方の問と、それを置いた小さな本。"""

from tests.book.small_book import CHAPTER, finish, start_build

CELL = """import numpy as np
from myst_nb import glue
glue("wall", 3, display=False)
glue("count", np.int64(4321), display=False)
glue("three", 3240, display=False)
glue("ratio", f"{0.987654:.6f}", display=False)
glue("line", "3 1 2", display=False)
glue("yes", True, display=False)
glue("words", "多い", display=False)
glue("nothing", float("nan"), display=False)"""

CHOICE = """::::{question} 2.1
:title: 50 時刻の壁
:kind: 予想
:choice: wall
何回、解けるでしょうか（$T = 50$）。
+++
- 10 回とも => **忘れる速さ**を考えましょう。
- 半分ほど => もっと極端です。
- 1 回も解けない
+++
解説：残るのはわずかです。
::::
"""
NUMBER = """::::{question} 2.2
:title: 重みの数
:kind: 手計算
:number: count
:unit: 個
重みはいくつでしょうか。
+++
480: バイアスが入っていません。
{three}: ゲートは
  4 組です。
> 5000: 大きすぎます。
else: 数え直しましょう。
+++
解説：数えられました。
::::
"""
ORDER = """::::{question} 2.3
:title: 速い順
:kind: 予想
:order: line
速い順に並べましょう。
+++
- LSTM
- GRU
- RNN
2 1 3: 計算の量だけの順です。
else: 量から考えましょう。
+++
解説：RNN でした。
::::
"""
NEAR = NUMBER.replace("2.2", "2.4").replace(":number: count", ":number: ratio\n:within: 2 %")


def page(*parts, cell=CELL):
    return "\n".join([CHAPTER.format(title="章", cell=f":tags: [remove-cell]\n{cell}"), *parts])


class Small:
    """章が 1 つと、進み具合のページの、小さな本。"""

    def __init__(self, folder, *parts):
        self.folder = folder
        (folder / "book").mkdir()
        self.write("index", page(*parts, "```{toctree}\nprogress\n```\n"))
        self.write("progress", "# 進み具合\n\n```{progress}\n```\n")

    def write(self, name, text):
        (self.folder / f"book/{name}.md").write_text(text, encoding="utf-8")

    def source(self, name):
        return (self.folder / f"book/{name}.md").read_text(encoding="utf-8")

    def build(self, *options):
        return finish(start_build(self.folder, *options))

    def html(self, name="index"):
        (file,) = (self.folder / "build/html").glob(f"{name}.*html")
        return file.read_text(encoding="utf-8")
