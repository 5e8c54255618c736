import { html, useEffect, useRef, useState } from "../preact.js";
import { bidiIsolated, formatMinutes, t } from "../i18n.js";
import { looksLikeAddress } from "../address.js";
import { announce } from "../announce.js";
import { showToast } from "../dialogs.js";
import { faultAt, textOfFailure } from "../faults.js";
import { TextField } from "../text-field.js";
import { requestSignIn } from "./requests.js";

/** Minutes for which the link in a mail holds. */
export const LINK_MINUTES = 15;

/**
 * Signs somebody in by a link that comes by mail.
 * @param {{email: string, isFixed?: boolean, takesFocus?: boolean, onLook: () => Promise<void>}} props
 *   `email` is what stands in the form at first; with `isFixed` it is for that address alone.
 *   `onLook` looks whether somebody is signed in by now; once they are, this is shown no longer
 */
export function SignInByMail({ email, isFixed, takesFocus, onLook }) {
  const [sentTo, setSentTo] = useState("");
  const hasLeft = useRef(false);
  const leave = () => {
    hasLeft.current = true;
    setSentTo("");
  };
  return sentTo
    ? html`<${MailSent} email=${sentTo} onOther=${!isFixed && leave} onLook=${onLook} />`
    : html`<${MailForm} email=${email} isFixed=${isFixed} takesFocus=${takesFocus || hasLeft.current} onSent=${setSentTo} />`;
}

/** Sends the mail; `failure` is why it could not be sent the last time. `onSent` gets the address. */
function useMail(onSent) {
  const [failure, setFailure] = useState(null);
  const [isSending, setIsSending] = useState(false);
  const send = async (email) => {
    if (isSending) return;
    setIsSending(true);
    setFailure(null);
    try {
      await requestSignIn(email);
      onSent(email);
    } catch (failed) {
      setFailure(failed);
    }
    setIsSending(false);
  };
  return { failure, isSending, send, forget: () => setFailure(null) };
}

function MailForm({ email, isFixed, takesFocus, onSent }) {
  const [given, setGiven] = useState(email);
  const [isWrong, setIsWrong] = useState(false);
  const { failure, isSending, send, forget } = useMail(onSent);
  const form = useRef();
  const focusFault = () => form.current.querySelector('[aria-invalid="true"], [role="alert"]')?.focus();
  useEffect(() => {
    if (takesFocus) form.current.querySelector("input, button").focus();
  }, []);
  useEffect(focusFault, [failure, isWrong]);
  const submit = (event) => {
    event.preventDefault();
    const address = given.trim();
    if (isFixed || looksLikeAddress(address)) return send(address);
    setIsWrong(true);
    focusFault();
  };
  const atField = isWrong ? t("faults.email.value_error") : !isFixed && faultAt(failure, "email");
  return html`<form class="card" ref=${form} onSubmit=${submit} noValidate>
    <h2>${t("account.signInHeading")}</h2>
    ${isFixed
      ? html`<p>${t("account.hintOf", { email: bidiIsolated(email) })}</p>`
      : html`<${TextField} id="sign-in-email" label=${t("answer.email")} value=${given} type="email" autocomplete="email" dir="ltr" maxlength="320"
          hint=${t("account.hint")} error=${atField} onChange=${(typed) => (setGiven(typed), setIsWrong(false), forget())} />`}
    ${failure && !atField && html`<p class="field-error sign-in-failure" role="alert" tabindex="-1">${textOfFailure(failure)}</p>`}
    <button type="submit" class="primary" aria-disabled=${isSending ? "true" : undefined}>${t(isSending ? "calendars.sending" : "account.send")}</button>
  </form>`;
}

function MailSent({ email, onOther, onLook }) {
  const { failure, isSending, send } = useMail(() => showToast(t("account.sentAgain")));
  const heading = useRef();
  const alert = useRef();
  const isShown = useRef(true);
  useEffect(() => {
    heading.current.focus();
    announce(t("account.lookHeading"));
    return () => (isShown.current = false);
  }, []);
  useEffect(() => alert.current?.focus(), [failure]);
  const look = async () => {
    await onLook();
    if (isShown.current) showToast(t("account.notYet"));
  };
  return html`<section class="card" aria-labelledby="mail-heading">
    <h2 id="mail-heading" tabindex="-1" ref=${heading}>${t("account.lookHeading")}</h2>
    <p>${t("account.sent", { email: bidiIsolated(email), length: formatMinutes(LINK_MINUTES) })}</p>
    <p>${t("account.sameBrowser")}</p>
    <p class="soft">${t("account.nothingCame")}</p>
    ${failure && html`<p class="field-error sign-in-failure" role="alert" tabindex="-1" ref=${alert}>${textOfFailure(failure)}</p>`}
    <div class="row">
      <button type="button" class="primary" onClick=${look}>${t("account.lookAgain")}</button>
      <button type="button" aria-disabled=${isSending ? "true" : undefined} onClick=${() => send(email)}>${t(isSending ? "calendars.sending" : "account.sendAgain")}</button>
      ${onOther && html`<button type="button" onClick=${onOther}>${t("calendars.otherAddress")}</button>`}
    </div>
  </section>`;
}
