// 問を、答える欄にする。スクリプトのない環境では、問と選択肢と、畳んだ解説がそのまま残る。
"use strict";

// 答え方ごとの欄。elements は置くもの、answer() は今の答え（まだなら null と、足りないことを述べる文）、
// fill(答え) は答えを入れる。
Questions.inputs = {
  number({ id, unit }, title) {
    const input = Questions.make("input", {
      type: "text", id: `${id}-input`, inputmode: "text", autocomplete: "off", "aria-describedby": `${id}-how ${id}-told`,
    });
    const label = Questions.make("label", { for: input.id }, "答え");
    return {
      elements: [label, input, Questions.make("span", { class: "question-unit" }, unit)],
      answer: () => Questions.number(input.value, unit),
      missing: () =>
        input.value.trim()
          ? `「${input.value.trim()}」を数として読めませんでした。480 や 0.5、3/4 のように、数だけを書いてください。`
          : "数を書いてから、答えてください。",
      fill: (value) => (input.value = value),
      focus: () => input.focus(),
    };
  },

  choice({ id }, title, list) {
    const labels = [...list.children].map((item, k) => {
      const radio = Questions.make("input", { type: "radio", name: id, value: k + 1 });
      const words = Questions.make("span", {}, ...item.childNodes);
      for (const p of words.querySelectorAll(":scope > p")) p.replaceWith(...p.childNodes); // label に段落は入らない
      return Questions.make("label", { class: "question-option" }, radio, words);
    });
    const radios = labels.map((label) => label.firstChild);
    list.remove();
    const legend = Questions.make("legend", { class: "visually-hidden" }, `${title}の選択肢`);
    return {
      elements: [Questions.make("fieldset", { "aria-describedby": `${id}-how` }, legend, ...labels)],
      answer: () => Number(radios.find((radio) => radio.checked)?.value) || null,
      missing: () => "どれか 1 つを選んでから、答えてください。",
      fill: (value) => radios.forEach((radio, k) => (radio.checked = k + 1 === value)),
      focus: () => (radios.find((radio) => radio.checked) ?? radios[0]).focus(),
    };
  },

  order({ id, key }, title, list) {
    const items = [...list.children];
    const moved = Questions.make("p", { class: "visually-hidden", role: "status" });
    const place = (item) => [...list.children].indexOf(item);
    const settle = () => {
      for (const item of items) {
        const [up, down] = item.querySelectorAll("button");
        up.disabled = !item.previousElementSibling;
        down.disabled = !item.nextElementSibling;
      }
    };
    const move = (item, step) => {
      if (step < 0) item.previousElementSibling.before(item);
      else item.nextElementSibling.after(item);
      settle();
      const [up, down] = item.querySelectorAll("button");
      const pressed = step < 0 ? up : down;
      (pressed.disabled ? (step < 0 ? down : up) : pressed).focus();
      moved.textContent = `「${Questions.words(item.firstChild)}」を ${place(item) + 1} 番めに移しました。`;
    };
    items.forEach((item, k) => {
      const words = Questions.make("span", { class: "question-item", id: `${id}-item-${k + 1}` }, ...item.childNodes);
      const buttons = [["上へ", -1], ["下へ", 1]].map(([name, step]) => {
        const button = Questions.button(name, () => move(item, step), "question-move");
        button.id = `${id}-${step < 0 ? "up" : "down"}-${k + 1}`;
        button.setAttribute("aria-labelledby", `${words.id} ${button.id}`);
        return button;
      });
      item.append(words, ...buttons);
    });
    list.setAttribute("aria-label", `${title}の項目`);
    const fill = (order) => {
      list.append(...order.map((number) => items[number - 1]));
      settle();
    };
    const order = () => [...list.children].map((item) => items.indexOf(item) + 1);
    if (String(key.right) === String(order())) fill(order().reverse()); // 初めから正しい並びにはしない
    settle();
    return {
      elements: [list, moved],
      answer: order,
      fill,
      focus: () => list.querySelector("button:enabled").focus(),
    };
  },
};

// 読み上げるための文。数式は、その読みにする。
Questions.words = (element) => {
  const copy = element.cloneNode(true);
  for (const math of copy.querySelectorAll('[role="math"]')) {
    math.replaceWith(math.getAttribute("aria-label"));
  }
  return copy.textContent.trim();
};

// 問のすぐ後に折りたたんである結果を開く。予想してから見るために、たたんである。
Questions.openResults = (question) => {
  let opened = false;
  for (let next = question.nextElementSibling; next; next = next.nextElementSibling) {
    const folds = next.querySelectorAll(":scope > details.hide:is(.below-input, .above-output)");
    if (next.matches(".question, section") || (opened && !folds.length)) return;
    for (const fold of folds) opened = fold.open = true;
  }
};

Questions.box = (question) => {
  const { number, form, unit } = question.dataset;
  const id = question.id;
  const key = Questions.reveal(question.dataset.key, number);
  const caption = question.querySelector(".admonition-title");
  const how = question.querySelector(".question-how");
  const hints = question.querySelector(".question-hints");
  const explanation = question.querySelector(".question-answer");
  const mark = Questions.make("span", { class: "question-mark" });
  const told = Questions.make("div", { class: "question-told", id: `${id}-told`, role: "status", "aria-live": "polite" });
  const input = Questions.inputs[form]({ id, unit, key }, `問 ${number} `, question.querySelector(".question-items"));

  const tell = (state, text, ...more) => {
    told.className = `question-told ${state}`;
    told.replaceChildren(Questions.make("p", {}, Questions.make("b", {}, text)), ...more);
  };
  const show = ({ state, tries }) => {
    const words = { 正解: "正解", 見た: "答えを見た", 試した: `${tries} 回試した` };
    mark.textContent = words[state];
    mark.dataset.state = state;
  };

  const answered = (event) => {
    event.preventDefault();
    const answer = input.answer();
    if (answer === null) {
      tell("missing", input.missing());
      input.focus();
      return;
    }
    const { right, hint } = Questions.judge(form, key, answer);
    show(Questions.note(number, right ? "正解" : "試した", answer));
    if (right) {
      if (explanation) explanation.open = true;
      tell("right", "正解です。");
      return;
    }
    const text = hints.children[hint]?.cloneNode(true);
    tell("wrong", text ? "違います。" : "違います。問の文を読み直してから、もう一度どうぞ。", text ?? "");
  };

  const looked = () => {
    show(Questions.note(number, "見た"));
    input.fill(key.shown ?? key.right);
    tell("looked", "上の欄を、正しい答えにしました。");
    explanation.open = true;
    explanation.querySelector("summary").focus();
  };

  explanation?.addEventListener("toggle", () => explanation.open && Questions.openResults(question));
  how.id = `${id}-how`;
  caption.id = `${id}-title`;
  caption.append(mark);
  question.setAttribute("role", "group");
  question.setAttribute("aria-labelledby", caption.id);
  const buttons = Questions.make("div", { class: "question-buttons" });
  buttons.append(Questions.make("button", { type: "submit", class: "question-button question-main" }, "答える"));
  if (explanation) buttons.append(Questions.button("答えを見る", looked));
  const entry = Questions.make("div", { class: `question-entry question-${form}` }, ...input.elements);
  const box = Questions.make("form", { class: "question-form", novalidate: "" }, entry, buttons, told);
  box.addEventListener("submit", answered);
  how.after(box);

  const before = Questions.read().questions[number];
  if (before) {
    show(before);
    if (before.state !== "試した") Questions.openResults(question);
    if (before.answer !== undefined && form !== "order") input.fill(before.answer);
  }
};

document.querySelectorAll(".question[data-key]").forEach(Questions.box);
