import { LEVEL_NO } from "./levels.js";
import { Rectangle } from "./rectangle.js";

/** Paints rectangles of shown cells into a history of levels. Only cells that enter or leave one are touched. */
export class RectanglePainter {
  #history; #refresh; #view = null; #paint = null;

  /**
   * @param {import("./level-history.js").LevelHistory} history
   * @param {(position: number) => void} refresh is called with each shown cell whose levels are different
   */
  constructor(history, refresh) {
    this.#history = history;
    this.#refresh = refresh;
  }

  /** To be called when other cells are shown. */
  setView(view) {
    this.#view = view;
  }

  /** Whether a rectangle is being painted that has more than its first cell. */
  get isStretched() {
    return this.#paint !== null && !this.#paint.rectangle.isOneCell;
  }

  /** What painting from a cell does: it removes where all of the cell has the brush's level already. */
  levelFrom(position, brush) {
    return this.#view.membersOf(position).every((index) => this.#history.levels[index] === brush) ? LEVEL_NO : brush;
  }

  /** Begins a rectangle; one that continues the last is taken back together with it. */
  begin(anchor, level, isContinued = false) {
    this.#history.begin(isContinued);
    this.#paint = { anchor, level, rectangle: null };
    this.stretch(anchor);
  }

  /** Makes the rectangle reach to a cell. */
  stretch(position) {
    const { anchor, level, rectangle } = this.#paint;
    const next = new Rectangle(anchor, position, this.#view.columns);
    const { levels, before } = this.#history;
    const set = (at, levelOf) => {
      for (const index of this.#view.membersOf(at)) levels[index] = levelOf(index);
      this.#refresh(at);
    };
    rectangle?.forEachOutside(next, (at) => set(at, (index) => before[index]));
    next.forEachOutside(rectangle, (at) => set(at, () => level));
    this.#paint.rectangle = next;
  }

  /** Ends the rectangle. @returns {{rectangle: Rectangle, level: number, isDifferent: boolean}} */
  keep() {
    const { rectangle, level } = this.#paint;
    this.#paint = null;
    return { rectangle, level, isDifferent: this.#history.keep() };
  }

  /** Takes the rectangle back. */
  revert() {
    const { rectangle } = this.#paint;
    this.#paint = null;
    this.#history.revert();
    rectangle.forEachOutside(null, (at) => this.#refresh(at));
  }
}
