// Attribution and journeys at the console: a visit and the call that follows it are told by every model and as a picture;
// in either language, light and dark, on a small phone, without JavaScript, and read by axe.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible } from '../support/axe.mjs';
import { launch } from '../support/browser.mjs';
import { WEB, signedIn, sipp, startDemo, within } from './demo_gateway.mjs';

/** The number on the poster. */
const POSTER = '0199002003';
const PAGES = ['attribution', 'journeys'];

let demo;
let browser;

before(async () => {
  demo = await startDemo();
  browser = await launch();
  await sipp('gives_up.xml', POSTER, '+33639980031');
  // Not by the report of journeys: what that says is kept for a minute.
  await within(20_000, 'the call is counted', async () => (await demo.api('reports/overview')).total.calls === 1);
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

test('a model leads, a row filters, and journeys are one link away with all that was chosen', async () => {
  const { context, page } = await signedIn(browser, demo, { locale: 'en', timezoneId: 'Asia/Tokyo' });
  await page.goto(`${WEB}/console/attribution?period=7d`);
  assert.match(await page.locator('.head').innerText(), /Asia\/Tokyo/);
  assert.match(await page.locator('thead th').nth(1).innerText(), /Markov/);
  await page.locator('#credit .tabs').getByRole('link', { name: 'Time decay' }).click();
  await page.waitForURL('**model=time_decay**');
  assert.match(await page.locator('thead th').nth(1).innerText(), /Time decay/);
  await page.locator('tbody').getByRole('link', { name: 'Offline', exact: true }).click();
  await page.waitForURL('**channel=Offline**');
  await page.getByRole('link', { name: /See these journeys/ }).click();
  await page.waitForURL('**/console/journeys**');
  assert.ok(page.url().includes('channel=Offline') && page.url().includes('period=7d'), page.url());
  assert.equal(await page.locator('.tiles .large').first().innerText(), '1');
  assert.match(await page.locator('svg.flow').textContent(), /Offline → Call: 1/);
  await page.locator('.chips a').first().click();
  assert.ok(!page.url().includes('channel='), page.url());
  await context.close();
});

test('everything is there without JavaScript, and its files too', async () => {
  const { context, page } = await signedIn(browser, demo, { javaScriptEnabled: false });
  for (const name of PAGES) {
    await page.goto(`${WEB}/console/${name}`);
    assert.match(await page.locator('main').innerText(), /Offline|Hors ligne/);
    const file = page.waitForEvent('download');
    await page.locator('a[download]').first().click();
    assert.match((await file).suggestedFilename(), /\.csv$/);
    await page.fill('input[name=from]', '2026-01-01');
    await page.fill('input[name=to]', '2026-01-02');
    await page.locator('.days button').click();
    assert.equal(await page.locator('.empty').count(), 1);
  }
  await context.close();
});

test('they are accessible, and no wider than a small phone', async () => {
  const { context, page } = await signedIn(browser, demo);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const lang of ['fr', 'en']) {
      for (const address of PAGES.flatMap((name) => [name, `${name}?dimension=campaign&channel=Offline`, `${name}?channel=Email`])) {
        const joined = address.includes('?') ? '&' : '?';
        await page.goto(`${WEB}/console/${address}${joined}lang=${lang}`);
        await page.evaluate(() => document.querySelectorAll('details').forEach((it) => { it.open = true; }));
        await accessible(page);
        await page.setViewportSize({ width: 320, height: 640 });
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, `${lang} ${address}`);
        await page.setViewportSize({ width: 1280, height: 800 });
      }
    }
  }
  await context.close();
});
