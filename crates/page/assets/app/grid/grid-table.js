import { t, formatDate, formatWallTime } from "../i18n.js";
import { columnName, gapName, offsetName, shortTime } from "./grid-labels.js";
import { GridGeometry } from "./grid-geometry.js";

/** Where an arrow key leads, as columns and rows, where columns go from left to right. */
const ARROW_STEPS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

/**
 * The cells of one week in the document, with headers, one tab stop, and the keys of the WAI-ARIA grid pattern. What
 * cells show and what is done with them is up to its owner.
 */
export class GridTable {
  /**
   * @param {HTMLElement} host whose content it becomes
   * @param {string} label
   * @param {{onMove: (from: number, to: number, isExtended: boolean) => void, onKey: (event: KeyboardEvent) => boolean,
   *   onEnter: (position: number) => void, onLeave: () => void}} owner is told of moves of the focus, other keys (it
   *   returns whether the key was one of its own), and of the focus coming and going
   */
  constructor(host, label, owner) {
    this.owner = owner;
    this.root = document.createElement("div");
    this.root.className = "time-grid";
    this.root.setAttribute("role", "grid");
    this.root.setAttribute("aria-label", label);
    this.cells = [];
    this.current = 0;
    this.geometry = new GridGeometry(this.root);
    this.root.addEventListener("keydown", (event) => this.#onKeyDown(event));
    this.root.addEventListener("focusin", (event) => this.#onFocusIn(event.target));
    this.root.addEventListener("focusout", (event) => this.root.contains(event.relatedTarget) || owner.onLeave());
    host.replaceChildren(this.root);
  }

  remove() {
    this.geometry.stop();
    this.root.remove();
  }

  /** Puts a view of a layout into the document. */
  show(layout, view) {
    const hadFocus = this.root.contains(document.activeElement);
    const isAlike = this.view !== undefined && hasSameRows(this.view, view);
    this.view = view;
    this.layout = layout;
    this.root.style.setProperty("--columns", view.columns);
    this.root.setAttribute("aria-rowcount", view.rows + 1);
    this.root.setAttribute("aria-colcount", layout.columns.length + 1);
    if (isAlike) {
      // Another week mostly has the same rows: its cells take the places of those before.
      this.cells.forEach((cell, position) => this.#markCell(cell, position));
      this.root.firstChild.replaceWith(this.#headElement());
    } else {
      this.cells = [];
      this.root.replaceChildren(this.#headElement(), ...view.rowList.map((row, at) => this.#rowElement(row, at)));
    }
    this.root.classList.toggle("has-offsets", view.rowList.some((row) => row.isRepeated));
    this.root.classList.toggle("has-minutes", view.rowList.some((row) => row.startsHour && !row.time.endsWith("00")));
    this.geometry.forget();
    this.current = Math.min(this.current, this.cells.length - 1);
    if (!view.isAsked(this.current)) this.current = Math.max(0, this.cells.findIndex((cell, at) => view.isAsked(at)));
    this.cells[this.current].tabIndex = 0;
    if (hadFocus) this.cells[this.current].focus({ preventScroll: true });
  }

  /** Has another label, and says everything anew when it is shown next, as in another language. */
  rename(label) {
    this.root.setAttribute("aria-label", label);
    this.view = undefined;
  }

  /** Makes a cell the one that Tab leads to, and focuses it. */
  focus(position, options) {
    this.#makeCurrent(position);
    this.cells[position].focus(options);
  }

  #makeCurrent(position) {
    this.cells[this.current].tabIndex = -1;
    this.current = position;
    this.cells[position].tabIndex = 0;
  }

  #headElement() {
    const { layout, view } = this;
    const row = newElement("div", "grid-row grid-head", { role: "row", "aria-rowindex": 1 });
    const corner = newElement("div", "grid-corner", { role: "columnheader", "aria-colindex": 1 });
    corner.append(newElement("span", "visually-hidden", {}, t("grid.time")));
    row.append(corner);
    for (let at = 0; at < view.columns; at++) {
      const column = view.firstColumn + at;
      const header = newElement("div", "grid-column-name", { role: "columnheader", "aria-colindex": column + 2 });
      const { date } = layout.columns[column];
      if (layout.isWeekly) header.append(newElement("b", "", {}, columnName(layout, column)));
      else {
        header.setAttribute("aria-label", columnName(layout, column, "long"));
        header.append(
          newElement("span", "", {}, formatDate(date, undefined, { weekday: "short" })),
          newElement("b", "", {}, formatDate(date, undefined, { day: "numeric" })),
          newElement("span", "", {}, formatDate(date, undefined, { month: "short" })),
        );
      }
      if (this.#isAfterBreak(at)) header.classList.add("after-break");
      row.append(header);
    }
    return row;
  }

  #rowElement(row, at) {
    const { view } = this;
    const element = newElement("div", "grid-row", { role: "row", "aria-rowindex": at + 2 });
    element.classList.toggle("is-hour", row.startsHour);
    element.classList.toggle("after-pause", row.isAfterPause);
    element.classList.toggle("is-new-date", row.isNewDate);
    element.append(this.#rowHeader(row));
    for (let column = 0; column < view.columns; column++) {
      const cell = newElement("div", "", { role: "gridcell" });
      this.#markCell(cell, at * view.columns + column);
      this.cells.push(cell);
      element.append(cell);
    }
    return element;
  }

  /** Makes a cell one of this view, which its owner has not drawn yet. */
  #markCell(cell, position) {
    const { layout, view } = this;
    const column = position % view.columns;
    cell.className = "grid-cell";
    cell.tabIndex = -1;
    cell.setAttribute("aria-colindex", view.firstColumn + column + 2);
    cell.removeAttribute("aria-disabled");
    if (!view.isAsked(position)) {
      const row = view.rowList[Math.floor(position / view.columns)];
      cell.classList.add("is-gap");
      cell.setAttribute("aria-disabled", "true");
      cell.setAttribute("aria-label", gapName(layout, view.firstColumn + column, row));
      cell.textContent = "";
    }
    if (this.#isAfterBreak(column)) cell.classList.add("after-break");
    if (this.#isAfterBreak(column + 1)) cell.classList.add("before-break");
  }

  #rowHeader(row) {
    const header = newElement("div", row.startsHour ? "grid-time" : "grid-time is-part", { role: "rowheader", "aria-colindex": 1 });
    const shown = newElement("bdi", "", { "aria-hidden": "true" }, shortTime(row));
    header.append(shown, newElement("span", "visually-hidden", {}, formatWallTime(row.time)));
    const repeated = row.isRepeated && this.#cellOfFold(row);
    if (repeated) header.append(newElement("bdi", "grid-offset", {}, offsetName(repeated.start, this.layout.zone)));
    if (row.isNewDate) header.append(newElement("span", "grid-new-date", {}, t("grid.nextDay")));
    return header;
  }

  /** Of a row whose time comes twice on one of the days, the cell on that day. */
  #cellOfFold(row) {
    const { layout, view } = this;
    const again = layout.rows.findIndex((other) => other.again && other.time === row.time);
    for (let column = view.firstColumn; column < view.firstColumn + view.columns; column++) {
      if (layout.cellAt(column, again) >= 0) return layout.cells[layout.cellAt(column, row.members[0])];
    }
    return undefined;
  }

  /** Whether days are left out before a column. */
  #isAfterBreak(at) {
    const { layout, view } = this;
    if (at === 0 || at === view.columns) return false;
    const [before, here] = [layout.columns[view.firstColumn + at - 1], layout.columns[view.firstColumn + at]];
    return Date.parse(here.date) - Date.parse(before.date) > 86_400_000;
  }

  #onFocusIn(target) {
    const position = this.cells.indexOf(target);
    if (position < 0) return;
    this.#makeCurrent(position);
    this.owner.onEnter(position);
  }

  #onKeyDown(event) {
    const to = event.altKey ? undefined : this.#targetOf(event);
    if (to === undefined) {
      if (this.owner.onKey(event)) event.preventDefault();
      return;
    }
    event.preventDefault();
    const from = this.current;
    if (to !== from) this.focus(to);
    this.owner.onMove(from, to, event.shiftKey);
  }

  /** Where a key leads from the current cell; undefined when it leads nowhere. Nothing wraps around. */
  #targetOf(event) {
    const { columns, rows } = this.view;
    const isControl = event.ctrlKey || event.metaKey;
    let column = this.current % columns;
    let row = Math.floor(this.current / columns);
    if (event.key in ARROW_STEPS) {
      const [right, down] = ARROW_STEPS[event.key];
      const isRightToLeft = getComputedStyle(this.root).direction === "rtl";
      column += isRightToLeft ? -right : right;
      row += down;
    } else if (event.key === "Home") [column, row] = [0, isControl ? 0 : row];
    else if (event.key === "End") [column, row] = [columns - 1, isControl ? rows - 1 : row];
    else if (event.key === "PageDown") row += this.#rowsOfPage();
    else if (event.key === "PageUp") row -= this.#rowsOfPage();
    else return undefined;
    column = Math.min(Math.max(column, 0), columns - 1);
    row = Math.min(Math.max(row, 0), rows - 1);
    return row * columns + column;
  }

  #rowsOfPage() {
    return Math.max(1, Math.floor(innerHeight / this.cells[0].offsetHeight / 2));
  }
}

/** Whether two views have as many columns, and rows that are named and drawn alike. */
function hasSameRows(one, other) {
  const looks = ({ time, startsHour, isAfterPause, isNewDate, isRepeated, again }) => `${time}${startsHour}${isAfterPause}${isNewDate}${isRepeated}${again}`;
  return one.columns === other.columns && one.rows === other.rows
    && one.rowList.every((row, at) => !row.isRepeated && looks(row) === looks(other.rowList[at]));
}

/** An element with a class, attributes and a text. */
function newElement(name, className, attributes = {}, text = "") {
  const element = document.createElement(name);
  if (className) element.className = className;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  if (text) element.textContent = text;
  return element;
}
