import { html, useLayoutEffect, useMemo, useRef, useState } from "../preact.js";
import { t, language } from "../i18n.js";
import { timeNamer } from "./grid-labels.js";
import { PeopleMarks } from "./people-marks.js";
import { whoCountsText, whoIsInConflictText } from "./who-text.js";

/** With more people than this there is a field to search them. */
const MOST_WITHOUT_SEARCH = 15;

/**
 * Who can come at the time that is pointed at, and everybody's name: pointing at one shows their answer alone, a click
 * counts only those that are chosen. What changes at each move of the pointer is set past Preact. On a phone it is a sheet
 * below the grid, that a tap on a time opens.
 * @param {{handle: {current: {show: (members: Int32Array|null) => void, open: (isOpen: boolean) => void}|null}}} props
 *   `handle` gets what shows a time, and what opens the sheet
 */
export function PeopleList({ layout, heat, participants, only, onOnly, onIsolate, onRequire, handle }) {
  const box = useRef(null);
  const list = useRef(null);
  const marks = useRef(null);
  const latest = useRef(null);
  const nameOf = useMemo(() => timeNamer(layout, "short"), [layout, language()]);
  latest.current = { heat, nameOf };
  const [isOpen, setIsOpen] = useState(false);
  const [search, setSearch] = useState("");
  const people = heat.people ?? [];
  const hasNames = people.length > 0;
  useLayoutEffect(() => {
    marks.current = hasNames ? new PeopleMarks(list.current) : null;
    handle.current = { show: (members) => showWhoCan(box.current, latest.current, members, marks.current), open: setIsOpen };
    handle.current.show(null);
    return () => {
      handle.current = null;
      marks.current?.stop();
    };
  }, [hasNames, language()]);
  useLayoutEffect(() => marks.current?.setPeople(people), [heat, isOpen, search, language()]);

  const choose = (id) => {
    const chosen = new Set(only);
    if (!chosen.delete(id)) chosen.add(id);
    onOnly(chosen.size > 0 ? chosen : null);
  };
  const rowOf = usePeopleRows({ participants, only, search, choose, onIsolate, onRequire });
  return html`
    <aside class=${`who${isOpen ? " is-open" : ""}`} ref=${box} aria-label=${t("grid.who.label")}>
      <p class="who-time"></p>
      <p class="who-counts soft"></p>
      <p class="who-conflicts"></p>
      ${hasNames && html`
        <button type="button" class="who-toggle plain" aria-expanded=${String(isOpen)} onClick=${() => setIsOpen(!isOpen)}>${t("grid.who.names")}</button>
        <div class="who-people">
          ${people.length > MOST_WITHOUT_SEARCH && html`
            <input type="search" aria-label=${t("grid.who.search")} placeholder=${t("grid.who.search")} onInput=${(event) => setSearch(event.target.value)} />`}
          <ul ref=${list} onMouseLeave=${() => onIsolate(null)}>${people.map(rowOf)}</ul>
          ${only?.size > 0 && html`<button type="button" onClick=${() => onOnly(null)}>${t("grid.who.everybody")}</button>`}
        </div>`}
    </aside>`;
}

/** What makes the row of a person. One that is the same as before is the same node, which Preact passes over. */
function usePeopleRows({ participants, only, search, choose, onIsolate, onRequire }) {
  const known = useRef(new Map());
  const calls = useRef(null);
  calls.current = { choose, onIsolate, onRequire };
  const required = useMemo(() => new Set(participants?.filter((one) => one.required).map(({ id }) => id)), [participants]);
  const wanted = search.toLowerCase();
  return ({ id, name }) => {
    const row = { id, name, isHidden: !name.toLowerCase().includes(wanted), isChosen: only?.has(id) ?? false, isRequired: required.has(id) };
    const looks = `${language()}${Boolean(onRequire)}${JSON.stringify(row)}`;
    if (known.current.get(id)?.looks !== looks) known.current.set(id, { looks, node: personRow(row, calls, Boolean(onRequire)) });
    return known.current.get(id).node;
  };
}

function personRow({ id, name, isHidden, isChosen, isRequired }, calls, canRequire) {
  const isolate = (chosen) => () => calls.current.onIsolate(chosen);
  const label = t("grid.who.required", { name });
  return html`
    <li key=${id} hidden=${isHidden} onMouseEnter=${isolate(id)}>
      <button type="button" class="who-name" aria-pressed=${String(isChosen)} title=${t("grid.who.choose")}
        onFocus=${isolate(id)} onBlur=${isolate(null)} onClick=${() => calls.current.choose(id)}>
        <span class="who-mark" aria-hidden="true"></span><span dir="auto">${name}</span></button>
      ${canRequire
        ? html`<button type="button" class="who-required" aria-pressed=${String(isRequired)} aria-label=${label} title=${label}
            onClick=${() => calls.current.onRequire(id, !isRequired)}>${isRequired ? "★" : "☆"}</button>`
        : isRequired && html`<span class="who-required" role="img" aria-label=${label} title=${label}>★</span>`}
    </li>`;
}

function showWhoCan(box, { heat, nameOf }, members, marks) {
  const [time, counts, conflicts] = box.children;
  time.textContent = members ? nameOf(members) : t("grid.who.hint");
  counts.textContent = members ? whoCountsText(heat, members) : "";
  conflicts.textContent = members ? whoIsInConflictText(heat, members) : "";
  box.classList.toggle("is-empty", members === null);
  marks?.show(members);
}
