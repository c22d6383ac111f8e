"""ページの印の間違い: 重なった id、行き先のない #、線のない path。"""

import re
from collections import Counter
from urllib.parse import unquote

from bs4 import BeautifulSoup

NAMED = ("for", "aria-labelledby", "aria-describedby", "aria-controls", "aria-owns")
URL = re.compile(r"url\(['\"]?#([^)'\"]+)")


def mistakes(html):
    """見つかった間違い。XHTML のページも読める。"""
    elements = BeautifulSoup(html, "html.parser").find_all(True)
    ids = Counter(element["id"] for element in elements if element.has_attr("id"))
    found = [f"id {name} が {count} 個" for name, count in ids.items() if count > 1]
    for element in elements:
        missing = [name for name in referred(element) if name not in ids]
        found += [f"<{element.name}> の指す {name} がない" for name in missing]
        if element.name == "path" and not element.get("d", "").strip():
            found.append("線のない path")
    return found


def referred(element):
    """要素が指す、同じページの id。"""
    for attribute, value in element.attrs.items():
        text = " ".join(value) if isinstance(value, list) else value
        yield from URL.findall(text)
        if attribute in ("href", "xlink:href") and re.match("#.", text):
            yield unquote(text[1:])
        if attribute in NAMED:
            yield from text.split()
