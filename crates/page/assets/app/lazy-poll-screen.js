import { html } from "./preact.js";
import { t } from "./i18n.js";
import { NotLoaded, useLazyModule } from "./lazy-module.js";

/** The screen of a poll, which comes in a file of its own: whoever makes one does not wait for it. */
export function LazyPollScreen({ id }) {
  const { module, hasFailed } = useLazyModule("poll.js");
  if (hasFailed) return html`<${NotLoaded} />`;
  return module ? html`<${module.PollScreen} id=${id} />` : html`<div class="poll-loading" aria-busy="true"><p>${t("frame.loading")}</p></div>`;
}
