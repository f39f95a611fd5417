// Marks wait here until the server has them: kept in the browser, so that neither a lost connection nor a closed tab loses one.

const RETRY_MILLISECONDS = [500, 1000, 2000, 4000, 8000];

export class MarkQueue {
  constructor(address, onChange) {
    this.address = address;
    this.onChange = onChange;
    this.place = `samp-eval:${address}`;
    this.waiting = JSON.parse(localStorage.getItem(this.place) ?? "[]");
    this.sending = false;
    this.oneByOne = false;
    this.failures = 0;
    this.timer = undefined;
    window.addEventListener("online", () => this.send());
  }

  add(mark) {
    this.waiting.push(mark);
    this.keep();
    this.send();
  }

  keep() {
    localStorage.setItem(this.place, JSON.stringify(this.waiting));
  }

  async send() {
    clearTimeout(this.timer);
    if (this.sending || this.waiting.length === 0) {
      this.onChange(this.state());
      return;
    }
    this.sending = true;
    this.onChange(this.state());
    const batch = this.waiting.slice(0, this.oneByOne ? 1 : 200);
    let problem;
    let refused = false;
    try {
      const response = await fetch(this.address, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(batch),
        signal: AbortSignal.timeout(10000),
      });
      refused = response.status === 422;
      if (!response.ok) problem = (await response.json().catch(() => ({}))).problem ?? `the server answers ${response.status}`;
    } catch {
      problem = "no connection";
    }
    this.sending = false;
    if (problem === undefined || (refused && batch.length === 1)) {
      this.waiting.splice(0, batch.length);
      this.keep();
      this.failures = 0;
      this.oneByOne = this.oneByOne && this.waiting.length > 0;
      if (refused) this.refused = problem;
      problem = undefined;
    } else {
      this.oneByOne = refused;
      this.failures += 1;
    }
    this.problem = problem;
    this.onChange(this.state());
    if (this.waiting.length > 0) {
      const pause = problem === undefined ? 0 : RETRY_MILLISECONDS[Math.min(this.failures, RETRY_MILLISECONDS.length) - 1];
      this.timer = setTimeout(() => this.send(), pause);
    }
  }

  state() {
    return { waiting: this.waiting.length, problem: this.problem, refused: this.refused };
  }
}
