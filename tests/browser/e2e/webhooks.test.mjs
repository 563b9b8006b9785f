// The console's pages about webhooks: what a program was told, sent again to a real one, and read by axe.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { after, before, test } from 'node:test';

import { accessible } from '../support/axe.mjs';
import { launch } from '../support/browser.mjs';
import { within } from './demo_gateway.mjs';
import { startGateway } from './own_gateway.mjs';

const SECRET = 'whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=';

let gateway;
let browser;
let program;
/** The types of what the program was told. */
const heard = [];
let answer = 204;

before(async () => {
  program = createServer(async (request, response) => {
    let body = '';
    for await (const part of request) body += part;
    heard.push(JSON.parse(body).type);
    response.writeHead(answer).end();
  });
  await new Promise((done) => program.listen(0, '127.0.0.1', done));
  gateway = await startGateway({
    trunks: `[[webhook]]\nname = "crm"\nsecret = "${SECRET}"\n`,
    plan: `
[[webhooks]]
id = "crm"
url = "http://127.0.0.1:${program.address().port}/"
events = ["contact.*"]
private = true

[[webhooks]]
id = "off"
url = "https://crm.example.org/a-long-address-that-leads-to-a-program-of-somebody-else"
events = ["*"]
enabled = false
`,
    scopes: 'contacts:write',
  });
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await gateway?.stop();
  program?.close();
});

async function somebody(name) {
  await gateway.send('POST', 'contacts', { given_name: name, identities: [{ kind: 'email', value: `${name}@example.org` }] });
}

/** In either language, light and dark, with all that unfolds. */
async function accessibleInAll(page, path) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const lang of ['fr', 'en']) {
      await page.goto(`${gateway.web}${path}?lang=${lang}`);
      await page.evaluate(() => document.querySelectorAll('details').forEach((it) => { it.open = true; }));
      await accessible(page);
    }
  }
}

test('what was told is seen and sent again, without JavaScript', async () => {
  const { context, page } = await gateway.signedIn(browser, { javaScriptEnabled: false, locale: 'en' });
  await somebody('ada');
  await within(30_000, 'the program is told', () => heard.includes('contact.created'));
  heard.length = 0;
  await page.goto(`${gateway.web}/console/tasks`);
  await page.getByRole('link', { name: 'Webhooks' }).click();
  await page.getByRole('link', { name: 'crm', exact: true }).click();
  await page.locator('nav, main').getByRole('link', { name: 'Taken' }).click();
  const row = page.locator('li.card', { hasText: 'contact.created' }).first();
  await row.locator('summary').click();
  assert.match(await row.locator('pre').innerText(), /"contact": "/);
  await row.getByRole('button', { name: 'Send again' }).click();
  await within(30_000, 'it is told again', () => heard.includes('contact.created'));
  await context.close();
});

test('a test is sent, and opens a webhook that is gone', async () => {
  const { context, page } = await gateway.signedIn(browser, { locale: 'en' });
  answer = 410;
  await page.goto(`${gateway.web}/console/webhooks/crm`);
  await page.getByRole('button', { name: 'Send a test' }).click();
  await within(30_000, 'it is gone', async () => {
    await page.goto(`${gateway.web}/console/webhooks/crm`);
    return page.getByText('it answered 410 (gone)').count();
  });
  assert.equal(await page.getByRole('button', { name: 'Send again' }).count(), 0);
  answer = 204;
  heard.length = 0;
  await page.getByRole('button', { name: 'Send a test' }).click();
  await within(30_000, 'the test arrives', () => heard.includes('webhook.test'));
  await page.goto(`${gateway.web}/console/webhooks/crm`);
  assert.ok((await page.locator('main').innerText()).includes('is told what happens'));
  await context.close();
});

test('the pages hold against WCAG 2.2 AA, and are no wider than a small phone', async () => {
  const { context, page } = await gateway.signedIn(browser);
  answer = 503;
  await somebody('bob');
  await within(30_000, 'a try fails', async () => {
    await page.goto(`${gateway.web}/console/webhooks?lang=en`);
    return page.getByText('it answered 503').count();
  });
  answer = 204;
  const paths = ['/console/webhooks', '/console/webhooks/crm', '/console/webhooks/off'];
  for (const path of paths) await accessibleInAll(page, path);
  await page.setViewportSize({ width: 320, height: 640 });
  for (const path of paths) {
    for (const lang of ['en', 'fr']) {
      await page.goto(`${gateway.web}${path}?lang=${lang}`);
      await page.evaluate(() => document.querySelectorAll('details').forEach((it) => { it.open = true; }));
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, `${path} ${lang}`);
    }
  }
  await context.close();
});
