// The marking page: shows one answer, takes keys, clicks and taps, and says whether every mark is saved.

import { byId, visible } from "./elements.js";
import { MarkingWork } from "./marking.js";
import { Overview } from "./overview.js";
import { showQuestion } from "./question.js";
import { keepText, listen, loadWork, pageQueue, showDone, showFinished, showText, showUndecided } from "./shell.js";

const IN_WORDS = { key: { 0: "none of the key" }, judgement: { 0: "wrong", 1: "right" }, harm: { 1: "could harm" }, misread: { 1: "not how I read it" }, later: { 1: "for later" } };
const queue = pageQueue("marks", { onHeld: heldElsewhere, onState: () => work?.rows.length && showEnd() });
const overview = new Overview((at) => go(() => (work.at = at)));
let work;
let shownRow;

function start(found) {
  work = new MarkingWork(found);
  for (const entry of queue.waiting()) work.hold({ ...entry, version: entry.id, against: null });
  work.at = Math.max(0, work.rows.findIndex((row) => !work.isDone(row)));
  queue.send();
  show();
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
  showUndecided(row, inWords, give);
  showText("comment", row, row.marks.comment ?? "");
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

function showProgress() {
  const { done } = work;
  const total = work.rows.length;
  const minutes = work.minutesLeft();
  const left = minutes === undefined || done === total ? "" : `, about ${duration(minutes)} left`;
  showDone(done, total, "marked", left);
  const [first, last] = work.together();
  const marked = work.isDone(work.row) ? " · marked" : "";
  byId("position").textContent = `${work.at + 1} of ${total} · ${work.at - first + 1} of ${last - first + 1} to this question${marked}`;
  showEnd();
}

function showEnd() {
  const total = work.rows.length;
  const later = work.rows.filter((row) => row.marks.later === "1").length;
  const all = total === 1 ? "The only answer is marked" : `All ${total} answers are marked`;
  showFinished(work.done === total, all, "marks", queue.state().waiting);
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
  if (keepText(queue, work, "comment", byId("comment").value)) showProgress();
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
  ".": () => overview.open(work),
};

function actionFor(key) {
  const letter = work.question.key.find((entry) => entry.letter === key.toUpperCase());
  return letter ? () => give({ key: letter.letter }) : KEYS[key];
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-field]");
  if (button === null) return;
  if (button.dataset.field === "key") give({ key: button.dataset.value });
  else ACTIONS[button.dataset.act]();
});
byId("comment").addEventListener("input", keepComment);
byId("comment").addEventListener("change", () => queue.settle());
byId("undo").addEventListener("click", undo);
byId("overview-open").addEventListener("click", KEYS["."]);
byId("ask-change").addEventListener("click", () => byId("ask").close());
listen({
  isReady: () => work?.rows.length > 0,
  move: (step) => go(() => work.move(step)),
  moveToOpen: () => go(() => work.moveToOpen()),
  startText: () => byId("comment").focus(),
  actionFor,
});
loadWork(start);
