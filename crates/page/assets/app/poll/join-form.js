import { html, useState, useRef, useEffect } from "../preact.js";
import { t, browserZone } from "../i18n.js";
import { joinPoll } from "../api.js";
import { setting, keepSetting } from "../store.js";
import { faultAt, textOfFailure } from "../faults.js";

const randomKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

/** Asks for a name before the first cell is painted; that is all it takes to answer. `onJoined` gets the participant. */
export function JoinForm({ poll, onJoined }) {
  const [name, setName] = useState(setting("name") ?? "");
  const [failure, setFailure] = useState(null);
  const [isSending, setIsSending] = useState(false);
  const input = useRef(null);
  // Another name is another participant: a key stands for one request.
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
    try {
      const joined = await joinPoll(poll.id, { name: name.trim(), time_zone: browserZone() }, keyOf(name.trim()));
      keepSetting("name", joined.name);
      onJoined({ id: joined.id, token: joined.edit_token, name: joined.name });
    } catch (problem) {
      setFailure(faultAt(problem, "name") ?? textOfFailure(problem));
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
    </form>`;
}
