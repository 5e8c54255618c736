/**
 * Calls something once the browser has painted what is there now, so that whoever has clicked sees that at once.
 * @returns {() => void} what takes it back
 */
export function afterPaint(callback) {
  let timer;
  const frame = requestAnimationFrame(() => { timer = setTimeout(callback); });
  return () => (cancelAnimationFrame(frame), clearTimeout(timer));
}
