import { html } from "./preact.js";
import { t } from "./i18n.js";
import { NotLoaded, useLazyModule } from "./lazy-module.js";

/** A screen in a file of its own: whoever follows the link of a poll does not wait for what makes one, nor the other way round. */
export function LazyScreen({ file, name, id }) {
  const { module, hasFailed } = useLazyModule(file);
  if (hasFailed) return html`<${NotLoaded} />`;
  return module ? html`<${module[name]} id=${id} />` : html`<div class="poll-loading" aria-busy="true"><p>${t("frame.loading")}</p></div>`;
}
