import { html, useEffect, useRef, useState } from "./preact.js";
import { t } from "./i18n.js";
import { announce } from "./announce.js";

/** Milliseconds for which a toast is there; it stays while it is pointed at or focused. */
const TOAST_LIFE = 10_000;

let showQuestion = () => {};
let showToastNow = () => {};

/**
 * Asks before something is done.
 * @param {{title: string, text?: string, confirm: string, isDangerous?: boolean}} question
 * @returns {Promise<boolean>} whether it is to be done
 */
export const askToConfirm = (question) => new Promise((resolve) => showQuestion({ ...question, resolve }));

/**
 * Says what was done, and offers to undo it for some seconds.
 * @param {string} text
 * @param {{label: string, run: () => void}} [action]
 */
export function showToast(text, action) {
  announce(text);
  showToastNow({ text, action });
}

/** Where questions and toasts appear; there is one of it, beside the screen. */
export function DialogHost() {
  const [question, setQuestion] = useState(null);
  const [toast, setToast] = useState(null);
  showQuestion = setQuestion;
  showToastNow = setToast;
  return html`
    ${question && html`<${ConfirmDialog} question=${question} onEnd=${() => setQuestion(null)} />`}
    ${toast && html`<${Toast} key=${toast} toast=${toast} onEnd=${() => setToast((now) => (now === toast ? null : now))} />`}`;
}

function ConfirmDialog({ question, onEnd }) {
  const dialog = useRef();
  useEffect(() => {
    // The browser gives the focus back to where it was when the dialog closes, unless it is gone by then.
    const before = document.activeElement;
    dialog.current.showModal();
    return () => before?.isConnected && before.focus();
  }, []);
  const end = (answer) => {
    question.resolve(answer);
    onEnd();
  };
  return html`<dialog ref=${dialog} class="confirm-dialog" aria-labelledby="confirm-title" aria-describedby=${question.text && "confirm-text"}
    onCancel=${() => end(false)} onClick=${(event) => event.target === dialog.current && end(false)}>
    <div>
      <h2 id="confirm-title">${question.title}</h2>
      ${question.text && html`<p id="confirm-text">${question.text}</p>`}
      <div class="dialog-buttons">
        <button type="button" onClick=${() => end(false)}>${t("dialog.cancel")}</button>
        <button type="button" class=${question.isDangerous ? "danger" : "primary"} onClick=${() => end(true)}>${question.confirm}</button>
      </div>
    </div>
  </dialog>`;
}

function Toast({ toast, onEnd }) {
  const [isHeld, setIsHeld] = useState(false);
  useEffect(() => {
    const timer = isHeld ? 0 : setTimeout(onEnd, TOAST_LIFE);
    return () => clearTimeout(timer);
  }, [isHeld]);
  const run = () => {
    toast.action.run();
    onEnd();
  };
  return html`<div class="toast" role="region" aria-label=${t("dialog.notice")} onPointerEnter=${() => setIsHeld(true)}
    onPointerLeave=${() => setIsHeld(false)} onFocusIn=${() => setIsHeld(true)} onFocusOut=${() => setIsHeld(false)}>
    <span>${toast.text}</span>
    ${toast.action && html`<button type="button" onClick=${run}>${toast.action.label}</button>`}
    <button type="button" class="plain" aria-label=${t("dialog.dismiss")} onClick=${onEnd}><span aria-hidden="true">✕</span></button>
  </div>`;
}
