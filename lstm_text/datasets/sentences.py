"""品詞のついた文。"""

from typing import NamedTuple


class Sentence(NamedTuple):
    """単語に区切り、品詞をつけた文。

    Examples
    --------
    >>> Sentence(("Dogs", "bark"), ("NOUN", "VERB")).tags
    ('NOUN', 'VERB')
    """

    words: tuple[str, ...]
    tags: tuple[str, ...]


def parse_conllu(text: str) -> list[Sentence]:
    """CoNLL-U 形式から、語（FORM）と品詞（UPOS）を取り出す。

    複数の語にまたがる表記（``3-4``）と、書かれていない語（``8.1``）は飛ばします。

    Parameters
    ----------
    text : str
        CoNLL-U 形式の文章。

    Returns
    -------
    list of Sentence

    Raises
    ------
    ValueError
        欄が足りない行があるとき。

    References
    ----------
    https://universaldependencies.org/format.html

    Examples
    --------
    >>> text = "# text = don't\\n1-2\\tdon't\\t_\\t_\\n1\\tdo\\tdo\\tAUX\\n2\\tn't\\tnot\\tPART\\n"
    >>> parse_conllu(text)
    [Sentence(words=('do', "n't"), tags=('AUX', 'PART'))]
    """
    sentences: list[Sentence] = []
    rows: list[tuple[str, str]] = []
    for number, line in enumerate([*text.split("\n"), ""], start=1):
        if line.startswith("#"):
            continue
        if not line.strip():
            if rows:
                sentences.append(Sentence(*zip(*rows, strict=True)))
                rows = []
            continue
        columns = line.split("\t")
        if len(columns) < 4:
            raise ValueError(f"{number} 行目に 4 つ以上の欄が必要ですが、{len(columns)} つでした")
        if columns[0].isdecimal():
            rows.append((columns[1], columns[3]))
    return sentences
