import { html, render, useState, useEffect } from "./preact.js";
import { loadLanguage } from "./i18n.js";
import { PageFrame, applyTheme } from "./frame.js";
import { LazyScreen } from "./lazy-screen.js";
import { DialogHost } from "./dialogs.js";

/** By their paths: the file that a screen is in, and its name there. */
const SCREENS = [
  [/^\/$/, "screens.js", "CreateScreen"],
  [/^\/polls$/, "screens.js", "MyPollsScreen"],
  [/^\/calendars$/, "person.js", "CalendarsScreen"],
  [/^\/account$/, "person.js", "AccountScreen"],
  [/^\/status$/, "screens.js", "StatusScreen"],
  [/^\/p\/([^/]+)\/?$/, "poll.js", "PollScreen"],
];

function App() {
  const [, setRevision] = useState(0);
  const redraw = () => setRevision((revision) => revision + 1);
  useEffect(() => {
    addEventListener("popstate", redraw);
    return () => removeEventListener("popstate", redraw);
  }, []);
  const path = location.pathname;
  const [pattern, file, name] = SCREENS.find(([known]) => known.test(path)) ?? SCREENS[0];
  const [, id] = pattern.exec(path) ?? [];
  return html`<${PageFrame} onLanguage=${redraw} showStatus=${document.body.dataset.status === "yes"}><${LazyScreen} key=${path + location.search} file=${file} name=${name} id=${id && decodeURIComponent(id)} /><//><${DialogHost} />`;
}

// Not awaited at the top: the screen, which is loaded meanwhile, waits for this module to be done.
async function start() {
  applyTheme();
  await loadLanguage();
  render(html`<${App} />`, document.getElementById("app"));
}

start();
