// The console's pages about rights: requests, retention, tasks, and a contact's archive and restriction.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { accessible } from '../support/axe.mjs';
import { launch } from '../support/browser.mjs';
import { WEB, signedIn, startDemo, within } from './demo_gateway.mjs';

const PLAN = `
[[scenarios]]
id = "ask-again"
when = "email_bounced"
title = "Ask for another address"
list = "data"

[[retention]]
kind = "visits"
months = 25
because = "CNIL, délibération 2020-091"
`;

let demo;
let browser;

before(async () => {
  demo = await startDemo((plan) => `${plan}\n${PLAN}`);
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

async function somebody() {
  const contact = await demo.send('POST', 'contacts', {
    given_name: 'Ada', family_name: 'Lovelace', identities: [{ kind: 'email', value: 'ada@example.org' }],
  });
  return contact.id;
}

/** In either language, light and dark. */
async function accessibleInAll(page, path) {
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const lang of ['fr', 'en']) {
      await page.goto(`${WEB}${path}?lang=${lang}`);
      await accessible(page);
    }
  }
}

test('a request is written down on the contact’s page and settled in the register', async () => {
  const { context, page } = await signedIn(browser, demo, { javaScriptEnabled: true });
  const id = await somebody();
  await page.goto(`${WEB}/console/contacts/${id}`);
  await page.click('summary:text-is("Write down what they ask for")');
  await page.selectOption('select[name=kind]', 'restriction');
  await page.selectOption('select[name=came_by]', 'letter');
  await page.getByRole('button', { name: 'Write down' }).last().click();
  await accessibleInAll(page, '/console/requests');
  await page.getByRole('button', { name: 'Done' }).click();
  await page.locator('h2:text-is("Settled")').waitFor();
  await accessible(page);

  await page.goto(`${WEB}/console/contacts/${id}`);
  assert.ok((await page.locator('#rights').innerText()).includes('Kept and not used since'));
  await accessibleInAll(page, `/console/contacts/${id}`);
  await page.click('summary:text-is("Use their data again")');
  await page.getByRole('button', { name: 'Use their data again' }).click();
  assert.ok(!(await page.locator('#rights').innerText()).includes('Kept and not used since'));
  await context.close();
});

test('everything that is known of a contact is downloaded from their page', async () => {
  const { context, page } = await signedIn(browser, demo, { acceptDownloads: true, javaScriptEnabled: false });
  await page.goto(`${WEB}/console/contacts/${await somebody()}`);
  const downloading = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Download everything' }).click();
  const download = await downloading;
  assert.match(download.suggestedFilename(), /^contact-.*\.zip$/);
  assert.equal(await download.failure(), null);
  await context.close();
});

test('what is kept how long is told', async () => {
  const { context, page } = await signedIn(browser, demo);
  await accessibleInAll(page, '/console/retention');
  assert.match(await page.locator('main').innerText(), /25\s(months|mois)/);
  await context.close();
});

test('a task is done at the console', async () => {
  const { context, page } = await signedIn(browser, demo);
  const id = await somebody();
  await demo.send('POST', `contacts/${id}/engagements`, { kind: 'email_bounced_hard', source: 'mailer', email: 'ada@example.org' });
  await within(60_000, 'the scenario gives a task', async () => (await demo.api('tasks')).items.length > 0);
  await accessibleInAll(page, '/console/tasks');
  const row = page.locator('tr', { hasText: 'Ask for another address' });
  await row.getByRole('button', { name: 'Done' }).click();
  assert.equal(await row.count(), 0);
  assert.deepEqual((await demo.api('tasks?state=done')).items.length, 1);
  await context.close();
});
