import { html, useEffect, useMemo, useRef, useState } from "../preact.js";
import { t } from "../i18n.js";
import { timeName } from "./grid-labels.js";
import { STATUS_NAMES, statusOf } from "./heat.js";
import { STATUS_SIGNS, whoCountsText } from "./who-text.js";

/** With more people than this there is a field to search them. */
const MOST_WITHOUT_SEARCH = 15;

/**
 * Who can come at the time that is pointed at, and everybody's name: pointing at one shows their answer alone, a click
 * counts only those that are chosen. With hundreds of people the marks change at each move, so they are set past Preact,
 * and only those that are different. On a phone it is a sheet below the grid, that a tap on a time opens.
 * @param {{handle: {current: {show: (members: Int32Array|null) => void, open: (isOpen: boolean) => void}|null}}} props
 *   `handle` gets what shows a time, and what opens the sheet
 */
export function PeopleList({ layout, heat, participants, only, onOnly, onIsolate, onRequire, handle }) {
  const box = useRef(null);
  const latest = useRef(null);
  latest.current = { layout, heat };
  const [isOpen, setIsOpen] = useState(false);
  const [search, setSearch] = useState("");
  const people = heat.people ?? [];
  const required = useMemo(() => new Set(participants?.filter((one) => one.required).map(({ id }) => id)), [participants]);
  useEffect(() => {
    const shown = [];
    handle.current = { show: (members) => showWhoCan(box.current, latest.current, members, shown), open: setIsOpen };
    handle.current.show(null);
    return () => { handle.current = null; };
  }, [people.map(({ id }) => id).join()]);

  const choose = (id) => {
    const chosen = new Set(only);
    if (!chosen.delete(id)) chosen.add(id);
    onOnly(chosen.size > 0 ? chosen : null);
  };
  const isFound = (name) => name.toLowerCase().includes(search.toLowerCase());
  return html`
    <aside class=${`who${isOpen ? " is-open" : ""}`} ref=${box} aria-label=${t("grid.who.label")}>
      <p class="who-time"></p>
      <p class="who-counts soft"></p>
      ${people.length > 0 && html`<button type="button" class="who-toggle plain" aria-expanded=${String(isOpen)} onClick=${() => setIsOpen(!isOpen)}>${t("grid.who.names")}</button>`}
      <div class="who-people">
        ${people.length > MOST_WITHOUT_SEARCH && html`
          <input type="search" aria-label=${t("grid.who.search")} placeholder=${t("grid.who.search")} onInput=${(event) => setSearch(event.target.value)} />`}
        <ul onMouseLeave=${() => onIsolate(null)}>
          ${people.map(({ id, name }) => html`
            <li key=${id} hidden=${!isFound(name)} onMouseEnter=${() => onIsolate(id)}>
              <button type="button" class="who-name" aria-pressed=${String(Boolean(only?.has(id)))} title=${t("grid.who.choose")}
                onFocus=${() => onIsolate(id)} onBlur=${() => onIsolate(null)} onClick=${() => choose(id)}>
                <span class="who-mark" aria-hidden="true"></span><span dir="auto">${name}</span></button>
              <${RequiredMark} id=${id} name=${name} isRequired=${required.has(id)} onRequire=${onRequire} />
            </li>`)}
        </ul>
        ${only?.size > 0 && html`<button type="button" onClick=${() => onOnly(null)}>${t("grid.who.everybody")}</button>`}
      </div>
    </aside>`;
}

function RequiredMark({ id, name, isRequired, onRequire }) {
  if (!onRequire) return isRequired && html`<span class="who-required" role="img" aria-label=${t("grid.who.required")} title=${t("grid.who.required")}>★</span>`;
  const label = t("grid.who.require", { name });
  return html`
    <button type="button" class="who-required" aria-pressed=${String(isRequired)} aria-label=${label} title=${label}
      onClick=${() => onRequire(id, !isRequired)}>${isRequired ? "★" : "☆"}</button>`;
}

function showWhoCan(box, { layout, heat }, members, shown) {
  const [time, counts] = box.children;
  time.textContent = members ? timeName(layout, members, "short") : t("grid.who.hint");
  counts.textContent = members ? whoCountsText(heat, members) : "";
  box.classList.toggle("is-empty", members === null);
  if (!heat.people) return;
  const marks = box.getElementsByClassName("who-mark");
  heat.people.forEach((person, at) => {
    const status = members || !person.answered ? statusOf(person, members ?? []) : -1;
    if (shown[at] === status) return;
    shown[at] = status;
    marks[at].textContent = STATUS_SIGNS[status] ?? "";
    marks[at].className = status < 0 ? "who-mark" : `who-mark is-${STATUS_NAMES[status]}`;
  });
}
