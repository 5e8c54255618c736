/** Goes to another screen without loading the page again. */
export function navigate(path) {
  history.pushState(null, "", path);
  dispatchEvent(new PopStateEvent("popstate"));
  scrollTo(0, 0);
  // Keys and screen readers go on where the new screen starts.
  document.getElementById("main").focus({ preventScroll: true });
}

/** For links within the page: a plain click stays in it, any other is the browser's. */
export function followLink(event) {
  if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  navigate(event.currentTarget.getAttribute("href"));
}
