// conformance.html: what it says a number must become is what it becomes.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';

import { CONFORMANCE, REPOSITORY } from './support/stub.mjs';
import { suite } from './support/suite.mjs';

const it = suite();

async function shown(address) {
  await it.page.goto(address);
  await it.page.waitForFunction(() => window.whence?.debug().reply);
  await it.until(() => [...document.querySelectorAll('iframe')].every((frame) => frame.contentDocument.readyState === 'complete'));
  await it.settled();
}

/** Each line's cells as HTML, frames and shadow roots with what is in them. */
const lines = () => it.page.locator('tr').evaluateAll((rows) => rows.map((row) => [...row.cells].slice(0, 2).map((cell) => {
  const { contentDocument, shadowRoot } = cell.firstElementChild ?? {};
  return (contentDocument?.body ?? shadowRoot ?? cell).innerHTML;
})));

async function holds() {
  const all = await lines();
  assert.ok(all.length > 150, `${all.length} lines`);
  assert.deepEqual(all.map(([is]) => is), all.map(([, must]) => must));
  await it.until(() => /^All \d+ lines are right\.$/.test(document.querySelector('output').textContent));
  assert.deepEqual(it.errors, []);
}

test('every line of the page is swapped as it says, as the gateway serves the snippet', async () => {
  await shown(it.stub.origin + CONFORMANCE);

  await holds();
});

test('the page tells the same to whoever opens the file', async () => {
  await shown(pathToFileURL(join(REPOSITORY, CONFORMANCE)).href);

  await holds();
});

test('each line is as it was once consent is withdrawn, and the page says what is wrong then', async () => {
  await shown(it.stub.origin + CONFORMANCE);
  await it.page.evaluate(() => whence.consent(false));

  const changed = (await lines()).filter(([is, must]) => is !== must).length;
  const source = await it.page.evaluate((html) => {
    const page = new DOMParser().parseFromString(html, 'text/html');
    return [...page.querySelectorAll('tr')].map((row) => row.cells[0].innerHTML);
  }, readFileSync(join(REPOSITORY, CONFORMANCE), 'utf8'));
  const now = await it.page.locator('tr').evaluateAll((rows) => rows.map((row) => row.cells[0].innerHTML));
  assert.deepEqual(now.map(bare), source.map(bare));
  assert.ok(changed > 120, `${changed} lines`);
  await it.until((changed) => document.querySelector('output').textContent.startsWith(`${changed} of`), changed);
});

/** Without the templates that the browser has made shadow roots of. */
const bare = (html) => html.replace(/<template.*<\/template>/, '');
