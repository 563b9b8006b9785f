// Holds a page against WCAG 2.2 AA as far as a machine can tell.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';

const AXE = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

/** Fails with every rule that the page breaks, and where. */
export async function accessible(page) {
  // The page's policy lets no script in; the browser's own door is none of the page's.
  await page.evaluate(AXE);
  const { violations, passes } = await page.evaluate((values) => axe.run(document, { runOnly: { type: 'tag', values } }), TAGS);
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ')}`);
  assert.deepEqual(told, [], page.url());
  assert.ok(passes.length > 5, 'something was looked at');
}
