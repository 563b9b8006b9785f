// Every way a number is written keeps its own look when it is swapped.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';

import { lent, page, snippet } from './support/stub.mjs';
import { suite } from './support/suite.mjs';

const it = suite();

// What stands on the page and what it must become, by the number swapped.
const TABLES = {
  'France: +33199000001 → +33142345678': [
    ['01 99 00 00 01', '01 42 34 56 78'],
    ['01.99.00.00.01', '01.42.34.56.78'],
    ['01-99-00-00-01', '01-42-34-56-78'],
    ['01/99/00/00/01', '01/42/34/56/78'],
    ['0199000001', '0142345678'],
    ['01\u00a099\u00a000\u00a000\u00a001', '01\u00a042\u00a034\u00a056\u00a078'],
    ['01\u202f99\u202f00\u202f00\u202f01', '01\u202f42\u202f34\u202f56\u202f78'],
    ['01\u200999\u200900\u200900\u200901', '01\u200942\u200934\u200956\u200978'],
    ['01 – 99 – 00 – 00 – 01', '01 – 42 – 34 – 56 – 78'],
    ['01 990 00 001', '01 423 45 678'],
    ['0 199 000 001', '0 142 345 678'],
    ['(01) 99 00 00 01', '(01) 42 34 56 78'],
    ['+33 1 99 00 00 01', '+33 1 42 34 56 78'],
    ['+33199000001', '+33142345678'],
    ['+33.1.99.00.00.01', '+33.1.42.34.56.78'],
    ['+33 (0)1 99 00 00 01', '+33 (0)1 42 34 56 78'],
    ['+33 (0) 1 99 00 00 01', '+33 (0) 1 42 34 56 78'],
    ['+33(0)199000001', '+33(0)142345678'],
    ['(+33) 1 99 00 00 01', '(+33) 1 42 34 56 78'],
    ['0033 1 99 00 00 01', '0033 1 42 34 56 78'],
    ['0033199000001', '0033142345678'],
    ['Appelez le 01 99 00 00 01.', 'Appelez le 01 42 34 56 78.'],
    ['Tél:0199000001!', 'Tél:0142345678!'],
    ['01 99 00 00 01 / 01 99 00 00 02', '01 42 34 56 78 / 01 99 00 00 02'],
    ['01 99 00 00 01, 01.99.00.00.01', '01 42 34 56 78, 01.42.34.56.78'],
    ['01\n      99 00\n      00 01', '01\n      42 34\n      56 78'],
    // Other numbers, and digits that only hold this one.
    ['01 99 00 00 02', '01 99 00 00 02'],
    ['101 99 00 00 01', '101 99 00 00 01'],
    ['01 99 00 00 012', '01 99 00 00 012'],
    ['+32 199000001', '+32 199000001'],
    ['+330199000001000', '+330199000001000'],
    ['99 00 00 01', '99 00 00 01'],
  ],
  'Belgium: +3225123456 → +3227654321': [
    ['02 512 34 56', '02 765 43 21'],
    ['02/512.34.56', '02/765.43.21'],
    ['+32 2 512 34 56', '+32 2 765 43 21'],
    ['+32 (0)2 512 34 56', '+32 (0)2 765 43 21'],
  ],
  'United Kingdom: +442079460018 → +442079460999': [
    ['020 7946 0018', '020 7946 0999'],
    ['(020) 7946 0018', '(020) 7946 0999'],
    ['+44 20 7946 0018', '+44 20 7946 0999'],
    ['+44 (0)20 7946 0018', '+44 (0)20 7946 0999'],
  ],
  'Spain, without a trunk digit: +34912345678 → +34919876543': [
    ['912 345 678', '919 876 543'],
    ['91 234 56 78', '91 987 65 43'],
    ['+34 912 345 678', '+34 919 876 543'],
    ['34912345678', '34912345678'],
  ],
  'Italy, where the zero belongs to the number: +390612345678 → +390687654321': [
    ['06 1234 5678', '06 8765 4321'],
    ['+39 06 1234 5678', '+39 06 8765 4321'],
  ],
  'North America: +12025550143 → +12025550199': [
    ['(202) 555-0143', '(202) 555-0199'],
    ['202-555-0143', '202-555-0199'],
    ['202.555.0143', '202.555.0199'],
    ['1-202-555-0143', '1-202-555-0199'],
    ['+1 (202) 555-0143', '+1 (202) 555-0199'],
    ['12025550143', '12025550199'],
  ],
  'A country the snippet has no habit of, in international form alone: +67570001234 → +67570005678': [
    ['+675 7000 1234', '+675 7000 5678'],
    ['00675 7000 1234', '00675 7000 5678'],
    ['7000 1234', '7000 1234'],
  ],
  'A number of another length is written plainly: +4930123456 → +4930987654321': [
    ['030 123456', '+4930987654321'],
    ['+49 30 123456', '+4930987654321'],
  ],
  'A number of another country is written plainly: +33199000001 → +32470123456': [
    ['01 99 00 00 01', '+32470123456'],
  ],
};

for (const [title, rows] of Object.entries(TABLES)) {
  test(title, async () => {
    const [target, number] = title.match(/\+\d+/g);
    it.stub.answer = () => ({ json: lent(number, target) });

    await it.open(page(`<table>${rows.map(([before]) => `<tr><td>${before}</td></tr>`).join('')}</table>`));
    await it.replied();

    const cells = await it.page.locator('td').evaluateAll((all) => all.map((cell) => cell.textContent));
    assert.deepEqual(cells, rows.map(([, after]) => after));
    assert.deepEqual(it.errors, []);
  });
}

describe('places', () => {
  const swapped = async (body) => {
    await it.open(page(body));
    await it.replied();
  };

  test('a tel: link is swapped in the form it has, an sms: link is not', async () => {
    await swapped(`
      <a id="plain" href="tel:+33199000001">Appeler</a>
      <a id="dashed" href="tel:+33-1-99-00-00-01;ext=12">Appeler</a>
      <a id="national" href="TEL:0199000001">Appeler</a>
      <a id="spaced" href="tel:01%2099%2000%2000%2001">Appeler</a>
      <a id="sms" href="sms:+33199000001">Écrire</a>
      <a id="web" href="https://annuaire.example/0199000001">Annuaire</a>`);

    const href = (id) => it.page.getAttribute(id, 'href');
    assert.equal(await href('#plain'), 'tel:+33199000042');
    assert.equal(await href('#dashed'), 'tel:+33-1-99-00-00-42;ext=12');
    assert.equal(await href('#national'), 'TEL:0199000042');
    assert.equal(await href('#spaced'), 'tel:01 99 00 00 42');
    assert.equal(await href('#sms'), 'sms:+33199000001');
    assert.equal(await href('#web'), 'https://annuaire.example/0199000001');
  });

  test('a label for screen readers and a title are swapped', async () => {
    await swapped(`<a id="a" href="tel:+33199000001" aria-label="Appeler le 01 99 00 00 01" title="01.99.00.00.01">☎</a>`);

    assert.equal(await it.page.getAttribute('#a', 'aria-label'), 'Appeler le 01 99 00 00 42');
    assert.equal(await it.page.getAttribute('#a', 'title'), '01.99.00.00.42');
    assert.equal(await it.page.getAttribute('#a', 'href'), 'tel:+33199000042');
  });

  test('a number that is split over spans is one number', async () => {
    await swapped(`
      <p id="a"><span>01</span> <span>99</span> <span>00</span> <b>00 <i>01</i></b></p>
      <p id="b">+33 <small>(0)</small>1 99 00<!-- soft --> 00 01</p>`);

    assert.equal(await it.text('#a'), '01 99 00 00 42');
    assert.equal(await it.page.locator('#a').evaluate((p) => p.querySelectorAll('span, b, i').length), 5);
    assert.equal(await it.text('#b'), '+33 (0)1 99 00 00 42');
  });

  test('digits of two blocks, or of a neighbour, are no part of a number', async () => {
    await swapped(`
      <div id="a"><div>01 99</div><div>00 00 01</div></div>
      <p id="b"><span>2</span><a>01 99 00 00 01</a><span>3</span></p>
      <p id="c">01 99<br>00 00 01</p>`);

    assert.equal(await it.text('#a'), '01 9900 00 01');
    assert.equal(await it.text('#b'), '201 99 00 00 423');
    assert.equal(await it.text('#c'), '01 9900 00 01');
  });

  test('what a person types, a machine reads or the page excludes stays', async () => {
    const number = '01 99 00 00 01';
    await it.open(
      page(
        `<input value="${number}" title="${number}"><textarea>${number}</textarea>
         <select><option>${number}</option></select>
         <div contenteditable><p>${number}</p></div>
         <div contenteditable="false" id="fixed">${number}</div>
         <p data-whence-ignore>${number} <a href="tel:+33199000001" title="${number}">${number}</a></p>
         <script type="application/ld+json" id="ld">{"telephone":"+33199000001"}</script>
         <style>.a::before{content:"${number}"}</style>
         <p id="shown">${number}</p>`,
        { head: `<meta name="description" content="${number}"><style>/* ${number} */</style>` },
      ),
    );
    await it.replied();

    assert.equal(await it.text('#shown'), '01 99 00 00 42');
    assert.equal(await it.text('#fixed'), '01 99 00 00 42');
    const rest = await it.page.evaluate(() => {
      document.querySelector('#shown').remove();
      document.querySelector('#fixed').remove();
      return document.documentElement.outerHTML;
    });
    assert.equal(rest.includes('42'), false);
    assert.equal(await it.page.inputValue('input'), number);
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

test('the snippet leaves one name in the page', async () => {
  await it.open(page('<iframe id="bare"></iframe>'));
  await it.replied();

  const names = await it.page.evaluate(() => {
    const bare = new Set(Object.getOwnPropertyNames(document.querySelector('#bare').contentWindow));
    return Object.getOwnPropertyNames(window).filter((name) => !bare.has(name) && !/^\d+$|^bare$|^__/.test(name));
  });
  assert.deepEqual(names, ['whence']);
});
