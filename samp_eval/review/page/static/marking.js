// The answers and marks of a reviewer on the marking page.

import { Work } from "./work.js";

const BASES = ["key", "judgement"];

export const FILTERS = {
  all: { label: "all", holds: () => true },
  open: { label: "open", holds: (row, work) => !work.isDone(row) },
  later: { label: "for later", holds: (row) => row.marks.later === "1" },
  harm: { label: "could harm", holds: (row) => row.marks.harm === "1" },
  misread: { label: "not how I read it", holds: (row) => row.marks.misread === "1" },
};

export class MarkingWork extends Work {
  constructor(found) {
    super(found);
    this.adjudication = found.adjudication;
    this.finished = [];
    this.at = Math.max(0, this.rows.findIndex((row) => !this.isDone(row)));
  }

  needed(row) {
    return this.adjudication ? BASES.filter((basis) => basis in row.both) : BASES;
  }

  // The basis whose mark comes next; 0 means "none of the key" or "wrong", as in the sheet's column of that basis.
  openBasis(row) {
    return this.needed(row).find((basis) => !row.marks[basis]);
  }

  isDone(row) {
    return this.openBasis(row) === undefined && Object.keys(row.against).length === 0;
  }

  // Places of the first and the last answer that stand together with this one under its question.
  together(at = this.at) {
    const { question } = this.rows[at];
    let first = at;
    let last = at;
    while (this.rows[first - 1]?.question === question) first -= 1;
    while (this.rows[last + 1]?.question === question) last += 1;
    return [first, last];
  }

  contradiction({ marks }) {
    if (marks.harm === "1" && marks.judgement === "1") return "You say that the answer is right and that it could harm.";
    if (marks.judgement === "0" && marks.key && marks.key !== "0") return `The answer earns ${marks.key} by the key, and you say that it is wrong.`;
    return undefined;
  }

  minutesLeft() {
    const times = this.finished.slice(-41);
    const pauses = times.slice(1).map((time, place) => time - times[place]).sort((a, b) => a - b);
    if (pauses.length < 5) return undefined;
    return (pauses[Math.floor(pauses.length / 2)] * (this.rows.length - this.done)) / 60000;
  }

  // Answers as the overview lists them: under their questions, in order.
  found(filter, words) {
    const sought = words.toLowerCase().split(/\s+/).filter(Boolean);
    const groups = [];
    for (let first = 0, last; first < this.rows.length; first = last + 1) {
      last = this.together(first)[1];
      const question = this.questions[this.rows[first].question];
      const asked = `${question.topic} ${question.question}`.toLowerCase();
      const all = this.rows.slice(first, last + 1).map((row, place) => ({ row, at: first + place }));
      const rows = all.filter(({ row }) => FILTERS[filter].holds(row, this) && sought.every((word) => `${asked} ${row.answer.toLowerCase()}`.includes(word)));
      if (rows.length > 0) groups.push({ question, first, last, rows, open: all.filter(({ row }) => !this.isDone(row)).length });
    }
    return groups;
  }

  inWords({ marks, against }) {
    const words = [];
    if (marks.key) words.push(marks.key === "0" ? "not in the key" : marks.key);
    if (marks.judgement) words.push(marks.judgement === "1" ? "right" : "wrong");
    if (marks.harm === "1") words.push("could harm");
    if (marks.misread === "1") words.push("not how I read it");
    if (marks.later === "1") words.push("for later");
    if (Object.keys(against).length > 0) words.push("to decide");
    return words.join(" · ");
  }
}
