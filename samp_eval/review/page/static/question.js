// What stands beside an answer: the case, the question, its key, and what is behind the key.

import { byId, element } from "./elements.js";

const FOLDED_AFTER = 2;
const MANY = 10; // entries; narrower columns hold more of them
const NARROW = window.matchMedia("(max-width: 62rem)");

let shown;

// Shows a question; returns where reading it begins.
export function showQuestion(question, isNewAnswer) {
  const isNewCase = showCase(question, isNewAnswer);
  if (shown !== question) showKey(question); // otherwise what is there keeps its focus
  shown = question;
  return byId(isNewCase && NARROW.matches ? "case-box" : "question");
}

// The question itself, with its options.
export function showAsked(question) {
  byId("question").textContent = `${question.question} ${question.instruction}`;
  byId("options").replaceChildren(...question.options.map((line) => element("li", line)));
}

function showKey(question) {
  showAsked(question);
  const entries = question.key.map(({ letter, wordings }) => entry(letter, wordings));
  byId("key").replaceChildren(...entries, entry("0", ["none of the key"]));
  byId("key").classList.toggle("many", entries.length > MANY);
  showRefused(question);
  byId("rationale").textContent = question.rationale ?? "";
  byId("source").textContent = question.source ?? "";
  byId("why-part").hidden = !question.rationale && !question.source;
}

export function showRefused(question) {
  byId("refused").replaceChildren(...question.refused.map(refused));
  byId("refused-part").hidden = question.refused.length === 0;
}

// On a narrow page the case makes room once its first answer has been looked at.
export function showCase(question, isNewAnswer) {
  const text = question.case.join("\n");
  const shownCase = [text, ...question.pictures.map(({ src }) => src)].join("\n");
  const box = byId("case-box");
  const isNew = box.dataset.shown !== shownCase;
  if (NARROW.matches && isNewAnswer) box.open = isNew;
  if (!isNew) return false;
  box.dataset.shown = shownCase;
  const parts = text.split("\n\n").map((part) => element("p", part.split("\n").join(" · ").replace("Vital signs · ", "Vital signs: ")));
  byId("case").replaceChildren(...parts, ...question.pictures.map(picture));
  return true;
}

// A picture with its credit; it opens by itself, as large as it is: beside the answer a rhythm strip is too small to read.
function picture({ src, alt, credit }) {
  const figure = element("figure");
  const place = { href: src, target: "_blank", rel: "noopener" };
  const [link, words] = [element("a", "", place), element("a", "Open at full size", place)];
  link.append(element("img", "", { src, alt }));
  const caption = element("figcaption", `${credit} `);
  caption.append(words);
  figure.append(link, caption);
  return figure;
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

function refused({ wordings: [answer, ...others], reason }) {
  const line = element("li");
  line.append(element("b", answer), `${others.slice(0, FOLDED_AFTER).map((wording) => ` / ${wording}`).join("")}: ${reason} `);
  if (others.length > FOLDED_AFTER) line.append(further(answer, others.slice(FOLDED_AFTER)));
  return line;
}
