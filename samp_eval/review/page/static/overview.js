// The overview: every question with what is open, and a way to any answer by its number, its words or its marks.

import { byId, element, visible } from "./elements.js";
import { FILTERS } from "./marking.js";

const MOST_SHOWN = 200;
const FINGER = window.matchMedia("(pointer: coarse)");

export class Overview {
  constructor(onJump) {
    this.onJump = onJump;
    this.dialog = byId("overview");
    byId("filters").replaceChildren(...Object.entries(FILTERS).map(([name, { label }]) => {
      const place = element("label");
      const input = element("input", "", { type: "radio", name: "filter", value: name });
      input.checked = name === "all";
      place.append(input, ` ${label} `, element("span", "", { "data-count": name }));
      return place;
    }));
    byId("filters").addEventListener("change", () => this.list());
    byId("search").addEventListener("input", () => this.search());
    byId("search").addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault(); // or it would press the button that has the focus once the overview is closed
      this.takeFirst();
    });
    byId("overview-close").addEventListener("click", () => this.dialog.close());
  }

  open(work) {
    this.work = work;
    byId("search").value = "";
    for (const [name, { holds }] of Object.entries(FILTERS)) {
      this.dialog.querySelector(`[data-count=${name}]`).textContent = work.rows.filter((row) => holds(row, work)).length;
    }
    this.list();
    this.dialog.showModal();
    (FINGER.matches ? byId("overview-close") : byId("search")).focus(); // a keyboard on the screen would cover the list
    this.dialog.querySelector("[aria-current=true]")?.scrollIntoView({ block: "center" });
  }

  get words() {
    return byId("search").value.trim();
  }

  get filter() {
    return this.dialog.querySelector("[name=filter]:checked").value;
  }

  // Where in the list the answer is whose number was typed.
  get numbered() {
    const number = /^\d+$/.test(this.words) ? Number(this.words) : 0;
    return number >= 1 && number <= this.work.rows.length ? number - 1 : undefined;
  }

  // A number that cannot become a longer one goes there at once.
  search() {
    const at = this.numbered;
    if (at !== undefined && 10 * (at + 1) > this.work.rows.length) this.jump(at);
    else this.list();
  }

  takeFirst() {
    const first = this.dialog.querySelector("[data-at]");
    const at = this.numbered ?? (first && Number(first.dataset.at));
    if (at !== undefined && at !== null) this.jump(at);
  }

  jump(at) {
    this.dialog.close();
    byId("answer-heading").focus({ preventScroll: true }); // Chromium leaves it in the closed dialog for a moment
    this.onJump(at);
  }

  list() {
    const at = this.numbered;
    const groups = this.work.found(this.filter, at === undefined ? this.words : "");
    const narrowed = this.filter !== "all" || this.words !== "";
    let left = MOST_SHOWN;
    const shown = groups.map((group) => {
      const isOpen = narrowed ? left > 0 : this.work.at >= group.first && this.work.at <= group.last;
      left -= narrowed ? group.rows.length : 0;
      return this.group(group, isOpen);
    });
    if (at !== undefined) shown.unshift(this.answer({ row: this.work.rows[at], at }));
    byId("found").replaceChildren(...(shown.length > 0 ? shown : [element("p", "Nothing is found.")]));
  }

  group(group, isOpen) {
    const box = element("details");
    const summary = element("summary");
    const topic = element("span", `${group.question.topic}: ${group.question.question}`);
    const open = group.open === 0 ? "✓ done" : `${group.open} of ${group.last - group.first + 1} open`;
    summary.append(topic, element("span", open, { class: group.open === 0 ? "done" : "open" }));
    box.append(summary);
    const fill = () => box.children.length === 1 && box.append(...group.rows.map((found) => this.answer(found)));
    box.addEventListener("toggle", fill);
    box.open = isOpen;
    if (isOpen) fill();
    return box;
  }

  answer({ row, at }) {
    const button = element("button", "", { type: "button", "data-at": at, "aria-current": at === this.work.at });
    const answer = element("span");
    answer.append(...visible(row.answer));
    button.append(element("span", at + 1, { class: "number" }), answer, element("span", this.work.inWords(row) || "open", { class: "marks" }));
    button.addEventListener("click", () => this.jump(at));
    return button;
  }
}
