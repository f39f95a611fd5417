// The page of pairs: shows two responses side by side, takes a choice, and says whether every choice is saved.

import { byId, element, visible } from "./elements.js";
import { showAsked, showCase } from "./question.js";
import { listen, loadWork, pageQueue, showDone, showFinished, showText } from "./shell.js";

const KEYS_OF_CHOICES = { 1: "first", 2: "second", 3: "equal", 4: "poor" };
const queue = pageQueue("choices", { onHeld: hold, onState: () => work?.rows.length && showProgress() });
let work;
let at = 0;

function start(found) {
  work = found;
  queue.waiting().forEach(hold);
  at = Math.max(0, work.rows.findIndex((row) => row.choice === ""));
  queue.send();
  show();
}

// What holds for a pair, whichever tab it comes from.
function hold({ row, field, value }) {
  const found = work?.rows.find((one) => one.row === row);
  if (found === undefined) return;
  found[field] = value;
  if (found === work.rows[at]) show();
}

function show() {
  byId("main").hidden = work.rows.length === 0;
  if (work.rows.length === 0) {
    byId("progress-text").textContent = "There is nothing to compare";
    return;
  }
  const row = work.rows[at];
  const question = work.questions[row.question];
  showCase(question, true);
  showAsked(question);
  for (const side of ["first", "second"]) byId(side).replaceChildren(...row[side].map(line));
  showText("reason", row, row.reason);
  for (const button of document.querySelectorAll("[data-choice]")) button.setAttribute("aria-pressed", String(button.dataset.choice === row.choice));
  showProgress();
}

function line(text) {
  const shown = element("p");
  shown.append(...visible(text));
  return shown;
}

function showProgress() {
  const total = work.rows.length;
  const done = work.rows.filter((row) => row.choice !== "").length;
  showDone(done, total, "compared");
  byId("position").textContent = `Pair ${at + 1} of ${total}`;
  showFinished(done === total, "All pairs are compared", "choices", queue.state().waiting);
}

function choose(choice) {
  const row = work.rows[at];
  if (row.choice !== choice) {
    give(row, "choice", choice);
    if (row.reason === "" && byId("reason").value.trim() !== "") give(row, "reason", byId("reason").value);
  }
  if (byId("go-on").checked) moveToOpen();
  show();
}

// A reason goes out with a choice, and waits for it in the page until then.
function giveReason() {
  const row = work.rows[at];
  if (row.choice !== "" && byId("reason").value !== row.reason) give(row, "reason", byId("reason").value);
}

function give(row, field, value) {
  row[field] = value;
  queue.add({ row: row.row, field, value, seen: "" });
}

function move(by) {
  giveReason();
  at = Math.min(work.rows.length - 1, Math.max(0, at + by));
  show();
}

function moveToOpen() {
  giveReason();
  const order = work.rows.map((_, place) => (at + 1 + place) % work.rows.length);
  at = order.find((place) => work.rows[place].choice === "") ?? at;
  show();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-choice]");
  if (button !== null) choose(button.dataset.choice);
});
byId("reason").addEventListener("change", giveReason);
listen({
  isReady: () => work?.rows.length > 0,
  move,
  moveToOpen,
  startText: () => byId("reason").focus(),
  actionFor: (key) => KEYS_OF_CHOICES[key] && (() => choose(KEYS_OF_CHOICES[key])),
});
loadWork(start);
