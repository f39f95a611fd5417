// What a reviewer has to do and has said, without anything of the page. What is done is for each page to say (isDone).

export class Work {
  constructor({ questions, rows }) {
    this.questions = questions;
    this.rows = rows;
    this.byRow = new Map(this.rows.map((row) => [row.row, row]));
    this.given = [];
    this.at = 0;
  }

  get row() {
    return this.rows[this.at];
  }

  get question() {
    return this.questions[this.row.question];
  }

  get done() {
    return this.rows.filter((row) => this.isDone(row)).length;
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
}
