import { html, useEffect, useMemo, useRef } from "../preact.js";
import { t } from "../i18n.js";
import { timeName } from "./grid-labels.js";
import { STATUS_NAMES, STATUS_UNANSWERED, countsOf, statusOf } from "./heat.js";

/** Signs of statuses, beside the colour. */
const STATUS_SIGNS = ["✕", "~", "✓", "?"];

/**
 * Who can come at the time that is pointed at, and everybody's name: pointing at one shows their answer alone, a click
 * counts only those that are chosen. With hundreds of people the marks change at each move, so they are set past Preact,
 * and only those that are different.
 * @param {{showRef: {current: ((members: Int32Array|null) => void)|null}}} props `showRef` gets what shows a time
 */
export function PeopleList({ layout, heat, participants, only, onOnly, onIsolate, onRequire, showRef }) {
  const box = useRef(null);
  const latest = useRef(null);
  latest.current = { layout, heat };
  const people = heat.people;
  const required = useMemo(() => new Set(participants?.filter((one) => one.required).map(({ id }) => id)), [participants]);
  useEffect(() => {
    const shown = { statuses: [] };
    showRef.current = (members) => showWho(box.current, latest.current, members, shown);
    showRef.current(null);
    return () => { showRef.current = null; };
  }, [people?.map(({ id }) => id).join()]);

  const choose = (id) => {
    const chosen = new Set(only);
    if (!chosen.delete(id)) chosen.add(id);
    onOnly(chosen.size > 0 ? chosen : null);
  };
  return html`
    <aside class="who" ref=${box} aria-label=${t("grid.who.label")}>
      <p class="who-time"></p>
      <p class="who-counts soft"></p>
      ${people && html`
        <ul class="who-list" onMouseLeave=${() => onIsolate(null)}>
          ${people.map(({ id, name }) => html`
            <li key=${id} onMouseEnter=${() => onIsolate(id)}>
              <button type="button" class="who-name" aria-pressed=${String(Boolean(only?.has(id)))} title=${t("grid.who.choose")}
                onClick=${() => choose(id)}><span class="who-mark" aria-hidden="true"></span><span dir="auto">${name}</span></button>
              ${onRequire
                ? html`<button type="button" class="who-required" aria-pressed=${String(required.has(id))}
                    aria-label=${t("grid.who.require", { name })} title=${t("grid.who.require", { name })}
                    onClick=${() => onRequire(id, !required.has(id))}>★</button>`
                : required.has(id) && html`<span class="who-required" role="img" aria-label=${t("grid.who.required")} title=${t("grid.who.required")}>★</span>`}
            </li>`)}
        </ul>
        ${only?.size > 0 && html`<button type="button" onClick=${() => onOnly(null)}>${t("grid.who.everybody")}</button>`}`}
    </aside>`;
}

function showWho(box, { layout, heat }, members, shown) {
  const [time, counts] = box.children;
  time.textContent = members ? timeName(layout, members, "short") : t("grid.who.hint");
  counts.textContent = members ? countsText(heat, members) : "";
  box.classList.toggle("is-empty", members === null);
  if (!heat.people) return;
  const marks = box.querySelectorAll(".who-mark");
  heat.people.forEach((person, at) => {
    const status = members || !person.answered ? statusOf(person, members ?? []) : -1;
    if (shown.statuses[at] === status) return;
    shown.statuses[at] = status;
    marks[at].textContent = STATUS_SIGNS[status] ?? "";
    marks[at].className = status < 0 ? "who-mark" : `who-mark is-${STATUS_NAMES[status]}`;
  });
}

function countsText(heat, members) {
  const [can, ifNeeded] = countsOf(heat, members, heat.people);
  const unanswered = heat.participants - heat.answered;
  const counts = [heat.answered - can - ifNeeded, ifNeeded, can, unanswered];
  const order = [2, 1, 0, STATUS_UNANSWERED];
  return order.filter((status) => status === 2 || counts[status] > 0)
    .map((status) => `${STATUS_SIGNS[status]} ${t(`grid.who.${STATUS_NAMES[status]}`, { n: counts[status] })}`).join(" · ");
}
