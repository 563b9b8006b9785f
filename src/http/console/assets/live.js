// The live page. Its parts come rendered and take the place of what they were; how long calls last ticks here.

const state = document.getElementById('live-state');
const refresh = document.getElementById('live-refresh');
const language = document.documentElement.lang;
const clock = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });

const say = (what) => {
  state.dataset.state = what;
  state.textContent = state.dataset[what];
  refresh.hidden = what === 'live';
};

// How far the gateway's clock is ahead of the browser's.
let ahead = 0;

function tick() {
  for (const time of document.querySelectorAll('[data-since]')) {
    const s = Math.max(0, Math.floor((Date.now() + ahead - Date.parse(time.dataset.since)) / 1000));
    const parts = s < 3600 ? [Math.floor(s / 60), s % 60] : [Math.floor(s / 3600), Math.floor(s / 60) % 60, s % 60];
    time.textContent = parts.map((part, nth) => (nth ? `${part}`.padStart(2, '0') : part)).join(':');
  }
}

function shows(part, html) {
  const where = document.getElementById(`live-${part}`);
  // Whoever reads with the keyboard keeps their place.
  const focused = where.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
  where.innerHTML = html;
  if (focused) where.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  written(where);
}

function written(where) {
  const now = where.querySelector('[data-now]');
  if (now) ahead = Date.parse(now.dataset.now) - Date.now();
  for (const time of where.querySelectorAll('[data-at]')) time.textContent = clock.format(new Date(time.dataset.at));
  tick();
}

/** Whether nobody is signed in here any more: pages lead to the sign-in then. */
const isSignedOut = async () => {
  const answer = await fetch(location.href, { redirect: 'manual' }).catch(() => null);
  return answer?.type === 'opaqueredirect';
};

function connect() {
  const events = new EventSource('/console/live/events');
  for (const part of ['calls', 'pools', 'trunks', 'watchers']) {
    events.addEventListener(part, ({ data }) => {
      say('live');
      shows(part, data);
    });
  }
  let isFull = false;
  events.addEventListener('full', () => {
    isFull = true;
    say('full');
  });
  events.addEventListener('signed_out', () => location.reload());
  events.onerror = async () => {
    if (!isFull) say('lost');
    isFull = false;
    // A browser tries again by itself, unless it was refused.
    if (events.readyState !== EventSource.CLOSED) return;
    if (await isSignedOut()) return location.reload();
    setTimeout(connect, 5000);
  };
  addEventListener('pagehide', () => events.close(), { once: true });
}

written(document.body);
setInterval(tick, 1000);
connect();
// A page that comes back from the browser's memory listens again.
addEventListener('pageshow', ({ persisted }) => persisted && connect());
