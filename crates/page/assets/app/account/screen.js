import { html, useEffect, useRef, useState } from "../preact.js";
import { formatMinutes, t } from "../i18n.js";
import { showToast } from "../dialogs.js";
import { textOfFailure } from "../faults.js";
import { keepSetting, setting } from "../store.js";
import { ConfirmSignIn } from "./confirm.js";
import { takeProviderFailure, takeSignInLink } from "./link.js";
import { LINK_MINUTES, SignInByMail } from "./sign-in-by-mail.js";
import { ProviderFailure, SignInByProvider } from "./sign-in-by-provider.js";
import { SignedIn } from "./signed-in.js";
import { useAccount } from "./use-account.js";

/** What comes of a link: it is to be confirmed, or, where a part of it was cut off, is refused. */
const stepOfLink = (link) => (link.token && link.email ? { link } : { refused: link.email });

/** The step that the address leads to, by a link or as somebody comes back from a provider; undefined when it says nothing. */
function stepOfAddress() {
  const failed = takeProviderFailure();
  if (failed !== null) return { failed };
  const link = takeSignInLink();
  return link ? stepOfLink(link) : undefined;
}

/** Signs in and out, and shows where somebody is signed in. */
export function AccountScreen() {
  /** `link` waits to be confirmed; `refused` is the address of one that does not hold; `failed` says why a provider signed nobody in. */
  const [{ link, refused, failed }, setStep] = useState(() => stepOfAddress() ?? {});
  const { account, failure, readAgain } = useAccount();
  // What comes in the place of what somebody has used takes the focus.
  const isReplacing = useRef(false);
  useEffect(() => {
    document.title = `${t("account.heading")} – W2Meet`;
    // A link that is pasted into the address of this screen loads nothing anew.
    const onHash = () => setStep((before) => stepOfAddress() ?? before);
    addEventListener("hashchange", onHash);
    return () => removeEventListener("hashchange", onHash);
  }, []);
  useEffect(() => {
    // Also of whoever comes back from a provider.
    if (account?.email && !setting("calendarsOf")) keepSetting("calendarsOf", account.email);
  }, [account?.email]);
  const signedIn = async () => {
    await readAgain();
    setStep({});
    showToast(t("account.signedIn"));
  };
  const noLonger = (text) => async () => {
    await readAgain();
    showToast(t(text));
  };
  const takesFocus = isReplacing.current && refused === undefined && failed === undefined;
  isReplacing.current ||= Boolean(link) || account !== undefined;
  if (link) {
    return html`<${AccountFrame}><${ConfirmSignIn} key=${link.token} link=${link} current=${account?.email} onSignedIn=${signedIn}
      onRefused=${() => setStep({ refused: link.email })} onCancel=${() => setStep({})} /><//>`;
  }
  return html`<${AccountFrame}>
    ${refused !== undefined && html`<${BadLink} />`}
    ${failed !== undefined && html`<${ProviderFailure} key=${failed} code=${failed} />`}
    ${account === undefined && !failure && html`<p class="card loading-block" aria-busy="true">${t("frame.loading")}</p>`}
    ${failure && html`<div class="card" role="alert">
      <p>${textOfFailure(failure)}</p>
      <button type="button" onClick=${readAgain}>${t("poll.retry")}</button>
    </div>`}
    ${account === null && html`<${SignInByProvider} />`}
    ${account === null && html`<${SignInByMail} key=${refused} email=${refused || (setting("email") ?? setting("calendarsOf") ?? "")} takesFocus=${takesFocus} onLook=${readAgain} />`}
    ${account && html`<${SignedIn} account=${account} takesFocus=${takesFocus} onSignedOut=${noLonger("account.signedOut")} onEnded=${readAgain}
      onErased=${noLonger("account.data.erased")} />`}
  <//>`;
}

function AccountFrame({ children }) {
  return html`<div class="calendars-screen">
    <div>
      <h1>${t("account.heading")}</h1>
      <p class="soft">${t("account.intro")}</p>
    </div>
    ${children}
  </div>`;
}

/** Says that a link does not hold; a new one is offered beside it. */
function BadLink() {
  const box = useRef();
  useEffect(() => box.current.focus(), []);
  return html`<p class="card account-bad-link" role="alert" tabindex="-1" ref=${box}>${t("account.badLink", { length: formatMinutes(LINK_MINUTES) })}</p>`;
}
