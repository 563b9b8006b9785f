// What tells by itself: alerts, reports by mail and shared links; in either language, light and dark, on a small phone,
// without JavaScript, and read by axe.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible } from '../support/axe.mjs';
import { launch } from '../support/browser.mjs';
import { WEB, signedIn, startDemo } from './demo_gateway.mjs';

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

test('an alert is written, seen, changed and deleted, without JavaScript', async () => {
  const { context, page } = await signedIn(browser, demo, { javaScriptEnabled: false, locale: 'en' });
  await page.goto(`${WEB}/console/alerts`);
  await page.getByRole('link', { name: 'Pool runs out' }).click();
  await page.fill('input[name=name]', 'The pool');
  await page.fill('input[name=free]', '100000');
  await page.locator('#new form button').click();
  await page.waitForURL('**/console/alerts/**');
  assert.match(await page.locator('main').innerText(), /fewer than 100000 free numbers/);
  await page.fill('input[name=name]', 'The pool, renamed');
  await page.getByRole('button', { name: 'Save' }).click();
  assert.equal(await page.locator('h1').innerText(), 'The pool, renamed');
  await page.getByRole('button', { name: 'Delete this alert' }).click();
  await page.waitForURL('**/console/alerts');
  assert.match(await page.locator('main').innerText(), /Nothing is watched yet/);
  await context.close();
});

test('a report is shared from the overview, and opened by somebody without an account', async () => {
  const { context, page } = await signedIn(browser, demo, { locale: 'en' });
  await page.goto(`${WEB}/console/overview?period=7d&channel=Direct`);
  await page.getByRole('link', { name: 'Share this by a link' }).click();
  await page.locator('#new form button').click();
  const link = await page.locator('.copy a').getAttribute('href');
  const stranger = await browser.newContext({ locale: 'fr-FR' });
  const other = await stranger.newPage();
  const failures = [];
  other.on('console', (message) => message.type() === 'error' && failures.push(message.text()));
  await other.goto(link);
  assert.match(await other.locator('main').innerText(), /partagé ce rapport[\s\S]*Canal\s: .*irect/);
  assert.equal(await other.locator('main form').count(), 0);
  assert.equal(await other.locator('main a').count(), 0);
  await accessible(other);
  assert.deepEqual(failures, []);
  await page.getByRole('button', { name: 'Take it back' }).click();
  assert.equal((await other.goto(link)).status(), 404);
  await stranger.close();
  await context.close();
});

test('a report is sent from the overview each week', async () => {
  const { context, page } = await signedIn(browser, demo, { locale: 'en', timezoneId: 'Europe/Paris' });
  await page.goto(`${WEB}/console/overview?outlet=bakery`);
  await page.getByRole('link', { name: 'Send this by mail' }).click();
  assert.match(await page.locator('#new code').innerText(), /outlet=bakery/);
  await page.fill('input[name=name]', 'Our week');
  await page.locator('#new form button').click();
  assert.match(await page.locator('table').innerText(), /Our week[\s\S]*Each Monday, 08:00/);
  await page.getByRole('button', { name: 'Send it no more' }).click();
  assert.match(await page.locator('main').innerText(), /Nothing is sent yet/);
  await context.close();
});

test('all are accessible, and no wider than a small phone', async () => {
  const rule = { kind: 'missed', share_percent: 20, minutes: 60 };
  const alert = await demo.send('POST', 'alerts', { name: 'A rather long name for the alert of missed calls', rule });
  const { context, page } = await signedIn(browser, demo);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const lang of ['fr', 'en']) {
      const kinds = ['missed', 'silence', 'pool', 'trunk', 'cost'].map((kind) => `alerts?kind=${kind}&`);
      for (const path of [...kinds, `alerts/${alert.id}?`, 'schedules?query=outlet%3Dbakery&', 'shares?query=period%3D7d&']) {
        await page.goto(`${WEB}/console/${path}lang=${lang}`);
        await accessible(page);
        await page.setViewportSize({ width: 320, height: 640 });
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, `${lang} ${path}`);
        await page.setViewportSize({ width: 1280, height: 800 });
      }
    }
  }
  await context.close();
});
