// The console in a browser: what a web developer takes from it to paste elsewhere.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

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

test('a tag is copied as it is to be pasted, and the browser accepts its checksum', async () => {
  const { context, page } = await signedIn(browser, demo);
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: WEB });
  const complaints = [];
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  await page.goto(`${WEB}/console/sites`);
  await page.click('summary >> nth=0');

  const copied = async (place) => {
    await page.locator('button:has(+ pre)').nth(place).click();
    await page.locator('button', { hasText: 'Copied' }).first().waitFor();
    return page.evaluate(() => navigator.clipboard.readText());
  };
  assert.equal(await copied(0), `<script async src="${WEB}/whence.v1.js" data-site="boulangerie" data-calls></script>`);
  const checked = await copied(1);
  assert.match(checked, /integrity="sha384-[^"]+" crossorigin="anonymous" data-site="boulangerie"/);

  await page.goto(`${WEB}/demo/`);
  const loads = await page.evaluate((tag) => new Promise((done) => {
    const pasted = new DOMParser().parseFromString(tag, 'text/html').querySelector('script');
    const script = document.createElement('script');
    for (const { name, value } of pasted.attributes) script.setAttribute(name, value);
    script.onload = () => done(true);
    script.onerror = () => done(false);
    document.head.append(script);
  }), checked);
  assert.equal(loads, true);
  assert.deepEqual(complaints, []);
  await context.close();
});

test('without JavaScript the tags are there to be read, and the codes of media to be printed', async () => {
  const { context, page } = await signedIn(browser, demo, { javaScriptEnabled: false });
  await page.goto(`${WEB}/console/sites`);
  assert.equal(await page.locator('button:has(+ pre)').count(), 0);
  assert.ok((await page.locator('pre').first().innerText()).startsWith('<script async'));

  await page.goto(`${WEB}/console/media`);
  await page.emulateMedia({ media: 'print' });
  const code = page.locator('.codes img').first();
  const { width } = await code.boundingBox();
  // Five centimetres at 96 dots an inch.
  assert.ok(Math.abs(width - 189) < 2, `${width}`);
  assert.equal(await page.locator('header.top').isVisible(), false);
  await context.close();
});

test('sites and media are no wider than a small phone, in either language', async () => {
  const { context, page } = await signedIn(browser, demo, { viewport: { width: 320, height: 640 } });
  for (const path of ['sites', 'media', 'sites?lang=fr', 'media?lang=fr']) {
    await page.goto(`${WEB}/console/${path}`);
    await page.evaluate(() => document.querySelectorAll('details').forEach((it) => { it.open = true; }));
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.equal(wide, 320, path);
  }
  await context.close();
});
