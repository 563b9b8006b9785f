// Pages that change, wait, come back or fail.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { VISIT, lent, page } from './support/stub.mjs';
import { suite } from './support/suite.mjs';

const it = suite();
const NUMBER = '<p>01 99 00 00 01</p>';
const shown = (number = '01 99 00 00 42') =>
  it.until((n) => document.querySelector('p')?.textContent === n, number);

/** Lets the test say whether the page is visible. */
const visibility = (initial) =>
  it.page.addInitScript((state) => {
    let now = state;
    Object.defineProperty(document, 'hidden', { get: () => now === 'hidden' });
    window.become = (next) => {
      now = next;
      document.dispatchEvent(new Event('visibilitychange', { bubbles: true }));
    };
  }, initial);

test('what is drawn later is swapped before it is seen', async () => {
  await it.open(page('<main></main>'));
  await it.replied();
  const seen = await it.page.evaluate(async () => {
    const main = document.querySelector('main');
    main.innerHTML = '<p>01.99.00.00.01</p><a href="tel:+33199000001">call</a>';
    await new Promise((done) => requestAnimationFrame(done));
    const first = main.textContent + main.querySelector('a').href;
    main.querySelector('p').firstChild.data = 'now +33 1 99 00 00 01';
    main.querySelector('a').href = 'tel:0199000001';
    main.append('01 99 00 ', Object.assign(document.createElement('b'), { textContent: '00 01' }));
    await new Promise((done) => requestAnimationFrame(done));
    return [first, main.textContent + main.querySelector('a').href];
  });

  assert.deepEqual(seen, [
    '01.99.00.00.42calltel:+33199000042',
    'now +33 1 99 00 00 42call01 99 00 00 42tel:0199000042',
  ]);
});

test('a page that writes its number back each time is not held in a race', async () => {
  await it.open(page(NUMBER));
  await shown();
  const writes = await it.page.evaluate(async () => {
    let writes = 0;
    const text = document.querySelector('p').firstChild;
    new MutationObserver(() => {
      if (text.data !== '01 99 00 00 01') {
        writes++;
        text.data = '01 99 00 00 01';
      }
    }).observe(text, { characterData: true });
    text.data = '01 99 00 00 01 ';
    await new Promise((done) => setTimeout(done));
    return writes;
  });

  assert.ok(writes > 0 && writes < 1_000, `${writes} writes`);
});

test('the time for late rows grows with their number, not with its square', async () => {
  await it.open(page('<main></main>'));
  await it.replied();
  const took = await it.page.evaluate(async () => {
    const before = performance.now();
    const row = '<li><a href="tel:+33199000001">01 99 00 00 01</a> <b>42</b></li>';
    document.querySelector('main').innerHTML = `<ul>${row.repeat(10_000)}</ul>`;
    await new Promise((done) => setTimeout(done));
    return performance.now() - before;
  });

  assert.equal(await it.page.getByText('01 99 00 00 01').count(), 0);
  // It was half a minute when each write looked at all before it.
  assert.ok(took < 5_000, `${took} ms`);
});

for (const api of ['the Navigation API', 'a patched history']) {
  test(`in a single-page app each view is told of, by ${api}`, async () => {
    if (api === 'a patched history') await it.page.addInitScript(() => delete window.navigation);
    const told = (n) => it.until((n) => whence.debug().reply?.n === n, n);
    it.stub.answer = () => ({ json: { ...lent('+33199000042'), n: it.stub.visits.length } });
    await it.open(page(`${NUMBER}<a href="#menu">menu</a>`), '/app');
    await told(1);

    await it.page.evaluate(() => {
      history.pushState({}, '', '/app/contact');
      document.title = 'Contact';
      document.querySelector('p').textContent = '01 99 00 00 01';
    });
    await told(2);
    await it.page.evaluate(() => history.replaceState({}, '', '/app/contact?step=2'));
    await told(3);
    await it.page.evaluate(() => history.replaceState({ same: true }, '', location.href));
    await it.page.click('a');
    await it.page.goBack();
    await it.page.goBack();
    await told(4);

    const views = it.stub.visits.map(({ page, referrer, title, visit }) => [
      page.slice(it.stub.origin.length),
      referrer?.slice(it.stub.origin.length),
      title,
      visit,
    ]);
    assert.deepEqual(views, [
      ['/app', undefined, 'Boulangerie', undefined],
      ['/app/contact', '/app', 'Contact', VISIT],
      ['/app/contact?step=2', '/app/contact', 'Contact', VISIT],
      ['/app', '/app/contact?step=2', 'Contact', VISIT],
    ]);
    assert.equal(await it.text('p'), '01 99 00 00 42');
  });
}

test('React may draw, update and remove swapped numbers', async () => {
  const app = `
    const { createElement: h, useState } = React;
    function Phone({ digits, label }) {
      return h('a', { href: 'tel:+33' + digits.replaceAll(' ', '').slice(1), title: digits }, label, ' ', digits);
    }
    function App() {
      const [count, setCount] = useState(0);
      return h('section', null,
        h('button', { onClick: () => setCount(count + 1) }, 'Vu ' + count + ' fois'),
        count % 3 === 2 ? null : h('div', null, h(Phone, { digits: '01 99 00 00 01', label: 'Tél. ' + count })),
        h('p', null, count > 0 && 'Encore: ', '01.99.00.', '00.01'),
        h('ul', null, Array.from({ length: count }, (_, i) => h('li', { key: i }, i, ': ', '+33 1 99 00 00 01'))));
    }
    ReactDOM.createRoot(document.querySelector('main')).render(h(App));`;
  await it.open(page(`<main></main><script src="/react.js"></script><script>${app}</script>`));
  await it.replied();
  const state = () => it.page.locator('section').evaluate((node) => node.innerText.replace(/\s+/g, ' '));

  await it.until(() => document.querySelector('main a'));
  assert.equal(await state(), 'Vu 0 fois Tél. 0 01 99 00 00 42 01.99.00.00.42');
  await it.page.click('button');
  await it.settled();
  assert.equal(await state(), 'Vu 1 fois Tél. 1 01 99 00 00 42 Encore: 01.99.00.00.42 0: +33 1 99 00 00 42');
  for (const _ of [2, 3, 4]) await it.page.click('button');
  await it.settled();

  assert.match(await state(), /^Vu 4 fois Tél\. 4 01 99 00 00 42 Encore: 01\.99\.00\.00\.42 0: .* 3: \+33 1 99 00 00 42$/);
  assert.equal(await it.page.locator('main').evaluate((main) => main.innerHTML.includes('00 01')), false);
  assert.deepEqual(it.errors, []);
});

test('a page that is not visible asks for nothing until it is', async () => {
  await visibility('hidden');
  await it.open(page(NUMBER));
  await it.settled();
  assert.equal(it.stub.visits.length, 0);
  assert.equal(await it.page.evaluate(() => whence.debug().reason), 'the page was not visible yet');

  await it.page.evaluate(() => become('visible'));
  await shown();
  assert.equal(it.stub.visits.length, 1);
});

test('a page that becomes visible before its prerendering is over waits for that', async () => {
  await visibility('hidden');
  await it.page.addInitScript(() => {
    window.prerendering = true;
    Object.defineProperty(document, 'prerendering', { get: () => window.prerendering });
  });
  await it.open(page(NUMBER));
  await it.page.evaluate(() => become('visible'));
  await it.settled();
  assert.equal(it.stub.visits.length, 0);

  await it.page.evaluate(() => {
    window.prerendering = false;
    document.dispatchEvent(new Event('prerenderingchange'));
  });
  await shown();
  assert.equal(it.stub.visits.length, 1);
});

test('a visit is kept alive once a minute while its page is visible', async () => {
  await it.page.clock.install();
  await visibility('visible');
  await it.open(page(NUMBER));
  await shown();
  const alive = (n) => it.page.waitForResponse((r) => r.url().includes('/alive')).then(() => it.stub.alives.length === n);

  for (const minute of [1, 2]) {
    const told = alive(minute);
    await it.page.clock.runFor(60_000);
    assert.ok(await told);
  }
  await it.page.evaluate(() => become('hidden'));
  await it.page.clock.runFor(180_000);
  assert.equal(it.stub.alives.length, 2);
  const told = alive(3);
  await it.page.evaluate(() => become('visible'));

  assert.ok(await told);
  assert.deepEqual(new Set(it.stub.alives), new Set([VISIT]));
  assert.equal(it.stub.visits.length, 1);
});

test('a visit that the gateway no longer knows begins anew', async () => {
  await it.page.clock.install();
  it.stub.answerAlive = () => ({ status: 404 });
  await it.open(page(NUMBER));
  await shown();
  it.stub.answer = () => ({ json: lent('+33199000055') });
  await it.page.clock.runFor(60_000);

  await shown('01 99 00 00 55');
  assert.equal(it.stub.visits.length, 2);
});

test('a page from the back-forward cache is a view of its own', async () => {
  await it.open(page(NUMBER));
  await shown();
  await it.page.evaluate(() => (window.stayed = true));
  it.stub.pages.set('/elsewhere', '<p>elsewhere</p>');
  await it.page.goto(`${it.stub.origin}/elsewhere`);
  await it.page.goBack({ waitUntil: 'commit' });
  await it.stub.told(2);

  assert.equal(await it.page.evaluate(() => window.stayed), true, 'it did come from the cache');
  assert.equal(it.stub.visits[1].visit, VISIT);
});

test('the last number is shown at once, while the reply is awaited', async () => {
  await it.open(page(NUMBER));
  await shown();
  const late = it.held(lent('+33199000055'));
  it.stub.answer = () => late;
  await it.open(page(NUMBER), '/next');

  assert.equal(await it.text('p'), '01 99 00 00 42');
  late.release();
  await shown('01 99 00 00 55');
});

test('a number that was kept longer than it was lent is not shown', async () => {
  await it.open(page(NUMBER));
  await shown();
  await it.page.evaluate(() => {
    const kept = JSON.parse(sessionStorage['whence.visit']);
    sessionStorage['whence.visit'] = JSON.stringify({ ...kept, until: Date.now() - 1 });
  });
  it.stub.answer = () => ({ status: 503 });
  await it.open(page(NUMBER), '/next');
  await it.until(() => whence.debug().reason === 'status 503');

  assert.equal(await it.text('p'), '01 99 00 00 01');
});

test('a reply that takes too long changes nothing', async () => {
  const late = it.held(lent('+33199000042'));
  it.stub.answer = () => late;
  await it.open(page(NUMBER, { attributes: 'data-consent="granted" data-timeout="150"' }));
  await it.until(() => whence.debug().reason.startsWith('TimeoutError'));
  late.release();
  await it.settled();

  assert.equal(await it.text('p'), '01 99 00 00 01');
  assert.deepEqual(it.errors, []);
});

test('whatever the gateway answers, the page stays and debug() says why', async () => {
  const answers = [
    [{ status: 404, headers: { 'whence-reason': 'no such site' } }, /^no such site$/],
    [{ status: 403 }, /^status 403$/],
    [{ status: 200 }, /^SyntaxError/],
    [{ json: {} }, /^TypeError/],
    [{ json: { ...lent(null), swaps: [] } }, /^no number for this visit$/],
    [{ json: lent(null), headers: { 'whence-reason': 'all numbers are lent' } }, /^all numbers are lent$/],
  ];
  for (const [answer, reason] of answers) {
    it.stub.answer = () => answer;
    await it.open(page(NUMBER));
    await it.until(() => whence.debug().reason !== 'waiting for the reply');

    assert.match(await it.page.evaluate(() => whence.debug().reason), reason);
    assert.equal(await it.text('p'), '01 99 00 00 01');
  }
  assert.deepEqual(it.errors, []);
});

test('a gateway that is down changes nothing but the reason', async () => {
  await it.page.route('**/api/v1/visits', (route) => route.abort());
  await it.open(page(NUMBER));
  await it.until(() => whence.debug().reason.startsWith('TypeError'));

  assert.equal(await it.text('p'), '01 99 00 00 01');
  assert.deepEqual(it.errors, []);
});

test('a site may have the gateway at a path of its own', async () => {
  await it.open(page(NUMBER, { src: '/calls/whence.v1.js' }));
  await shown();
  await it.page.evaluate(() => whence.event('form_submit'));
  await it.stub.reported(1);

  assert.deepEqual(it.stub.proxied, ['/whence.v1.js', '/api/v1/visits', `/api/v1/visits/${VISIT}/events`]);
});

test('a second tag does nothing', async () => {
  await it.open(page(`${NUMBER}<script src="/whence.v1.js" data-site="boulangerie"></script>`));
  await it.replied();
  await it.settled();

  assert.equal(it.stub.visits.length, 1);
});
