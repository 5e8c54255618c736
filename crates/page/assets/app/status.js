import { html, useState, useEffect } from "./preact.js";
import { t, formatTime, browserZone } from "./i18n.js";
import { request } from "./api.js";

const SERVICES = [["users", "user-service"], ["availability", "availability-service"], ["suggestion", "suggestion-service"], ["worker", "worker-service"]];
/** Milliseconds between two looks. */
const EVERY = 3_000;

// A service that is not ready says in the body of its 503 what it lacks.
async function lookAt(prefix) {
  try {
    const reply = await fetch(`/${prefix}/health`, { signal: AbortSignal.timeout(EVERY) });
    const { status, dependencies } = await reply.json();
    return { isUp: reply.ok, status, dependencies };
  } catch {
    return { isUp: false };
  }
}

// The mails that lie in files, or null where they go to a server; what was known while that cannot be said.
async function mailFiles(known) {
  try {
    return (await request("GET", "/worker/mail")).data.mails;
  } catch (failure) {
    return failure.status === 404 ? null : known;
  }
}

/** How the platform is doing, for whoever has just installed it. */
export function StatusScreen() {
  const [seen, setSeen] = useState(null);
  useEffect(() => {
    let timer, mails = [];
    const look = async () => {
      const services = await Promise.all(SERVICES.map(([prefix]) => lookAt(prefix)));
      const queue = await request("GET", "/worker/queue").then((reply) => reply.data, (failure) => ({ failure }));
      if (mails) mails = await mailFiles(mails);
      setSeen({ services, queue, mails, at: Date.now() });
      timer = setTimeout(look, EVERY);
    };
    look();
    return () => clearTimeout(timer);
  }, []);
  if (document.body.dataset.status !== "yes") return html`<section class="card"><h1>${t("status.heading")}</h1><p>${t("status.hidden")}</p></section>`;
  const { services, queue, mails, at } = seen ?? {};
  return html`
    <h1>${t("status.heading")}</h1>
    <p class="soft" role="status">${seen ? t("status.at", { time: formatTime(at, browserZone()) }) : t("frame.loading")}</p>
    <div class="status-cards">
      ${services && SERVICES.map(([prefix, name], index) => html`<${ServiceCard} key=${prefix} name=${name} prefix=${prefix} health=${services[index]} />`)}
      ${queue && html`
        <section class="card">
          <h2>${t("status.queue")}</h2>
          ${queue.failure ? html`<p>${t("status.queueUnknown")}</p>` : html`
            <dl class="status-facts">
              <dt>${t("status.waiting")}</dt><dd>${queue.waiting}</dd>
              <dt>${t("status.workers")}</dt><dd>${queue.workers}</dd>
              <dt>${t("status.dead")}</dt><dd>${queue.dead}</dd>
            </dl>`}
        </section>`}
    </div>
    ${mails && html`<${Mails} mails=${mails} />`}
    <p><a href="/docs">${t("status.documents")}</a></p>`;
}

function Mails({ mails }) {
  return html`
    <section class="card">
      <h2>${t("status.mails")}</h2>
      <p class="soft">${t(mails.length ? "status.mailsMeaning" : "status.noMails")}</p>
      <ol class="status-mails">
        ${mails.map((mail) => html`
          <li key=${mail.file}>
            <strong dir="auto">${mail.subject}</strong> <span dir="ltr">${mail.recipient}</span>
            <span class="soft">${t("status.mailAt", { time: formatTime(new Date(mail.written_at), browserZone()) })} <code dir="ltr">mail/${mail.file}</code></span>
          </li>`)}
      </ol>
    </section>`;
}

function ServiceCard({ name, prefix, health }) {
  const degraded = Object.entries(health.dependencies ?? {});
  return html`
    <section class="card">
      <h2>${name}</h2>
      <p class=${health.isUp ? "status-up" : "status-down"}><span aria-hidden="true">${health.isUp ? "✓ " : "✗ "}</span>${t(health.isUp ? "status.up" : "status.down")}</p>
      <dl class="status-facts">${degraded.map(([dependency, state]) => html`<dt>${dependency}</dt><dd>${typeof state === "string" ? state : state.status}</dd>`)}</dl>
      <a href=${`/${prefix}/docs`}>${t("status.api")}</a>
    </section>`;
}
