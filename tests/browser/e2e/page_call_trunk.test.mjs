// A visitor calls from the page, and the call leaves over a trunk to a mobile
// number: a real browser at one end, a real SIP telephone (baresip) in the
// carrier's place at the other. A visitor has no number, so the carrier is
// shown the one that stands on the page, which answers for the call.

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { chromium } from 'playwright-core';

import { within } from './demo_gateway.mjs';
import { startGateway } from './own_gateway.mjs';
import { Telephone, humming, listensIn, pitch, tone } from './telephone.mjs';

const [VISITOR_HZ, MOBILE_HZ] = [440, 1000];
const MOBILE = '+33612345678';
const CARRIER = { host: '127.0.0.2', port: 5076, user: MOBILE, hz: MOBILE_HZ };
const OURS = '+33199009000';
// What stands on the page, by the trunk over which calls to it leave.
const SHOWN = { pass: '+33199009001', ours: '+33199009002', withheld: '+33199009003' };

// The telephone sends sound from another address than it names; `from` of the trunk where sound is looked for holds both.
const trunk = (name, caller_id, from) => `
[[trunk]]
name = "${name}"
from = ["${from}"]
country = "FR"
to = ["sip:${CARRIER.host}:${CARRIER.port}"]
caller_id = "${caller_id}"
asserts = true
ping_s = 0
`;
const route = (name, place) => `
[[destinations]]
id = "${name}"
name = "${name}"
outlet = "shop"
steps = [{ number = "${MOBILE}", trunk = "${name}", ring_s = 20 }]

[[pools]]
id = "${name}"
site = "shop"
target = "${SHOWN[name]}"
destination = "${name}"
keep_alive_s = 120
quarantine_s = 60
numbers = ["+3319900902${place}"]
`;
const plan = (origin) => `
[[outlets]]
id = "shop"
name = "Shop"

[[sites]]
id = "shop"
outlet = "shop"
name = "shop.example"
origins = ["${origin}"]
headless = "lend"
page_calls = 2
${Object.keys(SHOWN).map(route).join('')}`;

let website, gateway, browser, telephone, folder;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'whence-page-call-trunk-'));
  await writeFile(join(folder, 'visitor.wav'), tone(VISITOR_HZ, 48_000));
  website = createServer((_, answer) => answer.setHeader('Content-Type', 'text/html').end(html()));
  await new Promise((done) => website.listen(0, '127.0.0.1', done));
  gateway = await startGateway({
    trunks: trunk('pass', 'pass', '127.0.0.0/30') + trunk('ours', OURS, '127.0.0.21') + trunk('withheld', 'withheld', '127.0.0.22'),
    plan: plan(origin()),
  });
  telephone = await Telephone.start(folder, CARRIER);
  browser = await chromium.launch(humming(join(folder, 'visitor.wav')));
});
after(async () => {
  await browser?.close();
  await telephone?.stop();
  await gateway?.stop();
  website?.closeAllConnections();
  website?.close();
  await rm(folder, { recursive: true });
});

const origin = () => `http://127.0.0.1:${website.address().port}`;
const html = () => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Shop</title>
<script async src="${gateway.web}/whence.v1.js" data-site="shop" data-consent="granted" data-calls></script>
${Object.values(SHOWN).map((number) => `<button data-whence-call="${number}">${number}</button>`).join('\n')}`;

async function visitor() {
  const page = await (await browser.newContext({ locale: 'en' })).newPage();
  await listensIn(page);
  await page.goto(`${origin()}/?utm_source=google&utm_medium=cpc&utm_campaign=test`);
  await page.waitForFunction(() => window.whence?.debug().reply?.visit && whence.call);
  return page;
}

/** Calls, does something once both talk, hangs up, and gives what the carrier was sent. */
async function calls(page, number, meanwhile = async () => {}) {
  const before = telephone.said.length;
  const state = (wanted) => page.waitForSelector(`[data-whence-call="${number}"][data-whence-state=${wanted}]`, { timeout: 20_000 });
  await page.click(`[data-whence-call="${number}"]`);
  await state('talking');
  await meanwhile();
  await page.locator('section[role=dialog] .end').click();
  await state('ended');
  const [invite] = telephone.said.slice(before).match(/^INVITE sip:[^]*?\r\n\r\n/m) ?? assert.fail('the carrier is called');
  const header = (name) => new RegExp(`^${name}: (.*)\r$`, 'im').exec(invite)?.[1];
  return { uri: invite.split(' ')[1], from: header('From'), asserted: header('P-Asserted-Identity'), privacy: header('Privacy'),
    forwarded: header('Diversion') ?? header('History-Info') };
}

/** The call to a number, when it is over. */
const written = (number) => within(10_000, 'the call is written down', async () =>
  (await gateway.api(`calls?number=${encodeURIComponent(number)}`)).items.find((call) => call.ended_at));

test('both hear each other, and the call is of the visit', async () => {
  const page = await visitor();
  const visit = await page.evaluate(() => whence.debug().reply.visit);

  let heard;
  await calls(page, SHOWN.pass, async () => (heard = await pitch(page)));

  assert.ok(Math.abs(heard.hz - MOBILE_HZ) < 20 && heard.decibels > -60, `the browser hears ${JSON.stringify(heard)}`);
  // What it hears is written when the call is over.
  await within(5_000, 'the telephone has heard the visitor', async () => (await telephone.purity(VISITOR_HZ)) > 0.8);
  assert.ok((await telephone.purity(MOBILE_HZ)) < 0.1, 'and not itself');

  const call = await written(SHOWN.pass);
  assert.deepEqual([call.outcome, call.hung_up_by, call.trunk, call.caller], ['answered', 'caller', 'page', null]);
  const whole = await gateway.api(`calls/${call.id}`);
  const [share] = whole.attribution.shares;
  assert.deepEqual([share.visit, share.probability, share.evidence.rule], [visit, 1, 'made_on_page']);
  for (const stream of whole.streams) {
    assert.ok(stream.received > 50 && stream.sent > 50 && stream.strangers === 0, JSON.stringify(stream));
  }
  await page.context().close();
});

test('the carrier is shown the number that stands on the page', async () => {
  const page = await visitor();

  const sent = await calls(page, SHOWN.pass);

  assert.ok(sent.uri.startsWith(`sip:${MOBILE}@${CARRIER.host}`), sent.uri);
  assert.match(sent.from, /^<sip:\+33199009001@/);
  assert.match(sent.asserted, /^<sip:\+33199009001@/);
  // Nobody has sent the call on.
  assert.deepEqual([sent.privacy, sent.forwarded], [undefined, undefined]);
  await page.context().close();
});

test('a trunk that shows a number of ours, or nobody, does so with these calls as well', async () => {
  const page = await visitor();

  const ours = await calls(page, SHOWN.ours);
  await page.getByRole('button', { name: 'Close' }).click();
  const withheld = await calls(page, SHOWN.withheld);

  assert.match(ours.from, /^<sip:\+33199009000@/);
  assert.equal(ours.privacy, undefined);
  assert.match(withheld.from, /^"Anonymous" <sip:anonymous@anonymous\.invalid>/);
  assert.equal(withheld.privacy, 'id');
  assert.match(withheld.asserted, /^<sip:\+33199009003@/);
  for (const number of [SHOWN.ours, SHOWN.withheld]) assert.equal((await written(number)).outcome, 'answered');
  await page.context().close();
});
