// The network's pages of the console: a call leads from the ranking to its outlet and from a table of two sides to its
// list; in either language, light and dark, on a small phone, without JavaScript, and read by axe.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible } from '../support/axe.mjs';
import { launch } from '../support/browser.mjs';
import { WEB, signedIn, sipp, startDemo, within } from './demo_gateway.mjs';

/** The number on the poster in Paris, which nobody answers. */
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

async function untilRanked(page) {
  await within(20_000, 'the call is counted', async () => {
    await page.goto(`${WEB}/console/network`);
    return (await page.locator('#outlets tbody tr').count()) === 1;
  });
}

for (const javaScriptEnabled of [true, false]) {
  test(`a call leads to its outlet and to the list of its kind, JavaScript ${javaScriptEnabled ? 'on' : 'off'}`, async () => {
    const { context, page } = await signedIn(browser, demo, { javaScriptEnabled });
    await untilRanked(page);

    const row = page.locator('#outlets tbody tr');
    assert.match(await row.innerText(), /Boulangerie Martin Paris[\s\S]*too few calls/);
    await row.locator('th a').first().click();
    assert.match(await page.locator('.chips').innerText(), /Outlet: Boulangerie Martin Paris/);

    await page.goto(`${WEB}/console/network`);
    await page.locator('.onward a[href^="/console/cross"]').click();
    assert.equal(await page.locator('select[name=rows]').inputValue(), 'outlet');
    await page.selectOption('select[name=columns]', 'outcome');
    await page.locator('form:has(select) button').click();
    assert.equal(await page.locator('.crossed tbody tr').count(), 1);
    await page.locator('.crossed td a').click();
    assert.match(page.url(), /\/console\/calls\?.*outlet=paris.*outcome=/);
    await context.close();
  });
}

test('they are accessible, and no wider than a small phone', async () => {
  const { context, page } = await signedIn(browser, demo);
  await untilRanked(page);
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const lang of ['fr', 'en']) {
      for (const path of ['network', 'network?below=head-office&sort=rate', 'cross', 'cross?rows=outlet&columns=outcome', 'together']) {
        await page.goto(`${WEB}/console/${path}${path.includes('?') ? '&' : '?'}lang=${lang}`);
        await accessible(page);
        await page.setViewportSize({ width: 320, height: 640 });
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, `${lang} ${path}`);
        await page.setViewportSize({ width: 1280, height: 800 });
      }
    }
  }
  await context.close();
});
