import { html, useEffect, useRef, useState } from "../preact.js";
import { t } from "../i18n.js";
import { isOpenToAll } from "../access.js";
import { looksLikeAddress } from "../address.js";
import { setting } from "../store.js";
import { TextField } from "../text-field.js";

/** Asks whose calendars are meant. `onChosen` gets the address. */
export function AddressForm({ takesFocus, onChosen }) {
  const [email, setEmail] = useState(setting("email") ?? "");
  const [isWrong, setIsWrong] = useState(false);
  const form = useRef();
  const focusField = () => form.current.querySelector("input").focus();
  useEffect(() => {
    if (takesFocus) focusField();
  }, []);
  const submit = (event) => {
    event.preventDefault();
    const given = email.trim();
    if (looksLikeAddress(given)) return onChosen(given);
    setIsWrong(true);
    focusField();
  };
  return html`<form class="card" ref=${form} onSubmit=${submit} noValidate>
    <${TextField} id="calendars-email" label=${t("answer.email")} value=${email} type="email" autocomplete="email" dir="ltr" maxlength="320"
      hint=${t(isOpenToAll() ? "calendars.emailHintOpen" : "calendars.emailHint")} error=${isWrong && t("faults.email.value_error")} onChange=${(given) => (setEmail(given), setIsWrong(false))} />
    <button type="submit" class="primary">${t("calendars.show")}</button>
  </form>`;
}
