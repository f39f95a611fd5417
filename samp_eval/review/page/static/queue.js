// Marks wait here until the server has them. Each is an entry of its own in the browser's storage, which all tabs of a
// reviewer share: no lost connection, closed tab or second tab loses one. Sending one twice is harmless: it has an id.

const RETRY_MILLISECONDS = [500, 1000, 2000, 4000, 8000];
const DRAFT_MILLISECONDS = 1000;
const ABANDONED_MILLISECONDS = 3000;
const MOST_AT_ONCE = 200;
const MOST_BYTES_OF_A_CLOSING_PAGE = 60000; // browsers refuse to send more than 64 KiB once a page is gone

export class MarkQueue {
  constructor(address, { onState, onHeld }) {
    this.address = address;
    this.onState = onState;
    this.onHeld = onHeld;
    this.prefix = `samp-eval:${address}:`;
    this.unstored = new Map();
    this.failures = 0;
    this.sending = false;
    this.draft = undefined;
    this.tabs = new BroadcastChannel(this.prefix);
    this.tabs.addEventListener("message", ({ data }) => {
      this.onHeld(data);
      this.onState(this.state());
    });
    window.addEventListener("online", () => this.send());
    window.addEventListener("pagehide", () => this.settle());
    this.takeOverFormerQueue();
    const drafts = this.waiting().filter((entry) => entry.draft);
    setTimeout(() => this.adopt(drafts), ABANDONED_MILLISECONDS);
  }

  // All that is not saved yet, in the order in which it was given.
  waiting() {
    const stored = Object.keys(localStorage).filter((name) => name.startsWith(this.prefix));
    const entries = [...this.unstored.values(), ...stored.map((name) => JSON.parse(localStorage.getItem(name)))];
    return entries.filter(Boolean).sort((a, b) => a.order - b.order || (a.id < b.id ? -1 : 1));
  }

  add(mark, draft = false) {
    const order = 1 + Math.max(0, ...this.waiting().map((entry) => entry.order));
    const entry = { ...mark, id: newId(), order, draft };
    this.keep(entry);
    this.tell({ ...mark, version: entry.id, against: null });
    if (!draft) this.send();
    return entry;
  }

  // What is still being typed: kept at once, sent after a pause. A later draft of the same comment replaces it.
  addDraft(mark) {
    const former = this.draft;
    const same = former !== undefined && former.id === mark.seen;
    if (!same) this.settle();
    this.draft = this.add(same ? { ...mark, seen: former.seen } : mark, true);
    if (same) this.remove(former.id);
    clearTimeout(this.draftTimer);
    this.draftTimer = setTimeout(() => this.settle(), DRAFT_MILLISECONDS);
    this.onState(this.state());
    return this.draft;
  }

  settle() {
    if (this.draft === undefined) return;
    this.keep({ ...this.draft, draft: false });
    this.draft = undefined;
    this.send();
  }

  // Drafts of a tab that crashed; a tab that is still being typed in has replaced them by now.
  adopt(drafts) {
    const left = new Set(this.waiting().map((entry) => entry.id));
    const abandoned = drafts.filter((entry) => left.has(entry.id) && entry.id !== this.draft?.id);
    abandoned.forEach((entry) => this.keep({ ...entry, draft: false }));
    if (abandoned.length > 0) this.send();
  }

  keep(entry) {
    try {
      localStorage.setItem(this.prefix + entry.id, JSON.stringify(entry));
      this.unstored.delete(entry.id);
    } catch {
      this.unstored.set(entry.id, entry); // storage is full or forbidden: then it lives as long as this page
    }
  }

  remove(id) {
    localStorage.removeItem(this.prefix + id);
    this.unstored.delete(id);
  }

  tell(held) {
    this.tabs.postMessage(held);
  }

  async send() {
    clearTimeout(this.timer);
    const batch = this.waiting().filter((entry) => !entry.draft).slice(0, MOST_AT_ONCE);
    if (this.sending || batch.length === 0) {
      if (batch.length === 0) this.problem = undefined;
      this.onState(this.state());
      return;
    }
    this.sending = true;
    this.onState(this.state());
    this.problem = await this.post(batch);
    this.sending = false;
    this.failures = this.problem === undefined ? 0 : this.failures + 1;
    this.onState(this.state());
    const pause = this.failures && RETRY_MILLISECONDS[Math.min(this.failures, RETRY_MILLISECONDS.length) - 1];
    if (this.waiting().length > 0) this.timer = setTimeout(() => this.send(), pause);
  }

  async post(batch) {
    const body = JSON.stringify(batch.map(({ id, row, field, value, seen }) => ({ id, row, field, value, seen })));
    try {
      const response = await fetch(this.address, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
        keepalive: body.length < MOST_BYTES_OF_A_CLOSING_PAGE / 3,
        signal: AbortSignal.timeout(10000),
      });
      const answer = await response.json().catch(() => ({}));
      if (!response.ok) return answer.problem ?? `the server answers ${response.status}`;
      batch.forEach((entry, place) => this.saved(entry, answer.held[place]));
      return undefined;
    } catch {
      return "no connection";
    }
  }

  saved({ id, row, field }, held) {
    this.remove(id);
    if (held.refused !== undefined) {
      this.refused = held.refused;
      return;
    }
    if (this.waiting().some((entry) => entry.row === row && entry.field === field)) return;
    this.onHeld({ row, field, ...held });
    this.tell({ row, field, ...held });
  }

  state() {
    return { waiting: this.waiting().length, problem: this.problem, refused: this.refused };
  }

  // Version 0.1 kept all marks that waited in one array.
  takeOverFormerQueue() {
    const name = `samp-eval:${this.address}`;
    const former = JSON.parse(localStorage.getItem(name) ?? "[]");
    former.forEach(({ row, field, value }, place) => this.keep({ row, field, value, seen: "", id: newId(), order: place - former.length, draft: false }));
    localStorage.removeItem(name);
  }
}

function newId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
