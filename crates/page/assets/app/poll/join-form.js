import { html, useState, useRef, useEffect } from "../preact.js";
import { t, browserZone } from "../i18n.js";
import { joinPoll } from "../api.js";
import { setting, keepSetting } from "../store.js";
import { faultAt, textOfFailure } from "../faults.js";

const randomKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Asks for a name before the first cell is painted; that is all it takes to answer. `onJoined` gets the participant. */
export function JoinForm({ poll, onJoined }) {
  const [name, setName] = useState(setting("name") ?? "");
  const [email, setEmail] = useState(setting("email") ?? "");
  const hadEmail = useRef(email !== "");
  const [failure, setFailure] = useState(null);
  const [emailFailure, setEmailFailure] = useState(null);
  const [isSending, setIsSending] = useState(false);
  const input = useRef(null);
  // Who says something else is another participant: a key stands for one request.
  const keys = useRef(new Map());
  const keyOf = (given) => keys.current.get(given) ?? keys.current.set(given, randomKey()).get(given);
  useEffect(() => {
    if (failure) input.current.focus();
  }, [failure]);
  const submit = async (event) => {
    event.preventDefault();
    if (!name.trim()) {
      setFailure(t("join.nameMissing"));
      return;
    }
    setIsSending(true);
    setFailure(null);
    setEmailFailure(null);
    const given = { name: name.trim(), time_zone: browserZone(), ...(email.trim() && { email: email.trim() }) };
    try {
      const joined = await joinPoll(poll.id, given, keyOf(JSON.stringify(given)));
      keepSetting("name", joined.name);
      keepSetting("email", email.trim() || undefined);
      onJoined({ id: joined.id, token: joined.edit_token, name: joined.name });
    } catch (problem) {
      const ofEmail = faultAt(problem, "email");
      setEmailFailure(ofEmail);
      setFailure(faultAt(problem, "name") ?? (ofEmail ? null : textOfFailure(problem)));
      setIsSending(false);
    }
  };
  return html`
    <form class="join card" onSubmit=${submit} noValidate>
      <h2>${t("join.title")}</h2>
      <div class="field">
        <label for="join-name">${t("join.name")}</label>
        <div class="row">
          <input id="join-name" ref=${input} value=${name} maxlength="100" autocomplete="name" dir="auto" aria-invalid=${failure ? "true" : undefined}
            aria-describedby="join-hint" onInput=${(event) => setName(event.target.value)} />
          <button class="primary" disabled=${isSending}>${t("join.submit")}</button>
        </div>
        ${failure && html`<p class="field-error" role="alert">${failure}</p>`}
        <p id="join-hint" class="field-hint">${t("join.hint")}</p>
      </div>
      <details open=${hadEmail.current}>
        <summary>${t("join.byMail")}</summary>
        <div class="field">
          <label for="join-email">${t("join.email")}</label>
          <input id="join-email" type="email" value=${email} maxlength="320" autocomplete="email" dir="ltr" aria-invalid=${emailFailure ? "true" : undefined}
            aria-describedby="join-email-hint" onInput=${(event) => setEmail(event.target.value)} />
          ${emailFailure && html`<p class="field-error" role="alert">${emailFailure}</p>`}
          <p id="join-email-hint" class="field-hint">${t("join.emailHint")}</p>
        </div>
      </details>
    </form>`;
}
