// What the browser keeps and the gateway hears, before consent, with it and after.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { TARGET, VISIT, VISITOR, anonymous, lent, page } from './support/stub.mjs';
import { suite } from './support/suite.mjs';

const it = suite();
const NUMBER = '<p>01 99 00 00 01</p>';
const required = (body = NUMBER) => page(body, { attributes: '' });

async function kept() {
  const inPage = await it.page.evaluate(async () => ({
    local: { ...localStorage },
    session: { ...sessionStorage },
    cookie: document.cookie,
    databases: (await indexedDB.databases()).length,
    caches: (await caches.keys()).length,
  }));
  return { ...inPage, cookies: await it.context.cookies() };
}
const NOTHING = { local: {}, session: {}, cookie: '', databases: 0, caches: 0, cookies: [] };

test('without consent nothing is kept and the page is told of once, without an id', async () => {
  it.stub.pages.set('/other', required());
  await it.open(required(), '/page?utm_source=google');
  await it.replied();
  await it.page.evaluate(() => history.pushState({}, '', '/other'));
  await it.page.evaluate(() => whence.consent(false));
  await it.page.reload();
  await it.replied();

  assert.deepEqual(await kept(), NOTHING);
  assert.equal(it.stub.visits.length, 2, 'one for each page load');
  const { headers, ...body } = it.stub.visits[0];
  assert.deepEqual(body, {
    site: 'boulangerie',
    page: `${it.stub.origin}/page?utm_source=google`,
    title: 'Boulangerie',
    consent: false,
    automated: true,
  });
  assert.equal(headers.cookie, undefined);
  assert.match(headers['content-type'], /^text\/plain/);
  assert.equal(await it.text('p'), '01 99 00 00 01');
});

test('without consent the static number of the channel is shown', async () => {
  it.stub.answer = () => ({ json: anonymous('+33199000077') });

  await it.open(required());
  await it.replied();

  assert.equal(await it.text('p'), '01 99 00 00 77');
  assert.deepEqual(await kept(), NOTHING);
});

test('with consent the visitor and the visit are kept, and nothing else', async () => {
  await it.open(required());
  await it.replied();
  await it.page.evaluate(() => whence.consent(true));
  await it.until(() => document.querySelector('p').textContent === '01 99 00 00 42');

  const { local, session, ...rest } = await kept();
  assert.deepEqual(local, { 'whence.visitor': VISITOR });
  assert.deepEqual(Object.keys(session), ['whence.visit']);
  assert.equal(JSON.parse(session['whence.visit']).id, VISIT);
  assert.deepEqual({ local: {}, session: {}, ...rest }, NOTHING);
});

test('consent that comes late still tells where the visitor came from', async () => {
  it.stub.pages.set('/from', '<a href="/page?utm_source=google">go</a>');
  it.stub.pages.set('/page', required());
  await it.page.goto(`${it.stub.origin}/from`);
  await it.page.click('a');
  await it.page.waitForFunction(() => window.whence?.debug().reply);
  await it.page.evaluate(() => whence.consent(true));
  await it.until(() => whence.debug().consent && localStorage['whence.visitor']);

  const [before, after] = it.stub.visits;
  assert.deepEqual([before.consent, after.consent], [false, true]);
  assert.equal(after.referrer, before.referrer);
  assert.equal(after.page, before.page);
  assert.match(after.referrer, /\/from$/);
});

test('consent is remembered on the next page, which continues the visit', async () => {
  await it.open(required());
  await it.replied();
  await it.page.evaluate(() => whence.consent(true));
  await it.until(() => localStorage['whence.visitor']);
  it.stub.visits.length = 0;
  await it.open(required(), '/next');
  await it.replied();

  assert.equal(it.stub.visits.length, 1);
  const { consent, visitor, visit } = it.stub.visits[0];
  assert.deepEqual({ consent, visitor, visit }, { consent: true, visitor: VISITOR, visit: VISIT });
});

test('consent is remembered even when the gateway did not answer', async () => {
  it.stub.answer = () => ({ status: 503 });
  await it.open(required());
  await it.page.evaluate(() => whence.consent(true));
  await it.until(() => whence.debug().reason === 'status 503');
  await it.page.reload();
  await it.until(() => whence.debug().consent);

  assert.deepEqual((await kept()).local, { 'whence.visitor': '' });
  assert.equal(it.stub.visits.at(-1).visitor, undefined);
});

test('withdrawn consent erases the ids and gives the page its own numbers back', async () => {
  const body = `<p>01 99 00 00 01</p><a href="tel:${TARGET}" title="+33 (0)1 99 00 00 01">☎</a>`;
  await it.open(required(body));
  const original = await it.page.locator('body').innerHTML();
  await it.page.evaluate(() => whence.consent(true));
  await it.until(() => document.querySelector('a').title === '+33 (0)1 99 00 00 42');
  await it.page.evaluate(() => whence.consent(false));

  assert.equal(await it.page.locator('body').innerHTML(), original);
  assert.deepEqual(await kept(), NOTHING);
  await it.page.reload();
  await it.replied();
  assert.equal(it.stub.visits.at(-1).consent, false);
  assert.equal(it.stub.visits.at(-1).visitor, undefined);
});

test('a reply that comes after consent was withdrawn is not shown and not kept', async () => {
  const late = it.held(lent('+33199000042'));
  it.stub.answer = (body) => (body.consent ? late : { json: anonymous() });
  await it.open(required());
  await it.replied();
  const answered = it.page.waitForResponse((response) => response.request().postDataJSON()?.consent);
  await it.page.evaluate(() => whence.consent(true));
  await it.page.evaluate(() => whence.consent(false));
  late.release();
  await (await answered).finished();
  await it.settled();

  assert.deepEqual(await kept(), NOTHING);
  assert.equal(await it.text('p'), '01 99 00 00 01');
});

test('a browser that forbids storage gets a number all the same', async () => {
  await it.page.addInitScript(() => {
    for (const name of ['localStorage', 'sessionStorage']) {
      Object.defineProperty(window, name, {
        get() {
          throw new DOMException('denied', 'SecurityError');
        },
      });
    }
  });
  await it.open(page(NUMBER));
  await it.replied();

  assert.equal(await it.text('p'), '01 99 00 00 42');
  assert.deepEqual(it.errors, []);
});

test('a page can be told when the snippet is there', async () => {
  const head = `<script>addEventListener('whence', () => { window.early = typeof whence.consent });</script>`;
  await it.open(page(NUMBER, { head }));

  assert.equal(await it.page.evaluate(() => window.early), 'function');
});
