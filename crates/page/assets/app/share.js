import { html, useEffect, useRef, useState } from "./preact.js";
import { t } from "./i18n.js";
import { announce } from "./announce.js";

/** Milliseconds for which a button says that it has copied. */
const COPIED_FOR = 2500;

// Where the page is not served over HTTPS, browsers have no clipboard but this old way.
function copySelection(input) {
  input.select();
  return document.execCommand("copy");
}

/** A link that cannot be changed, and a button that copies it. */
export function LinkField({ id, label, link, hint, isMain, children }) {
  const [isCopied, setIsCopied] = useState(false);
  const input = useRef();
  useEffect(() => {
    const timer = isCopied && setTimeout(() => setIsCopied(false), COPIED_FOR);
    return () => clearTimeout(timer);
  }, [isCopied]);
  const copy = async () => {
    const copied = await (navigator.clipboard?.writeText(link).then(() => true, () => copySelection(input.current)) ?? copySelection(input.current));
    setIsCopied(copied);
    announce(t(copied ? "share.copied" : "share.copyYourself"));
  };
  return html`<div class="field link-field">
    <label for=${id}>${label}</label>
    <div class="link-row">
      <input id=${id} type="text" readonly dir="ltr" value=${link} ref=${input} aria-describedby=${hint && `${id}-hint`}
        onFocus=${(event) => event.target.select()} />
      <button type="button" class=${isMain ? "primary" : ""} onClick=${copy}>${isCopied ? t("share.copied") : t("share.copy")}</button>
      ${children}
    </div>
    ${hint && html`<p class="field-hint" id=${`${id}-hint`}>${hint}</p>`}
  </div>`;
}

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
