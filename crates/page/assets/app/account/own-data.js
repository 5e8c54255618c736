import { html, useState } from "../preact.js";
import { t } from "../i18n.js";
import { askToConfirm, showToast } from "../dialogs.js";
import { downloadText } from "../download.js";
import { textOfFailure } from "../faults.js";
import { eraseAccount, readOwnData } from "./requests.js";

/** What is stored of somebody, as a file, and its end. `onErased` is called once nothing is left. */
export function OwnData({ onErased }) {
  const [isBusy, setIsBusy] = useState(false);
  const doing = (work) => async () => {
    if (isBusy) return;
    setIsBusy(true);
    try {
      await work();
    } catch (failure) {
      showToast(textOfFailure(failure));
    }
    setIsBusy(false);
  };
  const download = doing(async () => downloadText("w2meet.json", "application/json", JSON.stringify(await readOwnData(), null, 2)));
  const erase = doing(async () => {
    const question = { title: t("account.data.eraseTitle"), text: t("account.data.eraseText"), confirm: t("account.data.erase"), isDangerous: true };
    if (!(await askToConfirm(question))) return;
    await eraseAccount();
    onErased();
  });
  const busy = isBusy ? "true" : undefined;
  return html`<section class="calendars-of" aria-labelledby="own-data-heading">
    <h2 id="own-data-heading">${t("account.data.heading")}</h2>
    <div class="card">
      <p>${t("account.data.text")}</p>
      <div class="row">
        <button type="button" aria-disabled=${busy} onClick=${download}>${t("account.data.download")}</button>
        <button type="button" class="danger" aria-disabled=${busy} onClick=${erase}>${t("account.data.erase")}</button>
      </div>
    </div>
  </section>`;
}
