// The main job, nothing mocked: a real browser sees a number of its own, a
// real SIP caller dials it, and the API says which visit the call came from.

import assert from 'node:assert/strict';
import { after, before, beforeEach, afterEach, test } from 'node:test';

import { launch } from '../support/browser.mjs';
import { sipp, startDemo, WEB, within } from './demo_gateway.mjs';

const AD = '/demo/?utm_source=google&utm_medium=cpc&utm_campaign=test';
const BUSINESS = '0199000001';
/** The static number of Paid Search. */
const CHANNEL = '0199002004';

let demo, browser, context, page;
before(async () => {
  demo = await startDemo();
  browser = await launch();
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});
beforeEach(async () => {
  context = await browser.newContext();
  page = await context.newPage();
});
afterEach(() => context.close());

const digits = (text) => text.replace(/\D/g, '').replace(/^33/, '0');

/** Comes from the ad, accepts the banner, and reads the number off the page. */
async function numberOnThePage() {
  await page.goto(WEB + AD);
  await page.click('button[value=yes]');
  // Until the consent is heard, the page shows the number of the channel.
  await page.waitForFunction(() => sessionStorage['whence.visit'] && whence.debug().reply?.swaps?.[0]?.number);
  const shown = await page.locator('a[href^="tel:"]').first();
  await within(5_000, 'the number is swapped', async () =>
    ![BUSINESS, CHANNEL].includes(digits(await shown.getAttribute('href'))));
  const number = digits(await shown.getAttribute('href'));
  assert.equal(digits(await shown.innerText()), number, 'the text says what the link dials');
  return number;
}

/** The call from this caller, once it is over. */
const callFrom = (caller) =>
  within(10_000, 'the call is over in the API', async () => {
    const { items } = await demo.api(`calls?caller=${encodeURIComponent(caller)}`);
    return items.find((call) => call.outcome);
  });

async function thisVisit() {
  const { id } = await page.evaluate(() => JSON.parse(sessionStorage['whence.visit']));
  return demo.api(`visits/${id}`);
}

test('a visitor from an ad calls the number on the page and is recognised', async () => {
  const number = await numberOnThePage();
  await page.click('nav a[href$="contact.html"]');
  await page.waitForFunction(() => window.whence?.debug().reply);

  await sipp('talks.xml', number, '+33639980001');

  const call = await callFrom('+33639980001');
  assert.equal(call.outcome, 'answered');
  assert.equal(call.number, `+33${number.slice(1)}`);
  assert.ok(call.answered_at && call.talk_ms > 0);

  const visit = await thisVisit();
  assert.deepEqual([visit.channel, visit.source, visit.medium, visit.campaign], ['Paid Search', 'google', 'cpc', 'test']);
  const whole = await demo.api(`calls/${call.id}`);
  const [likeliest] = whole.attribution.shares;
  assert.equal(likeliest.visit, visit.id);
  assert.ok(likeliest.probability > 0.95, `probability ${likeliest.probability}`);
  assert.equal(likeliest.campaign, 'test');
  const pages = whole.journey.find((step) => step.id === visit.id).page_views;
  assert.deepEqual(pages.map((view) => new URL(view.url).pathname), ['/demo/', '/demo/contact.html']);

  const contact = await demo.api(`contacts/${call.contact}`);
  assert.deepEqual(contact.identities.map((identity) => identity.kind).sort(), ['phone', 'visitor']);
  const kinds = contact.timeline.map((entry) => entry.kind).sort();
  assert.deepEqual(kinds, ['call', 'visit']);
});

test('a visitor who hangs up while it rings is an abandoned call of that visit', async () => {
  const number = await numberOnThePage();

  await sipp('gives_up.xml', number, '+33639980002');

  const call = await callFrom('+33639980002');
  assert.deepEqual([call.outcome, call.hung_up_by, call.sip_status], ['abandoned', 'caller', 487]);
  assert.equal(call.answered_at, null);
  const visit = await thisVisit();
  const whole = await demo.api(`calls/${call.id}`);
  const [likeliest] = whole.attribution.shares;
  assert.deepEqual([likeliest.visit, likeliest.channel], [visit.id, 'Paid Search']);
});

test('a tap, an event and who the visitor is reach the gateway and stand with the call', async () => {
  const number = await numberOnThePage();
  // No call is begun by the browser itself.
  await page.evaluate(() => addEventListener('click', (event) => event.preventDefault()));
  const told = (what) => page.waitForFunction((what) => whence.debug().told === what, what);
  await page.locator('a[href^="tel:"]').first().click();
  await told('taps sent');
  await page.evaluate(() => whence.event('form_submit', { form: 'order' }));
  await told('events sent');
  await page.evaluate(() => whence.identify({ email: 'ada@example.org', phone: '06 39 98 00 05', first_name: 'Ada' }));
  await told('identify sent');

  await sipp('gives_up.xml', number, '+33639980005');

  const visit = await thisVisit();
  const events = visit.events.map((event) => [event.name, event.properties]);
  assert.deepEqual(events, [['form_submit', { form: 'order' }]]);
  const call = await callFrom('+33639980005');
  const [likeliest] = (await demo.api(`calls/${call.id}`)).attribution.shares;
  assert.equal(likeliest.visit, visit.id);
  assert.ok(likeliest.evidence.tapped_ms < 30_000, JSON.stringify(likeliest));
  assert.equal(likeliest.evidence.visitor, 'caller');
  assert.match(likeliest.because, /tapped the number/i);
  const contact = await demo.api(`contacts/${call.contact}`);
  assert.equal(contact.name, 'Ada');
  const known = contact.identities.map(({ kind, value }) => (kind === 'visitor' ? kind : value));
  assert.deepEqual(known.sort(), ['+33639980005', 'ada@example.org', 'visitor']);
});

test('who refuses sees the number of the channel, and nothing of them is kept', async () => {
  await page.goto(WEB + AD);
  await page.click('button[value=no]');
  await page.waitForFunction(() => whence.debug().reply);

  const shown = digits(await page.locator('a[href^="tel:"]').first().getAttribute('href'));
  assert.equal(shown, CHANNEL);
  assert.deepEqual(await context.cookies(), []);
  const kept = await page.evaluate(() => [localStorage['whence.visitor'] ?? null, sessionStorage['whence.visit'] ?? null]);
  assert.deepEqual(kept, [null, null]);

  await sipp('gives_up.xml', shown, '+33639980003');
  const whole = await demo.api(`calls/${(await callFrom('+33639980003')).id}`);
  const shares = whole.attribution.shares.map((share) => [share.visit, share.channel, share.evidence.rule]);
  assert.deepEqual(shares, [[null, 'Paid Search', 'static_number']]);
});

test('somebody signs in and reads the call and its journey in the console', async () => {
  const number = await numberOnThePage();
  await sipp('gives_up.xml', number, '+33639980004');
  await callFrom('+33639980004');

  const [, password] = /demo@example\.org\s+(.+)/.exec(demo.said());
  await page.goto(`${WEB}/console/`);
  await page.fill('input[name=email]', 'demo@example.org');
  await page.fill('input[name=password]', password.trim());
  await page.click('main form button');
  await page.waitForURL('**/console/overview*');
  await page.goto(`${WEB}/console/calls`);
  await page.locator('a[href*="/console/calls/"]').first().click();
  await page.waitForURL('**/console/calls/*');

  const text = await page.locator('main').innerText();
  assert.match(text, /google/);
  assert.match(text, /8080\/demo/);
  assert.match(text, /06\s39\s98\s00\s04/);
});
