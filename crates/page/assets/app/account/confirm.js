import { html, useEffect, useRef, useState } from "../preact.js";
import { bidiIsolated, t } from "../i18n.js";
import { textOfFailure } from "../faults.js";
import { signIn } from "./requests.js";

/**
 * Asks whoever has followed the link of a mail whether they want to be signed in under its address: a program that looks
 * at links uses none up, and nobody becomes somebody else unseen.
 * @param {{link: {token: string, email: string}, current?: string, onSignedIn: (email: string) => void, onRefused: () => void,
 *   onCancel: () => void}} props `current` is the address of who is signed in so far
 */
export function ConfirmSignIn({ link, current, onSignedIn, onRefused, onCancel }) {
  const [failure, setFailure] = useState(null);
  const [isSending, setIsSending] = useState(false);
  const alert = useRef();
  const heading = useRef();
  useEffect(() => heading.current.focus(), []);
  useEffect(() => alert.current?.focus(), [failure]);
  const confirm = async () => {
    if (isSending) return;
    setIsSending(true);
    setFailure(null);
    try {
      const { email } = await signIn(link);
      onSignedIn(email);
    } catch (failed) {
      // What is no link at all is as good as one that holds no longer.
      if (failed.status === 400 || failed.status === 401) return onRefused();
      setFailure(failed);
      setIsSending(false);
    }
  };
  const isAnother = current && current.toLowerCase() !== link.email.toLowerCase();
  return html`<section class="card" aria-labelledby="confirm-heading">
    <h2 id="confirm-heading" tabindex="-1" ref=${heading}>${t("account.signInAs")} <bdi>${link.email}</bdi></h2>
    <p>${t("account.confirmText")}</p>
    ${isAnother && html`<p>${t("account.soFar", { email: bidiIsolated(current) })}</p>`}
    ${failure && html`<p class="field-error sign-in-failure" role="alert" tabindex="-1" ref=${alert}>${textOfFailure(failure)}</p>`}
    <div class="row">
      <button type="button" class="primary" aria-disabled=${isSending ? "true" : undefined} onClick=${confirm}>${t(isSending ? "account.signingIn" : "account.signIn")}</button>
      <button type="button" onClick=${onCancel}>${t("dialog.cancel")}</button>
    </div>
  </section>`;
}
