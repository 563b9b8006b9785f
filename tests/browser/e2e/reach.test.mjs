// The console's report of who may be reached, and its look-alikes: read by axe, on a small phone, in either language.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible } from '../support/axe.mjs';
import { launch } from '../support/browser.mjs';
import { WEB, startDemo, within } from './demo_gateway.mjs';

let demo;
let browser;
let key;

before(async () => {
  demo = await startDemo();
  browser = await launch();
  key = await demo.key('contacts:write', 'crm');
  for (let n = 1; n <= 40; n += 1) {
    const identities = [];
    if (n % 2) identities.push({ kind: 'phone', value: `06 39 98 02 ${String(n).padStart(2, '0')}` });
    if (n % 3) identities.push({ kind: 'email', value: `p${n}@example.org` });
    const addresses = [{ line: '1 rue du Four', postcode: n > 20 ? '69001' : '75002', city: n > 20 ? 'Lyon' : 'Paris' }];
    await write('contacts', { given_name: n > 26 ? 'Ada' : 'Bob', family_name: 'Martin', addresses, identities });
  }
  key = await demo.key('segments:write', 'segments');
  await write('segments/adas', { name: 'Adas', filter: 'given_name = "Ada"' }, 'PUT');
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

async function write(path, body, method = 'POST') {
  const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' };
  const answer = await fetch(`${WEB}/api/v1/${path}`, { method, headers, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${path}: ${answer.status} ${await answer.text()}`);
}

async function signedIn(options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const [, password] = /demo@example\.org\s+(.+)/.exec(demo.said());
  await page.goto(`${WEB}/console/`);
  await page.fill('input[name=email]', 'demo@example.org');
  await page.fill('input[name=password]', password.trim());
  await page.click('main form button');
  await page.waitForURL(/\/console\/(overview|setup)/);
  return { context, page };
}

/** Both pages, once the jobs have looked at the new contacts: they do so each minute. */
async function filled(page) {
  const pages = ['contactability?purpose=offers', 'segments/adas/lookalikes'];
  await within(180_000, 'contacts are counted and profiled', async () => {
    await page.goto(`${WEB}/console/${pages[1]}`);
    if ((await page.locator('tbody tr').count()) === 0) return false;
    await page.goto(`${WEB}/console/${pages[0]}`);
    return (await page.locator('ol.rules li').count()) > 0;
  });
  return pages;
}

for (const colorScheme of ['light', 'dark']) {
  test(`both pages hold against WCAG 2.2 AA (${colorScheme})`, async () => {
    const { context, page } = await signedIn({ colorScheme });
    for (const path of await filled(page)) {
      await page.goto(`${WEB}/console/${path}`);
      await page.evaluate(() => document.querySelectorAll('details').forEach((it) => { it.open = true; }));
      await accessible(page);
    }
    await context.close();
  });
}

test('both pages are no wider than a small phone, in either language', async () => {
  const { context, page } = await signedIn({ viewport: { width: 320, height: 640 } });
  for (const path of await filled(page)) {
    for (const lang of ['en', 'fr']) {
      await page.goto(`${WEB}/console/${path}${path.includes('?') ? '&' : '?'}lang=${lang}`);
      await page.evaluate(() => document.querySelectorAll('details').forEach((it) => { it.open = true; }));
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, `${path} ${lang}`);
    }
  }
  await context.close();
});

test('from a segment one comes to its look-alikes, and those who may be reached are asked for', async () => {
  const { context, page } = await signedIn({ locale: 'en' });
  await filled(page);
  await page.goto(`${WEB}/console/segments/adas?lang=en`);
  await page.getByRole('link', { name: 'Look-alikes' }).click();
  const all = await page.locator('tbody tr').count();
  assert.ok(all > 0 && (await page.locator('tbody td ul').first().innerText()).includes('region: FR-69'));
  await page.selectOption('select[name=channel]', 'email');
  await page.click('.filters button');
  assert.match(page.url(), /channel=email&purpose=offers/);
  // Nobody has agreed to anything.
  assert.equal(await page.locator('tbody tr').count(), 0);
  await context.close();
});
