/** Steps that can be taken back. */
const MOST_UNDO_STEPS = 100;

/** Levels by cell, and how they were before. Each change makes an array of its own. One change at a time is begun, and then kept or reverted. */
export class LevelHistory {
  constructor(levels) {
    this.reset(levels);
  }

  /** Starts anew: what was before is forgotten. */
  reset(levels) {
    this.levels = levels.slice();
    this.before = null;
    this.done = [];
    this.undone = [];
  }

  /** Begins a change; one that continues the last becomes one step with it. */
  begin(isContinued = false) {
    this.before = isContinued && this.done.length > 0 ? this.done.pop() : this.levels;
    this.levels = this.levels.slice();
  }

  /** Ends a change and keeps it. @returns {boolean} whether anything is different */
  keep() {
    const { before } = this;
    this.before = null;
    if (before.every((level, index) => level === this.levels[index])) return false;
    this.done.push(before);
    if (this.done.length > MOST_UNDO_STEPS) this.done.shift();
    this.undone = [];
    return true;
  }

  /** Ends a change and takes it back. */
  revert() {
    this.levels = this.before;
    this.before = null;
  }

  /** @returns {boolean} whether there was a step to take back */
  undo() {
    return this.#move(this.done, this.undone);
  }

  /** @returns {boolean} whether there was a step to take again */
  redo() {
    return this.#move(this.undone, this.done);
  }

  #move(from, to) {
    const levels = from.pop();
    if (!levels) return false;
    to.push(this.levels);
    this.levels = levels;
    return true;
  }
}
