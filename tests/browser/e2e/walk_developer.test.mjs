// The walk of a web developer: from a gateway that knows no website to a page on which a visitor has a number of their own.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { launch } from '../support/browser.mjs';
import { startGateway } from './own_gateway.mjs';
import { says, startWalk } from './walk.mjs';

/** What stands on the website. */
const BUSINESS = '+33199000001';
const TRUNK = `
[[trunk]]
name = "carrier"
from = ["127.0.0.1"]
country = "FR"
`;
const PLAN = `
[[outlets]]
id = "head-office"
name = "Boulangerie Martin"

[[destinations]]
id = "counter"
name = "Counter in Lyon"
outlet = "head-office"
line = "sip:counter@127.0.0.1:5070"
`;

let website, tag, gateway, browser;
before(async () => {
  tag = '';
  website = createServer((_, answer) => answer.setHeader('Content-Type', 'text/html').end(html()));
  await new Promise((done) => website.listen(0, '127.0.0.1', done));
  gateway = await startGateway({ trunks: TRUNK, plan: PLAN });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  website?.closeAllConnections();
  website?.close();
});

const origin = () => `http://127.0.0.1:${website.address().port}`;
const html = () => `<!doctype html><html lang="fr"><meta charset="utf-8"><title>Boulangerie Martin</title>
${tag}
<p>Appelez le 01 99 00 00 01, ou <a href="tel:${BUSINESS}">touchez ici</a>.</p>
<button onclick="whence.consent(true)">J’accepte</button>`;

test('a web developer brings a website to its first visit', async () => {
  const { context, page, open, stop, tabTo, end } = await startWalk(browser, gateway, 'developer', { locale: 'en' });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: gateway.web });
  const step = (state, name) => page.locator(`.setup-${state}`, { hasText: name });

  // The telephone side is there; the site is what comes next.
  assert.equal(await page.locator('.setup-done').count(), 3);
  await step('next', 'A site').waitFor();
  await stop('first-steps');

  await tabTo(step('next', 'A site').getByRole('link'));
  await page.keyboard.press('Enter');
  await page.fill('input[name=name]', 'boulangerie-martin.example');
  await page.fill('input[name=id]', 'boulangerie');
  await page.selectOption('select[name=outlet]', 'head-office');
  await page.fill('textarea[name=origins]', origin());
  // The browsers of this test have no window.
  await page.selectOption('select[name=headless]', 'lend');
  await stop('site');
  await page.getByRole('button', { name: 'Save' }).click();
  await says(page.locator('main'), 'New: site boulangerie', 'origins', origin());
  await stop('review');
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.waitForURL('**saved=1**');

  await open('setup');
  await step('next', 'The first number').getByRole('link', { name: 'Add a pool' }).click();
  await page.fill('input[name=id]', 'boulangerie');
  await page.selectOption('select[name=site]', 'boulangerie');
  await page.fill('input[name=target]', '01 99 00 00 01');
  await page.selectOption('select[name=destination]', 'counter');
  await page.fill('input[name=ageing_min]', '0');
  await page.fill('textarea[name=numbers]', '+33199001000..+33199001009');
  await page.getByRole('button', { name: 'Look what would change' }).click();
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.waitForURL('**saved=1**');

  await open('sites');
  await tabTo(page.getByRole('button', { name: 'Copy' }).first());
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Copied' }).waitFor();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  assert.match(copied, /^<script async src="[^"]+\/whence\.v1\.js" data-site="boulangerie"/);
  await stop('snippet');

  // Without the tag the page is told to have none; with it, both places of the number are swapped.
  await page.getByRole('link', { name: 'Test a page' }).click();
  const tested = async () => {
    await page.fill('input[name=page]', `${origin()}/contact`);
    await page.getByRole('button', { name: 'Test' }).click();
    return page.locator('main');
  };
  await says(await tested(), 'is not on the page: nothing is swapped');
  tag = copied;
  await says(await tested(), 'is on the page, for this site');
  assert.equal(await page.locator('tbody tr', { hasText: 'swapped' }).count(), 2);
  await stop('tester');

  await open('setup');
  await page.locator('#setup-waits').waitFor();
  const visitor = await browser.newContext({ locale: 'fr' });
  const shop = await visitor.newPage();
  await shop.goto(origin());
  await step('done', 'The snippet').waitFor();
  await shop.getByRole('button', { name: 'J’accepte' }).click();
  await step('done', 'A test visit').waitFor();
  await step('next', 'A test call').waitFor();
  await shop.waitForFunction(() => /^tel:\+3319900100\d$/.test(document.querySelector('a').getAttribute('href')));
  assert.match(await shop.locator('p').innerText(), /Appelez le 01 99 00 10 0\d/);
  await stop('a-visit-is-seen');
  await visitor.close();
  await end();
});
