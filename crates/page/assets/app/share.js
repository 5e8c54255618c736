import { html } from "./preact.js";
import { t } from "./i18n.js";
import { LinkField } from "./link-field.js";

/**
 * The link of a poll for everybody, as text, as a QR code and for other programs; and the organiser's own.
 * @param {{poll: {id: string, title: string}, adminToken?: string, isNew?: boolean}} props `isNew` for whoever has just made it
 */
export function SharePanel({ poll, adminToken, isNew }) {
  const link = `${location.origin}/p/${encodeURIComponent(poll.id)}`;
  const scheme = location.protocol.slice(0, -1);
  const share = () => navigator.share({ title: poll.title, url: link }).catch(() => {});
  const mail = `mailto:?subject=${encodeURIComponent(poll.title)}&body=${encodeURIComponent(`${t("share.mail")}\n\n${link}\n`)}`;
  return html`<section class=${isNew ? "card share-panel share-new" : "card share-panel"} aria-labelledby="share-heading">
    <h2 id="share-heading">${isNew && html`<span aria-hidden="true">✓ </span>`}${t(isNew ? "share.ready" : "share.heading")}</h2>
    <${LinkField} id="share-link" label=${t("share.link")} link=${link} isMain=${true}>
      ${navigator.share && html`<button type="button" onClick=${share}>${t("share.share")}</button>`}
    <//>
    <div class="share-ways">
      <a class="button" href=${mail}>${t("share.byMail")}</a>
      <details>
        <summary>${t("share.qr")}</summary>
        <img class="qr-code" src=${`/p/${encodeURIComponent(poll.id)}/qr.svg?scheme=${scheme}`} alt=${t("share.qrAlt")} width="200" height="200" loading="lazy" />
      </details>
    </div>
    ${adminToken && html`<details class="share-own">
      <summary>${t("share.own")}</summary>
      <${LinkField} id="share-admin-link" label=${t("share.ownLink")} link=${`${link}#admin=${adminToken}`} hint=${t("share.ownHint")} />
    </details>`}
  </section>`;
}
