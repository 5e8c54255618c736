import { html, useEffect, useId, useRef, useState } from "./preact.js";
import { browserZone, cityOfZone, currentLocale, formatZone, language, t } from "./i18n.js";
import { announce } from "./announce.js";

const MOST_OPTIONS = 24;
/** Countries of which the zones are looked up; that takes a browser some milliseconds each. */
const MOST_COUNTRIES = 6;

/** Lower case without accents, so that "Sao Paulo" finds "São Paulo". */
const searchable = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
const startsWord = (text, wanted) => text.startsWith(wanted) || text.includes(` ${wanted}`);

let countries = { language: "", all: [] };

/** All countries by their names in the page's language; `text` is what is searched. */
function allCountries() {
  if (countries.language === language()) return countries.all;
  const names = new Intl.DisplayNames(currentLocale(), { type: "region", fallback: "none" });
  const letters = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZ"];
  const codes = letters.flatMap((one) => letters.map((other) => one + other)).filter((code) => names.of(code));
  countries = { language: language(), all: codes.map((code) => ({ code, name: names.of(code), text: searchable(names.of(code)) })) };
  return countries.all;
}

/** The zones of the countries whose name matches; none in browsers that do not know them. */
function zonesOfCountries(wanted) {
  const found = wanted.length < 2 ? [] : allCountries().filter(({ text }) => startsWord(text, wanted)).slice(0, MOST_COUNTRIES);
  return found.flatMap(({ code, name }) => {
    const place = new Intl.Locale("und", { region: code });
    return (place.getTimeZones?.() ?? place.timeZones ?? []).map((zone) => ({ zone, beside: name }));
  });
}

let knownZones = [];

function allZones() {
  if (knownZones.length === 0) {
    const names = new Set(["UTC", browserZone(), ...Intl.supportedValuesOf("timeZone")]);
    knownZones = [...names].map((zone) => ({ zone, beside: zone.includes("/") ? zone.split("/")[0] : "", text: searchable(`${cityOfZone(zone)} ${zone}`) }));
  }
  return knownZones;
}

/** The zones that match: first those whose city starts with what was typed, then those of a country, then the others. */
function zonesFound(query, suggested) {
  const wanted = searchable(query.trim());
  const all = allZones();
  const first = [...new Set([...suggested, browserZone(), "UTC"])].map((zone) => ({ zone, beside: "" }));
  const byText = all.filter(({ text }) => wanted.split(/\s+/).every((word) => text.includes(word)));
  const byCity = byText.filter(({ text }) => text.startsWith(wanted));
  const near = all.filter(({ zone }) => zone.startsWith(`${first[0].zone.split("/")[0]}/`));
  const found = wanted ? [...byCity, ...zonesOfCountries(wanted), ...byText] : [...first, ...near];
  return found.filter(({ zone }, index) => found.findIndex((other) => other.zone === zone) === index).slice(0, MOST_OPTIONS);
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
  const option = ({ zone, beside }, index) => html`<li key=${zone} id=${`${id}-${index}`} role="option"
    aria-selected=${String(index === active)} onPointerDown=${(event) => event.preventDefault()} onClick=${() => pick(zone)}>
    <bdi>${formatZone(zone, at)}</bdi>${beside && html` <span class="soft">${beside}</span>`}</li>`;
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
