/** Milliseconds before a stream that ended is asked for again; doubled as long as it fails. */
const FIRST_RETRY = 1_000;
const LONGEST_RETRY = 30_000;
/** Milliseconds without any event, of which there is one every 15 s, after which a stream is given up. */
const SILENCE = 40_000;

/**
 * Follows what happens to a poll while the tab is seen, over every interruption. A browser's EventSource cannot send a
 * token, so the stream is read by hand.
 * @param {string} id of the poll
 * @param {{token?: string, version: number, onEvent: (name: string, data: any) => void, onConnected: (isConnected: boolean) => void}} options
 *   `version` is what is known already
 * @returns {() => void} stops it
 */
export function followPoll(id, { token, version, onEvent, onConnected }) {
  let known = version;
  let delay = FIRST_RETRY;
  let stream;
  let timer;
  let isStopped = false;

  const connect = async () => {
    clearTimeout(timer);
    stream?.abort();
    if (isStopped || document.hidden) return;
    const current = new AbortController();
    stream = current;
    try {
      const headers = { "Last-Event-ID": String(known), ...(token && { Authorization: `Bearer ${token}` }) };
      const reply = await fetch(`/users/polls/${encodeURIComponent(id)}/events`, { headers, signal: current.signal });
      if (!reply.ok) throw new Error(`HTTP ${reply.status}`);
      onConnected(true);
      await readEvents(reply.body, current, (event) => {
        delay = FIRST_RETRY;
        if (event.id) known = Number(event.id);
        onEvent(event.name, event.data);
      });
    } catch {
      if (current.signal.aborted && stream !== current) return;
      onConnected(false);
    }
    if (isStopped || stream !== current || document.hidden) return;
    timer = setTimeout(connect, delay * (1 + Math.random() / 2));
    delay = Math.min(delay * 2, LONGEST_RETRY);
  };

  const onVisibility = () => (document.hidden ? stream?.abort() : connect());
  document.addEventListener("visibilitychange", onVisibility);
  addEventListener("online", connect);
  connect();
  return () => {
    isStopped = true;
    clearTimeout(timer);
    stream?.abort();
    document.removeEventListener("visibilitychange", onVisibility);
    removeEventListener("online", connect);
  };
}

/** Reads server-sent events until the stream ends or falls silent. */
async function readEvents(body, controller, onEvent) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let silence;
  let buffer = "";
  try {
    for (;;) {
      silence = setTimeout(() => controller.abort(), SILENCE);
      const { done, value } = await reader.read();
      clearTimeout(silence);
      if (done) return;
      buffer += value;
      const blocks = buffer.split("\n\n");
      buffer = blocks.pop();
      blocks.map(parseEvent).filter((event) => event.name).forEach(onEvent);
    }
  } finally {
    clearTimeout(silence);
  }
}

function parseEvent(block) {
  const fields = {};
  for (const line of block.split("\n")) {
    const at = line.indexOf(":");
    if (at > 0) fields[line.slice(0, at)] = line.slice(at + 1).replace(/^ /, "");
  }
  return { name: fields.event, id: fields.id, data: fields.data ? JSON.parse(fields.data) : null };
}
