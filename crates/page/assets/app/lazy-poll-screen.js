import { html, useState, useEffect } from "./preact.js";
import { t } from "./i18n.js";

/** The screen of a poll, which comes in a file of its own: whoever makes one does not wait for it. */
export function LazyPollScreen({ id }) {
  const [screen, setScreen] = useState(null);
  const [hasFailed, setHasFailed] = useState(false);
  useEffect(() => {
    import(`${document.body.dataset.static}/poll.js`).then((module) => setScreen(() => module.PollScreen), () => setHasFailed(true));
  }, []);
  if (hasFailed) {
    return html`<section class="card" role="alert"><p>${t("frame.notLoaded")}</p><button type="button" onClick=${() => location.reload()}>${t("frame.loadAgain")}</button></section>`;
  }
  return screen ? html`<${screen} id=${id} />` : html`<div class="poll-loading" aria-busy="true"><p>${t("frame.loading")}</p></div>`;
}
