import { html, useState, useEffect, useRef, useMemo } from "../preact.js";
import { t } from "../i18n.js";
import { setting, keepSetting } from "../store.js";
import { AnswerGrid } from "./answer-grid.js";
import { AnswerForm } from "./answer-form.js";
import { WeekPager, ZoomChoice, ButtonChoice, initialZoom } from "./grid-controls.js";
import { FillTools } from "./fill-tools.js";

/** Whether fingers are the main way to point: then drags scroll until one chooses that they paint. */
const isTouchFirst = () => matchMedia("(pointer: coarse)").matches;

/**
 * Where somebody says when they can come: the grid with its tools, or the same as a form.
 * @param {{layout: import("./layout.js").GridLayout, levels: Uint8Array, revision: number, hints: Uint8Array|null,
 *   onChange: (levels: Uint8Array) => void, onReadCalendar?: (file: File) => void,
 *   usualWeeks?: {id: string, title: string}[], onUsualWeek?: (id: string) => void, readOnly?: boolean}} props
 *   `levels` count when `revision` is another than before; in between the grid has them
 */
export function AnswerPanel({ layout, levels, revision, hints, onChange, onReadCalendar, usualWeeks = [], onUsualWeek, readOnly = false }) {
  const host = useRef(null);
  const grid = useRef(null);
  const latest = useRef(onChange);
  latest.current = onChange;
  const [, redraw] = useState(0);
  const [brush, setBrush] = useState("yes");
  const [isPainting, setIsPainting] = useState(setting("paintMode") ?? !isTouchFirst());
  const [minutes, setMinutes] = useState(() => initialZoom(layout));
  const [week, setWeek] = useState(0);
  const [isForm, setIsForm] = useState(setting("answerForm") ?? false);
  const shownWeek = Math.min(week, layout.weeks.length - 1);

  useEffect(() => {
    const made = new AnswerGrid(host.current, {
      layout, levels, minutes, label: t("grid.answerLabel"),
      onChange: (changed) => latest.current(changed),
      onState: () => redraw((count) => count + 1),
    });
    grid.current = made;
    return () => made.destroy();
  }, []);
  useEffect(() => grid.current.setLayout(layout, grid.current.levels.length === layout.cells.length ? undefined : levels), [layout]);
  useEffect(() => grid.current.setLevels(levels), [revision]);
  useEffect(() => grid.current.setHints(hints ?? null), [hints, layout]);
  useEffect(() => grid.current.setReadOnly(readOnly), [readOnly]);
  useEffect(() => grid.current.setBrush(brush), [brush]);
  useEffect(() => grid.current.setPaintMode(isPainting), [isPainting]);
  useEffect(() => grid.current.setZoom(minutes), [minutes]);
  useEffect(() => grid.current.showWeek(shownWeek), [shownWeek]);

  const choosePainting = (chosen) => (keepSetting("paintMode", chosen), setIsPainting(chosen));
  const chooseForm = (chosen) => (keepSetting("answerForm", chosen), setIsForm(chosen));
  const brushes = useMemo(() => ["yes", "if_needed"].map((level) =>
    [level, html`<span class=${`swatch swatch-${level}`}></span>${t(`grid.level.${level}`)}`]), [t("grid.level.yes")]);
  const current = grid.current;
  return html`
    <div class="answer-panel">
      <div class="row grid-bar">
        <${WeekPager} layout=${layout} week=${shownWeek} onWeek=${setWeek} />
        <${ButtonChoice} label=${t("grid.view")} value=${isForm} onChoose=${chooseForm}
          options=${[[false, t("grid.asGrid")], [true, t("grid.asForm")]]} />
      </div>
      ${!readOnly && !isForm && html`
        <div class="grid-tools" role="toolbar" aria-label=${t("grid.tools")}>
          <${ButtonChoice} label=${t("grid.brush")} value=${brush} onChoose=${setBrush} options=${brushes} />
          <${ButtonChoice} label=${t("grid.mode.label")} value=${isPainting} onChoose=${choosePainting}
            options=${[[true, t("grid.mode.drag")], [false, t("grid.mode.tap")]]} />
          <span class="row tool-steps">
            <button type="button" class="icon-button" aria-label=${t("grid.undo")} title=${t("grid.undo")}
              disabled=${!current?.canUndo} onClick=${() => current.undo()}><${StepIcon} /></button>
            <button type="button" class="icon-button is-mirrored" aria-label=${t("grid.redo")} title=${t("grid.redo")}
              disabled=${!current?.canRedo} onClick=${() => current.redo()}><${StepIcon} /></button>
          </span>
        </div>
        <p class="grid-hint soft" aria-hidden=${current?.isStarted ? "true" : undefined}>${paintingHint(current, isPainting)}</p>`}
      <div ref=${host} class="grid-host" hidden=${isForm}></div>
      ${isForm && html`<${AnswerForm} layout=${layout} levels=${current?.levels ?? levels} readOnly=${readOnly}
        onChange=${(changed) => current.change((level, index) => changed[index], "grid.said.changed")} />`}
      ${!readOnly && html`<${FillTools} layout=${layout} grid=${current} week=${shownWeek} hints=${hints}
        onReadCalendar=${onReadCalendar} usualWeeks=${usualWeeks} onUsualWeek=${onUsualWeek} />`}
      ${!isForm && html`<${ZoomChoice} layout=${layout} minutes=${minutes} onMinutes=${setMinutes} />`}
    </div>`;
}

function paintingHint(grid, isPainting) {
  if (grid?.isStarted) return t("grid.mode.started");
  return t(isPainting ? "grid.mode.dragHint" : "grid.mode.tapHint");
}

const StepIcon = () => html`
  <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.8"
    stroke-linecap="round" stroke-linejoin="round"><path d="M7 4 3 8l4 4M3.5 8H12a4.5 4.5 0 0 1 0 9H8" /></svg>`;
