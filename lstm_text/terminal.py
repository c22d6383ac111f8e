"""端末に書く。"""

import sys


def replace_unprintable() -> None:
    """端末の文字コードで書けない文字は ``?`` にして、そこで止まらないようにする。

    文字コードが cp932 の Windows や ASCII の端末では、``·`` を書いただけで、Python が
    ``UnicodeEncodeError`` で止まります。命令の入り口で 1 度呼びます。

    Examples
    --------
    >>> import io
    >>> from contextlib import redirect_stdout
    >>> with redirect_stdout(io.TextIOWrapper(io.BytesIO(), "cp932")) as stream:
    ...     replace_unprintable()
    ...     print("精度 90 % · 2 件", end="", flush=True)
    >>> stream.buffer.getvalue().decode("cp932")
    '精度 90 % ? 2 件'
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # 記録用の StringIO などに替わっていることもある
            stream.reconfigure(errors="replace")
