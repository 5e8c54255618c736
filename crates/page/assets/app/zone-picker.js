import { html, useEffect, useId, useRef, useState } from "./preact.js";
import { browserZone, cityOfZone, currentLocale, formatZone, language, t } from "./i18n.js";
import { announce } from "./announce.js";

const MOST_OPTIONS = 60;

/** Lower case without accents, so that "Sao Paulo" finds "São Paulo". */
const searchable = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

let directory = { language: "", zones: [] };

/** All zones with the countries they are in, by the page's language; `text` is what is searched. */
function zoneDirectory() {
  if (directory.language === language()) return directory.zones;
  const countries = new Map();
  const names = new Intl.DisplayNames(currentLocale(), { type: "region", fallback: "none" });
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  for (const region of letters.flatMap((one) => letters.map((other) => one + other))) {
    const place = new Intl.Locale("und", { region });
    const zones = names.of(region) ? place.getTimeZones?.() ?? place.timeZones ?? [] : [];
    // Only the first: former and joined regions name the same zones again.
    zones.forEach((zone) => countries.has(zone) || countries.set(zone, names.of(region)));
  }
  const known = new Set(["UTC", browserZone(), ...Intl.supportedValuesOf("timeZone")]);
  const zones = [...known].map((zone) => {
    const country = countries.get(zone) ?? "";
    return { zone, country, text: searchable(`${cityOfZone(zone)} ${country} ${zone}`) };
  });
  directory = { language: language(), zones };
  return zones;
}

/** The zones that match: first those whose city, then those whose country or another word starts with what was typed. */
function zonesFound(query, suggested) {
  const wanted = searchable(query.trim());
  const all = zoneDirectory();
  if (!wanted) {
    const first = [...new Set([...suggested, browserZone(), "UTC"])].map((zone) => all.find((known) => known.zone === zone) ?? { zone, country: "" });
    const [continent] = (suggested[0] ?? browserZone()).split("/");
    const near = all.filter((known) => known.zone.startsWith(`${continent}/`) && !first.includes(known));
    return [...first, ...near].slice(0, MOST_OPTIONS);
  }
  const found = all.filter((known) => wanted.split(/\s+/).every((word) => known.text.includes(word)));
  const rank = ({ text, country }) => {
    if (text.startsWith(wanted)) return 0;
    if (country && searchable(country).startsWith(wanted)) return 1;
    return text.includes(` ${wanted}`) ? 2 : 3;
  };
  return found.sort((one, other) => rank(one) - rank(other) || one.text.localeCompare(other.text)).slice(0, MOST_OPTIONS);
}

/**
 * Picks a time zone by typing a city or a country.
 * @param {{value: string, onChange: (zone: string) => void, label: string, at?: number, suggested?: string[], error?: string}} props
 *   offsets are those at the instant `at`, in milliseconds since 1970
 */
export function ZonePicker({ value, onChange, label, at = Date.now(), suggested = [], error }) {
  const id = useId();
  const [query, setQuery] = useState(null);
  const [active, setActive] = useState(0);
  const list = useRef();
  const isOpen = query !== null;
  const found = isOpen ? zonesFound(query, [value, ...suggested]) : [];
  useEffect(() => list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" }), [active, isOpen]);

  const search = (text) => {
    setQuery(text);
    setActive(0);
    if (text) announce(t("zone.found", { n: zonesFound(text, []).length }));
  };
  const pick = (zone) => {
    setQuery(null);
    if (zone && zone !== value) onChange(zone);
  };
  const onKeyDown = (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : -1;
      if (!isOpen) search("");
      else if (found.length) setActive((active + step + found.length) % found.length);
    } else if (event.key === "Enter" && isOpen) pick(found[active]?.zone);
    else if (event.key === "Escape" && isOpen) setQuery(null);
    else return;
    event.preventDefault();
  };
  const option = ({ zone, country }, index) => html`<li key=${zone} id=${`${id}-${index}`} role="option"
    aria-selected=${String(index === active)} onPointerDown=${(event) => event.preventDefault()} onClick=${() => pick(zone)}>
    <bdi>${formatZone(zone, at)}</bdi>${country && html` <span class="soft">${country}</span>`}</li>`;
  return html`<div class="field zone-picker">
    <label for=${id}>${label}</label>
    <input id=${id} type="text" role="combobox" autocomplete="off" spellcheck=${false} aria-autocomplete="list"
      aria-expanded=${String(isOpen)} aria-controls=${`${id}-list`}
      aria-activedescendant=${isOpen && found.length ? `${id}-${active}` : undefined}
      aria-invalid=${error ? "true" : undefined} aria-describedby=${error ? `${id}-error` : undefined}
      value=${isOpen ? query : formatZone(value, at)} placeholder=${t("zone.search")}
      onFocus=${(event) => event.target.select()} onClick=${() => isOpen || search("")}
      onInput=${(event) => search(event.target.value)} onKeyDown=${onKeyDown} onBlur=${() => setQuery(null)} />
    <ul id=${`${id}-list`} role="listbox" aria-label=${label} hidden=${!isOpen} ref=${list}>
      ${found.map(option)}
      ${isOpen && !found.length && html`<li role="option" aria-selected="false" aria-disabled="true" class="soft">${t("zone.none")}</li>`}
    </ul>
    ${error && html`<p class="field-error" id=${`${id}-error`}>${error}</p>`}
  </div>`;
}
