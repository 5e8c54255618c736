import { t, formatNumber } from "../i18n.js";
import { announce } from "../announce.js";
import { gridView } from "./view.js";
import { GridTable } from "./grid-table.js";
import { timeNames } from "./grid-labels.js";
import { whoNamesText } from "./who-text.js";
import { LEVEL_NAMES } from "./levels.js";
import { countedPeople, countsOfView, heatStep, scaleOf, statusOf } from "./heat.js";

/** Classes of shown cells: 0 to 10 on the scale, and a person's own level where one is isolated. */
const PERSON_CLASSES = ["is-no", "is-if-needed", "is-yes", "is-unanswered"];

/** The week of how many can come, with the number in each cell, on a scale that does not move as answers come in. */
export class HeatGrid {
  #layout; #view; #prefixes; #shown; #heat = null; #filter = {}; #outlined = null; #week = 0; #minutes; #pinned = -1; #hovered = -1;

  /**
   * @param {HTMLElement} host
   * @param {{layout: import("./layout.js").GridLayout, label: string, minutes?: number,
   *   onCell: (members: Int32Array|null, how: "hover"|"focus"|"tap") => void}} options `onCell` is told of the cells of
   *   the layout that are pointed at, focused, or tapped; null when they no longer are
   */
  constructor(host, { layout, label, minutes = layout.minutes, onCell }) {
    this.onCell = onCell;
    this.#minutes = minutes;
    this.table = new GridTable(host, label, {
      onMove: () => {},
      onKey: (event) => this.#onKey(event),
      onEnter: (position) => this.#enter(position),
      onLeave: () => onCell(null, "focus"),
    });
    const { root } = this.table;
    root.classList.add("heat-grid");
    root.setAttribute("aria-readonly", "true");
    root.addEventListener("pointermove", (event) => event.pointerType !== "touch" && this.#hover(this.#positionOf(event)));
    root.addEventListener("pointerleave", () => this.#hover(-1));
    root.addEventListener("click", (event) => this.#tap(this.#positionOf(event)));
    this.setLayout(layout);
  }

  setLayout(layout) {
    if (layout === this.#layout) return;
    this.#layout = layout;
    this.#week = Math.min(this.#week, layout.weeks.length - 1);
    this.#minutes = Math.max(this.#minutes, layout.minutes);
    this.#show();
  }

  /** @param {import("./heat.js").Heat|null} heat by cell of the layout; null where it may not be seen */
  setHeat(heat) {
    this.#heat = heat;
    this.#refreshAll();
  }

  /** @param {import("./heat.js").HeatFilter} filter */
  setFilter(filter) {
    this.#filter = filter;
    this.#refreshAll();
  }

  /** Draws a line around a window of time. @param {{start: number, end: number}|null} range in milliseconds since 1970 */
  outline(range) {
    this.#outlined = range;
    this.#drawOutline();
  }

  showWeek(week) {
    if (week === this.#week) return;
    this.#week = week;
    this.#show();
  }

  /** @param {number} minutes of a row */
  setZoom(minutes) {
    if (minutes === this.#minutes) return;
    this.#minutes = minutes;
    this.#show();
  }

  /** Says everything anew, in the language that the page has now. */
  redraw(label) {
    this.table.rename(label);
    this.#show();
  }

  /** The first cell of the outline; undefined when it is not in this week. */
  outlinedCell() {
    return this.table.root.querySelector(".is-outlined");
  }

  destroy() {
    this.table.remove();
  }

  #show() {
    this.#pin(-1);
    this.#hovered = -1;
    this.#view = gridView(this.#layout, this.#week, this.#minutes);
    this.table.root.dataset.minutes = this.#minutes;
    this.table.show(this.#layout, this.#view);
    this.#prefixes = timeNames(this.#layout, this.#view);
    this.#shown = new Array(this.table.cells.length).fill("");
    this.#refreshAll();
    this.#drawOutline();
  }

  #membersAt(position) {
    const members = position < 0 ? [] : this.#view.membersOf(position);
    return members.length > 0 ? members : null;
  }

  #refreshAll() {
    const heat = this.#heat;
    const isolated = heat?.people?.find(({ id }) => id === this.#filter.isolated);
    const scale = heat ? scaleOf(heat, this.#filter) : 0;
    // Numbers are there already where nobody is left out and nothing is merged.
    const people = heat && (this.#filter.only?.size || this.#minutes > this.#layout.minutes) ? countedPeople(heat, this.#filter) : null;
    const texts = new Map();
    const counts = heat && !isolated && countsOfView(heat, this.#view, people);
    for (let position = 0; position < this.#shown.length; position++) {
      const members = this.#view.membersOf(position);
      if (members.length === 0) continue;
      if (isolated) this.#refreshPerson(position, statusOf(isolated, members));
      else if (heat) this.#refreshCount(position, counts.yes[position], counts.ifNeeded[position], scale, texts);
      else this.#refresh(position, "heat-0", "", "");
    }
  }

  #refreshPerson(position, status) {
    const name = status === 3 ? t("grid.who.unanswered", { n: 1 }) : t(`grid.level.${LEVEL_NAMES[status]}`);
    this.#refresh(position, PERSON_CLASSES[status], "", name);
  }

  #refreshCount(position, yes, ifNeeded, scale, texts) {
    const can = yes + ifNeeded;
    const isAll = can > 0 && can >= scale;
    const className = `heat-${heatStep(can, scale)}${ifNeeded > 0 ? " has-if-needed" : ""}`;
    // Hundreds of cells have few different numbers.
    const key = can * 65_536 + ifNeeded;
    if (!texts.has(key)) {
      const label = t("grid.heat.cell", { n: can, scale })
        + (ifNeeded > 0 ? `, ${t("grid.heat.ifNeeded", { n: ifNeeded })}` : "") + (isAll ? `, ${t("grid.heat.everyone")}` : "");
      texts.set(key, [isAll ? `✓${formatNumber(can)}` : formatNumber(can), label]);
    }
    this.#refresh(position, className, ...texts.get(key));
  }

  /** Changes a shown cell if it does not look so already. */
  #refresh(position, className, text, label) {
    const looks = `${className}|${text}|${label}`;
    if (this.#shown[position] === looks) return;
    const cell = this.table.cells[position];
    const [before] = this.#shown[position].split("|", 1);
    if (before !== className) {
      if (before) cell.classList.remove(...before.split(" "));
      cell.classList.add(...className.split(" "));
    }
    cell.textContent = text;
    cell.setAttribute("aria-label", label ? `${this.#prefixes[position]}: ${label}` : this.#prefixes[position]);
    this.#shown[position] = looks;
  }

  #drawOutline() {
    const range = this.#outlined;
    const { columns } = this.#view;
    const isWithin = (position) => {
      const members = this.table.cells[position] && range ? this.#membersAt(position) : null;
      return members !== null && members.some((index) => this.#layout.cells[index].start < range.end && this.#layout.cells[index].end > range.start);
    };
    this.table.cells.forEach(({ classList }, position) => {
      const isOutlined = isWithin(position);
      classList.toggle("is-outlined", isOutlined);
      classList.toggle("is-outlined-first", isOutlined && !isWithin(position - columns));
      classList.toggle("is-outlined-last", isOutlined && !isWithin(position + columns));
    });
  }

  #positionOf(event) {
    const { column, row, isInColumn, isInRow } = this.table.geometry.locate(event.clientX, event.clientY);
    return isInColumn && isInRow ? row * this.#view.columns + column : -1;
  }

  #hover(position) {
    if (position === this.#hovered) return;
    this.table.cells[this.#hovered]?.classList.remove("is-hovered");
    this.#hovered = position;
    this.table.cells[position]?.classList.add("is-hovered");
    this.onCell(this.#membersAt(position), "hover");
  }

  /** A cell that has the focus also says who, to those who do not see it beside the grid. */
  #enter(position) {
    const members = this.#membersAt(position);
    if (members && this.#heat?.people) {
      const [label] = this.#shown[position].split("|").slice(2);
      this.table.cells[position].setAttribute("aria-label", `${this.#prefixes[position]}: ${label}. ${whoNamesText(this.#heat, members)}`);
    }
    this.onCell(members, "focus");
  }

  #tap(position) {
    if (this.#membersAt(position) === null) return;
    this.#pin(position === this.#pinned ? -1 : position);
    const members = this.#membersAt(this.#pinned);
    this.onCell(members, "tap");
    if (members && this.#heat?.people) announce(`${this.#prefixes[this.#pinned]}: ${whoNamesText(this.#heat, members)}`);
  }

  #pin(position) {
    this.table.cells[this.#pinned]?.classList.remove("is-pinned");
    this.#pinned = position;
    this.table.cells[position]?.classList.add("is-pinned");
  }

  #onKey(event) {
    if (event.key === "Escape" && this.#pinned >= 0) this.#tap(this.#pinned);
    else if (event.key === " " || event.key === "Enter") this.#tap(this.table.current);
    else return false;
    return true;
  }
}
