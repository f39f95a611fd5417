// The reviewer's rows and marks, without anything of the page.

const BASES = ["key", "judgement"];

export class Work {
  constructor(found) {
    this.adjudication = found.adjudication;
    this.questions = found.questions;
    this.rows = found.rows;
    this.history = [];
    this.finished = [];
    const open = this.rows.findIndex((row) => !this.isDone(row));
    this.at = open === -1 ? 0 : open;
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

  isDone(row) {
    return this.needed(row).every((basis) => row.marks[basis] !== undefined && row.marks[basis] !== "");
  }

  get done() {
    return this.rows.filter((row) => this.isDone(row)).length;
  }

  sameQuestion() {
    let first = this.at;
    let last = this.at;
    while (first > 0 && this.rows[first - 1].question === this.row.question) first -= 1;
    while (last < this.rows.length - 1 && this.rows[last + 1].question === this.row.question) last += 1;
    return [first, last];
  }

  mark(field, value) {
    const before = this.row.marks[field] ?? "";
    if (before === value) return undefined;
    const wasDone = this.isDone(this.row);
    this.history.push({ at: this.at, field, before });
    this.row.marks[field] = value;
    const completed = !wasDone && this.isDone(this.row);
    if (completed) this.finished.push(Date.now());
    return { row: this.row.row, field, value, completed };
  }

  undo() {
    const last = this.history.pop();
    if (last === undefined) return undefined;
    this.at = last.at;
    this.row.marks[last.field] = last.before;
    return { row: this.row.row, field: last.field, value: last.before };
  }

  move(step) {
    const to = Math.min(Math.max(this.at + step, 0), this.rows.length - 1);
    const moved = to !== this.at;
    this.at = to;
    return moved;
  }

  moveToOpen() {
    for (let step = 1; step <= this.rows.length; step += 1) {
      const place = (this.at + step) % this.rows.length;
      if (!this.isDone(this.rows[place])) {
        this.at = place;
        return true;
      }
    }
    return false;
  }

  minutesLeft() {
    const times = this.finished.slice(-41);
    const pauses = times.slice(1).map((time, index) => time - times[index]).sort((one, other) => one - other);
    if (pauses.length < 5) return undefined;
    return (pauses[Math.floor(pauses.length / 2)] * (this.rows.length - this.done)) / 60000;
  }

  inWords(row) {
    const words = [];
    const { key, judgement, harm } = row.marks;
    if (key) words.push(key === "0" ? "not in the key" : key);
    if (judgement) words.push(judgement === "1" ? "right" : "wrong");
    if (harm === "1") words.push("could harm");
    return words.join(" · ");
  }
}
