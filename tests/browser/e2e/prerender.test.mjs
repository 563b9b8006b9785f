// A page that Chromium prerenders: the gateway is asked for a number when
// somebody sees the page, and not before.
//
// Chromium prerenders nothing for a program that watches it
// (`PrerenderingDisabledByDevTools`), so this browser runs on its own, and the
// pages tell the website of this test what they see. That website is another
// origin than the gateway's and hides its address from it.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { after, before, test } from 'node:test';

import { executablePath, QUIET } from '../support/browser.mjs';
import { startDemo, WEB, within } from './demo_gateway.mjs';

const START = `<!doctype html><title>Start</title><a href="/page">next</a>
  <script type="speculationrules">{"prerender":[{"urls":["/page"],"eagerness":"immediate"}]}</script>
  <script>fetch('/go').then(() => document.querySelector('a').click());</script>`;

const PAGE = `<!doctype html><meta name="referrer" content="no-referrer"><title>Page</title><p>01 99 00 00 01</p>
  <script>
    const tell = () => fetch('/told', { method: 'POST', body: JSON.stringify({
      prerendering: document.prerendering,
      activated: performance.getEntriesByType('navigation')[0].activationStart > 0,
      reason: whence.debug().reason,
      text: document.querySelector('p').textContent,
    }) });
    addEventListener('whence', () => {
      tell();
      whence.event('page_seen');
      new MutationObserver(tell).observe(document.querySelector('p'), { subtree: true, characterData: true });
    });
  </script>
  <script async src="${WEB}/whence.v1.js" data-site="boulangerie" data-consent="granted"></script>`;

let demo, site, browser, profile;
const told = [];
let go;
const released = new Promise((release) => (go = release));

before(async () => {
  demo = await startDemo();
  site = createServer(async (request, response) => {
    response.setHeader('content-type', 'text/html; charset=utf-8');
    if (request.url === '/go') await released;
    if (request.url === '/told') told.push(await json(request));
    response.end({ '/start': START, '/page': PAGE }[request.url]);
  });
  site.listen(0, '127.0.0.1');
  await once(site, 'listening');
  profile = await mkdtemp(join(tmpdir(), 'whence-e2e-chromium-'));
  // One of the origins in the demo's plan.
  const map = `--host-resolver-rules=MAP localhost:8080 127.0.0.1:${site.address().port}`;
  const words = ['--headless', ...QUIET, map, `--user-data-dir=${profile}`, 'http://localhost:8080/start'];
  browser = spawn(executablePath, words, { stdio: 'ignore' });
});
after(async () => {
  if (browser) {
    browser.kill('SIGTERM');
    await once(browser, 'exit');
  }
  site?.closeAllConnections();
  site?.close();
  await demo?.stop();
  if (profile) await rm(profile, { recursive: true, force: true, maxRetries: 5 });
});

test('a page is lent no number while it is prerendered, and one as soon as it is activated', async () => {
  const visits = async () => (await demo.api('visits')).items;
  await within(20_000, 'the page is prerendered', () => told[0]);
  assert.deepEqual(told[0], {
    prerendering: true,
    activated: false,
    reason: 'the page was not visible yet',
    text: '01 99 00 00 01',
  });
  assert.deepEqual(await visits(), []);

  go();

  const shown = await within(20_000, 'the number is swapped', () => told[1]);
  assert.deepEqual([shown.prerendering, shown.activated], [false, true]);
  assert.match(shown.text, /^01 99 00 1\d \d\d$/);
  const [visit, ...others] = await visits();
  assert.deepEqual(others, []);
  const whole = await within(10_000, 'what was told before is told after', async () => {
    const whole = await demo.api(`visits/${visit.id}`);
    return whole.events.length > 0 && whole;
  });
  assert.deepEqual(whole.events.map((event) => event.name), ['page_seen']);
});
