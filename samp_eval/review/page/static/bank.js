// The page of the bank review: an expert answers a question as a candidate, then sees its key and rates both.

import { byId, element } from "./elements.js";
import { showAsked, showCase, showRefused } from "./question.js";
import { keepText, listen, loadWork, pageQueue, showDone, showFinished, showText, showUndecided } from "./shell.js";
import { Work } from "./work.js";

const VERDICTS = { yes: "key_right", no: "key_wrong", unsure: "key_unsure" };
const IN_WORDS = { yes: "right", no: "wrong", unsure: "unsure" };
const NEXT_VERDICT = { yes: "no", no: "unsure", unsure: "yes" };
const TEXTS = ["missing", "newer_source", "expected", "comment"];
const FINGER = window.matchMedia("(pointer: coarse)");

class BankWork extends Work {
  constructor(found) {
    super(found);
    this.at = Math.max(0, this.rows.findIndex((row) => !this.isDone(row)));
  }

  value(row, field) {
    return row.marks[field] || row.before[field] || "";
  }

  letters(row) {
    return this.questions[row.question].key.map(({ letter }) => letter);
  }

  // What is said of each entry, by letter; one that is named wins over "all".
  verdicts(row) {
    const found = {};
    for (const [verdict, field] of Object.entries(VERDICTS)) {
      if (this.value(row, field) === "all") for (const letter of this.letters(row)) found[letter] = verdict;
    }
    for (const verdict of ["yes", "unsure", "no"]) {
      for (const letter of this.value(row, VERDICTS[verdict]).split(", ")) if (this.letters(row).includes(letter)) found[letter] = verdict;
    }
    return found;
  }

  // The fields that say these verdicts.
  saying(row, verdicts) {
    const fields = Object.entries(VERDICTS).map(([verdict, field]) => {
      const named = this.letters(row).filter((letter) => verdicts[letter] === verdict).join(", ");
      return [field, named || (this.value(row, field) ? "none" : "")];
    });
    return Object.fromEntries(fields);
  }

  // What is still to be said of a question, in words.
  missing(row) {
    const { source } = this.questions[row.question];
    const needed = ["relevance", "clarity", "expected", ...(source ? ["source_current"] : [])];
    const words = { expected: "expected lines", source_current: "the source" };
    const verdicts = this.verdicts(row);
    const entries = this.letters(row).filter((letter) => !(letter in verdicts));
    const open = needed.filter((field) => !this.value(row, field)).map((field) => words[field] ?? field);
    if (entries.length > 0) open.push(`${entries.length === 1 ? "entry" : "entries"} ${entries.join(", ")}`);
    return open;
  }

  isDone(row) {
    if (row.step !== "ratings" || Object.keys(row.against).length > 0 || this.missing(row).length > 0) return false;
    return row.round === 1 || Object.values(row.marks).some(Boolean);
  }

  // Relevance, then clarity: what a digit rates.
  get openScale() {
    return ["relevance", "clarity"].find((field) => !this.value(this.row, field));
  }
}

const queue = pageQueue("ratings", { onHeld: held, onState: () => work?.rows.length && showProgress() });
let work;
let shownRow;

function start(found) {
  const before = work?.row?.question;
  work = new BankWork(found);
  for (const entry of queue.waiting()) work.hold({ ...entry, version: entry.id, against: null });
  if (before !== undefined) work.at = Math.max(0, work.rows.findIndex(({ question }) => question === before));
  queue.send();
  show();
}

// The key of a question comes once the server has the answers to it.
function held(said) {
  if (work === undefined) return;
  work.hold(said);
  if (said.field === "finished" && work.byRow.get(said.row)?.step === "answers") loadWork(start);
  else show();
}

function show() {
  byId("main").hidden = work.rows.length === 0;
  if (work.rows.length === 0) {
    byId("progress-text").textContent = "There is nothing to review";
    return;
  }
  const { row, question } = work;
  const isNew = shownRow !== row;
  const isNewCase = showCase(question, isNew);
  showAsked(question);
  byId("as-candidate").hidden = row.step !== "answers";
  byId("with-key").hidden = byId("behind").hidden = row.step !== "ratings";
  if (row.step === "answers") showAnswers(row, question, isNew);
  else showRatings(row, question, isNew);
  showProgress();
  if (isNew) {
    byId(isNewCase ? "case-box" : "question").scrollIntoView({ block: "nearest" });
    const first = byId("answers").querySelector("input");
    if (row.step === "answers" && !FINGER.matches && !row.marks.finished) first.focus({ preventScroll: true });
  }
  shownRow = row;
}

function showAnswers(row, question, isNew) {
  if (isNew) byId("answers").replaceChildren(...Array.from({ length: question.requested }, (_, place) => answerPlace(place + 1)));
  const isSent = row.marks.finished === "1";
  for (const input of byId("answers").querySelectorAll("input")) {
    showText(input.id, row, row.marks[input.id] ?? "");
    input.readOnly = isSent;
  }
  byId("finish").disabled = isSent;
  byId("finish-text").textContent = isSent ? "The key comes when your answers are saved" : isBlank(row) ? "Leave it blank and show the key" : "These are my answers: show the key";
}

const isBlank = (row) => !Object.entries(row.marks).some(([field, value]) => field.startsWith("answer_") && value.trim() !== "");

function answerPlace(number) {
  const place = element("div", "", { class: "say" });
  const input = element("input", "", { type: "text", id: `answer_${number}`, maxlength: 2000, autocomplete: "off" });
  place.append(element("label", `Answer ${number}`, { for: input.id }), input);
  return place;
}

function finish() {
  if (work.row.step !== "answers" || work.row.marks.finished === "1") return;
  queue.settle();
  give({ finished: "1" });
}

function showRatings(row, question, isNew) {
  if (isNew) {
    byId("entries").replaceChildren(...question.key.map(entry));
    showRefused(question);
    byId("source").textContent = question.source || "This question names no source.";
    byId("source-part").hidden = !question.source;
    byId("expected-label").textContent = question.requested === 1 ? "Of the one line, a just-competent new family physician has right" : `Of the ${question.requested} lines, a just-competent new family physician has right`;
  }
  byId("own-answers").textContent = row.answers.length > 0 ? `You answered: ${row.answers.join("; ")}` : "";
  byId("said").hidden = row.said === "";
  byId("said").textContent = `All experts, in the rounds before: ${row.said}`;
  showUndecided(row, (_, value) => value || "nothing", give);
  for (const name of TEXTS) showText(name, row, work.value(row, name));
  showExpectedProblem(false);
  showPressed(row);
  byId("agree").hidden = row.round === 1 || work.isDone(row) || work.missing(row).length > 0;
  const open = work.missing(row);
  byId("still-open").textContent = open.length > 0 ? `Still to say: ${open.join("; ")}` : "✓ All is said that is asked of this question";
}

function showPressed(row) {
  for (const button of byId("with-key").querySelectorAll("[data-field]")) {
    button.setAttribute("aria-pressed", String(work.value(row, button.dataset.field) === button.dataset.value));
  }
  const verdicts = work.verdicts(row);
  for (const button of byId("entries").querySelectorAll("[data-letter]")) {
    button.setAttribute("aria-pressed", String(verdicts[button.dataset.letter] === button.dataset.verdict));
  }
  byId("all-right").disabled = work.letters(row).every((letter) => letter in verdicts);
  for (const name of ["relevance", "clarity"]) byId(`by-${name}`).classList.toggle("next", work.openScale === name);
}

function entry({ letter, wordings: [answer, ...others] }) {
  const place = element("div", "", { class: "judged", role: "group", "aria-label": `Entry ${letter}: ${answer}` });
  const words = element("span", answer);
  words.prepend(element("kbd", letter), " ");
  words.append(element("small", others.map((wording) => ` / ${wording}`).join("")));
  const choices = element("span", "", { class: "choices" });
  choices.append(...Object.keys(VERDICTS).map((verdict) => element("button", IN_WORDS[verdict], { type: "button", "data-letter": letter, "data-verdict": verdict })));
  place.append(words, choices);
  return place;
}

function showProgress() {
  const { done } = work;
  const total = work.rows.length;
  showDone(done, total, "rated");
  byId("position").textContent = `Question ${work.at + 1} of ${total}${work.isDone(work.row) ? " · rated" : ""}`;
  showFinished(done === total, total === 1 ? "The only question is rated" : `All ${total} questions are rated`, "ratings", queue.state().waiting);
}

function give(wanted) {
  const said = work.give(wanted);
  said.forEach((one) => work.hold({ ...one, version: queue.add(one).id, against: null }));
  if (said.length > 0) show();
}

const judge = (letter, verdict) => give(work.saying(work.row, { ...work.verdicts(work.row), [letter]: verdict }));

function restIsRight() {
  const { row } = work;
  const right = Object.fromEntries(work.letters(row).map((letter) => [letter, "yes"]));
  give(work.saying(row, { ...right, ...work.verdicts(row) }));
}

function undo() {
  work.takeBack().forEach((one) => work.hold({ ...one, version: queue.add(one).id, against: null }));
  show();
}

function go(move) {
  queue.settle();
  move();
  show();
}

function typed({ target }) {
  const field = target.id;
  if (!TEXTS.includes(field) && !field.startsWith("answer_")) return;
  const text = target.value;
  const isWrong = field === "expected" && text.trim() !== "" && !isExpected(text);
  if (field === "expected") showExpectedProblem(isWrong);
  if (!isWrong && keepText(queue, work, field, text)) afterTyping();
}

function afterTyping() {
  const { row, question } = work;
  if (row.step === "answers") showAnswers(row, question, false);
  else showRatings(row, question, false);
  showProgress();
}

function isExpected(text) {
  const number = text.trim().replace(",", ".");
  return /^\d{1,2}(\.\d{1,3})?$/.test(number) && Number(number) <= work.question.requested;
}

function showExpectedProblem(isWrong) {
  byId("expected").setAttribute("aria-invalid", String(isWrong));
  byId("expected-problem").textContent = isWrong ? `A number from 0 to ${work.question.requested}, such as ${(work.question.requested * 0.6).toFixed(1)}` : "";
}

const scale = (value) => work.openScale && give({ [work.openScale]: value });
const KEYS = {
  1: () => scale("1"),
  2: () => scale("2"),
  3: () => scale("3"),
  4: () => scale("4"),
  0: restIsRight,
  5: () => give({ source_current: "yes" }),
  6: () => give({ source_current: "no" }),
  "=": () => byId("expected").focus(),
  "+": () => byId("missing").focus(),
  Backspace: undo,
};

function actionFor(key) {
  if (work.row.step !== "ratings") return undefined;
  const letter = work.letters(work.row).find((known) => known === key.toUpperCase());
  return letter ? () => judge(letter, NEXT_VERDICT[work.verdicts(work.row)[letter]] ?? "yes") : KEYS[key];
}

byId("with-key").addEventListener("click", ({ target }) => {
  const button = target.closest("[data-field], [data-letter]");
  if (button === null) return;
  const { field, value, letter, verdict } = button.dataset;
  if (letter) judge(letter, verdict);
  else if (field in { ambiguous: 0, unsafe: 0, unfair: 0, gives_away: 0 }) give({ [field]: work.value(work.row, field) === "1" ? "0" : "1" });
  else give({ [field]: value });
});
byId("answers").addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || event.isComposing) return;
  event.preventDefault();
  const places = [...byId("answers").querySelectorAll("input"), byId("finish")];
  places[places.indexOf(event.target) + 1].focus();
});
document.addEventListener("input", typed);
document.addEventListener("change", () => queue.settle());
byId("finish").addEventListener("click", finish);
byId("all-right").addEventListener("click", restIsRight);
byId("agree").addEventListener("click", () => give({ finished: "1" }));
byId("undo").addEventListener("click", undo);
listen({
  isReady: () => work?.rows.length > 0,
  move: (step) => go(() => work.move(step)),
  moveToOpen: () => go(() => work.moveToOpen()),
  startText: () => (work.row.step === "answers" ? byId("answers").querySelector("input") : byId("comment")).focus(),
  actionFor,
});
loadWork(start);
