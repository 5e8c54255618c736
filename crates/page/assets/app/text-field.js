import { html } from "./preact.js";

/** A labelled line of text, or with `rows` several lines. */
export function TextField({ id, label, value, onChange, error, hint, rows, ...rest }) {
  const described = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  const shared = { id, value, dir: "auto", "aria-invalid": error ? "true" : undefined, "aria-describedby": described, ...rest,
    onInput: (event) => onChange(event.target.value) };
  return html`<div class="field">
    <label for=${id}>${label}</label>
    ${rows ? html`<textarea rows=${rows} ...${shared}></textarea>` : html`<input type="text" autocomplete="off" ...${shared} />`}
    ${hint && html`<p class="field-hint" id=${`${id}-hint`}>${hint}</p>`}
    ${error && html`<p class="field-error" id=${`${id}-error`}>${error}</p>`}
  </div>`;
}
