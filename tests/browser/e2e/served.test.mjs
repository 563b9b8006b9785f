// What the stub serves in the other tests is what the gateway serves.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';

import { snippet } from '../support/stub.mjs';
import { startDemo, WEB } from './demo_gateway.mjs';

let demo;
before(async () => (demo = await startDemo()));
after(() => demo?.stop());

test('the snippet of the gateway is that of the other tests, byte for byte', async () => {
  const answer = await fetch(`${WEB}/whence.v1.js`);

  assert.equal(await answer.text(), snippet());
});
