// A walk through the console, as one person takes it. Each stop is photographed on a desk and on a phone, light and dark, and
// held against WCAG 2.2 AA by axe in either light; none is wider than the phone.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { accessible } from '../support/axe.mjs';
import { freePort } from './own_gateway.mjs';
import { ended } from './telephone.mjs';

const ROOT = join(import.meta.dirname, '../../..');
const SIZES = { desk: { width: 1280, height: 800 }, phone: { width: 390, height: 844 } };

/** Somebody at their desk, signed in by the keyboard alone. `person` names the folder of the pictures. */
export async function startWalk(browser, gateway, person, options) {
  const folder = join(ROOT, 'target/screenshots/walks', person);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const context = await browser.newContext({ viewport: SIZES.desk, ...options });
  const page = await context.newPage();
  const failures = [];
  page.on('pageerror', (failure) => failures.push(failure));
  await page.goto(`${gateway.web}/console/`);
  const [address, password] = gateway.user;
  // The first field has the focus already.
  await page.keyboard.type(address);
  await page.keyboard.press('Tab');
  await page.keyboard.type(password);
  await page.keyboard.press('Enter');
  await page.waitForURL(({ pathname }) => ['/console/overview', '/console/setup'].includes(pathname));

  let nth = 0;
  return {
    context,
    page,
    /** Opens a page of the console. */
    open: (path) => page.goto(`${gateway.web}/console/${path}`),
    /** The page as it is, or another that somebody sees. */
    async stop(name, shown = page) {
      nth += 1;
      for (const [size, viewport] of Object.entries(SIZES)) {
        await shown.setViewportSize(viewport);
        for (const colorScheme of ['light', 'dark']) {
          await shown.emulateMedia({ colorScheme });
          const path = join(folder, `${String(nth).padStart(2, '0')}-${name}-${size}-${colorScheme}.png`);
          await shown.screenshot({ path, fullPage: true, animations: 'disabled' });
          if ((size === 'desk') === (colorScheme === 'light')) await accessible(shown);
        }
      }
      assert.equal(await shown.evaluate(() => document.documentElement.scrollWidth), SIZES.phone.width, `${name} is too wide`);
      await shown.setViewportSize(SIZES.desk);
      await shown.emulateMedia({ colorScheme: 'light' });
    },
    /** Goes on by the Tab key until `target` is reached, whose focus must be seen. */
    async tabTo(target) {
      for (let pressed = 0; pressed < 200; pressed += 1) {
        if (await target.evaluate((it) => it.matches(':focus-visible'))) return;
        await page.keyboard.press('Tab');
      }
      assert.fail(`not reached by the keyboard: ${target}`);
    },
    async end() {
      assert.deepEqual(failures, []);
      await context.close();
    },
  };
}

/** `place` shows these texts, in this order; whatever space stands between words is one. */
export async function says(place, ...texts) {
  const shown = (await place.innerText()).replace(/\s+/g, ' ');
  let at = 0;
  for (const text of texts) {
    const found = shown.indexOf(text, at);
    assert.ok(found >= 0, `“${text}” is missing: ${shown}`);
    at = found + text.length;
  }
}

/** A business line that SIPp plays: `answered` rings and answers, `no_answer` rings until the gateway gives up. */
export async function startLine(scenario) {
  const port = await freePort('udp');
  const played = ['-sf', join(ROOT, 'sip-test', scenario, 'line.xml'), '-i', '127.0.0.1', '-p', String(port), '-nostdin'];
  const program = spawn('sipp', played, { stdio: 'ignore' });
  return { address: `127.0.0.1:${port}`, stop: () => ended(program) };
}

/** What `sipp` takes for a caller of the tests of the telephone side. */
export const caller = (scenario) => `../../../sip-test/${scenario}/caller.xml`;
