// Pages about people that stand alone: what a mail asks and what it ends, and the console's pages of imports, quality,
// duplicates and of how much somebody is asked for. Held against WCAG 2.2 AA by axe.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible } from '../support/axe.mjs';
import { launch } from '../support/browser.mjs';
import { openMailbox } from '../support/mailbox.mjs';
import { WEB, signedIn, startDemo, within } from './demo_gateway.mjs';

let mailbox;
let demo;
let browser;

before(async () => {
  mailbox = await openMailbox();
  demo = await startDemo(null, mailbox.settings);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await demo?.stop();
  await mailbox?.close();
});

async function somebody(email, more = {}) {
  const contact = await demo.send('POST', 'contacts', {
    given_name: 'Ada', family_name: 'Lovelace', identities: [{ kind: 'email', value: email }], ...more,
  });
  return contact.id;
}

/** In either language, light and dark, and no wider than a small phone. */
async function accessibleInAll(page, url) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const lang of ['fr', 'en']) {
      await page.goto(`${url}?lang=${lang}`);
      await page.evaluate(() => document.querySelectorAll('details').forEach((it) => { it.open = true; }));
      await accessible(page);
      const viewport = page.viewportSize();
      await page.setViewportSize({ width: 320, height: 640 });
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, `${url} ${lang}`);
      await page.setViewportSize(viewport);
    }
  }
}

test('a mail asks, its page has a button, and the thanks lead to one’s own page', async () => {
  const id = await somebody('asked@example.org');
  await demo.send('POST', `contacts/${id}/consents`, {
    channel: 'email', purpose: 'offers', status: 'pending', method: 'double_opt_in', source: 'checkout',
  });
  const link = await within(20_000, 'the question is sent', () => {
    const mail = mailbox.mails.find((mail) => mail.to === 'asked@example.org');
    return mail && /http:\/\/[^\s"<]+\/confirm\/[0-9a-f]+/.exec(mail.text)?.[0];
  });
  const context = await browser.newContext({ locale: 'en', javaScriptEnabled: true });
  const page = await context.newPage();
  await accessibleInAll(page, link);
  assert.equal(await page.locator('h1').innerText(), 'Please confirm');
  const standing = async () => (await demo.api(`contacts/${id}/consents/standing`)).items.map((it) => it.standing);
  assert.deepEqual(await standing(), ['pending'], 'to open it says nothing');

  await page.locator('main form button').click();
  assert.equal(await page.locator('h1').innerText(), 'Thank you');
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await accessible(page);
  }
  assert.deepEqual(await standing(), ['granted']);
  await page.goto(link);
  assert.match(await page.locator('h1').innerText(), /leads nowhere/);
  await accessible(page);
  await context.close();
});

test('one click ends the mails of a kind', async () => {
  const id = await somebody('ends@example.org');
  await demo.send('POST', `contacts/${id}/consents`, {
    channel: 'email', purpose: 'offers', status: 'granted', method: 'form', source: 'checkout',
  });
  const { unsubscribe_url } = await demo.send('POST', `contacts/${id}/preference-links`, { purpose: 'offers' });
  const context = await browser.newContext({ locale: 'en' });
  const page = await context.newPage();
  await accessibleInAll(page, unsubscribe_url);
  await page.locator('main form button').click();
  assert.equal(await page.locator('h1').innerText(), 'That is settled');
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    await accessible(page);
  }
  const { items } = await demo.api(`contacts/${id}/consents/standing`);
  assert.deepEqual(items.map((it) => it.standing), ['withdrawn']);
  await context.close();
});

test('a table is brought, tried and reported', async () => {
  const { context, page } = await signedIn(browser, demo, { locale: 'en' });
  await accessibleInAll(page, `${WEB}/console/imports`);
  await page.goto(`${WEB}/console/imports`);
  const buffer = Buffer.from('Prénom;Nom;E-mail;Téléphone\nBob;Martin;bob@hotmial.fr;06 39 98 03 01\nEve;Martin;nobody;12\n');
  await page.setInputFiles('input[type=file]', { name: 'people.csv', mimeType: 'text/csv', buffer });
  await page.locator('form:has(input[type=file]) button').click();
  await page.waitForURL('**/console/imports/*');
  const mapped = new URL(page.url()).pathname;
  await accessibleInAll(page, `${WEB}${mapped}`);
  await page.locator(`form[action*="/start"] button`).first().click();
  await within(30_000, 'the table is gone through', async () => {
    await page.goto(`${WEB}${mapped}?lang=en`);
    return (await page.locator('a[href$="report.csv"]').count()) > 0;
  });
  await accessibleInAll(page, `${WEB}${mapped}`);
  await context.close();
});

test('what is suspicious, who may be one person, and how much somebody is asked for', async () => {
  const addresses = [{ line: '1 rue du Four', postcode: '69001', city: 'Lyon' }];
  const id = await somebody('ada.one@hotmial.fr', { addresses });
  await somebody('ada.other@example.org', { addresses });
  await demo.send('POST', `contacts/${id}/engagements`, {
    kind: 'call_made', source: 'pbx', outcome: 'answered', talk_ms: 65_000, recording: 'https://pbx.example/7.ogg',
  });
  await demo.send('POST', `contacts/${id}/engagements`, { kind: 'email_sent', source: 'crm', purpose: 'offers' });
  const { context, page } = await signedIn(browser, demo);
  await within(60_000, 'duplicates are found', async () => (await demo.api('duplicates')).items.length > 0);
  for (const path of ['quality', 'duplicates', `contacts/${id}`, `contacts/${id}/pressure`]) {
    await accessibleInAll(page, `${WEB}/console/${path}`);
  }
  assert.match(await page.locator('main').innerText(), /Solicitations/);
  await context.close();
});
