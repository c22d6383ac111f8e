"""データの出どころ。"""

import sys
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Source:
    """データの出どころ。``str`` で、ページに載せる 1 文になる。

    Attributes
    ----------
    kind : {"LSTM_TEXT_DATA", "cache", "download", "builtin"}
        どこから読んだか。
    name : str
        データの名前。
    where : str
        配布元の URL。組み込みのコーパスなら、それが何か。
    note : str
        断り書き。先に探した所で見つからなかった理由など。

    Examples
    --------
    >>> source = Source("cache", "IMDb の映画レビュー", "https://example.org/imdb")
    >>> print(source)
    データ：IMDb の映画レビュー（https://example.org/imdb から以前にダウンロードしたキャッシュ）。
    >>> source.is_builtin
    False
    """

    kind: Literal["LSTM_TEXT_DATA", "cache", "download", "builtin"]
    name: str
    where: str
    note: str = ""

    def __post_init__(self):
        # 章が使ったデータを、本を作る側が知るための知らせ。
        sys.audit("lstm_text.source", self.name, str(self))

    @property
    def is_builtin(self) -> bool:
        """組み込みのコーパスか。"""
        return self.kind == "builtin"

    def __str__(self) -> str:
        if self.is_builtin:
            return f"データ：{self.name}ではなく、{self.where}です（{self.note}）。"
        how = {
            "LSTM_TEXT_DATA": "環境変数 LSTM_TEXT_DATA のフォルダ",
            "cache": f"{self.where} から以前にダウンロードしたキャッシュ",
            "download": f"{self.where} からダウンロードしました",
        }[self.kind]
        return f"データ：{self.name}（{how}{self.note and '。' + self.note}）。"
