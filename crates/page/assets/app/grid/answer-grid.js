import { t } from "../i18n.js";
import { announce } from "../announce.js";
import { gridView } from "./view.js";
import { GridTable } from "./grid-table.js";
import { GridSelection } from "./grid-selection.js";
import { PaintPointer } from "./paint-pointer.js";
import { RectanglePainter } from "./rectangle-painter.js";
import { LevelHistory } from "./level-history.js";
import { Rectangle, columnRectangle, rowRectangle } from "./rectangle.js";
import { AnswerCells, levelName } from "./answer-cells.js";
import { LEVEL_NAMES, LEVEL_YES, isSameTimes, levelsOf, rangesOf } from "./levels.js";

/**
 * The week in which somebody paints when they can come. Levels are bytes by cell of the layout; the grid has a copy of
 * its own. A drag, two taps or keys paint a rectangle of shown cells; its first cell decides whether that adds or removes.
 */
export class AnswerGrid {
  #layout; #view; #history; #painter; #pointer; #selection; #cells; #minutes;
  #brush = LEVEL_YES; #week = 0;
  // Where the first of two taps was, and where the last rectangle began, which Shift and a click continue.
  #start = null; #last = null;

  /**
   * @param {HTMLElement} host
   * @param {{layout: import("./layout.js").GridLayout, levels: Uint8Array, label: string, minutes?: number,
   *   onChange: (levels: Uint8Array) => void, onState?: () => void}} options `minutes` of a row; `onState` is called
   *   when `canUndo`, `canRedo` or `isStarted` may be different
   */
  constructor(host, { layout, levels, label, minutes = layout.minutes, onChange, onState = () => {} }) {
    this.onChange = onChange;
    this.onState = onState;
    this.#minutes = minutes;
    this.#history = new LevelHistory(levels);
    this.table = new GridTable(host, label, {
      onMove: (from, to, isExtended) => this.#moveSelection(from, to, isExtended),
      onKey: (event) => this.#onKey(event),
      onEnter: () => {},
      onLeave: () => this.#selection.select(null),
    });
    this.#selection = new GridSelection(this.table);
    this.#cells = new AnswerCells(this.table, this.#history);
    this.#painter = new RectanglePainter(this.#history, (position) => this.#cells.refresh(position));
    this.table.root.setAttribute("aria-multiselectable", "true");
    this.#pointer = new PaintPointer(this.table, this.#painter, {
      begin: (position, isExtended) => this.#begin(position, isExtended),
      keep: () => this.#keep(),
      revert: () => (this.#painter.revert(), announce(t("grid.said.reverted"))),
      tap: (position) => this.#tap(position),
      hover: (position) => this.#start && position >= 0 && this.#selection.select(this.#rectangle(this.#start.anchor, position)),
      tapHead: (column) => this.#paintAsked(columnRectangle(this.#view, column)),
      tapTime: (row) => this.#paintAsked(rowRectangle(this.#view, row)),
    });
    this.setReadOnly(false);
    this.setLayout(layout);
  }

  get levels() { return this.#history.levels; }
  get canUndo() { return this.#history.done.length > 0; }
  get canRedo() { return this.#history.undone.length > 0; }
  /** Whether a tap has set where a rectangle starts. */
  get isStarted() { return this.#start !== null; }

  /** Shows the poll in another zone, or asking about other times: what still fits stays. */
  setLayout(layout) {
    const before = this.#layout;
    if (layout === before) return;
    this.#layout = layout;
    this.#show(() => {
      if (before && !isSameTimes(before, layout)) this.#history.reset(levelsOf(rangesOf(this.levels, before), layout));
      this.#week = Math.min(this.#week, layout.weeks.length - 1);
      this.#minutes = Math.max(this.#minutes, layout.minutes);
    });
  }

  /** Replaces the levels by what comes from elsewhere; steps before cannot be taken back then. */
  setLevels(levels) {
    this.#pointer.cancel();
    this.#endStart();
    this.#history.reset(levels);
    this.#cells.refreshAll();
    this.onState();
  }

  setReadOnly(isReadOnly) {
    this.isReadOnly = isReadOnly;
    this.table.root.setAttribute("aria-readonly", isReadOnly);
    this.table.root.classList.toggle("is-read-only", isReadOnly);
  }

  /** @param {"yes"|"if_needed"} brush the level that painting adds */
  setBrush(brush) { this.#brush = LEVEL_NAMES.indexOf(brush); }

  /** Whether drags paint; else they scroll, and two taps paint. */
  setPaintMode(isPainting) {
    this.#pointer.drags = isPainting;
    this.table.root.classList.toggle("is-painting", isPainting);
    this.#endStart();
  }

  /** @param {Uint8Array|null} hints 1 where a calendar is busy; they are shown beside what is painted */
  setHints(hints) {
    this.#cells.hints = hints;
    this.#cells.refreshAll();
  }

  showWeek(week) {
    if (week !== this.#week) this.#show(() => { this.#week = week; });
  }

  /** @param {number} minutes of a row */
  setZoom(minutes) {
    if (minutes !== this.#minutes) this.#show(() => { this.#minutes = minutes; });
  }

  /** Says everything anew, in the language that the page has now. */
  redraw(label) {
    this.table.rename(label);
    this.#show(() => {});
  }

  undo() { this.#step(this.#history.undo(), "grid.said.undone"); }
  redo() { this.#step(this.#history.redo(), "grid.said.redone"); }

  /** Changes the levels of all cells in one step. @param {(level: number, index: number) => number} levelOf */
  change(levelOf, said) {
    if (this.isReadOnly) return;
    this.#history.begin();
    this.levels.forEach((level, index, levels) => { levels[index] = levelOf(level, index); });
    this.#step(this.#history.keep(), said);
  }

  destroy() {
    this.#pointer.cancel();
    this.table.remove();
  }

  #step(isDifferent, said) {
    if (!isDifferent) return;
    this.#endStart();
    this.#cells.refreshAll();
    this.#tell();
    announce(t(said));
  }

  #tell() {
    this.onChange(this.levels.slice());
    this.onState();
  }

  #show(change) {
    // What refers to shown cells ends before others are shown.
    this.#pointer.cancel();
    this.#endStart();
    this.#selection.select(null);
    this.#last = null;
    change();
    this.#view = gridView(this.#layout, this.#week, this.#minutes);
    this.#painter.setView(this.#view);
    this.table.root.dataset.minutes = this.#minutes;
    this.table.show(this.#layout, this.#view);
    this.#cells.setView(this.#layout, this.#view);
    this.onState();
  }

  #rectangle(anchor, opposite) {
    return new Rectangle(anchor, opposite, this.#view.columns);
  }

  #begin(position, isExtended) {
    const from = isExtended && this.#last ? this.#last : { anchor: position };
    if (this.isReadOnly || !this.#view.isAsked(from.anchor)) return false;
    this.table.focus(position, { preventScroll: true });
    this.#selection.select(null);
    this.#painter.begin(from.anchor, from.level ?? this.#painter.levelFrom(position, this.#brush));
    this.#painter.stretch(position);
    return true;
  }

  #keep() {
    const { rectangle, level, isDifferent } = this.#painter.keep();
    this.#last = { anchor: rectangle.anchor, level };
    if (!isDifferent) return;
    this.#tell();
    announce(t("grid.said.painted", { what: this.#cells.nameOf(rectangle), level: levelName(level) }));
  }

  /** The first tap paints a cell and is where a rectangle starts, the second where it ends. */
  #tap(position) {
    if (this.#start) {
      const { anchor, level } = this.#start;
      this.#endStart();
      this.#paint(this.#rectangle(anchor, position), level, true);
    } else if (this.#begin(position, false)) {
      this.#keep();
      this.#start = this.#last;
      this.table.cells[position].classList.add("is-start");
      announce(t("grid.said.started"));
      this.onState();
    }
  }

  #endStart() {
    if (!this.#start) return;
    this.table.cells[this.#start.anchor].classList.remove("is-start");
    this.#start = null;
    this.#selection.select(null);
    this.onState();
  }

  #paint({ anchor, opposite }, level, isContinued = false) {
    this.#painter.begin(anchor, level, isContinued);
    this.#painter.stretch(opposite);
    this.#keep();
  }

  /** Paints a rectangle of which not all may be asked about: the first cell that is decides. */
  #paintAsked(rectangle) {
    const first = rectangle.find(this.#view.isAsked);
    if (this.isReadOnly || first === undefined) return;
    this.#endStart();
    this.#paint(rectangle, this.#painter.levelFrom(first, this.#brush));
  }

  #moveSelection(from, to, isExtended) {
    if (!isExtended) return this.#selection.select(null);
    this.#selection.extend(from, to);
    announce(this.#cells.nameOf(this.#selection.rectangle));
  }

  #onKey(event) {
    if (this.#selection.selectByKey(event)) {
      announce(this.#cells.nameOf(this.#selection.rectangle));
      return true;
    }
    if (event.key === " " || event.key === "Enter") {
      this.#paintAsked(this.#selection.rectangle ?? this.#rectangle(this.table.current, this.table.current));
      return true;
    }
    if (event.key === "Escape" && (this.#selection.rectangle || this.#start)) {
      this.#selection.select(null);
      this.#endStart();
      return true;
    }
    const key = event.key.toLowerCase();
    if (!(event.ctrlKey || event.metaKey) || event.altKey || !"zy".includes(key)) return false;
    if (key === "y" || event.shiftKey) this.redo();
    else this.undo();
    return true;
  }
}
