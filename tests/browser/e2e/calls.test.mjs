// The list of calls and a call: searched, noted, tagged, kept as a view; an account with a second factor, users and the audit
// log; in either language, light and dark, on a small phone, without JavaScript, and read by axe.

import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { after, before, test } from 'node:test';

import { accessible } from '../support/axe.mjs';
import { launch } from '../support/browser.mjs';
import { WEB, signedIn, sipp, startDemo, within } from './demo_gateway.mjs';

/** The number on the poster, which nobody answers. */
const POSTER = '0199002003';

let demo;
let browser;

before(async () => {
  demo = await startDemo();
  browser = await launch();
  await sipp('gives_up.xml', POSTER, '+33639980051');
});
after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** The list, once a filter of the reports finds the call. */
async function untilFound(page) {
  await within(20_000, 'the call is found', async () => {
    await page.goto(`${WEB}/console/calls?channel=Offline&period=today`);
    return (await page.locator('.row-link').count()) === 1;
  });
}

/** What an authenticator app shows (RFC 6238) for a base32 secret, so many steps from now. */
function code(secret, steps = 0) {
  const bits = [...secret].map((c) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'.indexOf(c).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 30_000) + steps));
  const hash = createHmac('sha1', key).update(step).digest();
  const at = hash[19] & 15;
  return String((hash.readUInt32BE(at) & 0x7fffffff) % 1_000_000).padStart(6, '0');
}

test('a call is noted, tagged and found by it, and the list is kept as a view', async () => {
  const { context, page } = await signedIn(browser, demo, { locale: 'en', javaScriptEnabled: false });
  await untilFound(page);
  await page.locator('.row-link').click();
  await page.fill('textarea[name=text]', 'Wants an offer for the kitchen.\nCall on Friday.');
  await page.getByRole('button', { name: 'Write it down' }).click();
  await page.fill('input[name=tags]', 'Offer sent, kitchen');
  await page.locator('.notes .line button').click();
  assert.match(await page.locator('.notes').innerText(), /Call on Friday\.[\s\S]*demo@example\.org/);
  await page.locator('.notes').getByRole('link', { name: 'offer sent' }).click();
  assert.equal(await page.locator('.row-link').count(), 1);

  await page.goto(`${WEB}/console/calls`);
  for (const [search, found] of [['kitchen friday', 1], ['998 0051', 1], ['06 39 98 00 51', 1], ['garden', 0]]) {
    await page.fill('input[type=search]', search);
    await page.locator('.search button').click();
    assert.equal(await page.locator('.row-link').count(), found, search);
  }
  await page.goto(`${WEB}/console/calls?tag=kitchen`);
  await page.locator('.choose summary').click();
  await page.getByLabel('Tags', { exact: true }).check();
  await page.locator('.choose button').click();
  assert.match(await page.locator('.calls').innerText(), /kitchen, offer sent/);
  await page.locator('.keep summary').click();
  await page.fill('.keep input[name=name]', 'Kitchens');
  await page.locator('.keep > form button').click();
  await page.goto(`${WEB}/console/calls`);
  await page.locator('.views').getByRole('link', { name: 'Kitchens' }).click();
  await page.waitForURL('**tag=kitchen**');
  assert.equal(await page.locator('.row-link').count(), 1);
  await context.close();
});

test('a second factor is set up, asked for, and switched off', async () => {
  const { context, page } = await signedIn(browser, demo, { locale: 'en' });
  await page.goto(`${WEB}/console/account`);
  await page.getByRole('link', { name: 'Set it up' }).click();
  const secret = await page.locator('input[name=secret]').getAttribute('value');
  assert.ok(await page.locator('.code-picture svg').isVisible());
  await page.fill('input[name=code]', code(secret));
  await page.locator('#second-factor input[name=current]').fill('bonjour whence');
  await page.getByRole('button', { name: 'Switch it on' }).click();
  assert.match(await page.locator('.told').innerText(), /second factor is on/);
  await page.getByRole('button', { name: 'Sign out', exact: true }).click();
  await page.fill('input[name=email]', 'demo@example.org');
  await page.fill('input[name=password]', 'bonjour whence');
  await page.locator('.sign-in button').click();
  await page.waitForURL('**/sign-in/code**');
  await accessible(page);
  // A code is good once, and the next one already for a clock that is fast.
  await page.fill('input[name=code]', code(secret, 1));
  await page.locator('.sign-in button').click();
  await page.waitForURL((url) => !url.pathname.includes('sign-in'));
  await page.goto(`${WEB}/console/account`);
  await page.locator('#second-factor input[name=current]').fill('bonjour whence');
  await page.getByRole('button', { name: 'Switch the second factor off' }).click();
  assert.equal(await page.getByRole('link', { name: 'Set it up' }).count(), 1);
  await context.close();
});

test('all of it is accessible, and no wider than a small phone', async () => {
  const { context, page } = await signedIn(browser, demo);
  await untilFound(page);
  const call = await page.locator('.row-link').getAttribute('href');
  const pages = [
    '/console/calls?', '/console/calls?columns=outcome&columns=tags&columns=notes&columns=contact&campaign=%28not+set%29&',
    '/console/calls?outcome=busy&', `${call}?`, '/console/account?second-factor=new&', '/console/users?', '/console/audit?',
  ];
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const lang of ['fr', 'en']) {
      for (const address of pages) {
        await page.goto(`${WEB}${address}lang=${lang}`);
        await page.evaluate(() => document.querySelectorAll('details').forEach((it) => { it.open = true; }));
        await accessible(page);
        await page.setViewportSize({ width: 320, height: 640 });
        assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 320, `${lang} ${address}`);
        await page.setViewportSize({ width: 1280, height: 800 });
      }
    }
  }
  await context.close();
});
