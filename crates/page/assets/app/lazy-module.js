import { html, useState, useEffect } from "./preact.js";
import { t } from "./i18n.js";

/**
 * A file of modules that is loaded when it is needed.
 * @param {string|false|undefined} file its name, once it is needed
 * @returns {{module?: object, hasFailed: boolean}} without a module while it is on its way
 */
export function useLazyModule(file) {
  const [loaded, setLoaded] = useState({ hasFailed: false });
  useEffect(() => {
    if (!file) return;
    import(`${document.body.dataset.static}/${file}`).then((module) => setLoaded({ module, hasFailed: false }), () => setLoaded({ hasFailed: true }));
  }, [file]);
  return loaded;
}

/** Said where a file could not be loaded. */
export function NotLoaded() {
  return html`<section class="card" role="alert"><p>${t("frame.notLoaded")}</p><button type="button" onClick=${() => location.reload()}>${t("frame.loadAgain")}</button></section>`;
}
