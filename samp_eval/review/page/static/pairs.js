// The page of pairs: shows two responses side by side, takes a choice, and says whether every choice is saved.

import { byId, element, visible } from "./elements.js";
import { showCase } from "./question.js";
import { MarkQueue } from "./queue.js";

const KEYS_OF_CHOICES = { 1: "first", 2: "second", 3: "equal", 4: "poor" };
const base = window.location.pathname.replace(/\/?$/, "/");
const queue = new MarkQueue(`${base}choices`, { onState: showSaved, onHeld: hold });
let work;
let at = 0;

async function load() {
  try {
    const response = await fetch(`${base}work`);
    const found = await response.json();
    if (!response.ok) throw new Error(found.problem);
    work = found;
  } catch (error) {
    byId("saved").textContent = `${error instanceof TypeError ? "No connection" : error.message}; trying again`;
    byId("saved").className = "waiting";
    setTimeout(load, 2000);
    return;
  }
  queue.waiting().forEach(hold);
  at = Math.max(0, work.rows.findIndex((row) => row.choice === ""));
  queue.send();
  show();
}

function showSaved({ waiting, problem, refused }) {
  const lost = waiting > 0 && problem !== undefined;
  byId("saved").className = lost || refused ? "waiting" : "";
  if (refused) byId("saved").textContent = `A choice was refused: ${refused}. Reload the page.`;
  else if (lost) byId("saved").textContent = `${waiting} not saved yet: ${problem}. Kept in this browser, trying again.`;
  else byId("saved").textContent = waiting > 0 ? "Saving" : "✓ All choices saved";
  if (work?.rows.length) showProgress();
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
  byId("question").textContent = `${question.question} ${question.instruction}`;
  byId("options").replaceChildren(...question.options.map((line) => element("li", line)));
  for (const side of ["first", "second"]) byId(side).replaceChildren(...row[side].map(line));
  if (document.activeElement !== byId("reason") || byId("reason").dataset.row !== row.row) byId("reason").value = row.reason;
  byId("reason").dataset.row = row.row;
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
  byId("progress").max = total;
  byId("progress").value = done;
  byId("progress-text").textContent = done === total ? `all of ${total} compared` : `${done} of ${total}`;
  byId("position").textContent = `Pair ${at + 1} of ${total}`;
  const unsaved = queue.state().waiting > 0;
  byId("finished").hidden = done < total;
  byId("finished-text").textContent = unsaved ? "All pairs are compared. Please leave this page open until all choices are saved." : "All pairs are compared and saved. Thank you: nothing is left to do, and you can close this page.";
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

const KEYS = {
  ArrowRight: () => move(1),
  Enter: () => move(1),
  ArrowLeft: () => move(-1),
  " ": moveToOpen,
  "/": () => byId("reason").focus(),
  "?": () => byId("guide").showModal(),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]") || !work?.rows.length) return;
  if (event.target === byId("reason")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const onControl = event.target.closest("button, input, summary, a") !== null;
  if (onControl && (event.key === "Enter" || event.key === " ")) return;
  if (!byId("single-keys").checked && event.key.length === 1) return;
  const choice = KEYS_OF_CHOICES[event.key];
  const action = choice ? () => choose(choice) : KEYS[event.key];
  if (action === undefined || event.repeat) return;
  event.preventDefault();
  action();
}

document.addEventListener("keydown", onKey);
document.addEventListener("click", (event) => event.detail > 0 && event.target.closest("button")?.blur(), { capture: true });
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-choice]");
  if (button !== null) choose(button.dataset.choice);
});
byId("reason").addEventListener("change", giveReason);
byId("back").addEventListener("click", KEYS.ArrowLeft);
byId("next").addEventListener("click", KEYS.ArrowRight);
byId("next-open").addEventListener("click", KEYS[" "]);
byId("guide-open").addEventListener("click", KEYS["?"]);
byId("guide-close").addEventListener("click", () => byId("guide").close());
window.addEventListener("beforeunload", (event) => {
  if (queue.state().waiting > 0 && queue.problem !== undefined) event.preventDefault();
});
load();
