// The pages that change the plan, with the demo's: by axe in both languages, light and dark, at the width of a small
// phone; an edit looked at and applied; a page of the demo's site tested; the first steps that tick themselves off.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible } from '../support/axe.mjs';
import { launch } from '../support/browser.mjs';
import { WEB, signedIn, startDemo } from './demo_gateway.mjs';

const PAGES = [
  'setup', 'numbers', 'numbers/new', 'numbers/table', 'numbers/+33199002003', 'pools', 'pools/boulangerie', 'pools/new',
  'outlets', 'outlets/lyon', 'destinations', 'destinations/counter', 'destinations/new', 'sites', 'sites/boulangerie',
  'sites/boulangerie/tester', 'trunks', 'keys',
];

let demo;
let browser;

before(async () => {
  demo = await startDemo();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

test('each page is accessible in both languages, light and dark, and fits a small phone', async () => {
  const { context, page } = await signedIn(browser, demo, { locale: 'en' });
  for (const path of PAGES) {
    for (const [colorScheme, lang] of [['light', 'en'], ['dark', 'fr']]) {
      await page.emulateMedia({ colorScheme });
      await page.goto(`${WEB}/console/${path}?lang=${lang}`);
      await page.evaluate(() => document.querySelectorAll('details').forEach((it) => { it.open = true; }));
      await accessible(page);
      const viewport = page.viewportSize();
      await page.setViewportSize({ width: 320, height: 640 });
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, `${path} ${lang}`);
      await page.setViewportSize(viewport);
    }
  }
  await context.close();
});

test('numbers are chosen, what would change is shown, and is applied', async () => {
  const { context, page } = await signedIn(browser, demo, { locale: 'en' });
  await page.goto(`${WEB}/console/numbers?kind=medium&lang=en`);
  await page.locator('input[name=number]').first().check();
  await page.check('input[name=do][value=destination]');
  await page.selectOption('select[name=destination]:not(.fields *)', 'desk');
  await page.click('.chosen-do button');
  assert.match(await page.locator('h1').innerText(), /Send calls to: one number/);
  assert.ok(await page.locator('code', { hasText: 'destination' }).count());
  await accessible(page);
  await page.click('main form button');
  await page.waitForURL('**/console/numbers?saved=1');
  assert.match(await page.locator('.told').innerText(), /The plan is changed/);
  await context.close();
});

test('what destroys is done only by its name', async () => {
  const { context, page } = await signedIn(browser, demo, { locale: 'en' });
  await page.goto(`${WEB}/console/numbers/+33199001009?lang=en`);
  await page.click('form[action$="/out"] button');
  await page.fill('input[name=typed]', 'yes');
  await page.click('main form button');
  assert.match(await page.locator('[role=alert]').innerText(), /does not match/);
  await page.fill('input[name=typed]', '+33199001009');
  await page.click('main form button');
  await page.waitForURL('**saved=1');
  assert.match(await page.locator('main').innerText(), /Put back into service/);
  await context.close();
});

test('a page of the demo’s site is tested', async () => {
  const { context, page } = await signedIn(browser, demo, { locale: 'en' });
  await page.goto(`${WEB}/console/sites/boulangerie/tester?page=/demo/&lang=en`);
  assert.match(await page.locator('main').innerText(), /is on the page, for this site/);
  assert.ok(await page.locator('.state.new', { hasText: 'swapped' }).count());
  await accessible(page);
  await context.close();
});

test('the first steps tick a visit off while they are looked at', async () => {
  const { context, page } = await signedIn(browser, demo, { locale: 'en' });
  await page.goto(`${WEB}/console/setup?lang=en`);
  await page.waitForFunction(() => !document.getElementById('setup-waits').hidden);
  const visitor = await browser.newContext({ locale: 'fr' });
  const shop = await visitor.newPage();
  await shop.goto(`${WEB}/demo/`);
  await shop.evaluate(() => window.whence.consent(true));
  await page.waitForFunction(() => document.querySelectorAll('.setup-done').length >= 7, null, { timeout: 20_000 });
  await visitor.close();
  await context.close();
});
