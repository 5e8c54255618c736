import { html, useEffect, useRef } from "../preact.js";
import { t } from "../i18n.js";
import { keptDraft } from "../create/kept-draft.js";
import { showToast } from "../dialogs.js";
import { textOfFailure } from "../faults.js";
import { followLink } from "../navigate.js";
import { OwnData } from "./own-data.js";
import { AccountPolls } from "./polls.js";
import { endSession } from "./requests.js";
import { SessionList } from "./sessions.js";

/**
 * Who is signed in, and in which browsers. `onSignedOut` is called once this one is not any more, `onEnded` for another, and
 * `onErased` once there is no such account.
 */
export function SignedIn({ account, takesFocus, onSignedOut, onEnded, onErased }) {
  const heading = useRef();
  const list = useRef();
  useEffect(() => {
    if (takesFocus) heading.current.focus();
  }, []);
  const current = account.sessions.find((session) => session.current);
  const signOut = async () => {
    try {
      const { provider_sign_out: place } = await endSession(current.id);
      // The provider has a session of its own, and sends the browser back here.
      if (place) return location.assign(place);
    } catch (failure) {
      // Ended already, as from another device.
      if (failure.status !== 401 && failure.status !== 404) return showToast(textOfFailure(failure));
    }
    onSignedOut();
  };
  return html`
    <section class="card" aria-labelledby="account-heading">
      <div class="row calendars-head">
        <h2 id="account-heading" tabindex="-1" ref=${heading}>${t("account.signedInAs")} <bdi>${account.email}</bdi></h2>
        ${current && html`<button type="button" onClick=${signOut}>${t("account.signOut")}</button>`}
      </div>
      <p class="row account-links">
        ${keptDraft() && html`<a class="button primary" href="/" onClick=${followLink}>${t("account.toDraft")}</a>`}
        <a href="/calendars" onClick=${followLink}>${t("frame.myCalendars")}</a>
      </p>
    </section>
    <${AccountPolls} key=${account.email} />
    <section class="calendars-of" aria-labelledby="sessions-heading">
      <h2 id="sessions-heading" tabindex="-1" ref=${list}>${t("account.sessions")}</h2>
      <${SessionList} sessions=${account.sessions} onEnded=${() => (list.current.focus(), onEnded())} />
    </section>
    <${OwnData} onErased=${onErased} />`;
}
