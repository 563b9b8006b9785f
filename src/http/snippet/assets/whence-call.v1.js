/* Whence 1: a call from the page, without a telephone */
// Loaded where the tag says data-calls. A click on an element that has data-whence-call
// begins a call to the business: to the number that the attribute names, or to
// the site's first. A panel shows how it goes. The element is told, too: its
// attribute data-whence-state, and the event "whence-call", say asking, calling,
// ringing, talking, or ended with a reason.
(() => {
  'use strict';

  const script = document.currentScript;
  const { site } = script.dataset;

  const french = /^fr/i.test(document.documentElement.lang || navigator.language);
  const say = (en, fr) => (french ? fr : en);
  const CALL = say('Call from this page', 'Appel depuis cette page');
  const STATES = {
    asking: say('Please allow the microphone', 'Veuillez autoriser le micro'),
    calling: say('Connecting…', 'Connexion…'),
    ringing: say('Ringing…', 'Ça sonne…'),
    talking: say('Connected', 'En ligne'),
    over: say('The call has ended', 'L’appel est terminé'),
    busy: say('The line is busy', 'La ligne est occupée'),
    no_answer: say('Nobody answers', 'Personne ne répond'),
    microphone: say('Without a microphone there is no call', 'Sans micro, pas d’appel'),
    unsupported: say('This browser cannot call', 'Ce navigateur ne peut pas appeler'),
    too_many: say('All lines are taken, please try again later', 'Toutes les lignes sont prises, réessayez plus tard'),
    network: say('The connection was lost', 'La connexion est perdue'),
    refused: say('The call could not be made', 'L’appel n’a pas pu aboutir'),
  };

  // The page's own style does not reach in here, and its policy (style-src)
  // does not forbid a sheet that was made by script.
  const sheet = new CSSStyleSheet();
  sheet.replaceSync([
    ':host{all:initial;color-scheme:light dark}',
    'section{position:fixed;z-index:2147483647;inset:auto 1rem 1rem auto;width:min(19rem,calc(100vw - 2rem));box-sizing:border-box;padding:1rem;border-radius:1rem;background:Canvas;color:CanvasText;font:1rem/1.4 system-ui,sans-serif;box-shadow:0 .3rem 2rem #0006;border:1px solid #8886}',
    'p{margin:0 0 .8rem;display:flex;justify-content:space-between;gap:1rem}',
    'time{font-variant-numeric:tabular-nums}',
    'div{display:grid;grid-template-columns:1fr 1fr 1fr;gap:.5rem}',
    'div[hidden]{display:none}',
    '.keys{margin-bottom:.8rem}',
    'button{font:inherit;min-height:2.75rem;padding:.2rem .5rem;border-radius:.6rem;border:1px solid #8886;background:ButtonFace;color:ButtonText;cursor:pointer}',
    'button:focus-visible{outline:3px solid Highlight;outline-offset:2px}',
    'button[aria-pressed=true]{background:CanvasText;color:Canvas}',
    '.end{background:#b3261e;color:#fff}',
    'button:disabled{opacity:.5;cursor:default}',
  ].join(''));

  const element = (name, text, more) => Object.assign(document.createElement(name), { textContent: text }, more);
  const button = (text, onclick, more) => element('button', text, { type: 'button', onclick, ...more });

  // One call at a time.
  let calling = false;

  const begin = (origin, to, trusted) => {
    if (calling) return;
    const host = document.createElement('div');
    const root = host.attachShadow({ mode: 'open' });
    root.adoptedStyleSheets = [sheet];
    const status = element('span', '', { role: 'status' });
    const clock = element('time', '');
    const line = element('p', '');
    line.append(status, clock);
    const toggle = (target) => {
      const on = target.ariaPressed !== 'true';
      target.ariaPressed = `${on}`;
      return on;
    };
    const mute = button(say('Mute', 'Muet'), () => {
      const on = toggle(mute);
      media?.getTracks().forEach((track) => (track.enabled = !on));
    }, { ariaPressed: 'false', disabled: true });
    const keypad = button(say('Keys', 'Touches'), () => (keys.hidden = !toggle(keypad)), { ariaPressed: 'false', disabled: true });
    const hangUp = button(say('Hang up', 'Raccrocher'), () => (calling ? end('over') : close()), { className: 'end' });
    const keys = element('div', '', { className: 'keys', hidden: true });
    for (const key of '123456789*0#') keys.append(button(key, () => sender?.dtmf?.insertDTMF(key)));
    const buttons = element('div', '');
    buttons.append(mute, keypad, hangUp);
    const panel = element('section', '', { role: 'dialog', ariaLabel: CALL });
    panel.append(line, keys, buttons);
    root.append(panel);
    document.body.append(host);
    hangUp.focus();

    let media;
    let socket;
    let peer;
    let sender;
    let tone;
    let timer;
    const sound = new Audio();

    const show = (state, why) => {
      status.textContent = STATES[why || state] || STATES.refused;
      if (!origin) return;
      origin.dataset.whenceState = state;
      origin.dispatchEvent(new CustomEvent('whence-call', { bubbles: true, detail: { state, why } }));
    };
    const close = () => {
      host.remove();
      origin?.focus?.();
    };
    const end = (why) => {
      if (!calling) return;
      calling = false;
      clearInterval(timer);
      tone?.close();
      socket?.close();
      peer?.close();
      media?.getTracks().forEach((track) => track.stop());
      keys.hidden = mute.disabled = keypad.disabled = true;
      hangUp.textContent = say('Close', 'Fermer');
      hangUp.className = '';
      show('ended', why);
      if (why === 'over') setTimeout(close, 4000);
    };
    calling = true;

    // Nobody has answered yet, and the other side sends no tone of its own:
    // 440 Hz, a second and a half of five.
    const ring = () => {
      if (tone) return;
      tone = new AudioContext();
      const [pitch, volume] = [tone.createOscillator(), tone.createGain()];
      pitch.frequency.value = 440;
      volume.gain.value = 0;
      for (let at = 0; at < 120; at += 5) {
        volume.gain.setValueAtTime(0.08, at);
        volume.gain.setValueAtTime(0, at + 1.5);
      }
      pitch.connect(volume).connect(tone.destination);
      pitch.start();
    };
    const still = () => {
      tone?.close();
      tone = null;
    };
    const talks = () => {
      still();
      show('talking');
      mute.disabled = keypad.disabled = false;
      const since = Date.now();
      const two = (n) => `${n}`.padStart(2, 0);
      timer = setInterval(() => {
        const s = Math.round((Date.now() - since) * 0.001);
        clock.textContent = `${two(Math.floor(s * 0.016667))}:${two(s % 60)}`;
      }, 500);
    };

    const tell = (message) => socket.send(JSON.stringify(message));
    const hear = {
      async ice_servers(iceServers) {
        peer = new RTCPeerConnection({ iceServers });
        for (const track of media.getTracks()) sender = peer.addTrack(track, media);
        peer.ontrack = ({ track }) => {
          sound.srcObject = new MediaStream([track]);
          sound.play();
        };
        peer.onconnectionstatechange = () => peer.connectionState === 'failed' && end('network');
        await peer.setLocalDescription();
        tell({
          call: {
            to: to || undefined,
            visit: window.whence?.debug().reply?.visit || undefined,
            page: location.href.slice(0, 2048),
            referrer: document.referrer.slice(0, 2048) || undefined,
            automated: navigator.webdriver || undefined,
            interacted: trusted || undefined,
            sdp: peer.localDescription.sdp,
          },
        });
      },
      async ringing(sdp) {
        show('ringing');
        if (!sdp) return ring();
        still();
        await peer.setRemoteDescription({ type: 'pranswer', sdp });
      },
      async answered(sdp) {
        await peer.setRemoteDescription({ type: 'answer', sdp });
        talks();
      },
      async offered(sdp) {
        await peer.setRemoteDescription({ type: 'offer', sdp });
        await peer.setLocalDescription();
        tell({ accept: peer.localDescription.sdp });
      },
      ended: end,
    };

    (async () => {
      show('asking');
      if (!window.RTCPeerConnection || !navigator.mediaDevices) return end('unsupported');
      try {
        media = await navigator.mediaDevices.getUserMedia({ audio: true });
      } catch {
        return end('microphone');
      }
      if (!calling) return media.getTracks().forEach((track) => track.stop());
      show('calling');
      socket = new WebSocket(new URL(`api/v1/sites/${site}/page-call`, script.src).href.replace(/^http/, 'ws'));
      let before = Promise.resolve();
      socket.onmessage = ({ data }) => {
        const [[what, body]] = Object.entries(JSON.parse(data));
        before = before.then(() => calling && hear[what]?.(body)).catch(() => end('refused'));
      };
      // After the last message has been read.
      socket.onclose = () => (before = before.then(() => end('network')));
    })();
  };

  addEventListener('click', (event) => {
    const origin = event.target.closest?.('[data-whence-call]');
    if (!origin) return;
    event.preventDefault();
    begin(origin, origin.dataset.whenceCall, event.isTrusted);
  });
  const offer = () => window.whence && (whence.call = (to) => begin(null, to, navigator.userActivation?.hasBeenActive));
  offer();
  addEventListener('whence', offer);
})();
