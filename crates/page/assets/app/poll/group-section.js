import { html, useEffect, useState } from "../preact.js";
import { t } from "../i18n.js";
import { afterPaint } from "../after-paint.js";
import { changeParticipant } from "../api.js";
import { textOfFailure } from "../faults.js";
import { showToast } from "../dialogs.js";
import { HeatPanel } from "../grid/heat-panel.js";

const NO_FILTER = { isolated: null, only: null };

/** Whether the browser has painted since the component came: until then nothing large is made. */
function useHasPainted() {
  const [hasPainted, setHasPainted] = useState(false);
  useEffect(() => afterPaint(() => setHasPainted(true)), []);
  return hasPainted;
}

/** When the others can. `onPoll` gets the poll after a change. */
export function GroupSection({ poll, layout, heat, failure, outlined, adminToken, onChanged, shared }) {
  const [filter, setFilter] = useState(NO_FILTER);
  const hasPainted = useHasPainted();
  const require = async (participantId, required) => {
    try {
      await changeParticipant(poll.id, participantId, { required }, adminToken);
      onChanged();
    } catch (problem) {
      showToast(textOfFailure(problem));
    }
  };
  const isHidden = failure?.status === 401 || failure?.status === 403;
  return html`
    <section class="group-section" aria-labelledby="group-heading">
      <h2 id="group-heading">${t("group.heading")}</h2>
      ${heat && hasPainted && html`<${HeatPanel} layout=${layout} heat=${heat} poll=${poll} participants=${poll.participants} filter=${filter}
        onFilter=${setFilter} outlined=${outlined} onRequire=${adminToken && require} ...${shared} />`}
      ${isHidden && html`<p class="card">${t(poll.visibility === "blind" ? "group.blind" : "group.afterAnswer")}</p>`}
      ${failure && !isHidden && html`<p class="card" role="alert">${textOfFailure(failure)}</p>`}
      ${(!heat || !hasPainted) && !failure && html`<div class="card loading-block" aria-busy="true">${t("poll.loading")}</div>`}
    </section>`;
}
