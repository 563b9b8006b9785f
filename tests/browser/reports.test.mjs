// What visitors do on a page: taps, events, who they say they are, a first touch.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { VISIT, anonymous, lent, page } from './support/stub.mjs';
import { suite } from './support/suite.mjs';

const it = suite();
const LINK = '<p>01 99 00 00 01</p><a href="tel:+33199000001">call</a><a id="own" href="tel:+33199000009">other</a>';
const told = () => it.page.evaluate(() => whence.debug().told);
/** No call is begun by the browser itself. */
const quiet = `<script>addEventListener('click', (event) => event.preventDefault());</script>`;

test('a tap on the number shown is told at once, one on another number is not', async () => {
  await it.open(page(LINK, { head: quiet }));
  await it.replied();
  await it.page.click('#own');
  await it.page.click('a');
  await it.stub.reported(1);

  const [{ headers, ...tap }] = it.stub.reports;
  assert.deepEqual(tap, { visit: VISIT, what: 'taps', body: { number: '+33199000042' } });
  // What needs no leave to be asked first.
  assert.equal(headers['content-type'], 'text/plain;charset=UTF-8');
});

test('a tap counts however the link writes the number, and on what is inside it', async () => {
  await it.open(page('<a href="tel:01%2099%2000%2000%2001;ext=2"><b>01 99 00 00 01</b></a>', { head: quiet }));
  await it.replied();
  await it.page.click('b');
  await it.stub.reported(1);

  assert.deepEqual(it.stub.reports.map(({ body }) => body), [{ number: '+33199000042' }]);
});

test('a tap in a frame and on an sms: link count where the tag asks for them', async () => {
  it.stub.pages.set('/inner', `${quiet}<a href="sms:0199000001">write</a>`);
  const body = '<iframe src="/inner" data-whence></iframe>';
  await it.open(page(body, { attributes: 'data-consent="granted" data-sms' }));
  await it.replied();
  await it.until(() => document.querySelector('iframe').contentDocument.querySelector('a')?.href.endsWith('42'));
  await it.page.frameLocator('iframe').locator('a').click();
  await it.stub.reported(1);

  assert.deepEqual(it.stub.reports.map(({ body }) => body), [{ number: '+33199000042' }]);
});

test('events and identities that come before the first reply are sent after it', async () => {
  const late = it.held(lent('+33199000042'));
  it.stub.answer = () => late;
  await it.open(page(LINK));
  await it.page.evaluate(() => {
    whence.event('form_submit', { form: 'contact' });
    whence.identify({ email: 'ada@example.org' });
    for (let i = 0; i < 60; i++) whence.event('more');
  });
  assert.equal(it.stub.reports.length, 0);
  assert.equal(await told(), 'events waits');
  late.release();
  await it.stub.reported(50);
  await it.page.evaluate(() => whence.event('last'));
  await it.stub.reported(51);

  // They may overtake each other.
  const event = it.stub.reports.find(({ body }) => body.name === 'form_submit');
  const identity = it.stub.reports.find(({ what }) => what === 'identify');
  const { id, ...rest } = event.body;
  assert.match(id, /^[0-9a-f-]{36}$/);
  assert.deepEqual([event.what, rest], ['events', { name: 'form_submit', properties: { form: 'contact' } }]);
  assert.deepEqual([identity.what, identity.body], ['identify', { email: 'ada@example.org' }]);
  await it.until(() => whence.debug().told === 'events sent');
});

// By the Fetch standard ("append a request Origin header") the policies hide
// the origin of what is sent without CORS, and a beacon is sent so. Chromium 156
// tells it nevertheless; that CORS is asked for is what other browsers go by.
for (const policy of ['no-referrer', 'same-origin']) {
  test(`a page that hides its address (${policy}) still tells its origin`, async () => {
    const elsewhere = it.stub.origin.replace('127.0.0.1', 'localhost');
    const head = `<meta name="referrer" content="${policy}">${quiet}`;
    await it.open(page(LINK, { head, src: `${elsewhere}/whence.v1.js` }));
    await it.replied();
    await it.page.evaluate(() => {
      whence.event('form_submit');
      whence.identify({ email: 'ada@example.org' });
    });
    await it.page.click('a');
    await it.stub.reported(3);

    const sent = [...it.stub.visits, ...it.stub.reports].map(({ headers }) => headers);
    const of = ({ origin, referer, 'sec-fetch-mode': mode }) => [origin, referer, mode];
    assert.deepEqual(sent.map(of), Array(4).fill([it.stub.origin, undefined, 'cors']));
  });
}

test('a report that is refused, or does not arrive, says so in debug()', async () => {
  const reason = "the page's origin is not one of the site's";
  it.stub.answerReport = () => ({ status: 403, headers: { 'whence-reason': reason } });
  await it.open(page(LINK));
  await it.replied();
  await it.page.evaluate(() => whence.event('form_submit'));
  await it.until((reason) => whence.debug().told === `events refused: ${reason}`, reason);

  it.stub.answerReport = () => ({ status: 500 });
  await it.page.evaluate(() => whence.event('form_submit'));
  await it.until(() => whence.debug().told === 'events refused: status 500');

  await it.context.setOffline(true);
  await it.page.evaluate(() => whence.event('form_submit'));
  await it.until(() => whence.debug().told === 'events: TypeError: Failed to fetch');
});

test('an event told while the page goes away arrives', async () => {
  it.stub.pages.set('/next', '<p>sent</p>');
  await it.open(page('<form action="/next"><button>send</button></form>'));
  await it.replied();
  await it.page.evaluate(() => addEventListener('submit', () => whence.event('form_submit')));
  await it.page.click('button');
  await it.page.waitForURL('**/next?');
  await it.stub.reported(1);

  assert.equal(it.stub.reports[0].body.name, 'form_submit');
});

test('without consent nothing is told, and debug() says so', async () => {
  it.stub.answer = (body) => ({ json: body.consent ? lent('+33199000042') : anonymous('+33199000077') });
  await it.open(page(LINK, { attributes: '', head: quiet }));
  await it.replied();
  await it.page.evaluate(() => {
    whence.event('form_submit');
    whence.identify({ email: 'ada@example.org' });
  });
  await it.page.click('a');
  assert.equal(await told(), 'identify dropped: no consent');
  await it.page.evaluate(() => {
    whence.consent(true);
    whence.event('waits');
    whence.consent(false);
    whence.consent(true);
  });
  await it.until(() => whence.debug().reply?.visit);
  await it.page.evaluate(() => whence.event('told'));
  await it.stub.reported(1);

  assert.deepEqual(it.stub.reports.map(({ body }) => body.name), ['told']);
});

test('a browser that was taken for a robot asks again once somebody touches the page', async () => {
  it.stub.answer = (body) => ({ json: body.interacted ? lent('+33199000042') : anonymous() });
  await it.open(page(LINK));
  await it.replied();
  assert.equal(await it.text('p'), '01 99 00 00 01');
  await it.page.mouse.click(300, 300);
  await it.until(() => document.querySelector('p').textContent === '01 99 00 00 42');
  await it.page.mouse.click(300, 310);
  await it.settled();

  const [before, after] = it.stub.visits;
  assert.equal(it.stub.visits.length, 2);
  assert.deepEqual([before.automated, before.interacted], [true, undefined]);
  assert.deepEqual([after.automated, after.interacted], [true, true]);
  assert.equal(after.referrer, before.referrer);
});

test('a touch that comes before the refusal is not lost', async () => {
  const late = it.held(anonymous());
  it.stub.answer = (body) => (body.interacted ? { json: lent('+33199000042') } : late);
  await it.open(page(LINK));
  await it.stub.told(1);
  await it.page.keyboard.press('Shift');
  late.release();

  await it.until(() => document.querySelector('p').textContent === '01 99 00 00 42');
});
