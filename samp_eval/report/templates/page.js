"use strict";
(() => {
  // A click on a heading sorts a table that has no groups or totals.
  const words = new Intl.Collator("en", { numeric: true });
  const compare = (cell, other) =>
    cell.dataset.value && other.dataset.value
      ? cell.dataset.value - other.dataset.value
      : words.compare(cell.textContent, other.textContent);
  for (const table of document.querySelectorAll("main table")) {
    const body = table.tBodies[0];
    if (body.rows.length < 3 || body.querySelector(".group, .remark, .total")) continue;
    [...table.tHead.rows[0].cells].forEach((heading, place) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...heading.childNodes);
      heading.append(button);
      button.addEventListener("click", () => {
        const down = heading.ariaSort === "ascending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        heading.ariaSort = down ? "descending" : "ascending";
        const rows = [...body.rows].sort((row, other) => compare(row.cells[place], other.cells[place]));
        body.append(...(down ? rows.reverse() : rows));
      });
    });
  }

  // Filters the questions by text, topic and respondent, and opens or closes them together.
  const tools = document.getElementById("find");
  if (!tools) return; // the questions are in a page of their own
  const questions = [...document.querySelectorAll("details.question")];
  const [text, topic, respondent] = tools.querySelectorAll("input, select");
  const texts = new Map();
  const textOf = question => {
    if (!texts.has(question)) texts.set(question, question.textContent.toLowerCase());
    return texts.get(question);
  };
  const show = () => {
    const wanted = text.value.trim().toLowerCase();
    let shown = 0;
    for (const question of questions) {
      question.hidden = !(
        (!wanted || textOf(question).includes(wanted)) &&
        (!topic.value || question.dataset.topic === topic.value) &&
        (!respondent.value || question.dataset.missed.split(" ").includes(respondent.value))
      );
      shown += !question.hidden;
    }
    tools.querySelector("output").textContent = `${shown} of ${questions.length}`;
  };
  for (const control of [text, topic, respondent]) control.addEventListener("input", show);
  for (const button of tools.querySelectorAll("button")) {
    button.addEventListener("click", () => {
      for (const question of questions) question.open = button.value === "open" && !question.hidden;
    });
  }
  tools.hidden = false;
  document.querySelector(".unfold").hidden = true;
  show();
})();
