import { STATUS_NAMES, statusOf } from "./heat.js";
import { STATUS_SIGNS } from "./who-text.js";

/**
 * The marks beside people's names: what each is at the time that is pointed at. With hundreds of people they would take
 * longer than a frame, so only those in sight are brought up to date, and the others as they come into sight.
 */
export class PeopleMarks {
  #list; #people = []; #members = null; #shown = []; #tops = null;

  /** @param {HTMLElement} list that scrolls, with an item for each of the people */
  constructor(list) {
    this.#list = list;
    this.resized = new ResizeObserver(() => {
      this.#tops = null;
      this.#refresh();
    });
    this.resized.observe(list);
    list.addEventListener("scroll", () => this.#refresh());
  }

  stop() {
    this.resized.disconnect();
  }

  /** Takes over whom the items of the list are for; to be called whenever they may be others, or elsewhere. */
  setPeople(people) {
    this.#people = people;
    this.#shown = [];
    this.#tops = null;
    this.#refresh();
  }

  /** Shows what they are at cells of the layout; without cells, who has not answered. */
  show(members) {
    this.#members = members;
    this.#refresh();
  }

  #refresh() {
    const items = this.#list.children;
    this.#tops ??= Array.from(items, (item) => (item.hidden ? -1 : item.offsetTop));
    const start = this.#list.scrollTop - 100;
    const end = start + this.#list.clientHeight + 200;
    this.#people.forEach((person, at) => {
      if (this.#tops[at] < 0 || this.#tops[at] < start || this.#tops[at] > end) return;
      const status = this.#members || !person.answered ? statusOf(person, this.#members ?? []) : -1;
      if (this.#shown[at] === status) return;
      this.#shown[at] = status;
      const mark = items[at].querySelector(".who-mark");
      mark.textContent = STATUS_SIGNS[status] ?? "";
      mark.className = status < 0 ? "who-mark" : `who-mark is-${STATUS_NAMES[status]}`;
    });
  }
}
