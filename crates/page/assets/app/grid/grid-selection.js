import { Rectangle, columnRectangle, rowRectangle } from "./rectangle.js";

/** The cells of a grid that the keyboard has selected, to paint them as one. */
export class GridSelection {
  constructor(table) {
    this.table = table;
    this.rectangle = null;
  }

  /** Selects a rectangle; null selects nothing. */
  select(next) {
    const mark = (isSelected) => (at) => {
      const cell = this.table.cells[at];
      cell.classList.toggle("is-selected", isSelected);
      cell.setAttribute("aria-selected", isSelected);
    };
    this.rectangle?.forEachOutside(next, mark(false));
    next?.forEachOutside(this.rectangle, mark(true));
    this.rectangle = next;
  }

  /** Selects from where the selection began, or else from one cell, to another. */
  extend(from, to) {
    this.select(new Rectangle(this.rectangle?.anchor ?? from, to, this.table.view.columns));
  }

  /** Selects what a key asks for: a column, a row, or everything. @returns {boolean} whether it asks for something */
  selectByKey(event) {
    const { current: at, view } = this.table;
    const { columns, rows } = view;
    const isControl = event.ctrlKey || event.metaKey;
    if (event.key === " " && isControl) this.select(columnRectangle(view, at % columns));
    else if (event.key === " " && event.shiftKey) this.select(rowRectangle(view, Math.floor(at / columns)));
    else if (event.key.toLowerCase() === "a" && isControl) this.select(new Rectangle(0, columns * rows - 1, columns));
    else return false;
    return true;
  }
}
