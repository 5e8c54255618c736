import { html, useState, useLayoutEffect, useMemo, useRef } from "../preact.js";
import { t, formatNumber } from "../i18n.js";
import { afterPaint } from "../after-paint.js";
import { HeatGrid } from "./heat-grid.js";
import { WeekPager, ZoomChoice, useGridLanguage, useWeek, useZoom } from "./grid-controls.js";
import { PeopleList } from "./people-list.js";
import { scaleOf } from "./heat.js";
import { conflictsInLayout } from "./conflicts.js";
import { rangeInLayout, weekOfInstant } from "./view.js";

/**
 * When everybody can come, and who.
 * @param {{layout: import("./layout.js").GridLayout, heat: import("./heat.js").Heat|null, poll: object,
 *   participants: {id: string, name: string, required: boolean, answered: boolean}[]|null,
 *   filter: import("./heat.js").HeatFilter, onFilter: (filter: import("./heat.js").HeatFilter) => void,
 *   outlined: {start: string, end: string}|null, onRequire?: (id: string, isRequired: boolean) => void,
 *   week?: number, onWeek?: (week: number) => void, minutes?: number, onMinutes?: (minutes: number) => void}} props
 *   `heat` is null where it may not be seen; `week` and `minutes` of a row are given where another
 *   panel shows the same
 */
export function HeatPanel({ layout, heat: given, poll, participants, filter, onFilter, outlined, onRequire, week, onWeek, minutes, onMinutes }) {
  const host = useRef(null);
  const grid = useRef(null);
  const people = useRef(null);
  const [shownMinutes, showMinutes] = useZoom(layout, minutes, onMinutes);
  const pointed = useRef({});
  const [shownWeek, showWeek] = useWeek(layout, week, onWeek);
  const only = filter?.only ?? null;
  // When the poll asks about other times, what is known is still about those before.
  const fitting = given?.yes.length === layout.cells.length ? given : null;
  const heat = useMemo(() => fitting && { ...fitting, conflicts: conflictsInLayout(poll, layout) }, [fitting, poll, layout]);

  // What is pointed at goes before what has the focus, and that before what was tapped.
  const showCell = () => people.current?.show(pointed.current.hover ?? pointed.current.focus ?? pointed.current.tap ?? null);
  useLayoutEffect(() => {
    const made = new HeatGrid(host.current, {
      layout, minutes: shownMinutes, label: t("grid.heatLabel"),
      onCell: (members, how) => {
        pointed.current[how] = members;
        showCell();
        if (how === "tap") people.current?.open(members !== null);
      },
    });
    grid.current = made;
    return () => made.destroy();
  }, []);
  useLayoutEffect(() => {
    pointed.current = {};
    grid.current.setLayout(layout);
  }, [layout]);
  useLayoutEffect(() => grid.current.setZoom(shownMinutes), [shownMinutes]);
  useLayoutEffect(() => {
    pointed.current = {};
    grid.current.showWeek(shownWeek);
  }, [shownWeek]);
  useLayoutEffect(() => {
    grid.current.setHeat(heat);
    showCell();
  }, [heat, layout]);
  useLayoutEffect(() => afterPaint(() => {
    grid.current.setFilter({ only });
    showCell();
  }), [only]);
  useGridLanguage(grid, t("grid.heatLabel"));
  useLayoutEffect(() => {
    if (outlined) showWeek(weekOfInstant(layout, rangeInLayout(layout, outlined).start));
  }, [outlined]);
  useLayoutEffect(() => {
    grid.current.outline(outlined && rangeInLayout(layout, outlined));
    if (outlined) grid.current.outlinedCell()?.scrollIntoView({ block: "nearest" });
  }, [outlined, shownWeek, layout]);

  const empty = emptyHeatText(given, poll);
  const hasPeople = heat !== null && heat.participants > 0;
  return html`
    <div class="heat-panel">
      <div class="row grid-bar">
        <${WeekPager} layout=${layout} week=${shownWeek} onWeek=${showWeek} />
        ${hasPeople && html`<${HeatLegend} scale=${scaleOf(heat, { only })} />`}
      </div>
      ${empty && html`<p class="grid-empty">${empty}</p>`}
      <div class="heat-columns" hidden=${!hasPeople}>
        <div>
          <div ref=${host} class="grid-host"></div>
          <div class="row fill-tools"><${ZoomChoice} layout=${layout} minutes=${shownMinutes} onMinutes=${showMinutes} /></div>
        </div>
        ${hasPeople && html`<${PeopleList} layout=${layout} heat=${heat} participants=${participants} only=${only}
          onOnly=${(chosen) => onFilter({ only: chosen })} onIsolate=${(id) => grid.current?.setFilter({ only, isolated: id })}
          onRequire=${onRequire} handle=${people} />`}
      </div>
    </div>`;
}

function emptyHeatText(heat, poll) {
  if (!heat) return t(`grid.empty.${poll?.visibility === "after_answer" ? "afterAnswer" : "hidden"}`);
  if (heat.participants === 0) return t("grid.empty.nobody");
  return heat.answered === 0 ? t("grid.empty.noAnswer") : null;
}

/** What the colours mean: from nobody to everybody. */
function HeatLegend({ scale }) {
  const steps = [...Array(11).keys()];
  return html`
    <span class="heat-legend" role="img" aria-label=${t("grid.heat.legend", { n: scale })}>
      <span aria-hidden="true">${formatNumber(0)}</span>
      ${steps.map((step) => html`<i class=${`heat-${step}`} aria-hidden="true"></i>`)}
      <span aria-hidden="true">${formatNumber(scale)} ✓</span>
    </span>`;
}
