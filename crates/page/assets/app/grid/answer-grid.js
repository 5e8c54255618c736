import { t, formatNumber } from "../i18n.js";
import { announce } from "../announce.js";
import { gridView } from "./view.js";
import { GridTable } from "./grid-table.js";
import { PaintPointer } from "./paint-pointer.js";
import { LevelHistory } from "./level-history.js";
import { Rectangle } from "./rectangle.js";
import { timeName } from "./grid-labels.js";
import { LEVEL_NO, LEVEL_IF_NEEDED, LEVEL_YES } from "./levels.js";

/** What shown cells look like, by their state: that of a level, or of several of them at once. */
const STATE_CLASSES = ["is-no", "is-if-needed", "is-yes", "is-mixed"];
const STATE_TEXTS = ["grid.level.no", "grid.level.if_needed", "grid.level.yes", "grid.level.mixed"];
const STATE_MIXED = 3;
const BRUSH_LEVELS = { yes: LEVEL_YES, if_needed: LEVEL_IF_NEEDED };

/**
 * The week in which somebody paints when they can come. Levels are bytes by cell of the layout; the grid has a copy of
 * its own. A drag, two taps or keys paint a rectangle of shown cells; its first cell decides whether that adds or removes.
 */
export class AnswerGrid {
  #layout; #view; #history; #pointer; #states; #prefixes; #paint = null; #selection = null; #start = null; #last = null;
  #hints = null; #brush = LEVEL_YES; #week = 0; #minutes;

  /**
   * @param {HTMLElement} host
   * @param {{layout: import("./layout.js").GridLayout, levels: Uint8Array, label: string, readOnly?: boolean, minutes?: number,
   *   onChange: (levels: Uint8Array) => void, onState?: () => void}} options `minutes` of a row; `onState` is called
   *   when `canUndo`, `canRedo` or `isStarted` may be different
   */
  constructor(host, { layout, levels, label, readOnly = false, minutes = layout.minutes, onChange, onState = () => {} }) {
    this.onChange = onChange;
    this.onState = onState;
    this.readOnly = readOnly;
    this.#minutes = minutes;
    this.#history = new LevelHistory(levels);
    this.table = new GridTable(host, {
      onMove: (from, to, isExtended) => this.#moveSelection(from, to, isExtended),
      onKey: (event) => this.#onKey(event),
      onEnter: () => {},
      onLeave: () => this.#select(null),
    });
    this.table.root.setAttribute("aria-multiselectable", "true");
    this.table.root.setAttribute("aria-label", label);
    this.#pointer = new PaintPointer(this.table, {
      begin: (position, isExtended) => this.#begin(position, isExtended),
      stretch: (position) => this.#stretch(position),
      isStretched: () => !this.#paint.rectangle.isOneCell,
      keep: () => this.#keep(),
      revert: () => this.#revert(),
      tap: (position) => this.#tap(position),
      hover: (position) => this.#start !== null && position >= 0 && this.#select(new Rectangle(this.#start.position, position, this.#view.columns)),
      tapHead: (column) => this.#paintWhole(column, column + (this.#view.rows - 1) * this.#view.columns),
      tapTime: (row) => this.#paintWhole(row * this.#view.columns, (row + 1) * this.#view.columns - 1),
    });
    this.setReadOnly(readOnly);
    this.setLayout(layout);
  }

  get levels() { return this.#history.levels; }
  get canUndo() { return this.#history.done.length > 0; }
  get canRedo() { return this.#history.undone.length > 0; }
  /** Whether a tap has set where a rectangle starts. */
  get isStarted() { return this.#start !== null; }
  get week() { return this.#week; }

  /** Shows the poll in another zone, or other times with other levels. */
  setLayout(layout, levels) {
    this.#layout = layout;
    if (levels) this.#history.reset(levels);
    this.#week = Math.min(this.#week, layout.weeks.length - 1);
    this.#minutes = Math.max(this.#minutes, layout.minutes);
    this.#show();
  }

  /** Replaces the levels by what comes from elsewhere; steps before cannot be taken back then. */
  setLevels(levels) {
    this.#pointer.cancel();
    this.#history.reset(levels);
    this.#endStart();
    this.#refreshAll();
    this.onState();
  }

  setReadOnly(readOnly) {
    this.readOnly = readOnly;
    this.table.root.setAttribute("aria-readonly", readOnly);
    this.table.root.classList.toggle("is-read-only", readOnly);
  }

  /** @param {"yes"|"if_needed"} brush the level that painting adds */
  setBrush(brush) { this.#brush = BRUSH_LEVELS[brush]; }

  /** Whether drags paint; else they scroll, and two taps paint. */
  setPaintMode(isPainting) {
    this.#pointer.drags = isPainting;
    this.table.root.classList.toggle("is-painting", isPainting);
    this.#endStart();
  }

  /** @param {Uint8Array|null} hints 1 where a calendar is busy; they are shown beside what is painted */
  setHints(hints) {
    this.#hints = hints;
    this.#refreshAll();
  }

  showWeek(week) {
    this.#week = week;
    this.#show();
  }

  /** @param {number} minutes of a row */
  setZoom(minutes) {
    this.#minutes = minutes;
    this.#show();
  }

  undo() { this.#step(this.#history.undo(), "grid.said.undone"); }
  redo() { this.#step(this.#history.redo(), "grid.said.redone"); }

  /** Free becomes not free and the other way round; "if needed" stays. */
  invert() {
    this.change((level) => (level === LEVEL_IF_NEEDED ? level : LEVEL_YES - level), "grid.said.inverted");
  }

  clear() { this.change(() => LEVEL_NO, "grid.said.cleared"); }

  /** Changes the levels of all cells in one step. @param {(level: number, index: number) => number} levelOf */
  change(levelOf, said) {
    if (this.readOnly) return;
    this.#endStart();
    this.#history.begin();
    this.levels.forEach((level, index) => { this.levels[index] = levelOf(level, index); });
    this.#step(this.#history.keep(), said);
  }

  destroy() {
    this.#pointer.cancel();
    this.table.geometry.stop();
    this.table.root.remove();
  }

  #step(isDifferent, said) {
    if (!isDifferent) return;
    this.#endStart();
    this.#refreshAll();
    this.#tell();
    announce(t(said));
  }

  #tell() {
    this.onChange(this.levels.slice());
    this.onState();
  }

  #show() {
    this.#pointer.cancel();
    this.#start = this.#selection = null;
    this.#view = gridView(this.#layout, this.#week, this.#minutes);
    this.table.root.dataset.minutes = this.#minutes;
    this.table.show(this.#layout, this.#view);
    this.#prefixes = this.table.cells.map((cell, position) => {
      const members = this.#view.membersOf(position);
      return members.length === 0 ? "" : timeName(this.#layout, members);
    });
    this.#states = new Uint8Array(this.table.cells.length).fill(255);
    this.#refreshAll();
    this.onState();
  }

  #refreshAll() {
    for (let position = 0; position < this.#states.length; position++) this.#refresh(position);
  }

  /** Brings a shown cell up to date; one that is so already is not touched. */
  #refresh(position) {
    const members = this.#view.membersOf(position);
    if (members.length === 0) return;
    let state = this.levels[members[0]];
    let isHinted = 0;
    for (const index of members) {
      if (this.levels[index] !== state) state = STATE_MIXED;
      if (this.#hints) isHinted |= this.#hints[index];
    }
    const looks = state | (isHinted << 2);
    if (this.#states[position] === looks) return;
    const cell = this.table.cells[position];
    const { classList } = cell;
    if (this.#states[position] !== 255) classList.remove(STATE_CLASSES[this.#states[position] & 3]);
    classList.add(STATE_CLASSES[state]);
    classList.toggle("is-hinted", isHinted > 0);
    this.#states[position] = looks;
    cell.setAttribute("aria-label", `${this.#prefixes[position]}: ${t(STATE_TEXTS[state])}${isHinted ? `, ${t("grid.cell.busy")}` : ""}`);
  }

  /** What painting from a cell does: it removes where all of the cell has the brush's level already. */
  #levelFrom(position) {
    const members = this.#view.membersOf(position);
    return members.every((index) => this.levels[index] === this.#brush) ? LEVEL_NO : this.#brush;
  }

  #begin(position, isExtended) {
    if (this.readOnly) return false;
    const anchor = isExtended && this.#last !== null ? this.#last : { position, level: null };
    if (this.#view.membersOf(anchor.position).length === 0) return false;
    this.table.focus(position, { preventScroll: true });
    this.#select(null);
    const level = anchor.level ?? this.#levelFrom(position);
    this.#history.begin();
    this.#paint = { anchor: anchor.position, level, rectangle: null };
    this.#stretch(anchor.position);
    this.#stretch(position);
    return true;
  }

  /** Makes the rectangle reach to a cell. Only cells that enter or leave it are touched. */
  #stretch(position) {
    const { anchor, level, rectangle } = this.#paint;
    const next = new Rectangle(anchor, position, this.#view.columns);
    const set = (at, levelOf) => {
      for (const index of this.#view.membersOf(at)) this.levels[index] = levelOf(index);
      this.#refresh(at);
    };
    rectangle?.forEachOutside(next, (at) => set(at, (index) => this.#history.before[index]));
    next.forEachOutside(rectangle, (at) => set(at, () => level));
    this.#paint.rectangle = next;
  }

  #keep() {
    const { anchor, level, rectangle } = this.#paint;
    this.#last = { position: anchor, level };
    this.#paint = null;
    if (!this.#history.keep()) return;
    this.#tell();
    this.#announcePainted(rectangle, level);
  }

  #revert() {
    this.#history.revert();
    this.#paint = null;
    this.#refreshAll();
    announce(t("grid.said.reverted"));
  }

  #announcePainted(rectangle, level) {
    announce(t("grid.said.painted", { what: this.#nameOf(rectangle), level: t(STATE_TEXTS[level]) }));
  }

  #nameOf({ first, last, count }) {
    const nameAt = (position) => this.#prefixes[position] || this.table.cells[position].getAttribute("aria-label");
    if (first === last) return nameAt(first);
    return t("grid.said.rectangle", { first: nameAt(first), last: nameAt(last), n: count, count: formatNumber(count) });
  }

  /** The first tap paints a cell and is where a rectangle starts, the second where it ends. */
  #tap(position) {
    if (this.readOnly || this.#view.membersOf(position).length === 0) return;
    const start = this.#start;
    if (start === null) {
      if (!this.#begin(position, false)) return;
      this.#keep();
      this.#start = { position, level: this.#last.level };
      this.table.cells[position].classList.add("is-start");
      announce(t("grid.said.started"));
      this.onState();
      return;
    }
    this.#endStart();
    this.#paintFrom(start.position, position, start.level, true);
  }

  #endStart() {
    if (this.#start === null) return;
    this.table.cells[this.#start.position].classList.remove("is-start");
    this.#start = null;
    this.#select(null);
    this.onState();
  }

  #paintFrom(anchor, to, level, isContinued = false) {
    this.#history.begin(isContinued);
    this.#paint = { anchor, level, rectangle: null };
    this.#stretch(to);
    this.#keep();
  }

  #paintWhole(anchor, to) {
    if (this.readOnly) return;
    this.#endStart();
    const rectangle = new Rectangle(anchor, to, this.#view.columns);
    this.#paintFrom(anchor, to, this.#levelFrom(rectangle.find((at) => this.#view.membersOf(at).length > 0)));
  }

  #moveSelection(from, to, isExtended) {
    if (!isExtended) return this.#select(null);
    const anchor = this.#selection?.anchor ?? from;
    this.#select(new Rectangle(anchor, to, this.#view.columns));
    announce(this.#nameOf(this.#selection));
  }

  #select(next) {
    const mark = (isSelected) => (at) => {
      this.table.cells[at].classList.toggle("is-selected", isSelected);
      this.table.cells[at].setAttribute("aria-selected", isSelected);
    };
    this.#selection?.forEachOutside(next, mark(false));
    next?.forEachOutside(this.#selection, mark(true));
    this.#selection = next;
  }

  #onKey(event) {
    const isControl = event.ctrlKey || event.metaKey;
    const { columns, rows } = this.#view;
    const at = this.table.current;
    const select = (first, last) => {
      this.#select(new Rectangle(first, last, columns));
      announce(this.#nameOf(this.#selection));
      return true;
    };
    if (event.key === " " && isControl) return select(at % columns, (at % columns) + (rows - 1) * columns);
    if (event.key === " " && event.shiftKey) return select(at - (at % columns), at - (at % columns) + columns - 1);
    if (event.key === " " || event.key === "Enter") return this.#paintSelection(at);
    if (event.key === "Escape" && (this.#selection || this.#start)) {
      this.#select(null);
      this.#endStart();
      return true;
    }
    if (!isControl || event.altKey) return false;
    const key = event.key.toLowerCase();
    if (key === "a") return select(0, columns * rows - 1);
    if (key === "y" || (key === "z" && event.shiftKey)) this.redo();
    else if (key === "z") this.undo();
    else return false;
    return true;
  }

  #paintSelection(at) {
    if (this.readOnly) return true;
    const selected = this.#selection ?? new Rectangle(at, at, this.#view.columns);
    const first = selected.find((position) => this.#view.membersOf(position).length > 0, selected.anchor);
    if (first === undefined) return true;
    this.#endStart();
    this.#paintFrom(selected.anchor, selected.opposite, this.#levelFrom(first));
    return true;
  }
}
