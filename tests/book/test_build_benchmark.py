"""run.measure_build：測るための小さな本。"""

import pytest

from run.chapter_source import codes
from run.measure_build import WORK, write_book
from tests.book.pages import notebook


@pytest.mark.parametrize("work", WORK)
def test_every_chapter_is_listed_and_does_the_work(work, tmp_path):
    write_book(tmp_path, work, chapters=3, seconds=0.01)
    pages = sorted(path.stem for path in tmp_path.glob("chapter*.md"))
    assert pages == ["chapter0", "chapter1", "chapter2"]
    assert all(name in (tmp_path / "index.md").read_text(encoding="utf-8") for name in pages)
    cells = [code for page in pages for code in codes(notebook(tmp_path / f"{page}.md"))]
    assert len(set(cells)) == 3  # 同じコードだと、実行されるのは 1 章だけになる
    exec(cells[2], {})
