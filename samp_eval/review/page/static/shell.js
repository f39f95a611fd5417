// What the pages have in common: how work is loaded, what is saved, which keys there are, and two tabs that differ.

import { byId, element } from "./elements.js";
import { MarkQueue } from "./queue.js";

const base = window.location.pathname.replace(/\/?$/, "/");

// Loads all that the page shows, and tries until the server gives it.
export async function loadWork(onWork) {
  let found;
  try {
    const response = await fetch(`${base}work`);
    found = await response.json();
    if (!response.ok) throw new Error(found.problem);
  } catch (error) {
    byId("saved").textContent = `${error instanceof TypeError ? "No connection" : error.message}; trying again`;
    byId("saved").className = "waiting";
    setTimeout(() => loadWork(onWork), 2000);
    return;
  }
  onWork(found);
}

// The queue of what the page sends: marks, choices or ratings.
export function pageQueue(sends, { onHeld, onState }) {
  const queue = new MarkQueue(`${base}${sends}`, {
    onHeld,
    onState: (state) => {
      showSaved(sends, state);
      onState();
    },
  });
  window.addEventListener("beforeunload", (event) => {
    if (queue.state().waiting > 0 && queue.problem !== undefined) event.preventDefault();
  });
  return queue;
}

function showSaved(sends, { waiting, problem, refused }) {
  const lost = waiting > 0 && problem !== undefined;
  byId("saved").className = lost || refused ? "waiting" : "";
  if (refused) byId("saved").textContent = `A ${sends.slice(0, -1)} was refused: ${refused}. Reload the page.`;
  else if (lost) byId("saved").textContent = `${waiting} not saved yet: ${problem}. Kept in this browser, trying again.`;
  else byId("saved").textContent = waiting > 0 ? "Saving" : `✓ All ${sends} saved`;
}

export function showDone(done, total, words, left = "") {
  byId("progress").max = total;
  byId("progress").value = done;
  byId("progress-text").textContent = done === total ? `all of ${total} ${words}` : `${done} of ${total}${left}`;
}

export function showFinished(isFinished, all, sends, unsaved) {
  byId("finished").hidden = !isFinished;
  byId("finished-text").textContent = unsaved > 0 ? `${all}. Please leave this page open until all ${sends} are saved.` : `${all} and saved. Thank you: nothing is left to do, and you can close this page.`;
}

// Where another page of this reviewer said something else: both, until the reviewer decides.
export function showUndecided(row, inWords, give) {
  const fields = Object.keys(row.against);
  const choices = fields.flatMap((field) => [row.marks[field] ?? "", row.against[field]].map((value, place) => {
    const button = element("button", `${field.replaceAll("_", " ")}: ${inWords(field, value)} ${place === 0 ? "(holds now)" : "(from the other page)"}`, { type: "button" });
    button.addEventListener("click", () => give({ [field]: value }));
    return button;
  }));
  byId("undecided").hidden = fields.length === 0;
  byId("undecided-choices").replaceChildren(...choices);
}

// A text that is not being written in shows what holds.
export function showText(id, row, value) {
  const place = byId(id);
  if (document.activeElement !== place || place.dataset.row !== row.row) place.value = value;
  place.dataset.row = row.row;
}

// Keeps what is being typed; says whether it is new.
export function keepText(queue, work, field, value) {
  const { row } = work;
  if (value === (row.marks[field] ?? "")) return false;
  const text = { row: row.row, field, value, seen: row.versions[field] ?? "" };
  work.hold({ ...text, version: queue.addDraft(text).id, against: null });
  return true;
}

// Ways through the page, by keys and by buttons; `actionFor` says what any other key does.
export function listen({ isReady, move, moveToOpen, startText, actionFor }) {
  const keys = {
    ArrowRight: () => move(1),
    Enter: () => move(1),
    ArrowLeft: () => move(-1),
    " ": moveToOpen,
    "/": startText,
    "?": () => byId("guide").showModal(),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]") || !isReady()) return;
    if (event.target.matches("textarea, input:not([type=checkbox])")) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    const onControl = event.target.closest("button, input, summary, a") !== null;
    if (onControl && (event.key === "Enter" || event.key === " ")) return;
    if (!byId("single-keys").checked && event.key.length === 1) return;
    const action = actionFor(event.key) ?? keys[event.key];
    if (action === undefined || event.repeat) return;
    event.preventDefault();
    action();
  });
  // What was pressed with a pointer lets go of the keys.
  document.addEventListener("click", (event) => event.detail > 0 && event.target.closest("button")?.blur(), { capture: true });
  byId("back").addEventListener("click", keys.ArrowLeft);
  byId("next").addEventListener("click", keys.ArrowRight);
  byId("next-open").addEventListener("click", keys[" "]);
  byId("guide-open").addEventListener("click", keys["?"]);
  byId("guide-close").addEventListener("click", () => byId("guide").close());
}
