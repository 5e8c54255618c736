import { html, useState, useEffect } from "./preact.js";
import { t, LANGUAGES, language, loadLanguage } from "./i18n.js";
import { setting, keepSetting } from "./store.js";
import { followLink } from "./navigate.js";
import { isOpenToAll } from "./access.js";

const THEMES = ["auto", "light", "dark"];

const systemIsDark = matchMedia("(prefers-color-scheme: dark)");
systemIsDark.addEventListener("change", applyTheme);

/** Shows the page in the theme that was chosen; without one in that of the system. */
export function applyTheme() {
  const theme = setting("theme") ?? "auto";
  document.documentElement.dataset.theme = theme !== "auto" ? theme : systemIsDark.matches ? "dark" : "light";
}

/** What stands around every screen. `onLanguage` is called once other words are loaded. */
export function PageFrame({ children, onLanguage, showStatus }) {
  const [theme, setTheme] = useState(setting("theme") ?? "auto");
  const [isOnline, setIsOnline] = useState(navigator.onLine);
  useEffect(() => {
    const update = () => setIsOnline(navigator.onLine);
    addEventListener("online", update);
    addEventListener("offline", update);
    return () => (removeEventListener("online", update), removeEventListener("offline", update));
  }, []);
  const chooseLanguage = async (event) => {
    keepSetting("language", event.target.value);
    await loadLanguage();
    onLanguage();
  };
  const chooseTheme = (event) => {
    keepSetting("theme", event.target.value);
    setTheme(event.target.value);
    applyTheme();
  };
  return html`
    <a class="skip-link" href="#main">${t("frame.skip")}</a>
    <header class="frame-header">
      <a class="brand" href="/" onClick=${followLink}>W2Meet</a>
      <nav aria-label=${t("frame.navigation")}>
        <a href="/" onClick=${followLink}>${t("frame.create")}</a>
        <a href="/polls" onClick=${followLink}>${t("frame.myPolls")}</a>
        <a href="/calendars" onClick=${followLink}>${t("frame.myCalendars")}</a>
        ${!isOpenToAll() && html`<a href="/account" onClick=${followLink}>${t("frame.account")}</a>`}
        ${showStatus && html`<a href="/status" onClick=${followLink}>${t("frame.status")}</a>`}
      </nav>
    </header>
    ${!isOnline && html`<p class="banner banner-warning banner-offline" role="status">${t("frame.offline")}</p>`}
    <main id="main" tabindex="-1">${children}</main>
    <footer class="frame-footer">
      <label>${t("frame.language")}
        <select value=${language()} onChange=${chooseLanguage}>
          ${Object.entries(LANGUAGES).map(([code, name]) => html`<option value=${code} lang=${code}>${name}</option>`)}
        </select>
      </label>
      <label>${t("frame.theme")}
        <select value=${theme} onChange=${chooseTheme}>
          ${THEMES.map((name) => html`<option value=${name}>${t(`frame.themes.${name}`)}</option>`)}
        </select>
      </label>
      <p>${t(isOpenToAll() ? "frame.privacy" : "frame.privacySignIn")}</p>
    </footer>`;
}
