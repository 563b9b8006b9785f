// The overview of the console: a real call is counted within seconds, its rows filter the page, days are the reader's;
// in either language, light and dark, on a small phone, without JavaScript, and read by axe.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible } from '../support/axe.mjs';
import { launch } from '../support/browser.mjs';
import { WEB, signedIn, sipp, startDemo, within } from './demo_gateway.mjs';

/** The number on the poster, which nobody answers. */
const POSTER = '0199002003';

let demo;
let browser;

before(async () => {
  demo = await startDemo();
  browser = await launch();
  await sipp('gives_up.xml', POSTER, '+33639980031');
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** How many calls the page tells of. */
const calls = async (page) => Number(await page.locator('.tiles .large').first().innerText().catch(() => '0'));

async function untilCounted(page) {
  await within(20_000, 'the call is counted', async () => {
    await page.goto(`${WEB}/console/overview`);
    return (await calls(page)) === 1;
  });
}

test('a call is counted, by the days of the browser, and a row of it filters the page', async () => {
  const { context, page } = await signedIn(browser, demo, { locale: 'en', timezoneId: 'Asia/Tokyo' });
  await untilCounted(page);
  await page.goto(`${WEB}/console/overview?period=today`);
  assert.match(await page.locator('.head').innerText(), /Asia\/Tokyo/);
  await page.locator('#origins').getByRole('link', { name: 'Offline', exact: true }).click();
  await page.waitForURL('**channel=Offline**');
  assert.equal(await calls(page), 1);
  await page.locator('.chips a').first().click();
  assert.ok(!page.url().includes('channel='), page.url());
  await page.getByRole('link', { name: 'Outcome', exact: true }).click();
  await page.waitForURL('**people=outcome**');
  assert.match(await page.locator('#people').innerText(), /Gave up|Abandoned|Missed/i);
  await page.goto(`${WEB}/console/overview?outcome=voicemail`);
  assert.match(await page.locator('main').innerText(), /No call fits/);
  await context.close();
});

test('everything is there without JavaScript, in UTC', async () => {
  const { context, page } = await signedIn(browser, demo, { javaScriptEnabled: false, timezoneId: 'Asia/Tokyo' });
  await untilCounted(page);
  assert.match(await page.locator('.head').innerText(), /UTC/);
  await page.fill('input[name=from]', '2026-01-01');
  await page.fill('input[name=to]', '2026-01-02');
  await page.locator('.days button').click();
  assert.equal(await page.locator('.empty').count(), 1);
  await context.close();
});

test('it is accessible, and no wider than a small phone', async () => {
  const { context, page } = await signedIn(browser, demo);
  await untilCounted(page);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const lang of ['fr', 'en']) {
      for (const query of ['', 'all=channel', 'outcome=voicemail', 'compare=none&channel=Offline']) {
        await page.goto(`${WEB}/console/overview?lang=${lang}&${query}`);
        await page.evaluate(() => document.querySelectorAll('details').forEach((it) => { it.open = true; }));
        await accessible(page);
        await page.setViewportSize({ width: 320, height: 640 });
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, `${lang} ${query}`);
        await page.setViewportSize({ width: 1280, height: 800 });
      }
    }
  }
  await context.close();
});
