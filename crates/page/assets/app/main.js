import { html, render, useState, useEffect } from "./preact.js";
import { loadLanguage } from "./i18n.js";
import { PageFrame, applyTheme } from "./frame.js";
import { CreateScreen } from "./create/screen.js";
import { MyPollsScreen } from "./my-polls.js";
import { LazyPollScreen } from "./lazy-poll-screen.js";
import { StatusScreen } from "./status.js";
import { DialogHost } from "./dialogs.js";

const SCREENS = [
  [/^\/$/, CreateScreen],
  [/^\/polls$/, MyPollsScreen],
  [/^\/status$/, StatusScreen],
  [/^\/p\/([^/]+)\/?$/, LazyPollScreen],
];

function App() {
  const [, setRevision] = useState(0);
  const redraw = () => setRevision((revision) => revision + 1);
  useEffect(() => {
    addEventListener("popstate", redraw);
    return () => removeEventListener("popstate", redraw);
  }, []);
  const path = location.pathname;
  const [pattern, Screen] = SCREENS.find(([known]) => known.test(path)) ?? SCREENS[0];
  const [, id] = pattern.exec(path) ?? [];
  return html`<${PageFrame} onLanguage=${redraw} showStatus=${document.body.dataset.status === "yes"}><${Screen} key=${path + location.search} id=${id && decodeURIComponent(id)} /><//><${DialogHost} />`;
}

// Not awaited at the top: the poll's screen, which is loaded meanwhile, waits for this module to be done.
async function start() {
  applyTheme();
  await loadLanguage();
  render(html`<${App} />`, document.getElementById("app"));
}

start();
