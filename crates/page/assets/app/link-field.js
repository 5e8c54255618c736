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
