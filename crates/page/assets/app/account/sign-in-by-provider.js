import { html, useEffect, useRef, useState } from "../preact.js";
import { t } from "../i18n.js";
import { textOfFailure } from "../faults.js";
import { beginProviderSignIn, readProviders } from "./requests.js";

/** Why somebody was not signed in by a provider, as the address says; what is unknown is said like `failed`. */
const FAILURES = ["expired", "refused", "unavailable", "no-email", "unverified-email"];

/** Signs somebody in by one of the providers of identities that the platform knows; there may be none. */
export function SignInByProvider() {
  const [providers, setProviders] = useState([]);
  const [failure, setFailure] = useState(null);
  const [leaving, setLeaving] = useState("");
  const alert = useRef();
  useEffect(() => {
    // Without them people sign in by mail as before.
    readProviders().then(setProviders, () => {});
    // Who comes back by the browser's own button is not on their way any more.
    const onShow = () => setLeaving("");
    addEventListener("pageshow", onShow);
    return () => removeEventListener("pageshow", onShow);
  }, []);
  useEffect(() => alert.current?.focus(), [failure]);
  if (providers.length === 0) return null;
  const go = async (name) => {
    if (leaving) return;
    setLeaving(name);
    setFailure(null);
    try {
      location.assign(await beginProviderSignIn(name));
    } catch (failed) {
      setFailure(failed);
      setLeaving("");
    }
  };
  const textOf = (failed) => (failed.status === 503 ? t("account.failures.unavailable") : textOfFailure(failed));
  return html`<section class="card" aria-labelledby="providers-heading">
    <h2 id="providers-heading">${t("account.byProvider")}</h2>
    ${failure && html`<p class="field-error sign-in-failure" role="alert" tabindex="-1" ref=${alert}>${textOf(failure)}</p>`}
    <div class="row">${providers.map(({ name, label }) => html`<button type="button" key=${name}
      aria-disabled=${leaving ? "true" : undefined} onClick=${() => go(name)}><span>${t(leaving === name ? "account.leaving" : "account.signInWith")} <bdi>${label}</bdi></span></button>`)}</div>
  </section>`;
}

/** Says why a provider's word has signed nobody in. */
export function ProviderFailure({ code }) {
  const box = useRef();
  useEffect(() => box.current.focus(), []);
  return html`<p class="card account-bad-link" role="alert" tabindex="-1" ref=${box}>${t(`account.failures.${FAILURES.includes(code) ? code : "failed"}`)}</p>`;
}
