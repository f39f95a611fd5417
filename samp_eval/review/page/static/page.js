// The marking page: shows one answer, takes keys and clicks, and says whether every mark is saved.

import { MarkQueue } from "./queue.js";
import { Work } from "./work.js";

const byId = (id) => document.getElementById(id);
const HIDDEN = /[\u0000-\u0008\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/u;
const IN_WORDS = { key: { 0: "none" }, judgement: { 0: "wrong", 1: "right" } };
const NARROW = window.matchMedia("(max-width: 62rem)");
const base = window.location.pathname.replace(/\/?$/, "/");
const queue = new MarkQueue(`${base}marks`, showSaved);
let work;

async function load() {
  try {
    const response = await fetch(`${base}work`);
    const found = await response.json();
    if (!response.ok) throw new Error(found.problem);
    work = new Work(found);
  } catch (error) {
    byId("saved").textContent = `${error instanceof TypeError ? "No connection" : error.message}; trying again`;
    byId("saved").className = "waiting";
    setTimeout(load, 2000);
    return;
  }
  for (const mark of queue.waiting) {
    const row = work.rows.find((one) => one.row === mark.row);
    if (row) row.marks[mark.field] = mark.value;
  }
  queue.send();
  show();
}

function showSaved({ waiting, problem, refused }) {
  const place = byId("saved");
  const lost = waiting > 0 && problem !== undefined;
  place.className = lost || refused ? "waiting" : "";
  if (refused) place.textContent = `A mark was refused: ${refused}. Reload the page.`;
  else if (lost) place.textContent = `${waiting} not saved yet: ${problem}. Kept in this browser, trying again.`;
  else if (waiting > 0) place.textContent = "Saving";
  else place.textContent = "✓ All marks saved";
}

function show() {
  if (work.rows.length === 0) {
    byId("progress-text").textContent = work.adjudication ? "No disagreement is open" : "There is nothing to mark yet";
    byId("main").hidden = true;
    return;
  }
  const { row, question } = work;
  showCase(question);
  byId("question").textContent = `${question.question} ${question.instruction}`;
  byId("options").replaceChildren(...question.options.map((line) => element("li", line)));
  byId("answer").replaceChildren(...visible(row.answer));
  const disputed = Object.entries(row.both).map(([basis, values]) => `by ${basis} ${values.map((value) => IN_WORDS[basis][value] ?? value).join(" or ")}`);
  byId("both").hidden = disputed.length === 0;
  byId("both").textContent = `The reviewers differ: ${disputed.join("; ")}`;
  showKey(question);
  byId("comment").value = row.marks.comment ?? "";
  for (const button of document.querySelectorAll("[data-field]")) {
    button.setAttribute("aria-pressed", String((row.marks[button.dataset.field] ?? "") === button.dataset.value));
  }
  showList();
  showProgress();
}

function showCase(question) {
  const text = question.case.join("\n");
  const box = byId("case-box");
  if (NARROW.matches) box.open = box.dataset.shown !== text;
  if (box.dataset.shown === text) return;
  box.dataset.shown = text;
  const parts = text.split("\n\n").map((part) => element("p", part.split("\n").join(" · ").replace("Vital signs · ", "Vital signs: ")));
  byId("case").replaceChildren(...parts);
}

function showKey(question) {
  const entries = question.key.map(({ letter, wordings }) => entryButton(letter, letter, wordings[0], wordings.slice(1).join(" / ")));
  byId("key").replaceChildren(entryButton("0", "0", "none of the key", ""), ...entries);
  byId("refused").replaceChildren(...question.refused.map((one) => element("li", `${one.wordings.join(" / ")}: ${one.reason}`)));
  byId("refused-box").hidden = question.refused.length === 0;
}

function entryButton(value, key, wording, others) {
  const button = element("button", "");
  button.type = "button";
  button.dataset.field = "key";
  button.dataset.value = value;
  button.setAttribute("aria-keyshortcuts", key);
  button.append(element("kbd", key), element("span", wording));
  if (others) button.append(element("small", others));
  return button;
}

function showList() {
  const list = byId("list");
  const shown = byId("list-toggle").getAttribute("aria-pressed") === "true";
  list.hidden = !shown;
  byId("answer").hidden = shown;
  if (!shown) return;
  const [first, last] = work.sameQuestion();
  const items = work.rows.slice(first, last + 1).map((row, index) => {
    const item = element("li", "");
    const button = element("button", "");
    button.type = "button";
    button.setAttribute("aria-current", String(first + index === work.at));
    const answer = element("span", "");
    answer.append(...visible(row.answer));
    button.append(answer, element("span", work.inWords(row) || "open"));
    button.addEventListener("click", () => {
      work.at = first + index;
      show();
    });
    item.append(button);
    return item;
  });
  list.replaceChildren(...items);
  items[work.at - first].scrollIntoView({ block: "nearest" });
}

function showProgress() {
  const { done } = work;
  const total = work.rows.length;
  const minutes = work.minutesLeft();
  const left = minutes === undefined || done === total ? "" : `, about ${minutes < 1 ? "1 minute" : duration(minutes)} left`;
  byId("progress").max = total;
  byId("progress").value = done;
  byId("progress-text").textContent = done === total ? `All ${total} marked. Thank you.` : `${done} of ${total}${left}`;
  const [first, last] = work.sameQuestion();
  byId("position").textContent = `Answer ${work.at + 1} of ${total} · ${work.at - first + 1} of ${last - first + 1} to this question${work.isDone(work.row) ? " · marked" : ""}`;
}

function duration(minutes) {
  const whole = Math.round(minutes);
  return whole < 60 ? `${whole} minutes` : `${Math.floor(whole / 60)} h ${whole % 60} min`;
}

function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

function visible(text) {
  return Array.from(text).reduce((parts, character) => {
    if (HIDDEN.test(character)) {
      const name = element("span", `U+${character.codePointAt(0).toString(16).toUpperCase().padStart(4, "0")}`);
      name.className = "hidden-character";
      parts.push(name);
    } else if (typeof parts.at(-1) === "string") parts[parts.length - 1] += character;
    else parts.push(character);
    return parts;
  }, []);
}

function give(field, value) {
  const pressed = work.row.marks[field] === value;
  const mark = work.mark(field, pressed && field === "harm" ? "" : value);
  if (mark === undefined) return;
  const { completed, ...sent } = mark;
  queue.add(sent);
  if (completed) byId("last").textContent = `Before: ${work.row.answer.slice(0, 80)} – ${work.inWords(work.row)}`;
  if (completed && byId("go-on").checked) work.moveToOpen();
  show();
}

function undo() {
  const mark = work.undo();
  if (mark === undefined) return;
  queue.add(mark);
  byId("last").textContent = `Taken back: ${mark.field}`;
  show();
}

function go(move) {
  keepComment();
  move();
  show();
}

function keepComment() {
  const value = byId("comment").value.trim();
  if (value !== (work.row.marks.comment ?? "")) give("comment", value);
}

function toggleList() {
  const toggle = byId("list-toggle");
  toggle.setAttribute("aria-pressed", String(toggle.getAttribute("aria-pressed") !== "true"));
  show();
}

const KEYS = {
  1: () => give("judgement", "1"),
  2: () => give("judgement", "0"),
  3: () => give("harm", "1"),
  0: () => give("key", "0"),
  Backspace: undo,
  ArrowRight: () => go(() => work.move(1)),
  Enter: () => go(() => work.move(1)),
  ArrowLeft: () => go(() => work.move(-1)),
  " ": () => go(() => work.moveToOpen()),
  "/": () => byId("comment").focus(),
  "?": () => byId("guide").showModal(),
  ".": toggleList,
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || byId("guide").open || !work?.rows.length) return;
  if (event.target === byId("comment")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const onControl = event.target.closest("button, input, summary, a") !== null;
  if (onControl && (event.key === "Enter" || event.key === " ")) return;
  if (!byId("single-keys").checked && event.key.length === 1) return;
  const letter = work.question.key.find((entry) => entry.letter === event.key.toUpperCase());
  const action = letter ? () => give("key", letter.letter) : KEYS[event.key];
  if (action === undefined || event.repeat) return;
  event.preventDefault();
  action();
}

document.addEventListener("keydown", onKey);
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-field]");
  if (button) give(button.dataset.field, button.dataset.value);
});
byId("comment").addEventListener("change", keepComment);
byId("back").addEventListener("click", KEYS.ArrowLeft);
byId("next").addEventListener("click", KEYS.ArrowRight);
byId("next-open").addEventListener("click", KEYS[" "]);
byId("undo").addEventListener("click", undo);
byId("list-toggle").addEventListener("click", toggleList);
byId("guide-open").addEventListener("click", KEYS["?"]);
byId("guide-close").addEventListener("click", () => byId("guide").close());
window.addEventListener("beforeunload", (event) => {
  if (queue.waiting.length > 0) event.preventDefault();
});
load();
