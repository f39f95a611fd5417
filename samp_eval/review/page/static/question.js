// What stands beside an answer: the case, the question, its key, and what is behind the key.

import { byId, element } from "./elements.js";

const FOLDED_AFTER = 2;
const NARROW = window.matchMedia("(max-width: 62rem)");

let shown;

export function showQuestion(question) {
  showCase(question);
  if (shown === question) return; // what is there keeps its focus
  shown = question;
  byId("question").textContent = `${question.question} ${question.instruction}`;
  byId("options").replaceChildren(...question.options.map((line) => element("li", line)));
  const entries = question.key.map(({ letter, wordings }) => entry(letter, wordings));
  byId("key").replaceChildren(...entries, entry("0", ["none of the key"]));
  byId("refused").replaceChildren(...question.refused.map(refused));
  byId("refused-part").hidden = question.refused.length === 0;
  byId("rationale").textContent = question.rationale ?? "";
  byId("source").textContent = question.source ?? "";
  byId("why-part").hidden = !question.rationale && !question.source;
}

// On a narrow page the case makes room once its first answer has been looked at.
function showCase(question) {
  const text = question.case.join("\n");
  const box = byId("case-box");
  if (NARROW.matches) box.open = box.dataset.shown !== text;
  if (box.dataset.shown === text) return;
  box.dataset.shown = text;
  const parts = text.split("\n\n").map((part) => element("p", part.split("\n").join(" · ").replace("Vital signs · ", "Vital signs: ")));
  byId("case").replaceChildren(...parts);
}

function entry(letter, [answer, ...others]) {
  const place = element("div", "", { class: "entry" });
  const button = element("button", "", { type: "button", "data-field": "key", "data-value": letter, "aria-keyshortcuts": letter });
  const words = element("span", answer);
  words.append(element("small", others.slice(0, FOLDED_AFTER).map((wording) => ` / ${wording}`).join("")));
  button.append(element("kbd", letter), words);
  place.append(button);
  if (others.length > FOLDED_AFTER) place.append(further(answer, others.slice(FOLDED_AFTER)));
  return place;
}

function further(answer, wordings) {
  const box = element("details", "", { class: "further" });
  box.append(element("summary", `+${wordings.length}`, { "aria-label": `${wordings.length} more wordings of ${answer}` }), element("p", wordings.join(" / ")));
  return box;
}

function refused({ wordings, reason }) {
  const line = element("li");
  const [answer, ...others] = wordings;
  line.append(element("b", answer), others.slice(0, FOLDED_AFTER).map((wording) => ` / ${wording}`).join(""));
  if (others.length > FOLDED_AFTER) line.append(further(answer, others.slice(FOLDED_AFTER)));
  line.append(`: ${reason}`);
  return line;
}
