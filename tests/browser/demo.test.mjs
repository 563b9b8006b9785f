// The demo website: the snippet on pages as a business would write them, under
// a policy that allows no inline script and no foreign host.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { VISIT, VISITOR } from './support/stub.mjs';
import { suite } from './support/suite.mjs';

const it = suite();
const PAGES = ['/demo/', '/demo/contact.html', '/demo/app.html', '/demo/app.html?pain=miche'];

/** What the page loads and complains about, from now on. */
function watched() {
  const seen = { foreign: [], failed: [], complaints: [] };
  it.page.on('request', (request) => {
    if (!request.url().startsWith(it.stub.origin)) seen.foreign.push(request.url());
  });
  it.page.on('response', (response) => {
    if (response.status() >= 400) seen.failed.push(response.url());
  });
  it.page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) seen.complaints.push(message.text());
  });
  return seen;
}

async function visit(path) {
  await it.page.goto(it.stub.origin + path);
  await it.page.waitForFunction(() => window.whence?.debug().reply);
}
const accept = async () => {
  await it.page.click('button[value=yes]');
  await it.until(() => localStorage['whence.visitor']);
};

test('no page breaks the policy, asks another host or misses a file', async () => {
  const seen = watched();
  for (const path of PAGES) await visit(path);

  assert.deepEqual(seen, { foreign: [], failed: [], complaints: [] });
  assert.deepEqual(it.errors, []);
});

test('who accepts sees a number of his own in every place, and machines read the real one', async () => {
  await visit('/demo/');
  await accept();
  for (const path of PAGES) {
    await visit(path);

    const text = (await it.page.locator('body').evaluate((body) => body.innerText)).replace(/[^\d+]/g, '');
    assert.equal(text.includes('99000001'), false, path);
    assert.ok((await it.page.evaluate(() => whence.debug().swapped)) >= 5, path);
    const links = await it.page.locator('a[href^="tel:"]').evaluateAll((all) => all.map((a) => a.href.slice(-2)));
    assert.deepEqual(new Set(links), new Set(['42']), path);
  }
  await visit('/demo/');
  const data = JSON.parse(await it.text('script[type="application/ld+json"]'));
  assert.equal(data.telephone, '+33199000001');
});

test('the strip says whose number it is and which to dial', async () => {
  await visit('/demo/');
  await it.until(() => document.querySelector('#status').textContent.includes('the bakery’s own'));
  assert.equal(await it.text('.demo code'), 'whence dial 0199000001');

  await accept();
  await it.until(() => document.querySelector('#status').textContent.includes('yours alone'));
  assert.equal(await it.text('.demo code'), 'whence dial 0199000042');
});

test('who refuses keeps the real number and an empty browser, and may change his mind', async () => {
  await visit('/demo/');
  await it.page.click('button[value=no]');

  assert.equal(await it.page.isVisible('#consent'), false);
  assert.deepEqual(await it.page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]), [0, 0, '']);
  assert.equal(await it.text('.top .call'), '01 99 00 00 01');

  await it.page.click('#choice');
  await accept();
  await it.until(() => document.querySelector('.top .call').textContent === '01 99 00 00 42');
  await it.page.click('#choice');
  await it.page.click('button[value=no]');
  assert.equal(await it.text('.top .call'), '01 99 00 00 01');
  assert.deepEqual(await it.page.evaluate(() => [localStorage.length, sessionStorage.length]), [0, 0]);
});

test('who has accepted is not asked again', async () => {
  await visit('/demo/');
  assert.equal(await it.page.isVisible('#consent'), true);
  await accept();
  await visit('/demo/contact.html');

  assert.equal(await it.page.isVisible('#consent'), false);
  assert.equal(it.stub.visits.at(-1).visit, VISIT);
  assert.equal(it.stub.visits.at(-1).visitor, VISITOR);
});

test('an arrival of the demo is somebody new, with its campaign', async () => {
  await visit('/demo/');
  await accept();
  await it.page.click('text=from Google Ads');
  await it.page.waitForURL('**/demo/?utm_source=google**');
  await it.until(() => window.whence?.debug().reply && localStorage['whence.visitor']);

  const { page, consent, visit: id, visitor } = it.stub.visits.at(-1);
  assert.match(page, /utm_source=google&utm_medium=cpc&utm_campaign=croissants/);
  assert.deepEqual({ consent, id, visitor }, { consent: true, id: undefined, visitor: undefined });
});

test('in the order app each product is a page view with the visitor’s number', async () => {
  await visit('/demo/app.html');
  await accept();
  await it.page.click('text=Choisir >> nth=1');
  await it.until(() => document.querySelector('.product .call')?.textContent === '01 99 00 00 42');
  await it.page.click('text=Tous les pains');
  await it.page.goBack();
  await it.until(() => document.querySelector('.product .aside-line')?.textContent.includes('+33 (0)1 99 00 00 42'));
  await it.stub.told(5);

  const titles = it.stub.visits.filter((v) => v.consent).map((v) => v.title.split(' · ')[0]);
  assert.deepEqual(titles, ['Commander', 'Miche au levain', 'Commander', 'Miche au levain']);
});

for (const width of [320, 390, 768, 1280]) {
  test(`nothing is wider than a screen of ${width} pixels`, async () => {
    await it.page.setViewportSize({ width, height: 800 });
    for (const path of PAGES) {
      await visit(path);

      const wide = await it.page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wide <= width, `${path}: ${wide}`);
    }
  });
}
