/* Whence 1: a number for each visitor */
// Shows each visitor of a website a telephone number of their own:
// <script async src="https://calls.example/whence.v1.js" data-site="bakery"></script>
// Nothing is kept in the browser before consent, and whence.debug() tells why
// a number was swapped or not. The event "whence" tells that both are there.
(() => {
  'use strict';

  const script = document.currentScript;
  if (!script || window.whence?.debug) return;

  const { site, calls, consent: asks, timeout = 1500, sms, attributes = '' } = script.dataset;
  const VISITOR = 'whence.visitor';
  const VISIT = 'whence.visit';

  // What the browser remembers, with consent. Where storage is forbidden,
  // every page is a new visitor's.
  const attempt = (work) => {
    try {
      return work();
    } catch {
      return null;
    }
  };
  const visitor = () => attempt(() => localStorage[VISITOR]);
  const remember = (id) => attempt(() => (localStorage[VISITOR] = id));
  const lastVisit = () => {
    const kept = attempt(() => JSON.parse(sessionStorage[VISIT])) || {};
    return { last: kept.id, ...(kept.until > Date.now() && kept) };
  };

  // How a number may be written.
  // Spaces, dots, what is not seen (soft hyphens, joiners), dashes.
  const SIGNS = '\\s.\\p{Cf}\\p{Pd}]';
  const GAP = '[()/' + SIGNS + '*';
  const spread = (digits) => [...digits].join(GAP);

  // What a country dials before a number at home, by calling code. Numbers of
  // other countries are found in their international form alone.
  const AT_HOME = [
    [/^.1/, '1?'],
    [/^.36/, '06'],
    [/^.(3[049]|4[578]|216|35[1246]|37[1-8]|42[03])/, ''],
    [/^.(3[123]|4[013469]|6[14]|81|90|21[23]|35[3589]|38\d|421)/, '0'],
    [/./],
  ];
  // Where a number may be the beginning of a longer one: extensions of firms.
  const OPEN = /^.(39|4[369]|35[289]|38|$)/;

  // Finds one number, however it is grouped, and writes another in its dress:
  // the digits change, all between and before them stays.
  const swapper = ({ target, number }) => {
    const [form, trunk] = AT_HOME.find(([form]) => form.test(target));
    const [code] = form.exec(target);
    const alike = number.length === target.length && number.startsWith(code);
    const home = trunk == null ? '' : `|${trunk && trunk + GAP}`;
    const abroad = `(?:\\+|00)${GAP}${spread(code.slice(1))}${GAP}(?:0${GAP})?`;
    const longer = OPEN.test(code) ? `|/?[${SIGNS}{0,3}\\d+\\b` : '';
    const find = `(?<![\\d+]|\\+[\\d ]+)(?:${abroad}${home})${spread(target.slice(code.length))}(?!\\d${longer})`;

    return {
      number,
      find: new RegExp(find, 'gu'),
      dress(found) {
        const left = [...number.slice(code.length)];
        const digit = (c) => (/\d/.test(c) && left.pop()) || c;
        return alike ? [...found].reverse().map(digit).reverse() : [number];
      },
    };
  };

  // Writing numbers on the page, and taking them back.
  const NEVER =
    'head,script,style,textarea,input,select,[data-whence-ignore],[contenteditable]:not([contenteditable=false])';
  const LINK = sms == null ? /^tel:/i : /^(tel|sms):/i;
  const NAMES = ['href', 'aria-label', 'title', 'alt', 'data-whence-src', ...(attributes.match(/\bdata-[\w-]+/g) || [])];
  const LABELLED = `[data-whence],[${NAMES.join('],[')}]`;
  const WATCHED = { subtree: true, childList: true, characterData: true, attributeFilter: NAMES };
  const INLINE = /^(A|ABBR|B|BDI|DATA|EM|FONT|I|MARK|SMALL|SPAN|STRONG|SUP|TIME|U|WBR)$/i;

  let swappers = [];
  // Of [text or attribute, before, after].
  let written = [];
  let room = 999;

  const stands = ([node, , after]) => (node.ownerElement || node).isConnected && node.nodeValue === after;

  // One cell a character, so that the text can be cut as it was.
  const swapped = (text) => {
    const cells = text.split('');
    for (const { find, dress } of swappers) {
      text.replace(find, (found, at) => {
        const next = dress(found);
        for (let i = 0; i < found.length; i++) cells[at + i] = next[i] || '';
      });
    }
    return cells;
  };
  const put = (node, after) => {
    const before = node?.nodeValue;
    if (before === after || before == null) return;
    node.nodeValue = after;
    written.push([node, before, after]);
    effort += 100;
    if (written.length > room) room = 999 + 2 * (written = written.filter(stands)).length;
  };
  const swapTexts = (nodes) => {
    const cells = swapped(nodes.map((node) => node.data).join(''));
    let at = 0;
    for (const node of nodes) put(node, cells.slice(at, (at += node.length)).join(''));
  };

  // Texts side by side are also read as one: a number may be split over spans.
  const swapBelow = (root) => {
    let row = [];
    const endRow = () => {
      if (row.length > 1) swapTexts(row);
      row = [];
    };
    const visit = (node) => {
      effort++;
      if (node.nodeType === 3) {
        if (/\d/.test(node.data)) swapTexts([node]);
        row.push(node);
      } else if (node.nodeType !== 8) {
        const inline = INLINE.test(node.tagName);
        if (!inline) endRow();
        if (!node.matches?.(NEVER)) node.childNodes.forEach(visit);
        if (!inline) endRow();
      }
    };
    visit(root);
    endRow();
    for (const node of [root, ...root.querySelectorAll(LABELLED)]) {
      if (!node.matches?.(LABELLED) || node.closest(NEVER)) continue;
      for (const name of NAMES) {
        const text = (node.getAttribute(name) || '').replace(/%20/g, ' ');
        const next = swapped(text).join('');
        if (next === text || (name === 'href' && !LINK.test(text))) continue;
        put(node.getAttributeNode(name === 'data-whence-src' ? 'src' : name), next);
      }
      const inner = node.matches('[data-whence]') && (node.contentDocument || node.shadowRoot);
      if (!inner) continue;
      node.contentDocument?.addEventListener('click', tapped, true);
      watcher.observe(inner, WATCHED);
      swapBelow(inner);
    }
  };

  // What is drawn later. A page may write its number back each time: past some
  // effort the rest waits for half a second.
  let waiting = new Set();
  let effort = 0;
  let pause;
  const swapWaiting = () => {
    for (const root of waiting) {
      if (effort > 50000) {
        pause ||= setTimeout(() => {
          pause = effort = 0;
          swapWaiting();
        }, 500);
        break;
      }
      waiting.delete(root);
      if (root.isConnected && !root.closest?.(NEVER)) swapBelow(root);
    }
    // Our own writing.
    watcher.takeRecords();
  };
  const watcher = new MutationObserver((changes) => {
    for (const { target, addedNodes } of changes) {
      for (let node of addedNodes.length ? addedNodes : [target]) {
        while (node.parentNode && (node.nodeType !== 1 || INLINE.test(node.tagName))) node = node.parentNode;
        waiting.add(node);
      }
    }
    swapWaiting();
  });

  let shown = '';
  const show = (swaps) => {
    const next = swaps.filter(({ target, number }) => number && number !== target);
    const key = JSON.stringify(next);
    if (key === shown) return;
    shown = key;
    watcher.disconnect();
    for (const mark of written.reverse()) if (stands(mark)) mark[0].nodeValue = mark[1];
    written = [];
    waiting.clear();
    swappers = next.map(swapper);
    if (!swappers.length) return;
    watcher.observe(document, WATCHED);
    swapBelow(document);
    watcher.takeRecords();
  };
  // A frame that has loaded another page; its event does not bubble.
  document.addEventListener('load', ({ target }) => {
    if (!target.contentDocument || !swappers.length) return;
    waiting.add(target);
    swapWaiting();
  }, true);

  // Talking to the gateway.
  const byPlatform = /^(tcf|gcm)$/.test(asks);
  let agreed = asks === 'granted' || (!byPlatform && visitor() != null);
  let reason;
  let reply = null;
  // The address that was last told.
  let page = '';
  let seen = 0;
  let every = 60000;
  let turn = 0;
  let timer;
  let touched;
  let toldTouched;

  // No beacon: where a page's policy hides its address, the standard hides the
  // origin of a beacon as well, and the gateway knows a page by its origin.
  const ask = async (path, body, signal) => {
    const request = { method: 'POST', body, keepalive: true, credentials: 'omit', signal };
    const response = await fetch(new URL(`api/v1/visits${path}`, script.src), request);
    const { ok, status, headers } = response;
    const why = headers.get('whence-reason') || (!ok && `status ${status}`);
    return { answer: ok && (await response.json()), status, why };
  };
  const visit = () => agreed && (reply ? reply.visit : lastVisit().id);

  const post = async (path, body) => {
    const mine = ++turn;
    seen = Date.now();
    clearTimeout(timer);
    timer = setTimeout(stay, every);
    reason = 'waiting for the reply';
    try {
      const { answer, status, why } = await ask(path, body, AbortSignal.timeout(timeout));
      if (mine !== turn) return;
      reason = why;
      if (!answer) return status;
      reply = answer;
      every = reply.keep_alive_ms || every;
      if (agreed) {
        if (reply.visitor) remember(reply.visitor);
        const kept = { id: reply.visit, swaps: reply.swaps, until: seen + 2 * every };
        attempt(() => (sessionStorage[VISIT] = JSON.stringify(kept)));
      }
      show(reply.swaps);
      if (visit()) untold.splice(0).forEach(send);
      askAgain();
    } catch (error) {
      if (mine === turn) reason = `${error}`;
    }
  };

  // Chromium makes a prerendered page visible a moment before it calls it activated.
  const unseen = () => document.hidden || document.prerendering;
  // An anchor is no page, unless a router made it.
  const address = () => location.href.replace(/#(?!\/).*/, '');

  const open = () => {
    reason = 'the page was not visible yet';
    if (unseen()) return;
    const referrer = page || document.referrer;
    page = address();
    toldTouched = touched;
    post('', JSON.stringify({
      site,
      page: page.slice(0, 2048),
      title: document.title,
      referrer: referrer.slice(0, 2048) || undefined,
      consent: agreed,
      visitor: (agreed && visitor()) || undefined,
      visit: (agreed && (reply?.visit || lastVisit().last)) || undefined,
      automated: navigator.webdriver || undefined,
      interacted: touched,
    }));
  };
  // This page counts as the first one.
  const reopen = () => {
    page = '';
    open();
  };
  // A robot is given no visit; one that touches the page is none.
  const askAgain = () => agreed && touched && !toldTouched && reply && !reply.visit && reopen();
  const stay = async () => {
    if (unseen()) return;
    const id = visit();
    if (!page) open();
    else if (id && Date.now() - seen > every - 1000 && (await post(`/${id}/alive`)) === 404) open();
  };
  // A router often sets the title just after the address.
  const moved = () => setTimeout(() => agreed && page && address() !== page && open());

  // What happens on the page; what comes before the first reply waits for it.
  let untold = [];
  let told = 'nothing yet';
  const send = async ([what, body]) => {
    try {
      const { why } = await ask(`/${visit()}/${what}`, JSON.stringify(body));
      told = what + (why ? ` refused: ${why}` : ' sent');
    } catch (error) {
      told = `${what}: ${error}`;
    }
  };
  const tell = (...report) => {
    told = report[0] + (agreed ? ' waits' : ' dropped: no consent');
    if (visit()) send(report);
    else if (agreed && untold.length < 50) untold.push(report);
  };
  const tapped = (event) => {
    const link = event.composedPath().find((node) => LINK.test(node.getAttribute?.('href')));
    const { number } = swappers.find(({ number }) => swapper({ target: number, number }).find.test(link?.getAttribute('href'))) || {};
    if (number && visit()) send(['taps', { number }]);
  };

  const showLast = () => attempt(() => show(lastVisit().swaps));
  const consent = (yes) => {
    if (!yes) {
      attempt(() => delete localStorage[VISITOR] && delete sessionStorage[VISIT]);
    }
    if (agreed === !!yes) return;
    agreed = !!yes;
    turn++;
    if (yes) {
      remember(visitor() || '');
      showLast();
      reopen();
    } else {
      untold = [];
      reply = null;
      reason = 'consent was withdrawn';
      show([]);
    }
  };

  window.whence = {
    consent,
    event: (name, properties) => tell('events', { name, properties, id: crypto.randomUUID?.() }),
    identify: (who) => tell('identify', who),
    debug: () => ({
      site,
      consent: agreed,
      reason: reason || (swappers.length ? 'swapped where found' : 'no number for this visit'),
      swapped: written.filter(stands).length,
      told,
      reply,
    }),
  };

  if (agreed) showLast();
  open();
  addEventListener('visibilitychange', stay);
  addEventListener('prerenderingchange', stay, true);
  addEventListener('click', tapped, true);
  for (const name of ['pointerdown', 'keydown']) {
    addEventListener(name, () => {
      touched = true;
      askAgain();
    }, { capture: true, once: true });
  }
  addEventListener('pageshow', (event) => event.persisted && agreed && open());
  if (window.navigation) {
    navigation.addEventListener('currententrychange', moved);
  } else {
    for (const name of ['pushState', 'replaceState']) {
      const original = history[name];
      history[name] = function (...given) {
        original.apply(this, given);
        moved();
      };
    }
    addEventListener('popstate', moved);
  }
  // What only some pages need is in another file.
  if (byPlatform || calls != null) {
    const more = document.createElement('script');
    Object.assign(more, {
      src: new URL('whence-more.v1.js', script.src),
      integrity: 'INTEGRITY',
      crossOrigin: '',
      nonce: script.nonce,
    });
    Object.assign(more.dataset, script.dataset);
    script.after(more);
  }
  dispatchEvent(new Event('whence'));
})();
