// The marking page: shows one answer, takes keys, clicks and taps, and says whether every mark is saved.

import { byId, element, visible } from "./elements.js";
import { Overview } from "./overview.js";
import { showQuestion } from "./question.js";
import { MarkQueue } from "./queue.js";
import { Work } from "./work.js";

const IN_WORDS = { key: { 0: "none of the key" }, judgement: { 0: "wrong", 1: "right" }, harm: { 1: "could harm" }, misread: { 1: "not how I read it" }, later: { 1: "for later" } };
const base = window.location.pathname.replace(/\/?$/, "/");
const queue = new MarkQueue(`${base}marks`, { onState: showSaved, onHeld: heldElsewhere });
const overview = new Overview((at) => go(() => (work.at = at)));
let work;
let shownRow;

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
  for (const entry of queue.waiting()) work.hold({ ...entry, version: entry.id, against: null });
  work.at = Math.max(0, work.rows.findIndex((row) => !work.isDone(row)));
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
  if (work?.rows.length) showFinished();
}

function heldElsewhere(held) {
  if (work === undefined) return;
  work.hold(held);
  show();
}

function show() {
  byId("main").hidden = work.rows.length === 0;
  if (work.rows.length === 0) {
    byId("progress-text").textContent = work.adjudication ? "No disagreement is open" : "There is nothing to mark yet";
    return;
  }
  const { row } = work;
  const isNew = shownRow !== row;
  const place = showQuestion(work.question, isNew);
  byId("answer").replaceChildren(...visible(row.answer));
  const disputed = Object.entries(row.both).map(([basis, values]) => `by ${basis} ${values.map((value) => inWords(basis, value)).join(" or ")}`);
  byId("both").hidden = disputed.length === 0;
  byId("both").textContent = `The reviewers differ: ${disputed.join("; ")}`;
  byId("again").hidden = row.why === "";
  byId("again").textContent = `Open again, because the key was corrected after you marked it. ${row.why}`;
  showUndecided(row);
  if (document.activeElement !== byId("comment") || byId("comment").dataset.row !== row.row) byId("comment").value = row.marks.comment ?? "";
  byId("comment").dataset.row = row.row;
  showPressed(row);
  showProgress();
  if (isNew) place.scrollIntoView({ block: "nearest" });
  shownRow = row;
}

const inWords = (field, value) => (value === "" ? "no mark" : IN_WORDS[field]?.[value] ?? value);

function showPressed(row) {
  for (const button of document.querySelectorAll("[data-field]")) {
    button.setAttribute("aria-pressed", String((row.marks[button.dataset.field] ?? "") === button.dataset.value));
  }
  const zero = zeroMeans(row);
  byId("by-key").classList.toggle("next", work.openBasis(row) === "key");
  byId("by-judgement").classList.toggle("next", work.openBasis(row) === "judgement");
  document.querySelector("[data-field=key][data-value='0'] kbd").hidden = zero !== "key";
  byId("zero").hidden = zero !== "judgement";
}

// As in the sheet: 0 is "none of the key" or "wrong", whichever mark comes next.
const zeroMeans = (row) => work.openBasis(row) ?? work.needed(row)[0];

// Where another page of this reviewer said something else: both, until the reviewer decides.
function showUndecided(row) {
  const fields = Object.keys(row.against);
  const choices = fields.flatMap((field) => [row.marks[field] ?? "", row.against[field]].map((value, place) => {
    const button = element("button", `${field}: ${inWords(field, value)} ${place === 0 ? "(holds now)" : "(from the other page)"}`, { type: "button" });
    button.addEventListener("click", () => give({ [field]: value }));
    return button;
  }));
  byId("undecided").hidden = fields.length === 0;
  byId("undecided-choices").replaceChildren(...choices);
}

function showProgress() {
  const { done } = work;
  const total = work.rows.length;
  const minutes = work.minutesLeft();
  const left = minutes === undefined || done === total ? "" : `, about ${duration(minutes)} left`;
  byId("progress").max = total;
  byId("progress").value = done;
  byId("progress-text").textContent = done === total ? `all of ${total} marked` : `${done} of ${total}${left}`;
  const [first, last] = work.together();
  const marked = work.isDone(work.row) ? " · marked" : "";
  byId("position").textContent = `${work.at + 1} of ${total} · ${work.at - first + 1} of ${last - first + 1} to this question${marked}`;
  showFinished();
}

function showFinished() {
  const total = work.rows.length;
  const later = work.rows.filter((row) => row.marks.later === "1").length;
  const unsaved = queue.state().waiting;
  byId("finished").hidden = work.done < total;
  const all = total === 1 ? "The only answer is marked" : `All ${total} answers are marked`;
  byId("finished-text").textContent = unsaved > 0 ? `${all}. Please leave this page open until all marks are saved.` : `${all} and saved. Thank you: nothing is left to do, and you can close this page.`;
  byId("finished-later").textContent = later > 0 ? `${later} put aside for later: the overview lists them.` : "";
}

function duration(minutes) {
  const whole = Math.max(1, Math.round(minutes));
  if (whole < 60) return whole === 1 ? "1 minute" : `${whole} minutes`;
  return `${Math.floor(whole / 60)} h ${whole % 60} min`;
}

function give(wanted) {
  const { row } = work;
  const wasDone = work.isDone(row);
  const marks = work.give(wanted);
  marks.forEach(take);
  if (marks.length === 0) return;
  const completed = !wasDone && work.isDone(row);
  if (completed) {
    work.finished.push(Date.now());
    if (row.marks.later === "1") take({ row: row.row, field: "later", value: "", seen: row.versions.later });
    byId("last").textContent = `Before: ${row.answer.slice(0, 80)} – ${work.inWords(row)}`;
  }
  const contradiction = work.isDone(row) && !("comment" in wanted) ? work.contradiction(row) : undefined;
  if (contradiction !== undefined) ask(contradiction, completed);
  else if (completed) goOn();
  show();
}

function take(mark) {
  work.hold({ ...mark, version: queue.add(mark).id, against: null });
}

function goOn() {
  if (byId("go-on").checked) work.moveToOpen();
}

function ask(contradiction, completed) {
  byId("ask-text").textContent = `${contradiction} Is that meant?`;
  byId("ask-meant").onclick = () => {
    byId("ask").close();
    if (completed) goOn();
    show();
  };
  byId("ask").showModal();
}

const judge = (right) => give({ judgement: right });

// Harm to an answer that is not judged yet says that it is wrong too, so that it can be said before the page goes on.
function harm() {
  if (work.row.marks.harm === "1") give({ harm: "" });
  else give(work.row.marks.judgement ? { harm: "1" } : { harm: "1", judgement: "0" });
}

const toggle = (field) => give({ [field]: work.row.marks[field] === "1" ? "" : "1" });

function putAside() {
  toggle("later");
  if (work.row.marks.later === "1") go(() => work.moveToOpen());
}

function undo() {
  const marks = work.takeBack();
  if (marks.length === 0) return;
  marks.forEach(take);
  byId("last").textContent = `Taken back: ${marks.map(({ field }) => field).join(", ")}`;
  show();
}

function go(move) {
  queue.settle();
  move();
  show();
}

function keepComment() {
  const value = byId("comment").value;
  if (value === (work.row.marks.comment ?? "")) return;
  const mark = { row: work.row.row, field: "comment", value, seen: work.row.versions.comment ?? "" };
  work.hold({ ...mark, version: queue.addDraft(mark).id, against: null });
  showProgress();
}

const ACTIONS = { right: () => judge("1"), wrong: () => judge("0"), harm, later: putAside, misread: () => toggle("misread") };
const KEYS = {
  1: ACTIONS.right,
  2: ACTIONS.wrong,
  3: ACTIONS.harm,
  4: ACTIONS.later,
  5: ACTIONS.misread,
  0: () => give({ [zeroMeans(work.row)]: "0" }),
  Backspace: undo,
  ArrowRight: () => go(() => work.move(1)),
  Enter: () => go(() => work.move(1)),
  ArrowLeft: () => go(() => work.move(-1)),
  " ": () => go(() => work.moveToOpen()),
  "/": () => byId("comment").focus(),
  "?": () => byId("guide").showModal(),
  ".": () => overview.open(work),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || document.querySelector("dialog[open]") || !work?.rows.length) return;
  if (event.target === byId("comment")) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  const onControl = event.target.closest("button, input, summary, a") !== null;
  if (onControl && (event.key === "Enter" || event.key === " ")) return;
  if (!byId("single-keys").checked && event.key.length === 1) return;
  const letter = work.question.key.find((entry) => entry.letter === event.key.toUpperCase());
  const action = letter ? () => give({ key: letter.letter }) : KEYS[event.key];
  if (action === undefined || event.repeat) return;
  event.preventDefault();
  action();
}

document.addEventListener("keydown", onKey);
// What was pressed with a pointer lets go of the keys.
document.addEventListener("click", (event) => event.detail > 0 && event.target.closest("button")?.blur(), { capture: true });
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-field]");
  if (button === null) return;
  if (button.dataset.field === "key") give({ key: button.dataset.value });
  else ACTIONS[button.dataset.act]();
});
byId("comment").addEventListener("input", keepComment);
byId("comment").addEventListener("change", () => queue.settle());
byId("back").addEventListener("click", KEYS.ArrowLeft);
byId("next").addEventListener("click", KEYS.ArrowRight);
byId("next-open").addEventListener("click", KEYS[" "]);
byId("undo").addEventListener("click", undo);
byId("overview-open").addEventListener("click", KEYS["."]);
byId("guide-open").addEventListener("click", KEYS["?"]);
byId("guide-close").addEventListener("click", () => byId("guide").close());
byId("ask-change").addEventListener("click", () => byId("ask").close());
window.addEventListener("beforeunload", (event) => {
  if (queue.state().waiting > 0 && queue.problem !== undefined) event.preventDefault();
});
load();
