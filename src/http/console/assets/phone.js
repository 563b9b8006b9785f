// The console as a telephone: says for whom it answers, shows what rings and
// what is known of it, and talks by WebRTC. All words are the page's.

const language = document.documentElement.lang;
// As console.js writes them: English as Europe does.
const writer = (form) => new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : language, { hourCycle: 'h23', ...form });
const time = writer({ hour: '2-digit', minute: '2-digit', second: '2-digit' });
const moment = writer({ day: 'numeric', month: 'short', year: 'numeric', hour: '2-digit', minute: '2-digit' });

const desk = document.getElementById('desk');
const toggle = document.getElementById('available');
const notify = document.getElementById('notify');
const calls = document.getElementById('calls');
const boxes = [...desk.querySelectorAll('input')];

// What is kept in this browser: for whom is answered.
const KEPT = 'whence-answers-for';
const kept = JSON.parse(localStorage.getItem(KEPT) ?? 'null');
if (kept) for (const box of boxes) box.checked = kept.includes(box.value);

const chosen = () => boxes.filter((box) => box.checked).map((box) => box.value);
const say = (what) => {
  const words = document.getElementById('says').content.querySelector(`[data-says=${what}]`);
  document.getElementById('state').replaceChildren(...words.cloneNode(true).childNodes);
  desk.dataset.state = what;
};

// ---- The socket, for as long as somebody is available or talks ----

let isAvailable = false;
let socket;
let again;

/** Whether nobody is signed in here any more: pages lead to the sign-in then. */
const isSignedOut = async () => {
  const answer = await fetch(location.href, { redirect: 'manual' }).catch(() => null);
  return answer?.type === 'opaqueredirect';
};

const tell = (message) => socket?.readyState === WebSocket.OPEN && socket.send(JSON.stringify(message));
const answersFor = () => tell({ available: isAvailable ? chosen() : [] });

function connect() {
  clearTimeout(again);
  say('connecting');
  socket = new WebSocket(new URL('phone/line', location.href.replace(/^http/, 'ws')));
  let before = Promise.resolve();
  let wasOpen = false;
  socket.onopen = () => {
    wasOpen = true;
    answersFor();
  };
  socket.onmessage = ({ data }) => {
    const [[what, body]] = Object.entries(JSON.parse(data));
    before = before.then(() => hear[what]?.(body)).catch(console.error);
  };
  // After the last message has been read.
  socket.onclose = () => before.then(async () => {
    socket = null;
    for (const call of [...rings.values()]) call.ends('gone');
    talk?.ends('ended');
    if (!isAvailable) return;
    if (!wasOpen && (await isSignedOut())) return goAway('signed_out');
    say('lost');
    again = setTimeout(connect, 2000);
  });
}

async function goAvailable() {
  if (!chosen().length) return say('choose');
  if (!navigator.mediaDevices) return say('insecure');
  try {
    // Asked for now, so that nobody has to be when it rings. It is off until somebody talks.
    const media = await navigator.mediaDevices.getUserMedia({ audio: true });
    media.getTracks().forEach((track) => track.stop());
  } catch {
    return say('microphone');
  }
  isAvailable = true;
  toggle.ariaChecked = 'true';
  tone.ready();
  if (socket) answersFor();
  else connect();
  notify.hidden = !('Notification' in window) || Notification.permission !== 'default';
}

function goAway(why = 'away') {
  // A call that is being answered still rings for the gateway.
  if (talk && !talk.isTalking && why !== 'signed_out') return;
  isAvailable = false;
  toggle.ariaChecked = 'false';
  clearTimeout(again);
  say(why);
  notify.hidden = true;
  answersFor();
  if (!talk) socket?.close();
}

toggle.onclick = () => (isAvailable ? goAway() : goAvailable());
toggle.disabled = false;
for (const box of boxes) {
  box.onchange = () => {
    localStorage.setItem(KEPT, JSON.stringify(chosen()));
    if (isAvailable && !chosen().length) goAway('choose');
    else answersFor();
  };
}
notify.onclick = async () => {
  await Notification.requestPermission();
  notify.hidden = true;
};

// ---- What rings ----

const rings = new Map();
let talk = null;

const name = ({ call, leg }) => `${call}/${leg}`;
const find = (ring) => (talk && name(talk.ring) === name(ring) ? talk : rings.get(name(ring)));

const hear = {
  available(these) {
    if (these.length) say('available');
  },
  ringing(ring) {
    rings.set(name(ring), new Call(ring));
    isRinging();
  },
  journey(journey) {
    for (const call of [talk, ...rings.values()]) if (call?.ring.call === journey.call) call.knows(journey);
  },
  no_journey(journey) {
    hear.journey(journey);
  },
  gone({ taken, ...ring }) {
    find(ring)?.ends(taken ? 'taken' : 'gone');
  },
  talking(ring) {
    const call = find(ring);
    if (call) call.talks();
    // Whoever took it has thought better of it meanwhile.
    else tell({ hang_up: null });
  },
  async offered(sdp) {
    await talk?.offered(sdp);
  },
  ended() {
    talk?.ends('ended');
  },
  signed_out() {
    goAway('signed_out');
  },
};

class Call {
  constructor(ring) {
    this.ring = ring;
    this.card = document.getElementById('call').content.firstElementChild.cloneNode(true);
    this.state('ringing');
    for (const field of ['caller', 'number', 'destination']) this.field(field).textContent = ring[field];
    this.field('page').href = `/console/calls/${ring.call}`;
    const does = (what) => this.card.querySelector(`[data-does=${what}]`);
    does('answer').onclick = () => this.answers();
    does('decline').onclick = () => {
      tell({ decline: { call: ring.call, leg: ring.leg } });
      this.leaves();
    };
    does('hang_up').onclick = () => (this.isTalking ? tell({ hang_up: null }) : this.fails('ended'));
    does('mute').onclick = ({ currentTarget }) => {
      const on = turned(currentTarget);
      this.media?.getTracks().forEach((track) => (track.enabled = !on));
    };
    const pad = this.card.querySelector('.keypad');
    does('keys').onclick = ({ currentTarget }) => (pad.hidden = !turned(currentTarget));
    for (const key of pad.children) key.onclick = () => this.presses(key.dataset.key);
    calls.prepend(this.card);
  }

  field(name) {
    return this.card.querySelector(`[data-field=${name}]`);
  }

  state(state) {
    this.card.dataset.state = state;
  }

  /** What comes later than the ring: `{ label, origin, before, last, contact, tasks }`. */
  knows({ label, origin, before, last, contact, tasks }) {
    this.field('label').textContent = label ?? '';
    this.field('before').textContent = before ?? '';
    if (last) shows(this.field('last'), last, moment);
    if (contact) [this.field('contact').textContent, this.field('contact').href] = contact;
    this.field('tasks').replaceChildren(...tasks.map((task) => element('li', '', task)));
    this.field('looking').hidden = true;
    this.field('not_known').hidden = Boolean(origin);
    this.field('origin').hidden = !origin;
    if (!origin) return;
    for (const field of ['channel', 'certainty', 'source']) this.field(field).textContent = origin[field];
    this.field('landing_line').hidden = !origin.landing;
    this.field('landing').textContent = origin.landing ?? '';
    this.field('seen').hidden = !origin.pages.length;
    this.field('pages').replaceChildren(...origin.pages.map(({ at, title, url }) => {
      const item = element('li', 'at-page');
      const when = element('time', 'when num');
      shows(when, at, time);
      const what = element('span', 'what');
      what.append(element('span', 'first', title ?? url), element('span', 'second', title ? url : ''));
      item.append(when, what);
      return item;
    }));
  }

  async answers() {
    const { call, leg, sdp, ice_servers: iceServers } = this.ring;
    if (talk) return;
    talk = this;
    rings.delete(name(this.ring));
    isRinging();
    this.state('connecting');
    try {
      this.media = await navigator.mediaDevices.getUserMedia({ audio: true });
      if (this.isOver) return this.letsGo();
      this.peer = new RTCPeerConnection({ iceServers });
      for (const track of this.media.getTracks()) this.sender = this.peer.addTrack(track, this.media);
      this.peer.ontrack = ({ track }) => {
        this.sound = new Audio();
        this.sound.srcObject = new MediaStream([track]);
        this.sound.play();
      };
      this.peer.onconnectionstatechange = () => this.peer.connectionState === 'failed' && this.fails('failed');
      await this.peer.setRemoteDescription({ type: 'offer', sdp });
      await this.peer.setLocalDescription();
      // It may have stopped ringing meanwhile.
      if (this.isOver) this.letsGo();
      else tell({ answer: { call, leg, sdp: this.peer.localDescription.sdp } });
    } catch (failure) {
      console.error(failure);
      this.fails('failed');
    }
  }

  talks() {
    this.isTalking = true;
    this.state('talking');
    const since = Date.now();
    const clock = this.card.querySelector('.ring-state time');
    this.timer = setInterval(() => {
      const s = Math.round((Date.now() - since) / 1000);
      clock.textContent = [s / 60, s % 60].map((n) => `${Math.floor(n)}`.padStart(2, '0')).join(':');
    }, 500);
  }

  presses(key) {
    const dtmf = this.sender?.dtmf;
    if (dtmf?.canInsertDTMF) dtmf.insertDTMF(key);
    // The caller has no keys beside the sound; the gateway may want it all the same.
    else tell({ press: key });
  }

  async offered(sdp) {
    await this.peer.setRemoteDescription({ type: 'offer', sdp });
    await this.peer.setLocalDescription();
    tell({ accept: this.peer.localDescription.sdp });
  }

  /** This side cannot go on, or does not want to. */
  fails(why) {
    const { call, leg } = this.ring;
    tell(this.isTalking ? { hang_up: null } : { decline: { call, leg } });
    this.ends(why);
  }

  ends(why) {
    if (this.isOver) return;
    this.isOver = true;
    clearInterval(this.timer);
    this.letsGo();
    this.state(why);
    this.leaves(why === 'ended' || why === 'failed' ? 20_000 : 4_000);
    if (!isAvailable && !talk) socket?.close();
  }

  /** The microphone is on in a talk alone. */
  letsGo() {
    this.peer?.close();
    this.media?.getTracks().forEach((track) => track.stop());
  }

  /** It stays to be read for a while. */
  leaves(ms = 0) {
    rings.delete(name(this.ring));
    if (talk === this) talk = null;
    isRinging();
    setTimeout(() => this.card.remove(), ms);
  }
}

addEventListener('beforeunload', (event) => talk && event.preventDefault());

function turned(button) {
  const on = button.ariaPressed !== 'true';
  button.ariaPressed = `${on}`;
  return on;
}

function element(tag, className, textContent = '') {
  return Object.assign(document.createElement(tag), { className, textContent });
}

function shows(where, at, form) {
  where.dateTime = at;
  where.textContent = form.format(new Date(at));
}

// ---- That it is heard, seen in the tab, and told beside it ----

const tone = {
  /** A click has allowed sound. */
  ready() {
    this.context ??= new AudioContext();
    this.context.resume();
  },
  /** Two notes, twice, every three seconds; softly while somebody talks. */
  rings() {
    if (!this.context) return;
    const volume = this.context.createGain();
    volume.connect(this.context.destination);
    const now = this.context.currentTime;
    volume.gain.value = talk ? 0.02 : 0.15;
    [660, 880, 660, 880].forEach((pitch, nth) => {
      const note = this.context.createOscillator();
      note.frequency.value = pitch;
      note.connect(volume);
      note.start(now + 0.2 * nth);
      note.stop(now + 0.2 * nth + 0.17);
    });
  },
};

const title = document.title;
let bell;
let note;

function isRinging() {
  const [first] = rings.values();
  if (!first) {
    clearInterval(bell);
    bell = null;
    note?.close();
    note = null;
    document.title = title;
    return;
  }
  if (bell) return;
  let nth = 0;
  const ring = () => {
    if (nth % 3 === 0) tone.rings();
    document.title = nth++ % 2 ? title : `● ${desk.dataset.rings}`;
  };
  ring();
  bell = setInterval(ring, 1000);
  if (document.hidden && 'Notification' in window && Notification.permission === 'granted') {
    note = new Notification(desk.dataset.rings, { body: `${first.ring.caller} → ${first.ring.destination}` });
    note.onclick = () => window.focus();
  }
}
