// An employee answers in the console: a real SIP telephone (baresip) calls the
// number that a visitor was shown, a real browser rings, both hum, and each
// pitch is found at the other end.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { chromium } from 'playwright-core';

import { SIP, WEB, startDemo, within } from './demo_gateway.mjs';
import { Telephone, humming, listensIn, pitch, tone } from './telephone.mjs';

const [CONSOLE_HZ, CALLER_HZ] = [440, 1000];
const SCENARIO = `
[[scenarios]]
id = "ask-again"
when = "email_bounced"
title = "Ask for another address"
list = "data"
`;
const CALLER = { host: '127.0.0.2', port: 5073, user: '+33639981234', hz: CALLER_HZ };

let demo, browser, folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whence-console-phone-'));
  await writeFile(join(folder, 'console.wav'), tone(CONSOLE_HZ, 48_000));
  demo = await startDemo((plan) => plan.replace('destination = "counter"\nkeep_alive_s', 'destination = "desk"\nkeep_alive_s') + SCENARIO);
  browser = await chromium.launch(humming(join(folder, 'console.wav')));
});
after(async () => {
  await browser?.close();
  await demo?.stop();
  await rm(folder, { recursive: true });
});

async function visitor() {
  const page = await (await browser.newContext({ locale: 'en' })).newPage();
  await listensIn(page);
  await page.goto(`${WEB}/demo/contact.html?utm_source=google&utm_medium=cpc&utm_campaign=test`);
  await page.click('button[value=yes]');
  await page.waitForFunction(() => whence.debug().reply?.visit && whence.call);
  return page;
}

/** Somebody who is signed in and available. */
async function employee(options) {
  const page = await (await browser.newContext({ locale: 'en', ...options })).newPage();
  page.complaints = [];
  page.on('pageerror', (error) => page.complaints.push(error));
  page.on('console', (message) => message.type() === 'error' && page.complaints.push(message.text()));
  await listensIn(page);
  const [, password] = /demo@example\.org\s+(.+)/.exec(demo.said());
  await page.goto(`${WEB}/console/phone`);
  await page.fill('input[name=email]', 'demo@example.org');
  await page.fill('input[name=password]', password.trim());
  await page.click('main form button');
  await page.waitForURL('**/console/phone');
  await page.click('#available');
  await page.waitForSelector('#desk[data-state=available]');
  return page;
}

const state = (page, wanted) => page.waitForSelector(`.ring[data-state=${wanted}]`, { timeout: 20_000 });
const does = (page, what) => page.click(`.ring [data-does=${what}]`);
const isAt = (heard, hz) => Math.abs(heard.hz - hz) < 20 && heard.decibels > -60;

test('it rings with the way to the call on it, both hear each other, and the others hear that it is taken', async () => {
  const shop = await visitor();
  const reply = await shop.evaluate(() => whence.debug().reply);
  const [first, second] = [await employee(), await employee()];

  const telephone = await Telephone.start(folder, { ...CALLER, dials: `sip:${reply.swaps[0].number}@${SIP}` });
  const card = await state(first, 'ringing');
  await state(second, 'ringing');
  await first.waitForSelector('.ring [data-field=origin]:not([hidden])');
  const said = (await card.innerText()).replaceAll('\u00a0', ' ');
  for (const words of ['06 39 98 12 34', 'Desk in Lyon', 'Paid Search', 'google / cpc · test', '127.0.0.1:8080/demo/contact.html', 'Has not called before']) {
    assert.ok(said.includes(words), `${words}: ${said}`);
  }
  await first.waitForFunction(() => document.title.includes('Incoming call'));

  await does(first, 'answer');
  await state(first, 'talking');
  await state(second, 'taken');
  const heard = await pitch(first);
  await does(first, 'hang_up');
  await state(first, 'ended');

  assert.ok(isAt(heard, CALLER_HZ), `the console hears ${JSON.stringify(heard)}`);
  await within(5_000, 'the caller has heard the console', async () => (await telephone.purity(CONSOLE_HZ)) > 0.8);
  assert.ok((await telephone.purity(CALLER_HZ)) < 0.1, 'and not itself');
  await telephone.stop();
  const call = await within(10_000, 'the call is written down', async () =>
    (await demo.api('calls')).items.find((call) => call.outcome));
  assert.deepEqual([call.outcome, call.hung_up_by, call.answered_by], ['answered', 'line', 'desk']);
  for (const stream of (await demo.api(`calls/${call.id}`)).streams) {
    assert.ok(stream.received > 50 && stream.sent > 50 && stream.strangers === 0, JSON.stringify(stream));
  }
  assert.deepEqual([...first.complaints, ...second.complaints], []);
  for (const page of [shop, first, second]) await page.context().close();
});

test('a visitor calls from the page and an employee answers in the console: two browsers', async () => {
  const [shop, console] = [await visitor(), await employee({ locale: 'fr' })];

  await shop.click('[data-whence-call]');
  const card = await state(console, 'ringing');
  assert.match(await card.innerText(), /Un visiteur, depuis le site/);
  await does(console, 'answer');
  await state(console, 'talking');
  await shop.waitForSelector('[data-whence-state=talking]');
  const heard = [await pitch(console), await pitch(shop)];
  await shop.locator('section[role=dialog] .end').click();
  await state(console, 'ended');

  assert.ok(heard.every((heard) => isAt(heard, CONSOLE_HZ)), JSON.stringify(heard));
  assert.deepEqual(console.complaints, []);
  for (const page of [shop, console]) await page.context().close();
});

test('who declines, or is away, leaves the call to the next line', async () => {
  const console = await employee();
  const telephone = await Telephone.start(folder, { ...CALLER, user: '+33639985678', dials: `sip:0199001000@${SIP}` });

  await state(console, 'ringing');
  await does(console, 'decline');

  const answered = async () => (await demo.api('live-calls')).items.find((call) => call.state === 'talking');
  const live = await within(15_000, 'the counter answers', answered);
  assert.equal(live.line, 'sip:counter@127.0.0.1:5070');
  assert.equal(await console.locator('.ring').count(), 0);
  await telephone.stop();
  await console.click('#available');
  await console.waitForSelector('#desk[data-state=away]');
  await console.context().close();
});

test('what is to be done with a caller stands there while they ring', async () => {
  const identities = [{ kind: 'phone', value: '+33639984321' }, { kind: 'email', value: 'ada@example.org' }];
  const { id } = await demo.send('POST', 'contacts', { given_name: 'Ada', family_name: 'Lovelace', identities });
  await demo.send('POST', `contacts/${id}/engagements`, { kind: 'email_bounced_hard', source: 'mailer' });
  await within(60_000, 'the scenario gives a task', async () => (await demo.api('tasks')).items.length > 0);
  const console = await employee();
  const telephone = await Telephone.start(folder, { ...CALLER, user: '+33639984321', dials: `sip:0199001000@${SIP}` });

  const card = await state(console, 'ringing');
  await card.waitForSelector('[data-field=tasks] li');

  const tasks = console.locator('.ring [data-field=tasks]');
  assert.equal(await tasks.innerText(), 'Ask for another address');
  assert.equal(await tasks.getAttribute('aria-label'), 'To be done with them');
  assert.ok((await card.innerText()).includes('Ada Lovelace'));
  await does(console, 'decline');
  await telephone.stop();
  assert.deepEqual(console.complaints, []);
  await console.context().close();
});
