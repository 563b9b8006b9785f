// A visitor calls from the page: a real browser with a microphone that hums at
// one pitch, a real SIP telephone (baresip) that hums at another, the gateway
// between them. Each pitch is found at the other end.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { chromium } from 'playwright-core';

import { startDemo, WEB, within } from './demo_gateway.mjs';
import { Telephone, humming, listensIn, pitch, sends, tone } from './telephone.mjs';

const [VISITOR_HZ, LINE_HZ] = [440, 1000];
const LINE = { host: '127.0.0.2', port: 5072, control: 5074 };

let demo, browser, telephone, folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whence-page-call-'));
  await writeFile(join(folder, 'visitor.wav'), tone(VISITOR_HZ, 48_000));
  demo = await startDemo((plan) => plan.replace('sip:counter@127.0.0.1:5070', `sip:line@${LINE.host}:${LINE.port}`));
  telephone = await Telephone.start(folder, { ...LINE, user: 'line', hz: LINE_HZ });
  browser = await chromium.launch(humming(join(folder, 'visitor.wav')));
});
after(async () => {
  await browser?.close();
  await telephone?.stop();
  await demo?.stop();
  await rm(folder, { recursive: true });
});

async function caller() {
  const context = await browser.newContext({ locale: 'en' });
  const page = await context.newPage();
  await listensIn(page);
  await page.goto(`${WEB}/demo/contact.html?utm_source=google&utm_medium=cpc&utm_campaign=test`);
  await page.click('button[value=yes]');
  await page.waitForFunction(() => whence.debug().reply?.visit && whence.call);
  return page;
}

const button = '[data-whence-call]';
const state = (page, wanted) => page.waitForSelector(`${button}[data-whence-state=${wanted}]`, { timeout: 20_000 });

test('both hear each other, and the call is of the visit', async () => {
  const page = await caller();
  const visit = await page.evaluate(() => whence.debug().reply.visit);

  await page.click(button);
  await state(page, 'talking');
  const heard = await pitch(page);
  await page.locator('section[role=dialog] .end').click();
  await state(page, 'ended');

  assert.ok(Math.abs(heard.hz - LINE_HZ) < 20 && heard.decibels > -60, `the browser hears ${JSON.stringify(heard)}`);
  // What it hears is written when the call is over.
  await within(5_000, 'the telephone has heard the visitor', async () => (await telephone.purity(VISITOR_HZ)) > 0.8);
  assert.ok((await telephone.purity(LINE_HZ)) < 0.1, 'and not itself');

  const call = await within(10_000, 'the call is written down', async () =>
    (await demo.api('calls')).items.find((call) => call.outcome));
  assert.deepEqual([call.outcome, call.hung_up_by, call.trunk], ['answered', 'caller', 'page']);
  const whole = await demo.api(`calls/${call.id}`);
  const [origin] = whole.attribution.shares;
  assert.deepEqual([origin.visit, origin.probability, origin.evidence.rule], [visit, 1, 'made_on_page']);
  assert.equal(origin.campaign, 'test');
  for (const stream of whole.streams) {
    assert.ok(stream.received > 50 && stream.sent > 50 && stream.strangers === 0, JSON.stringify(stream));
  }
  await page.context().close();
});

test('the line holds the call and takes it up again', async () => {
  const page = await caller();
  await page.click(button);
  await state(page, 'talking');
  await within(10_000, 'the visitor is heard', async () => (await sends(page)) > 40);

  await telephone.tell('hold');
  await within(10_000, 'the visitor is sent to nobody', async () => (await sends(page)) === 0);
  await state(page, 'talking');
  await telephone.tell('resume');
  await within(10_000, 'the visitor is heard again', async () => (await sends(page)) > 40);

  const heard = await pitch(page);
  assert.ok(Math.abs(heard.hz - LINE_HZ) < 20 && heard.decibels > -60, `the browser hears ${JSON.stringify(heard)}`);
  await page.locator('section[role=dialog] .end').click();
  await state(page, 'ended');
  await page.context().close();
});

test('who gives no microphone is told so, in the language of the page', async () => {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.addInitScript(() => {
    navigator.mediaDevices.getUserMedia = async () => {
      throw new DOMException('no', 'NotAllowedError');
    };
  });
  await page.goto(`${WEB}/demo/contact.html`);
  await page.click('button[value=no]');
  await page.waitForFunction(() => window.whence?.call);

  await page.click(button);

  await state(page, 'ended');
  assert.equal(await page.locator('section[role=dialog] [role=status]').innerText(), 'Sans micro, pas d’appel');
  await context.close();
});
