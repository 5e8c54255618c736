import { bidiIsolated, t } from "../i18n.js";

// Browsers and systems name others too, so the first that fits counts.
const BROWSERS = [[/\bEdg(e|A|iOS)?\//, "Edge"], [/\b(OPR|Opera)\//, "Opera"], [/\bSamsungBrowser\//, "Samsung Internet"], [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(Chrome|CriOS|Chromium)\//, "Chrome"], [/\bVersion\/.*\bSafari\//, "Safari"]];
const SYSTEMS = [[/\biPhone\b/, "iPhone"], [/\biPad\b/, "iPad"], [/\bAndroid\b/, "Android"], [/\bWindows\b/, "Windows"], [/\bCrOS\b/, "ChromeOS"],
  [/\bMac OS X\b|\bMacintosh\b/, "macOS"], [/\bLinux\b/, "Linux"]];

const firstIn = (known, text) => known.find(([pattern]) => pattern.test(text))?.[1];

/** What people call the browser of a User-Agent: "Firefox on Linux"; one that nobody knows by its own words. */
export function nameOfBrowser(userAgent) {
  const [browser, system] = [firstIn(BROWSERS, userAgent), firstIn(SYSTEMS, userAgent)];
  if (browser && system) return t("account.browserOn", { browser, system });
  return browser ?? system ?? (userAgent.trim() ? bidiIsolated(userAgent.trim()) : t("account.unknownBrowser"));
}
