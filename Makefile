# 『動かして確かめる LSTM』
#   make html   本を作る（全章を実行する）
#   make test   テストを走らせる
# .venv は自動で作る。今の環境を使うときは `make html VENV=`。

VENV ?= .venv
BUILD ?= build
EDITION ?=
# 条件に結びつけた文が成り立たなければ失敗にするなら STRICT=1（この本の基準の実行で使う）
STRICT ?=
JOBS ?= 0
# 入れるのは、試した版の組み合わせ。`make html CONSTRAINTS=` なら、許す範囲でいちばん新しい版。
# 今の環境（VENV=）では、すでに入っているものを入れ替えないように、範囲だけを守る。
CONSTRAINTS ?= $(if $(strip $(VENV)),constraints.txt)

# Python 3.11 以上の最初の一つ。
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
  $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)

ifeq ($(strip $(VENV)),)
PY := $(PYTHON)
READY := $(BUILD)/.ready$(subst /,_,$(shell $(PY) -c 'import sys; print(sys.prefix)'))
else
PY := $(VENV)/bin/python
READY := $(VENV)/.ready
endif

# 使いみちごとに加えるもの（pyproject.toml の test、pdf、vectors、onnx）の目印
WITH_TEST := $(READY)-test
WITH_PDF := $(READY)-pdf
WITH_VECTORS := $(READY)-vectors
WITH_ONNX := $(READY)-onnx
# 使わないファイルまで先にコンパイルすると、それだけで数十秒かかる
PIP_INSTALL = $(PY) -m pip install --quiet --no-compile $(if $(strip $(CONSTRAINTS)),-c $(CONSTRAINTS))

SUFFIX := $(if $(EDITION),-$(EDITION))
SPHINX = $(PY) -m sphinx -c . -n -W --keep-going -D execution_jobs=$(JOBS) $(if $(EDITION),-t $(EDITION)) \
  $(if $(STRICT),-D guards_strict=1)
HTML := $(BUILD)/html$(SUFFIX)
EPUB := $(BUILD)/epub$(SUFFIX)
PDF := $(BUILD)/lstm_text$(SUFFIX).pdf
DOCTREES := $(BUILD)/doctrees$(SUFFIX)
DATA := $(BUILD)/.data
UNFINISHED := $(BUILD)/.unfinished$(SUFFIX)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
# 読み込みのたびにコンパイルし直すと、章ごとに何秒もむだになる
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help html epub pdf data test doctest answers check records bench linkcheck live constraints clean

help:  ## この一覧を出す
	@echo '使い方: make 目的   （今の環境を使うなら VENV= を付ける）'
	@sed -n 's/^\([a-z]*\)[^:]*:.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

# 前のビルドが途中で終わって（失敗して）いたら、書きかけの本と、Sphinx の中間結果は捨てる。
# そうしないと、一度出た警告が次のビルドで消えたり、書きかけのページが残ったりする。
# 実行結果のキャッシュは残るので、済んだ章を実行し直すことはない。
define book
@test ! -e $(UNFINISHED) || rm -rf "$$(cat $(UNFINISHED))" $(DOCTREES)
@mkdir -p $(BUILD) && echo $(2) > $(UNFINISHED)
$(SPHINX) -b $(1) -d $(DOCTREES) book $(2)
@rm $(UNFINISHED)
endef

html: $(READY) $(DATA)  ## 本を作る（EDITION=nosolutions で解答なしの版）
	$(call book,html,$(HTML))
	@echo 'できました: $(HTML)/index.html'

epub: $(READY) $(DATA)  ## EPUB の本を作る（html と同じ実行結果を使う）
	$(call book,epub,$(EPUB))
	@echo 'できました: $(EPUB)/lstm_text.epub'

pdf: $(WITH_PDF)
pdf: html  ## PDF の本を作る（Chromium が要る）
	@$(PY) book/_ext/editions/print_pdf.py $(HTML) $(PDF)

# 通信できなければ内蔵コーパスで作る。一度試したら、次からは待たない（make data で試し直す）。
data $(DATA): $(READY)  ## 本で使うデータを取ってくる（LSTM_TEXT_OFFLINE=1 なら取らない）
	@mkdir -p $(BUILD)
	$(PY) -m lstm_text.datasets
	@touch $(DATA)

# 並べたプロセスのそれぞれが CPU の数だけスレッドを使うと、取り合って何倍も遅くなる。
# 一度に少しずつ（16 個）配らないと、遅いブラウザの試験が 1 つのプロセスにかたまる。
test: $(WITH_TEST)  ## テストを走らせる
	OMP_NUM_THREADS=1 $(PY) -m pytest -n auto --maxprocesses 4 --maxschedchunk 16

doctest: $(READY)  ## パッケージの説明にある例だけを確かめる
	$(PY) -m pytest lstm_text

answers: $(READY)  ## 練習のひな形を answers に写す（すでにあるファイルには触らない）
	@$(PY) -m tests.exercises.engine.answers answers

# 要修正があると終了コードは 1。make の英語のエラーは読者には要らないので、ここでは無視する。
check: $(READY)  ## 練習の答えを確かめる（EX=2.1 で 1 題、HINT=1 でヒント）
	@$(PY) -m pytest --answers answers $(if $(EX),-k '$(EX)') $(if $(HINT),--hint $(HINT)) || true

# 止めても、もう一度 make すれば続きから測る。スレッドの数が違う記録は、測り直しの対象になる。
# oneDNN の取り置きを 16 個にしないと、形のまちまちな事前学習で数 GB よけいに使う。
# 単語ベクトルの道具は、映画レビューの実験だけが使う。何時間も測ったあとで足りないと知らせないように、先に入れる。
records: $(if $(LIST)$(filter-out imdb_% serving,$(NAME)),$(READY),$(WITH_VECTORS) $(WITH_ONNX))  ## 実験の記録を作り直す（足りないものと古いもの。NAME=recall で 1 つだけ、LIST=1 で一覧）
	OMP_NUM_THREADS=$${OMP_NUM_THREADS:-1} ONEDNN_PRIMITIVE_CACHE_CAPACITY=16 $(PY) -m lstm_text.experiments --folder book/records $(if $(LIST),--list) $(NAME)

# 比は、ほかの仕事をしていない計算機で、1 スレッドで測る。途中で止めても続きから測る。
bench: $(READY)  ## 再帰層の速さとメモリを測って表を出す（SHOW=1 で、ある記録の表を出すだけ）
	$(if $(SHOW),,OMP_NUM_THREADS=1 $(PY) -m lstm_text.experiments --folder book/records bench_layers)
	@$(PY) -m lstm_text.experiments --folder book/records --show bench_layers

linkcheck: $(READY)  ## 本の外へのリンクが生きているかを調べる（通信が要る）
	$(PY) -m sphinx -c . -b linkcheck -D nb_execution_mode=off -d $(BUILD)/doctrees-linkcheck book $(BUILD)/linkcheck

live: html  ## 作った本を http://localhost:8000 で読む
	$(PY) -m http.server --bind 127.0.0.1 --directory $(HTML) 8000

# 新しい版に上げるには、`make test html VENV=build/newest CONSTRAINTS=` が通ってから、
# `make constraints VENV=build/newest CONSTRAINTS=`。説明はそのままに、版だけを書き直す。
# 書かないもの（と、その理由）は、constraints.txt の説明にある。
UNPINNED := torch|triton|nvidia-.*|cuda-.*|sympy|mpmath|networkx|fsspec|soupsieve|pip|setuptools|wheel
constraints: $(WITH_TEST)
	@mkdir -p $(BUILD)
	@{ sed '/^#/!q' constraints.txt; \
	  $(PY) -m pip freeze --exclude-editable | tr 'A-Z_' 'a-z-' | LC_ALL=C sort -t= -k1,1 \
	  | sed -E '/^($(UNPINNED))==/d'; } > $(BUILD)/constraints.txt
	@mv $(BUILD)/constraints.txt constraints.txt

clean:  ## 作ったもの（build）を消す。.venv と自分の答えは残す
	rm -rf $(BUILD)

$(READY): requirements.txt pyproject.toml $(CONSTRAINTS)
ifeq ($(strip $(PYTHON)),)
	@echo 'Python 3.11 以上が見つかりません。入れてから、もう一度 make してください。' >&2
	@echo '場所を教えるなら: make html PYTHON=/path/to/python3.12' >&2
	@exit 1
endif
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Python 3.11 以上が必要ですが、$$($(PYTHON) --version) です。" >&2; exit 1; }
ifneq ($(strip $(VENV)),)
	@echo '環境を $(VENV) に作ります（初回は数分かかります）'
	@$(PYTHON) -m venv $(VENV) || \
	  { echo 'venv を作れません。Debian や Ubuntu なら python3-venv を入れてください。' >&2; exit 1; }
endif
	@mkdir -p $(BUILD)
	@if $(PY) -c 'import torch' 2>/dev/null; then sed '/^torch==/d' requirements.txt; \
	  else cat requirements.txt; fi > $(BUILD)/requirements.txt
	$(PIP_INSTALL) -r $(BUILD)/requirements.txt -e .
	@touch $@

$(WITH_TEST) $(WITH_PDF) $(WITH_VECTORS) $(WITH_ONNX): $(READY)-%: $(READY)
	$(PIP_INSTALL) -e '.[$*]'
	@touch $@
