import { t } from "../i18n.js";
import { timeNames } from "./grid-labels.js";

/** What shown cells look like, by their state: that of a level, or of several of them at once. */
const STATE_CLASSES = ["is-no", "is-if-needed", "is-yes", "is-mixed"];
const STATE_TEXTS = ["grid.level.no", "grid.level.if_needed", "grid.level.yes", "grid.level.mixed"];
const STATE_MIXED = 3;
const STATE_UNSHOWN = 255;

/** Shows levels, and what a calendar says beside them, in the cells of a table. */
export class AnswerCells {
  #table; #history; #view; #states; #names;

  constructor(table, history) {
    this.#table = table;
    this.#history = history;
    this.hints = null;
  }

  /** Starts with new cells. */
  setView(layout, view) {
    this.#view = view;
    this.#names = timeNames(layout, view);
    this.#states = new Uint8Array(this.#table.cells.length).fill(STATE_UNSHOWN);
    this.refreshAll();
  }

  refreshAll() {
    for (let position = 0; position < this.#states.length; position++) this.refresh(position);
  }

  /** Brings a shown cell up to date; one that is so already is not touched. */
  refresh(position) {
    const members = this.#view.membersOf(position);
    if (members.length === 0) return;
    const { levels } = this.#history;
    let state = levels[members[0]];
    let isHinted = 0;
    for (const index of members) {
      if (levels[index] !== state) state = STATE_MIXED;
      if (this.hints) isHinted |= this.hints[index];
    }
    const before = this.#states[position];
    const looks = state | (isHinted << 2);
    if (before === looks) return;
    const cell = this.#table.cells[position];
    if (before !== STATE_UNSHOWN) cell.classList.remove(STATE_CLASSES[before & 3]);
    cell.classList.add(STATE_CLASSES[state]);
    cell.classList.toggle("is-hinted", isHinted > 0);
    this.#states[position] = looks;
    cell.setAttribute("aria-label", `${this.#names[position]}: ${t(STATE_TEXTS[state])}${isHinted ? `, ${t("grid.cell.busy")}` : ""}`);
  }

  /** The times of a rectangle in words. */
  nameOf({ first, last, count }) {
    const nameAt = (position) => this.#names[position] || this.#table.cells[position].getAttribute("aria-label");
    return first === last ? nameAt(first) : t("grid.said.rectangle", { first: nameAt(first), last: nameAt(last), n: count });
  }
}

/** The name of a level. */
export const levelName = (level) => t(STATE_TEXTS[level]);
