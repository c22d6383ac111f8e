# 『動かして確かめる LSTM』
#   make html   本を作る（全章を実行する）
#   make test   テストを走らせる
#   make help   作業の一覧
# 作業の中身は make.py にある。ここは、打たれた目的と「名前=値」を渡すだけ。知らない目的（.DEFAULT）は
# make.py が断る。

# Python 3.11 以上の最初の一つ。
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

TASKS := help html epub pdf data test doctest answers check records bench report linkcheck live constraints clean
.PHONY: $(TASKS)

.DEFAULT $(TASKS):
ifeq ($(strip $(PYTHON)),)
	@echo 'Python 3.11 以上が見つかりません。入れてから、もう一度 make してください。' >&2
	@echo '場所を教えるなら: make $@ PYTHON=/path/to/python3.12' >&2
	@exit 1
else
	@"$(PYTHON)" -c '' >/dev/null 2>&1 || { printf 'PYTHON=%s を動かせません。Python の場所を / から書いてください。\n' "$(PYTHON)" >&2; exit 1; }
	@"$(PYTHON)" make.py "$@" $(MAKEOVERRIDES)
endif

# これがないと、make -B が Makefile まで .DEFAULT で作り直そうとする
Makefile: ;
