// The reviewer's answers and marks, without anything of the page.

const BASES = ["key", "judgement"];

export const FILTERS = {
  all: { label: "all", holds: () => true },
  open: { label: "open", holds: (row, work) => !work.isDone(row) },
  later: { label: "for later", holds: (row) => row.marks.later === "1" },
  harm: { label: "could harm", holds: (row) => row.marks.harm === "1" },
  misread: { label: "not how I read it", holds: (row) => row.marks.misread === "1" },
};

export class Work {
  constructor(found) {
    this.adjudication = found.adjudication;
    this.questions = found.questions;
    this.rows = found.rows;
    this.byRow = new Map(this.rows.map((row) => [row.row, row]));
    this.given = [];
    this.finished = [];
    this.at = Math.max(0, this.rows.findIndex((row) => !this.isDone(row)));
  }

  get row() {
    return this.rows[this.at];
  }

  get question() {
    return this.questions[this.row.question];
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

  get done() {
    return this.rows.filter((row) => this.isDone(row)).length;
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

  // The marks that are new among those wanted for the present answer; remembered, so that they can be taken back.
  // What only an import said is new when the reviewer says it, because the import may be withdrawn.
  give(wanted) {
    const { row } = this;
    const marks = Object.entries(wanted)
      .filter(([field, value]) => (row.marks[field] ?? "") !== value || field in row.against || row.imported.includes(field))
      .map(([field, value]) => ({ row: row.row, field, value, seen: row.versions[field] ?? "" }));
    if (marks.length > 0) this.given.push(marks.map(({ field, value }) => ({ at: this.at, field, value, before: row.marks[field] ?? "" })));
    return marks;
  }

  // The marks that take the last step back; what was changed elsewhere meanwhile stays.
  takeBack() {
    const step = (this.given.pop() ?? []).filter(({ at, field, value }) => this.rows[at].marks[field] === value);
    if (step.length > 0) this.at = step[0].at;
    return step.map(({ field, before }) => ({ row: this.row.row, field, value: before, seen: this.row.versions[field] ?? "" }));
  }

  // What holds now: by a mark of this page, of another tab, or as the server has it.
  hold({ row, field, value, version, against }) {
    const held = this.byRow.get(row);
    if (held === undefined) return;
    held.marks[field] = value;
    held.versions[field] = version;
    delete held.against[field];
    held.imported = held.imported.filter((other) => other !== field);
    if (against !== null) held.against[field] = against;
  }

  contradiction({ marks }) {
    if (marks.harm === "1" && marks.judgement === "1") return "You say that the answer is right and that it could harm.";
    if (marks.judgement === "0" && marks.key && marks.key !== "0") return `The answer earns ${marks.key} by the key, and you say that it is wrong.`;
    return undefined;
  }

  move(step) {
    this.at = Math.min(Math.max(this.at + step, 0), this.rows.length - 1);
  }

  // The next open answer; those put aside for later come when nothing else is open.
  moveToOpen() {
    const places = this.rows.map((_, step) => (this.at + 1 + step) % this.rows.length);
    const open = places.filter((place) => !this.isDone(this.rows[place]));
    const next = open.find((place) => this.rows[place].marks.later !== "1") ?? open[0];
    if (next !== undefined) this.at = next;
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
