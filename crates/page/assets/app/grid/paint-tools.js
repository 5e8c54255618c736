import { html, useEffect, useRef } from "../preact.js";
import { t } from "../i18n.js";
import { ButtonChoice } from "./grid-controls.js";

/** What is painted, how, and steps back and forth: beside the grid as one scrolls, above it or, on a phone, below. */
export function PaintTools({ grid, isForm, brush, onBrush, isPainting, onPainting }) {
  const bar = useRef(null);
  useEffect(() => {
    // The grid's header sticks below the tools where these are above it.
    const tools = bar.current;
    const measure = () => {
      const isAbove = getComputedStyle(tools).insetBlockStart !== "auto";
      tools.parentElement?.style.setProperty("--grid-top", isAbove ? `${tools.offsetHeight}px` : "0px");
    };
    const observer = new ResizeObserver(measure);
    observer.observe(tools);
    addEventListener("resize", measure);
    return () => (observer.disconnect(), removeEventListener("resize", measure));
  }, []);
  const swatch = (level) => [level, html`<span class=${`swatch swatch-${level}`}></span>${t(`grid.level.${level}`)}`];
  const step = (name, isPossible, take, className) => html`
    <button type="button" class=${`icon-button ${className}`} aria-label=${t(`grid.${name}`)} title=${t(`grid.${name}`)}
      disabled=${!isPossible} onClick=${take}><${UndoIcon} /></button>`;
  return html`
    <div class=${`grid-tools${grid?.isStarted ? " is-started" : ""}`} role="toolbar" aria-label=${t("grid.tools")} ref=${bar}>
      ${!isForm && html`
        <${ButtonChoice} label=${t("grid.brush")} value=${brush} onChoose=${onBrush} options=${["yes", "if_needed"].map(swatch)} />
        <${ButtonChoice} label=${t("grid.mode.label")} value=${isPainting} onChoose=${onPainting}
          options=${[[true, t("grid.mode.drag")], [false, t("grid.mode.tap")]]} />`}
      <span class="tool-steps">
        ${step("undo", grid?.canUndo, () => grid.undo(), "")}
        ${step("redo", grid?.canRedo, () => grid.redo(), "is-mirrored")}
      </span>
      ${!isForm && html`<p class="grid-hint soft">${t(`grid.mode.${grid?.isStarted ? "started" : isPainting ? "dragHint" : "tapHint"}`)}</p>`}
    </div>`;
}

const UndoIcon = () => html`
  <svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.8"
    stroke-linecap="round" stroke-linejoin="round"><path d="M7 4 3 8l4 4M3.5 8H12a4.5 4.5 0 0 1 0 9H8" /></svg>`;
