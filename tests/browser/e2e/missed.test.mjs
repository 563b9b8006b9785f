// Missed calls and the live page of the console: a caller whom nobody answers is seen while they ring and stands on the list
// after; in either language, light and dark, on a small phone, without JavaScript, and read by axe.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, test } from 'node:test';

import { accessible } from '../support/axe.mjs';
import { launch } from '../support/browser.mjs';
import { BINARY, WEB, signedIn, startDemo, within } from './demo_gateway.mjs';

/** The number on the poster, which nobody answers. */
const POSTER = '+33199002003';

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

/** Calls until nobody has answered. */
const dial = (number, from) => new Promise((over) => {
  spawn(BINARY, ['dial', number, '--from', from], { stdio: 'ignore' }).once('exit', over);
});

test('a caller is seen while they ring, and waits on the list once they have given up', async () => {
  const { context, page } = await signedIn(browser, demo, { locale: 'en' });
  const failures = [];
  page.on('pageerror', (failure) => failures.push(failure));
  await page.goto(`${WEB}/console/live`);
  await page.waitForFunction(() => document.getElementById('live-state').dataset.state === 'live');
  assert.equal(await page.locator('#live-refresh').isVisible(), false);
  await page.locator('#live-watchers').getByText('demo@example.org').waitFor();
  const over = dial(POSTER, '+33639980041');
  await page.locator('#live-calls').getByText('06 39 98 00 41').waitFor();
  await page.locator('#live-calls').getByText('poster / print').waitFor();
  await page.waitForFunction(() => /^0:(0[3-9]|[1-5])/.test(document.querySelector('[data-since]')?.textContent));
  await over;
  await page.locator('#live-calls').getByText('Nobody calls just now').waitFor();

  await within(20_000, 'the call is counted', async () => {
    await page.goto(`${WEB}/console/missed?period=today`);
    return (await page.locator('#hours .large').allInnerTexts()).some((text) => text === '1');
  });
  const row = page.locator('.missed tbody tr');
  assert.match(await row.innerText(), /06\s39\s98\s00\s41[\s\S]*waiting for/);
  assert.equal(await row.locator('.dial').getAttribute('href'), 'tel:+33639980041');
  await page.getByRole('link', { name: 'Called back', exact: true }).click();
  assert.equal(await page.locator('.empty').count(), 1);
  await page.getByRole('link', { name: 'All', exact: true }).click();
  await page.selectOption('select[name=destination]', 'counter');
  await page.locator('.filters button').click();
  await page.waitForURL('**destination=counter**');
  assert.ok(page.url().includes('state=all'), page.url());
  assert.deepEqual(failures, []);
  await context.close();
});

test('who is signed out is led to the sign-in', async () => {
  const { context, page } = await signedIn(browser, demo, { locale: 'en' });
  await page.goto(`${WEB}/console/live`);
  await page.waitForFunction(() => document.getElementById('live-state').dataset.state === 'live');
  const other = await context.newPage();
  await other.goto(`${WEB}/console/missed`);
  await other.locator('.top form button').click();
  await page.waitForURL('**/console/sign-in**', { timeout: 15_000 });
  await context.close();
});

test('everything is there without JavaScript', async () => {
  const { context, page } = await signedIn(browser, demo, { javaScriptEnabled: false, locale: 'en' });
  await page.goto(`${WEB}/console/live`);
  assert.match(await page.locator('main').innerText(), /As it was when this page was opened/);
  await page.locator('#live-refresh').click();
  assert.equal(await page.locator('#live-pools tbody tr').count(), 1);
  await page.goto(`${WEB}/console/missed`);
  await page.fill('input[name=share]', '80');
  await page.locator('#staffing form button').click();
  assert.match(await page.locator('#staffing').innerText(), /80% of the calls/);
  await context.close();
});

test('both are accessible, and no wider than a small phone', async () => {
  const { context, page } = await signedIn(browser, demo);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const lang of ['fr', 'en']) {
      for (const path of ['missed?', 'missed?state=called_back&channel=Email&', 'live?']) {
        await page.goto(`${WEB}/console/${path}lang=${lang}`);
        await page.evaluate(() => document.querySelectorAll('details').forEach((it) => { it.open = true; }));
        await accessible(page);
        await page.setViewportSize({ width: 320, height: 640 });
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, `${lang} ${path}`);
        await page.setViewportSize({ width: 1280, height: 800 });
      }
    }
  }
  await context.close();
});
