// One browser and one stub for all tests of a file; a fresh visitor for each.

import { after, before, beforeEach, afterEach } from 'node:test';

import { launch } from './browser.mjs';
import { start } from './stub.mjs';

export function suite() {
  const it = {};
  before(async () => {
    it.browser = await launch();
    it.stub = await start();
  });
  after(async () => {
    await it.browser?.close();
    await it.stub?.close();
  });
  beforeEach(async () => {
    it.stub.reset();
    it.context = await it.browser.newContext();
    it.page = await it.context.newPage();
    it.errors = [];
    it.page.on('pageerror', (error) => it.errors.push(error));
  });
  afterEach(() => it.context.close());

  /** Shows `html` at `path` and waits for the snippet. */
  it.open = async (html, path = '/page') => {
    it.stub.pages.set(path.split('?')[0], html);
    await it.page.goto(it.stub.origin + path);
    await it.page.waitForFunction(() => window.whence?.debug);
  };
  /** Waits until the snippet has had its answer and shown it. */
  it.replied = () => it.page.waitForFunction(() => whence.debug().reply);
  /** Waits until the page has done what it had begun. */
  it.settled = () => it.page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done))));
  it.text = (selector) => it.page.locator(selector).evaluate((node) => node.textContent);
  it.until = (script, argument) => it.page.waitForFunction(script, argument);
  /** An answer that comes when the test says so. */
  it.held = (json) => {
    const held = { json };
    held.until = new Promise((release) => (held.release = release));
    return held;
  };
  return it;
}
