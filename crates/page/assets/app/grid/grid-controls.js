import { html, useLayoutEffect, useRef, useState } from "../preact.js";
import { t, language, formatDate, formatMinutes } from "../i18n.js";
import { announce } from "../announce.js";
import { setting, keepSetting } from "../store.js";
import { zoomsOf } from "./view.js";

/** Of a few options one: `options` are pairs of a value and what its button shows. */
export function ButtonChoice({ label, value, options, onChoose }) {
  return html`
    <span class="choice" role="group" aria-label=${label}>
      ${options.map(([option, shown]) => html`
        <button type="button" aria-pressed=${String(option === value)} onClick=${() => onChoose(option)}>${shown}</button>`)}
    </span>`;
}

/** The week that is shown, and what shows another; those of the owner where it has them. */
export function useWeek(layout, week, onWeek) {
  const [own, setOwn] = useState(0);
  return [Math.min(week ?? own, layout.weeks.length - 1), onWeek ?? setOwn];
}

/** The minutes of a row, and what sets them; those of the owner where it has them. */
export function useZoom(layout, minutes, onMinutes) {
  const [own, setOwn] = useState(() => initialZoom());
  return [Math.max(minutes ?? own, layout.minutes), onMinutes ?? setOwn];
}

/** Draws a grid anew when the page has another language: it is not one of Preact's. */
export function useGridLanguage(grid, label) {
  const drawn = useRef(language());
  useLayoutEffect(() => {
    if (drawn.current !== language()) grid.current.redraw(label);
    drawn.current = language();
  }, [language()]);
}

/** Goes from week to week; nothing where there is only one. */
export function WeekPager({ layout, week, onWeek }) {
  const total = layout.weeks.length;
  if (total < 2) return html`<span></span>`;
  const go = (to) => {
    announce(`${weekName(layout, to)}, ${t("grid.weekOf", { week: to + 1, total })}`);
    onWeek(to);
  };
  return html`
    <span class="week-pager" role="group" aria-label=${t("grid.weeks")}>
      <button type="button" class="icon-button" aria-label=${t("grid.previousWeek")} disabled=${week === 0}
        onClick=${() => go(week - 1)}><${PagerChevron} /></button>
      <span class="week-name"><bdi>${weekName(layout, week)}</bdi> <span class="soft">${t("grid.weekOf", { week: week + 1, total })}</span></span>
      <button type="button" class="icon-button is-mirrored" aria-label=${t("grid.nextWeek")} disabled=${week === total - 1}
        onClick=${() => go(week + 1)}><${PagerChevron} /></button>
    </span>`;
}

function weekName(layout, week) {
  const dates = layout.weeks[week].map((column) => formatDate(layout.columns[column].date, undefined, { day: "numeric", month: "short" }));
  return [...new Set(dates)].join(" – ");
}

const PagerChevron = () => html`
  <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="2"
    stroke-linecap="round" stroke-linejoin="round"><path d="m12 4-6 6 6 6" /></svg>`;

/** How many minutes a row of the grid has; nothing where there is no choice. */
export function ZoomChoice({ layout, minutes, onMinutes }) {
  const zooms = zoomsOf(layout);
  if (zooms.length < 2) return null;
  const choose = (chosen) => (keepSetting("zoom", chosen), onMinutes(chosen));
  return html`
    <div class="zoom-choice"><span class="soft" aria-hidden="true">${t("grid.zoom")}</span>
      <${ButtonChoice} label=${t("grid.zoom")} value=${minutes} onChoose=${choose}
        options=${zooms.map((zoom) => [zoom, formatMinutes(zoom)])} /></div>`;
}

/** Those chosen before, else as few as there are; on a phone at least 30. */
function initialZoom() {
  const isNarrow = matchMedia("(max-width: 40rem)").matches;
  return setting("zoom") ?? (isNarrow ? 30 : 0);
}
