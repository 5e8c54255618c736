import { html, useState, useLayoutEffect, useRef } from "../preact.js";
import { t } from "../i18n.js";
import { setting, keepSetting } from "../store.js";
import { AnswerGrid } from "./answer-grid.js";
import { AnswerForm } from "./answer-form.js";
import { PaintTools } from "./paint-tools.js";
import { FillTools } from "./fill-tools.js";
import { WeekPager, ZoomChoice, ButtonChoice, useGridLanguage, useWeek, useZoom } from "./grid-controls.js";

/** Whether fingers are the main way to point: then drags scroll until one chooses that they paint. */
const isTouchFirst = () => matchMedia("(pointer: coarse)").matches;

/**
 * Where somebody says when they can come: the grid with its tools, or the same as a form.
 * @param {{layout: import("./layout.js").GridLayout, levels: Uint8Array, revision: number, hints: Uint8Array|null,
 *   onChange: (levels: Uint8Array) => void, onReadCalendar?: (file: File) => void,
 *   usualWeeks?: {id: string, title: string}[], onUsualWeek?: (id: string) => void, readOnly?: boolean,
 *   week?: number, onWeek?: (week: number) => void, minutes?: number, onMinutes?: (minutes: number) => void}} props `levels` count when `revision` is another than before; in
 *   between the grid has them. `week` and `minutes` of a row are given where another panel shows the same
 */
export function AnswerPanel({ layout, levels, revision, hints, onChange, onReadCalendar, usualWeeks = [], onUsualWeek, readOnly = false, week, onWeek, minutes, onMinutes }) {
  const host = useRef(null);
  const grid = useRef(null);
  const latest = useRef(onChange);
  latest.current = onChange;
  const [, redraw] = useState(0);
  const [brush, setBrush] = useState("yes");
  const [isPainting, setIsPainting] = useState(setting("paintMode") ?? !isTouchFirst());
  const [shownMinutes, showMinutes] = useZoom(layout, minutes, onMinutes);
  const [isForm, setIsForm] = useState(setting("answerForm") ?? false);
  const [shownWeek, showWeek] = useWeek(layout, week, onWeek);

  useLayoutEffect(() => {
    const made = new AnswerGrid(host.current, {
      layout, levels, minutes: shownMinutes, label: t("grid.answerLabel"),
      onChange: (changed) => latest.current(changed),
      onState: () => redraw((count) => count + 1),
    });
    grid.current = made;
    return () => made.destroy();
  }, []);
  useLayoutEffect(() => grid.current.setLayout(layout), [layout]);
  useLayoutEffect(() => levels.length === layout.cells.length && grid.current.setLevels(levels), [revision]);
  useLayoutEffect(() => grid.current.setHints(hints?.length === layout.cells.length ? hints : null), [hints, layout]);
  useLayoutEffect(() => grid.current.setReadOnly(readOnly), [readOnly]);
  useLayoutEffect(() => grid.current.setBrush(brush), [brush]);
  useLayoutEffect(() => grid.current.setPaintMode(isPainting), [isPainting]);
  useLayoutEffect(() => grid.current.setZoom(shownMinutes), [shownMinutes]);
  useLayoutEffect(() => grid.current.showWeek(shownWeek), [shownWeek]);
  useGridLanguage(grid, t("grid.answerLabel"));

  const choosePainting = (chosen) => (keepSetting("paintMode", chosen), setIsPainting(chosen));
  const chooseForm = (chosen) => (keepSetting("answerForm", chosen), setIsForm(chosen));
  const current = grid.current;
  return html`
    <div class="answer-panel">
      <div class="row grid-bar">
        ${isForm ? html`<span></span>` : html`<${WeekPager} layout=${layout} week=${shownWeek} onWeek=${showWeek} />`}
        <${ButtonChoice} label=${t("grid.view")} value=${isForm} onChoose=${chooseForm}
          options=${[[false, t("grid.asGrid")], [true, t("grid.asForm")]]} />
      </div>
      ${!readOnly && html`<${PaintTools} grid=${current} isForm=${isForm} brush=${brush} onBrush=${setBrush}
        isPainting=${isPainting} onPainting=${choosePainting} />`}
      <div ref=${host} class="grid-host" hidden=${isForm}></div>
      ${isForm && html`<${AnswerForm} layout=${layout} levels=${current?.levels ?? levels} readOnly=${readOnly}
        onChange=${(changed) => current.change((level, index) => changed[index], "grid.said.changed")} />`}
      <div class="row fill-tools">
        ${!readOnly && html`<${FillTools} layout=${layout} grid=${current} week=${shownWeek} hints=${hints}
          onReadCalendar=${onReadCalendar} usualWeeks=${usualWeeks} onUsualWeek=${onUsualWeek} />`}
        ${!isForm && html`<${ZoomChoice} layout=${layout} minutes=${shownMinutes} onMinutes=${showMinutes} />`}
      </div>
    </div>`;
}
