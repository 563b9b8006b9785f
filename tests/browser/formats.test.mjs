// What is swapped and what never is, besides the lines of conformance.html; the snippet's size and hash.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { moreScript, integrity, lent, page, snippet } from './support/stub.mjs';
import { suite } from './support/suite.mjs';

const it = suite();

describe('places', () => {
  const swapped = async (body) => {
    await it.open(page(body));
    await it.replied();
  };

  test('an sms: link and data- attributes are left alone where the tag does not ask for them', async () => {
    await swapped(`<a href="sms:+33199000001" data-phone="01 99 00 00 01">01 99 00 00 01</a>`);

    const link = it.page.locator('a');
    assert.equal(await link.getAttribute('href'), 'sms:+33199000001');
    assert.equal(await link.getAttribute('data-phone'), '01 99 00 00 01');
    assert.equal(await it.text('a'), '01 99 00 00 42');
  });

  test('what stands in the head stays', async () => {
    const head = '<meta name="description" content="01 99 00 00 01"><style>/* 01 99 00 00 01 */</style>';
    await it.open(page('<p>01 99 00 00 01</p>', { head }));
    await it.replied();

    assert.equal(await it.text('p'), '01 99 00 00 42');
    const rest = await it.page.evaluate(() => document.head.outerHTML);
    assert.ok(rest.includes(head));
  });

  test('a picture of the number becomes the picture of the number shown', async () => {
    await swapped(`<img src="/phone.png" alt="Tél. 01 99 00 00 01" data-whence-src="/numbers/0199000001.png">
      <img src="/baguette.png" data-whence-src="/numbers/0199000002.png">`);

    const pictures = () => it.page.locator('img').evaluateAll((all) => all.map((img) => [img.getAttribute('src'), img.alt]));
    assert.deepEqual(await pictures(), [['/numbers/0199000042.png', 'Tél. 01 99 00 00 42'], ['/baguette.png', '']]);
    await it.page.evaluate(() => whence.consent(false));
    assert.deepEqual(await pictures(), [['/phone.png', 'Tél. 01 99 00 00 01'], ['/baguette.png', '']]);
  });

  test('frames and shadow roots are swapped where they ask for it, also when they change', async () => {
    const inner = '<p>01 99 00 00 01</p>';
    it.stub.pages.set('/inner', inner);
    it.stub.pages.set('/second', '<b>01.99.00.00.01</b>');
    await swapped(`<iframe id="a" src="/inner" data-whence></iframe><iframe id="b" src="/inner"></iframe>
      <div id="c" data-whence><template shadowrootmode="open"><i>01 99 00 00 01</i></template></div>
      <div id="d"><template shadowrootmode="open"><i>01 99 00 00 01</i></template></div>`);
    const frame = (id, text) => it.until(([id, text]) =>
      document.querySelector(id).contentDocument.body?.textContent === text, [id, text]);
    const shadow = (id) => it.page.evaluate((id) => document.querySelector(id).shadowRoot.textContent, id);

    await frame('#a', '01 99 00 00 42');
    await frame('#b', '01 99 00 00 01');
    assert.equal(await shadow('#c'), '01 99 00 00 42');
    assert.equal(await shadow('#d'), '01 99 00 00 01');
    await it.page.evaluate(() => {
      document.querySelector('#a').contentWindow.location = '/second';
      document.querySelector('#c').shadowRoot.innerHTML = '<i>+33 1 99 00 00 01</i>';
    });
    await frame('#a', '01.99.00.00.42');
    assert.equal(await shadow('#c'), '+33 1 99 00 00 42');
    await it.page.evaluate(() => whence.consent(false));
    await frame('#a', '01.99.00.00.01');
    assert.deepEqual(it.errors, []);
  });

  test('several numbers on one page each get their own', async () => {
    const swaps = [
      ...lent('+33199000042').swaps,
      { target: '+33199000002', number: null, rule: 'original' },
      { target: '+33199000003', number: '+33199000043', rule: 'lease' },
    ];
    it.stub.answer = () => ({ json: { ...lent(''), swaps } });

    await it.open(page('<p>01 99 00 00 01, 01 99 00 00 02, 01 99 00 00 03</p>'));
    await it.replied();

    assert.equal(await it.text('p'), '01 99 00 00 42, 01 99 00 00 02, 01 99 00 00 43');
  });
});

test('the snippet is at most 4 KiB when it travels', () => {
  const size = gzipSync(snippet(), { level: 9 }).length;

  assert.ok(size <= 4096, `${size} bytes`);
});

test('a tag that pins the snippet by its hash runs it, and no other', async () => {
  const pinned = (hash) => page('<p>01 99 00 00 01</p>', { attributes: `data-consent="granted" crossorigin integrity="${hash}"` });
  const elsewhere = it.stub.origin.replace('127.0.0.1', 'localhost');
  it.stub.pages.set('/right', pinned(integrity(snippet())).replace('src="/', `src="${elsewhere}/`));
  it.stub.pages.set('/wrong', pinned(integrity(`${snippet()} `)));

  await it.page.goto(`${it.stub.origin}/right`);
  await it.until(() => document.querySelector('p').textContent === '01 99 00 00 42');
  await it.page.goto(`${it.stub.origin}/wrong`, { waitUntil: 'load' });
  assert.equal(await it.page.evaluate(() => typeof window.whence), 'undefined');
  assert.equal(await it.text('p'), '01 99 00 00 01');
});

test('the snippet leaves one name in the page', async () => {
  await it.open(page('<iframe id="bare"></iframe>'));
  await it.replied();

  const names = await it.page.evaluate(() => {
    const bare = new Set(Object.getOwnPropertyNames(document.querySelector('#bare').contentWindow));
    return Object.getOwnPropertyNames(window).filter((name) => !bare.has(name) && !/^\d+$|^bare$|^__/.test(name));
  });
  assert.deepEqual(names, ['whence']);
});
