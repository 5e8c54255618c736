import { html, useState, useEffect } from "../preact.js";
import { t, formatTime } from "../i18n.js";
import { columnName } from "./grid-labels.js";
import { LEVEL_NAMES, LEVEL_NO, LEVEL_YES } from "./levels.js";

/**
 * The same answer as rows of day, from, to and level, for whom a grid is no help.
 * @param {{layout: import("./layout.js").GridLayout, levels: Uint8Array, readOnly?: boolean,
 *   onChange: (levels: Uint8Array) => void}} props
 */
export function AnswerForm({ layout, levels, readOnly = false, onChange }) {
  const days = cellsByColumn(layout);
  const [rows, setRows] = useState(() => rowsOfLevels(levels, days));
  useEffect(() => {
    // What comes from elsewhere replaces the rows; what they say themselves does not.
    if (!isSameAnswer(levels, levelsOfRows(rows, days, layout))) setRows(rowsOfLevels(levels, days));
  }, [levels, layout]);
  const change = (changed) => {
    setRows(changed);
    onChange(levelsOfRows(changed, days, layout));
  };
  const changeRow = (at, part) => change(rows.map((row, index) => (index === at ? rowWithinDay({ ...row, ...part }, days) : row)));
  const add = () => {
    const last = rows.at(-1);
    const column = last ? Math.min(last.column + 1, days.length - 1) : 0;
    change([...rows, rowWithinDay({ ...(last ?? { from: 0, to: 0, level: LEVEL_YES }), column }, days)]);
  };
  const remove = (at) => change(rows.filter((row, index) => index !== at));
  return html`
    <div class="answer-form">
      <p class="soft">${t(rows.length > 0 ? "grid.form.intro" : "grid.form.empty")}</p>
      <ol>
        ${rows.map((row, at) => html`<li key=${at}>
          <${AnswerFormRow} ...${{ layout, days, row, readOnly, number: at + 1 }} onChange=${(part) => changeRow(at, part)} onRemove=${() => remove(at)} />
        </li>`)}
      </ol>
      ${!readOnly && html`<button type="button" onClick=${add}>${t("grid.form.add")}</button>`}
    </div>`;
}

function AnswerFormRow({ layout, days, row, number, readOnly, onChange, onRemove }) {
  const cells = days[row.column].map((index) => layout.cells[index]);
  const time = (instant, { row: at }) => `${formatTime(instant, layout.zone)}${layout.rows[at].nextDay ? ` (${t("grid.nextDay")})` : ""}`;
  const field = (name, value, options, change) => html`
    <label>${t(`grid.form.${name}`)}
      <select value=${value} disabled=${readOnly} onChange=${(event) => change(Number(event.target.value))}>
        ${options.map(([option, text]) => html`<option value=${option} selected=${option === value}>${text}</option>`)}
      </select>
    </label>`;
  return html`
    <fieldset class="row">
      <legend class="visually-hidden">${t("grid.form.row", { number })}</legend>
      ${field("day", row.column, layout.columns.map((column, at) => [at, columnName(layout, at, "long")]), (column) => onChange({ column }))}
      ${field("from", row.from, cells.map((cell, at) => [at, time(cell.start, cell)]), (from) => onChange({ from, to: Math.max(from, row.to) }))}
      ${field("to", row.to, cells.map((cell, at) => [at, time(cell.end, cell)]).slice(row.from), (to) => onChange({ to }))}
      ${field("level", row.level, [2, 1].map((level) => [level, t(`grid.level.${LEVEL_NAMES[level]}`)]), (level) => onChange({ level }))}
      ${!readOnly && html`<button type="button" class="plain" aria-label=${t("grid.form.removeRow", { number })} onClick=${onRemove}>${t("grid.form.remove")}</button>`}
    </fieldset>`;
}

/** The layout's cells of each column, by time. */
function cellsByColumn(layout) {
  const days = layout.columns.map(() => []);
  layout.cells.forEach((cell, index) => days[cell.column].push(index));
  return days;
}

/** @returns {{column: number, from: number, to: number, level: number}[]} `from` and `to` are the first and last cell of its day */
function rowsOfLevels(levels, days) {
  return days.flatMap((cells, column) => {
    const rows = [];
    cells.forEach((index, at) => {
      const level = levels[index];
      const last = rows.at(-1);
      if (level === LEVEL_NO) return;
      if (last && last.to === at - 1 && last.level === level) last.to = at;
      else rows.push({ column, from: at, to: at, level });
    });
    return rows;
  });
}

/** Where rows overlap, the later one counts. */
function levelsOfRows(rows, days, layout) {
  const levels = new Uint8Array(layout.cells.length);
  for (const { column, from, to, level } of rows) {
    for (const index of days[column]?.slice(from, to + 1) ?? []) levels[index] = level;
  }
  return levels;
}

/** A row whose times are within its day. */
function rowWithinDay(row, days) {
  const last = days[row.column].length - 1;
  return { ...row, from: Math.min(row.from, last), to: Math.min(Math.max(row.from, row.to), last) };
}

const isSameAnswer = (one, other) => one.length === other.length && one.every((level, index) => level === other[index]);
