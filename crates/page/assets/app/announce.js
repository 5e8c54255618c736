let lastText = "";

/** Has screen readers say `text`; the same text twice is said twice. */
export function announce(text) {
  const region = document.getElementById("announcements");
  // A region whose text does not change is not read again.
  region.textContent = text === lastText ? `${text}\u00a0` : text;
  lastText = region.textContent;
}
