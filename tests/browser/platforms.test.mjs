// Platforms that ask for consent: IAB TCF 2.2 and Google Consent Mode v2.

import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { test } from 'node:test';

import { VISIT, VISITOR, moreScript, page } from './support/stub.mjs';
import { suite } from './support/suite.mjs';

const it = suite();
const NUMBER = '<p>01 99 00 00 01</p>';
const kept = () => it.page.evaluate(() => [localStorage['whence.visitor'], sessionStorage['whence.visit']].filter((x) => x != null).length);
/** Waits until the snippet knows that the visitor agrees, and has their visit. */
const agreed = () => it.until(() => whence.debug().consent && localStorage['whence.visitor'] && whence.debug().reply?.visit);
const shown = (text) => it.until((text) => document.querySelector('p').textContent === text, text);

// The stub that a page has in its head before its platform has loaded: commands wait in a queue.
const QUEUE = `<script>(() => {
  const queue = [];
  window.__tcfapi = (...command) => {
    if (!command.length) return queue;
    if (command[0] === 'ping') command[2]({ gdprApplies: undefined, cmpLoaded: false, cmpStatus: 'stub' }, true);
    else queue.push(command);
  };
})();</script>`;
/** The platform arrives, takes the queue over and says `state`. */
const load = (state) => it.page.evaluate((state) => {
  const listeners = [];
  const tell = (listener, id) => listener({ tcfPolicyVersion: 4, cmpStatus: 'loaded', listenerId: id, ...window.tcData }, true);
  const queue = window.__tcfapi?.() ?? [];
  window.tcData = state;
  window.__tcfapi = (name, version, callback) => {
    if (name === 'addEventListener') tell(callback, listeners.push(callback));
  };
  window.answer = (next) => {
    window.tcData = next;
    listeners.forEach(tell);
  };
  for (const command of queue) __tcfapi(...command);
}, state);
const answer = (state) => it.page.evaluate((state) => answer(state), state);
const data = (eventStatus, purposes, vendors = []) => {
  const map = (ids) => Object.fromEntries(ids.map((id) => [id, true]));
  return { gdprApplies: true, eventStatus, purpose: { consents: map(purposes) }, vendor: { consents: map(vendors) } };
};
const tcf = (more = '', head = QUEUE) => page(NUMBER, { head, attributes: `data-consent="tcf" ${more}` });

test('TCF: nothing is kept until the visitor has agreed, and all is erased when they change their mind', async () => {
  await it.open(tcf());
  await it.replied();
  await load(data('cmpuishown', [1, 7]));
  await it.settled();
  assert.equal(await kept(), 0);
  await answer(data('useractioncomplete', [1, 7]));
  await shown('01 99 00 00 42');
  assert.equal(await kept(), 2);
  await answer(data('useractioncomplete', [1]));

  await shown('01 99 00 00 01');
  assert.equal(await kept(), 0);
  assert.deepEqual(it.stub.visits.map(({ consent }) => consent), [false, true]);
  assert.deepEqual(it.errors, []);
});

for (const [title, more, state, yes] of [
  ['purpose 1 is always needed', 'data-tcf-purposes="7"', data('tcloaded', [7]), false],
  ['the site names the purposes', 'data-tcf-purposes="8, 9"', data('tcloaded', [1, 8, 9]), true],
  ['each of them is needed', 'data-tcf-purposes="8, 9"', data('tcloaded', [1, 8]), false],
  ['the site names a vendor', 'data-tcf-vendor="755"', data('tcloaded', [1, 7], [755]), true],
  ['the vendor is needed', 'data-tcf-vendor="755"', data('tcloaded', [1, 7], [12]), false],
  ['where the law does not apply nobody is asked', '', { gdprApplies: false, eventStatus: 'tcloaded' }, true],
]) {
  test(`TCF: ${title}`, async () => {
    await it.open(tcf(more));
    await it.until(() => __tcfapi().length);
    await load(state);
    if (yes) await agreed();
    await it.settled();

    assert.equal(await it.page.evaluate(() => whence.debug().consent), yes);
    assert.equal((await kept()) > 0, yes);
  });
}

test('TCF: a platform that loads after us is found, and who has agreed goes on with their visit', async () => {
  await it.open(tcf('', ''));
  await it.replied();
  await load(data('tcloaded', [1, 7]));
  await agreed();
  await it.open(tcf());
  await it.until(() => __tcfapi().length);
  assert.equal(await it.page.evaluate(() => whence.debug().consent), false, 'the platform has not spoken on this page');
  await load(data('tcloaded', [1, 7]));
  await agreed();

  const { visitor, visit } = it.stub.visits.at(-1);
  assert.deepEqual({ visitor, visit }, { visitor: VISITOR, visit: VISIT });
});

// As Google says to paste it.
const GTAG = `<script>
  window.dataLayer = window.dataLayer || [];
  function gtag(){dataLayer.push(arguments);}
</script>`;
const gcm = (commands = '') => page(NUMBER, { head: `${GTAG}<script>${commands}</script>`, attributes: 'data-consent="gcm"' });
const DENIED = "gtag('consent', 'default', { analytics_storage: 'denied', ad_storage: 'denied', wait_for_update: 500 });";
const update = (state) => it.page.evaluate((state) => gtag('consent', 'update', { analytics_storage: state }), state);
const listening = () => it.until(() => dataLayer.push !== Array.prototype.push);

test('Google Consent Mode: updates are followed, and the page’s own dataLayer goes on as it was', async () => {
  await it.open(gcm(DENIED));
  await it.replied();
  await listening();
  assert.equal(await kept(), 0);
  await update('granted');
  await shown('01 99 00 00 42');
  assert.equal(await kept(), 2);
  const length = await it.page.evaluate(() => dataLayer.push({ event: 'purchase' }, { event: 'more' }));
  await update('denied');
  await shown('01 99 00 00 01');

  assert.equal(await kept(), 0);
  assert.equal(length, 4);
  assert.deepEqual(await it.page.evaluate(() => dataLayer.map((e) => e.event ?? e[1])), ['default', 'update', 'purchase', 'more', 'update']);
  assert.deepEqual(it.errors, []);
});

test('Google Consent Mode: a default that denies ends no visit of who has agreed', async () => {
  await it.open(gcm(DENIED));
  await listening();
  await update('granted');
  await agreed();
  await it.open(gcm(DENIED));
  await listening();
  await it.settled();
  assert.equal(await kept(), 2);
  assert.equal(await it.page.evaluate(() => whence.debug().consent), false);
  await update('granted');
  await agreed();

  assert.equal(it.stub.visits.at(-1).visit, VISIT);
});

for (const [title, commands, yes] of [
  ['a default may grant', "gtag('consent', 'default', { analytics_storage: 'granted' });", true],
  ['a default for some regions grants nothing', "gtag('consent', 'default', { analytics_storage: 'granted', region: ['US'] });", false],
  ['a default that denies outweighs one that grants', `${DENIED} gtag('consent', 'default', { analytics_storage: 'granted' });`, false],
  ['an update before us is heard', `${DENIED} gtag('consent', 'update', { analytics_storage: 'granted' });`, true],
]) {
  test(`Google Consent Mode: ${title}`, async () => {
    await it.open(gcm(commands));
    await listening();
    if (yes) await agreed();
    await it.settled();

    assert.equal(await it.page.evaluate(() => whence.debug().consent), yes);
  });
}

test('what a platform’s page loads besides is at most 1 KiB', () => {
  const size = gzipSync(moreScript(), { level: 9 }).length;

  assert.ok(size <= 1024, `${size} bytes`);
});
