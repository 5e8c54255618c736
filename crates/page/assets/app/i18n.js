import { setting } from "./store.js";

/** The languages there are, each with its own name, and those written from right to left. */
export const LANGUAGES = { en: "English", de: "Deutsch", ar: "العربية" };
const RIGHT_TO_LEFT = new Set(["ar"]);

let texts = {};
let locale = "en";
let pluralRules = new Intl.PluralRules("en");

/** Loads the words of the language that was chosen, or else of the first that the browser prefers and that there is. */
export async function loadLanguage() {
  const wanted = [setting("language"), ...navigator.languages.map((tag) => tag.split("-")[0]), "en"];
  const chosen = wanted.find((name) => name in LANGUAGES);
  const reply = await fetch(`${document.body.dataset.static}/texts/${chosen}.json`);
  texts = await reply.json();
  // The browser's own variant of the language decides on clock and calendar: en-GB is not en-US.
  locale = navigator.languages.find((tag) => tag.split("-")[0] === chosen) ?? chosen;
  pluralRules = new Intl.PluralRules(locale);
  formats.clear();
  document.documentElement.lang = chosen;
  document.documentElement.dir = direction();
}

/** Languages that the platform writes mails in. */
export const MAIL_LANGUAGES = ["en", "de"];

export const language = () => document.documentElement.lang;
export const direction = () => (RIGHT_TO_LEFT.has(language()) ? "rtl" : "ltr");
/** The language of mails to whoever reads this. */
export const mailLanguage = () => (MAIL_LANGUAGES.includes(language()) ? language() : "en");
/** The browser's variant of the language, such as `"en-GB"`, for Intl. */
export const currentLocale = () => locale;

/** The text of a key such as `"create.title"`, with `{name}` replaced by `params.name`; of forms the one for `params.n`. */
export function t(key, params = {}) {
  let text = key.split(".").reduce((level, name) => level?.[name], texts);
  if (text && typeof text === "object") text = text[pluralRules.select(params.n)] ?? text.other;
  if (text === undefined) return key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in params ? formatParam(params[name]) : whole));
}

const formatParam = (value) => (typeof value === "number" ? formatNumber(value) : value);

export const formatNumber = (number, options = {}) => knownFormat(Intl.NumberFormat, options).format(number);

/** A name within a sentence of whatever direction. */
export const bidiIsolated = (name) => `\u2068${name}\u2069`;

/** The names joined as the language does it: "Ada, Ben and Chitra". */
export const listOf = (names) => new Intl.ListFormat(locale, { type: "conjunction" }).format(names);

// Making a format takes far longer than using it.
const formats = new Map();
function remembered(key, make) {
  if (!formats.has(key)) formats.set(key, make());
  return formats.get(key);
}

const knownFormat = (Format, options) => remembered(Format.name + JSON.stringify(options), () => new Format(locale, options));

const dateTimeFormat = (options) => knownFormat(Intl.DateTimeFormat, { calendar: "gregory", ...options });

/** The locale's first day of the week: 0 is Monday, 6 Sunday. */
export function firstWeekday() {
  const chosen = setting("firstWeekday");
  if (chosen !== undefined) return chosen;
  const described = new Intl.Locale(locale);
  const info = described.getWeekInfo?.() ?? described.weekInfo;
  return info ? (info.firstDay + 6) % 7 : 0;
}

/** Whether clocks show 12 hours. */
export function hour12() {
  return setting("hour12") ?? remembered("hour12", () => dateTimeFormat({ hour: "numeric" }).resolvedOptions().hour12);
}

/** An instant's time of day in a zone: "14:30" or "2:30 PM". */
export const formatTime = (ms, zone) =>
  dateTimeFormat({ timeZone: zone, hour: "numeric", minute: "2-digit", hour12: hour12() }).format(ms);

/** A wall time such as `"14:30"` as the locale writes it; `"24:00"` is midnight. */
export function formatWallTime(time) {
  const [hour, minute] = time.split(":").map(Number);
  return formatTime(Date.UTC(2000, 0, 1, hour, minute), "UTC");
}

/** A date: of an instant in a zone, or `"YYYY-MM-DD"` as it is. `style` is what Intl.DateTimeFormat takes. */
export function formatDate(date, zone, style = { weekday: "short", day: "numeric", month: "short" }) {
  if (typeof date === "number") return dateTimeFormat({ timeZone: zone, ...style }).format(date);
  return dateTimeFormat({ timeZone: "UTC", ...style }).format(Date.parse(`${date}T00:00:00Z`));
}

/** The name of a weekday, 0 is Monday; `style` is long, short or narrow. */
export const formatWeekday = (day, style = "long") =>
  dateTimeFormat({ timeZone: "UTC", weekday: style }).format(Date.UTC(2024, 0, 1 + day));

// Browsers still name some zones by what cities were called long ago.
const CITY_NAMES = { Calcutta: "Kolkata", Katmandu: "Kathmandu", Saigon: "Ho Chi Minh", Rangoon: "Yangon", Kiev: "Kyiv", Godthab: "Nuuk", Asmera: "Asmara",
  Faeroe: "Faroe", Truk: "Chuuk", Ponape: "Pohnpei", "Coral Harbour": "Atikokan", Enderbury: "Kanton" };

/** The city by which a zone is named, as it is called today. */
export function cityOfZone(zone) {
  const city = zone.split("/").at(-1).replaceAll("_", " ");
  return CITY_NAMES[city] ?? city;
}

/** A zone for people: its city, and its offset at that instant: "Kathmandu (GMT+5:45)". */
export function formatZone(zone, ms = Date.now()) {
  const offset = dateTimeFormat({ timeZone: zone, timeZoneName: "shortOffset" }).formatToParts(ms).find((part) => part.type === "timeZoneName");
  return `${cityOfZone(zone)} (${offset.value})`;
}

/** A length of time: "1 h 30 min". */
export function formatMinutes(minutes) {
  const unit = (n, name) => formatNumber(n, { style: "unit", unit: name, unitDisplay: "short" });
  const parts = [Math.floor(minutes / 60) && unit(Math.floor(minutes / 60), "hour"), minutes % 60 && unit(minutes % 60, "minute")];
  return parts.filter(Boolean).join(" ") || unit(0, "minute");
}

/** The zone of this browser. */
export const browserZone = () => Intl.DateTimeFormat().resolvedOptions().timeZone || "UTC";
