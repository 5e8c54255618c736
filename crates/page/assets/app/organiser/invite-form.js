import { html, useState } from "../preact.js";
import { mailLanguage, t } from "../i18n.js";
import { inviteToPoll } from "../api.js";
import { textOfFailure } from "../faults.js";

/** "Ada <ada@example.com>, bob@example.com" as people, in whatever way they are separated. */
function peopleOfText(text) {
  return text.split(/[\n,;]+/).map((part) => part.trim()).filter(Boolean).map((part) => {
    const [, name, email] = /^(.*?)\s*<([^<>]+)>$/.exec(part) ?? [];
    return email ? { email: email.trim(), ...(name && { name: name.replace(/^"(.*)"$/, "$1") }) } : { email: part };
  });
}

/** Sends invitations by mail, each with a link of its own. `onInvited` is called once they are on their way. */
export function InviteForm({ poll, adminToken, onInvited }) {
  const [text, setText] = useState("");
  const [said, setSaid] = useState(null);
  const [isSending, setIsSending] = useState(false);
  const send = async (event) => {
    event.preventDefault();
    const people = peopleOfText(text);
    if (people.length === 0 || isSending) return;
    setIsSending(true);
    try {
      const own = { language: mailLanguage() };
      const { invited, skipped } = await inviteToPoll(poll.id, people.map((person) => ({ ...person, ...own })), adminToken);
      const reasons = skipped.map(({ email, reason }) => `${email}: ${t(`invite.skipped.${reason}`)}`);
      setSaid({ lines: [...(invited > 0 ? [t("invite.sent", { n: invited })] : []), ...reasons] });
      setText("");
      onInvited();
    } catch (failure) {
      setSaid({ isFailure: true, lines: failure.status === 400 ? linesOfFaults(failure, people) : [textOfFailure(failure)] });
    } finally {
      setIsSending(false);
    }
  };
  return html`<details class="invite-form">
    <summary>${t("invite.heading")}</summary>
    <form onSubmit=${send}>
      <div class="field">
        <label for="invite-people">${t("invite.people")}</label>
        <textarea id="invite-people" rows="3" dir="ltr" value=${text} aria-describedby="invite-hint" onInput=${(event) => setText(event.target.value)}></textarea>
        <p id="invite-hint" class="soft">${t("invite.hint")}</p>
      </div>
      <button type="submit" disabled=${isSending}>${t("invite.send")}</button>
      ${said && html`<div role=${said.isFailure ? "alert" : "status"}><ul class="invite-result">${said.lines.map((line) => html`<li dir="auto">${line}</li>`)}</ul></div>`}
    </form>
  </details>`;
}

/** What is wrong, beside the address that it is about. */
function linesOfFaults(failure, people) {
  return failure.detail.map(({ loc, msg }) => {
    const person = people[loc[2]];
    return person ? `${person.email}: ${t("invite.wrong")}` : msg;
  });
}
