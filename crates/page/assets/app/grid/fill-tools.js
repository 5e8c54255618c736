import { html, useRef } from "../preact.js";
import { t } from "../i18n.js";
import { LEVEL_IF_NEEDED, LEVEL_NO, LEVEL_YES } from "./levels.js";

/** The ways to fill in many cells at once. Each is one step that can be taken back. */
export function FillTools({ layout, grid, week, hints, onReadCalendar, usualWeeks, onUsualWeek }) {
  const file = useRef(null);
  const readFile = (event) => {
    const [chosen] = event.target.files;
    if (chosen) onReadCalendar(chosen);
    // The same file can be chosen again.
    event.target.value = "";
  };
  const chooseWeek = (event) => {
    if (event.target.value) onUsualWeek(event.target.value);
    event.target.value = "";
  };
  return html`
    <span class="row" role="group" aria-label=${t("grid.fill")}>
      <button type="button" onClick=${() => invertLevels(grid)}>${t("grid.invert")}</button>
      <button type="button" onClick=${() => grid.change(() => LEVEL_NO, "grid.said.cleared")}>${t("grid.clear")}</button>
      ${layout.weeks.length > 1 && html`
        <button type="button" onClick=${() => repeatWeekOf(grid, layout, week)}>${t("grid.repeatWeek")}</button>`}
      ${onReadCalendar && html`
        <button type="button" onClick=${() => file.current.click()}>${t("grid.readCalendar")}</button>
        <input ref=${file} type="file" accept=".ics,text/calendar" hidden onChange=${readFile} aria-label=${t("grid.readCalendar")} />`}
      ${hints && html`
        <button type="button" onClick=${() => paintFreeTimes(grid, hints)}>${t("grid.paintFree")}</button>`}
      ${usualWeeks.length > 0 && html`
        <select aria-label=${t("grid.usualWeek")} onChange=${chooseWeek}>
          <option value="">${t("grid.usualWeek")}</option>
          ${usualWeeks.map(({ id, title }) => html`<option value=${id}>${title}</option>`)}
        </select>`}
    </span>`;
}

/** Free becomes not free and the other way round; "if needed" stays. */
function invertLevels(grid) {
  grid.change((level) => (level === LEVEL_IF_NEEDED ? level : LEVEL_YES - level), "grid.said.inverted");
}

/** Where the calendar is not busy and nothing is painted yet, paints that one can come. */
function paintFreeTimes(grid, hints) {
  grid.change((level, index) => (level === LEVEL_NO && !hints[index] ? LEVEL_YES : level), "grid.said.paintedFree");
}

/** Paints all weeks as the one that is shown. */
function repeatWeekOf(grid, layout, week) {
  const [first, last] = layout.weeks[week];
  const keyOf = ({ column, row }) => `${layout.columns[column].day} ${row}`;
  const before = grid.levels.slice();
  const shown = new Map();
  layout.cells.forEach((cell, index) => {
    if (cell.column >= first && cell.column <= last) shown.set(keyOf(cell), before[index]);
  });
  grid.change((level, index) => shown.get(keyOf(layout.cells[index])) ?? level, "grid.said.repeated");
}
